"""Fragmented MP4: a segment is made of the fragments in it, whether or not the file lists its fragments."""

from functools import cache

import pytest

from streamvault.media.cells import CELL
from streamvault.playback.making.probe import probe_file
from streamvault.playback.making.video import make_video
from streamvault.playback.plan import cut
from streamvault.playback.timeline import Timeline
from streamvault.reading.sandbox.model import Call, ReadLimit
from streamvault.reading.sandbox.protocol import CellRequest
from streamvault.reading.sandbox.remote_file import RemoteFile
from tests.support.chirp_films import made, picture
from tests.support.repackaged import FileInMemory, Repackaged, packets

SECONDS = 60
LAYOUTS = {
    "listed": "frag_keyframe+empty_moov+default_base_moof",
    "not listed": "frag_keyframe+empty_moov+default_base_moof+skip_trailer",
    "absolute places": "frag_keyframe+empty_moov+skip_trailer",
    "absolute places, listed": "frag_keyframe+empty_moov",
    "tracks apart": "frag_keyframe+empty_moov+default_base_moof+separate_moof+skip_trailer",
    "listed at the beginning": "frag_keyframe+empty_moov+default_base_moof+global_sidx+skip_trailer",
}
LONG = {"not listed, of 3 s": "empty_moov+default_base_moof+skip_trailer"}


@cache
def film(name: str) -> tuple[Repackaged, int]:
    """The film, and the bytes that its probe has read."""
    pictures = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "3", "-g", "25", "-pix_fmt", "yuv420p")
    sound = ("-f", "lavfi", "-i", f"sine=duration={SECONDS}")
    apart = ("-frag_duration", "3000000") if name in LONG else ()
    output = ("-c:a", "aac", *apart, "-movflags", {**LAYOUTS, **LONG}[name])
    data = made("fragments.mp4", *picture(SECONDS), *sound, *pictures, *output).read_bytes()
    file = FileInMemory(data)
    probed = probe_file(file)
    return Repackaged(data, Timeline(probed, cut(probed.keys), len(data))), file.count


@pytest.mark.parametrize("name", [*LAYOUTS, *LONG])
def test_each_picture_is_in_one_segment_and_jobs_read_their_own_fragments(name: str) -> None:
    one, read = film(name)
    assert not one.timeline.facts.reason
    assert read < 4_000_000 < len(one.data) / 3
    assert one.timeline.facts.duration == pytest.approx(SECONDS, abs=0.1)
    joined = one.joined(one.video)
    made, source = packets(joined), packets(one.data, one.video)
    assert [data for _, data in made] == [data for _, data in source]
    origin = float(one.timeline.origin_seconds)
    assert max(abs(a - (b - origin)) for (a, _), (b, _) in zip(made, source, strict=True)) < 0.002
    assert max(one.reads) < len(one.data) / len(one.timeline.cuts) * 2 + 3_000_000
    assert len(one.timeline.cuts) >= 6


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_sound_is_complete(name: str) -> None:
    one, _ = film(name)
    own = [data for _, data in packets(one.data, one.sounds[0])]
    joined = [data for _, data in packets(one.joined(one.sounds[0]))]
    assert joined[: len(own)] == own


@pytest.mark.parametrize("most", [1, 2, 4])
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_job_that_may_read_no_more_fails(name: str, most: int) -> None:
    """What cannot be read is not the end of the film."""
    one, _ = film(name)

    def fetch(request: CellRequest) -> bytes:
        return one.data[request.first * CELL : (request.first + request.count) * CELL]

    arguments = one.timeline.video_job(4, track=one.video, delay=0)
    file = RemoteFile(fetch, len(one.data), most=most)
    sent: list[bytes] = []
    with pytest.raises(ReadLimit):
        make_video(Call(file, arguments, (one.timeline.keys.header,), sent.append))
    assert not sent
