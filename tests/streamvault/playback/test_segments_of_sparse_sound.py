"""Sound that begins late, ends early or pauses: silence in its place, and no bytes read beyond the segment's."""

import io
import itertools
from collections.abc import Sequence
from functools import cache

import av
import pytest

from streamvault.playback.making.probe import probe_file
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from tests.support import chirp_films
from tests.support.repackaged import FileInMemory, Repackaged, left_channel

RATE, SECONDS = 48_000, 24
SOUNDS_AT = {"ends early": "lt(T,3)", "begins late": "gt(T,13)", "pauses": "lt(T,5)+gt(T,14.3)", "is short": "lt(T,.5)"}
CODERS = ("ac3", "aac")
CASES = [(suffix, coder, kind) for suffix in ("mkv", "mp4") for coder in CODERS for kind in SOUNDS_AT]
OPENED = 1 << 18
"""Bytes that FFmpeg reads to learn of the tracks, and those that it reads ahead."""


@cache
def film(suffix: str, coder: str, kind: str) -> Repackaged:
    there = SOUNDS_AT[kind].replace("T", "pts*tb").replace(",", "\\,")
    path = chirp_films.made(
        "sparse.mp4", *chirp_films.picture(SECONDS), *chirp_films.chirp(SECONDS), "-map", "0", "-map", "1",
        "-map", "1", *chirp_films.X264, "-b:v", "2M", "-nal-hrd", "cbr", "-minrate", "2M", "-maxrate", "2M",
        "-bufsize", "2M", "-c:a", coder, "-bsf:a:1", f"noise=amount=0:drop=not({there})",
    )  # fmt: skip
    if suffix != "mp4":
        path = chirp_films.made(f"sparse.{suffix}", "-i", str(path), "-map", "0", "-c", "copy")
    data = path.read_bytes()
    probed = probe_file(FileInMemory(data))
    return Repackaged(data, Timeline(probed, cut(probed.keys), len(data)))


@cache
def sparse(suffix: str, coder: str, kind: str) -> bytes:
    one = film(suffix, coder, kind)
    return one.joined(one.sounds[1])


@pytest.mark.parametrize("case", CASES)
def test_a_segment_of_sparse_sound_reads_the_bytes_of_one_segment(case: tuple[str, str, str]) -> None:
    sparse(*case)
    one, longest = film(*case), 0
    for number in range(len(one.timeline.cuts)):
        begin = one.timeline.position(number)
        end = one.timeline.position(number + 2) if number + 2 < len(one.timeline.cuts) else len(one.data)
        longest = max(longest, end - begin)
    assert len(one.timeline.cuts) >= 4
    assert longest + OPENED < len(one.data)
    opening, *segments = one.reads
    assert opening < longest + OPENED
    assert max(segments) < longest + OPENED


@pytest.mark.parametrize("case", CASES)
def test_frames_of_sparse_sound_lie_side_by_side_over_the_whole_film(case: tuple[str, str, str]) -> None:
    with av.open(io.BytesIO(sparse(*case))) as container:
        stream = container.streams.audio[0]
        times = [packet.pts for packet in container.demux(stream) if packet.pts is not None]
    assert {after - before for before, after in itertools.pairwise(times)} == {1024}
    assert len(times) * 1024 / RATE == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.parametrize("case", CASES)
def test_sparse_sound_sounds_where_the_source_does(case: tuple[str, str, str]) -> None:
    line = left_channel(sparse(*case), 0, rate=RATE, length=SECONDS * RATE)
    margin = 0.1
    wanted = {moment: _there(case[2], moment) for moment in (0.2 + step / 4 for step in range(4 * SECONDS - 4))}
    clear = [moment for moment in wanted if _there(case[2], moment - margin) == _there(case[2], moment + margin)]
    heard = {moment: _loud(line, moment) for moment in clear}
    assert heard == {moment: wanted[moment] for moment in clear}


def _there(kind: str, moment: float) -> bool:
    return {"ends early": moment < 3, "begins late": moment > 13, "pauses": moment < 5 or moment > 14.3}.get(
        kind, moment < 0.5
    )


def _loud(line: Sequence[float], moment: float) -> bool:
    part = line[int(moment * RATE) : int(moment * RATE) + 1024]
    return sum(one * one for one in part) / 1024 > 0.01
