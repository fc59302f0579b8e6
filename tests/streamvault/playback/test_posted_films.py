"""Real films of which only both ends are there: what can be told of them is told, and the rest is not asked for."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from PIL import Image

from streamvault.media.cells import CELL
from streamvault.media.uploads import Audio, Video
from streamvault.playback.posted import MODULE, Shown, look_into
from streamvault.reading.sandbox.jobs import Sandbox
from tests.support import media_files
from tests.support.boxes import box, top
from tests.support.sandboxed import sandbox

MIB = 1 << 20
NO_PACKET = b"\x47\x1f\xff\x10" + b"\xff" * 184
"""Stuffing of a transport stream."""


@pytest.fixture
async def running() -> AsyncIterator[Sandbox]:
    async with sandbox(MODULE) as opened:
        yield opened


async def looked(running: Sandbox, data: bytes, *held: tuple[int, int]) -> tuple[Shown, int]:
    """What is told of a file, its duration rounded, and how many of its bytes were asked for."""
    asked = 0

    async def read(cells: range) -> bytes:
        nonlocal asked
        start, end = cells.start * CELL, min(len(data), cells.stop * CELL)
        inside = bytearray(end - start)
        for first, last in held:
            low, high = max(start, first), min(end, last)
            if low < high:
                inside[low - start : high - start] = data[low:high]
        assert any(inside), "nothing of these cells is there"
        asked += end - start
        return bytes(inside)

    shown = await look_into(running.run, read, size=len(data), held=held, index_first=True)
    if shown.shown_as is not None:
        seconds = round(shown.shown_as.duration or 0)
        shown = replace(shown, shown_as=replace(shown.shown_as, duration=seconds))
    return shown, asked


def size_of(thumb: bytes | None) -> tuple[int, int]:
    assert thumb is not None
    return Image.open(io.BytesIO(thumb)).size


async def test_both_ends_tell_what_a_film_or_song_is(running: Sandbox) -> None:
    late, film = media_files.late(), media_files.film("mp4")
    [*_, (_, index, _)] = top(late)
    far = late[:index] + box("free", bytes(40 * MIB)) + late[index:]
    shown, asked = await looked(running, far, (0, MIB), (len(far) - MIB, len(far)))
    assert shown.shown_as == Video(4, 320, 180, streaming=True)
    assert size_of(shown.thumb) == (320, 180)
    assert asked < 4 * MIB
    shown, _ = await looked(running, film, (0, len(film) // 2))
    assert shown.shown_as == Video(4, 320, 180, streaming=True)
    assert size_of(shown.thumb) == (320, 180)
    ts = media_files.film("ts")
    half = len(ts) // 376 * 188
    ts = ts[:half] + NO_PACKET * 60_000 + ts[half:]
    shown, _ = await looked(running, ts, (0, MIB), (len(ts) - 4 * MIB, len(ts)))
    assert shown.shown_as == Video(4, 320, 180, streaming=False)
    film = media_files.film("mp4") + box("free", b"x" * (60 * MIB))
    shown, asked = await looked(running, film, (0, len(film)))
    assert isinstance(shown.shown_as, Video)
    assert asked < 8 * MIB, "a large film is not read for a few words about it"
    song = media_files.song("flac")
    shown, _ = await looked(running, song, (0, len(song) - 1000))
    assert shown.shown_as == Audio(3, "Morning", "Somebody")
    assert size_of(shown.thumb) == (320, 320)


async def test_a_list_of_other_files_opens_none_of_them(running: Sandbox) -> None:
    """U10, also where somebody lets it come so far."""
    lists = (
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        b'<?xml version="1.0"?><MPD><Period><BaseURL>file:///etc/passwd</BaseURL></Period></MPD>',
        b"\x1a\x45\xdf\xa3" + b"x" * 5000,
        b"\0\0\0\x18ftypisom" + b"\xff" * 5000,
    )
    for data in lists:
        assert await looked(running, data, (0, len(data))) == (Shown(), len(data))
