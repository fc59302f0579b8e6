"""Small films, songs and pictures of the kinds that are leeched, made once by the ffmpeg binary or Pillow."""

import io
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from tests.support.ffmpeg_films import AAC, H264, Film, Sound, Words, run_ffmpeg
from tests.support.films import jpeg

CHAPTERS = ((0.0, 2.0, "One"), (2.0, 4.0, "Two"))
_FRONT = ("-movflags", "+faststart")


@cache
def late() -> bytes:
    """The index last: two sounds, subtitles, chapters and a timecode track; 4 s, 320 x 180."""
    film = Film(
        "mp4", H264, (Sound(AAC), Sound(AAC, 880)), (Words("mov_text"),), seconds=4, chapters=CHAPTERS,
        output=("-timecode", "01:00:00:00", "-write_tmcd", "1"),
    )  # fmt: skip
    return film.path.read_bytes()


@cache
def film(
    ending: str,
    *,
    coder: tuple[str, ...] = H264,
    sound: bool = True,
    output: tuple[str, ...] = (),
    size: str = "320x180",
) -> bytes:
    """Of 4 s, with its index in front."""
    sounds = (Sound(AAC if ending != "webm" else ("libopus",)),) if sound else ()
    front = _FRONT if ending in ("mp4", "mov") else ()
    return Film(ending, coder, sounds, seconds=4, size=size, output=(*front, *output)).path.read_bytes()


@cache
def rotated() -> bytes:
    """320 x 180 as coded, and turned by a quarter; its index comes last."""
    with TemporaryDirectory() as folder:
        path, turned = Path(folder) / "film.mp4", Path(folder) / "turned.mp4"
        path.write_bytes(film("mp4"))
        run_ffmpeg(["-i", str(path), "-c", "copy", "-metadata:s:v:0", "rotate=90", str(turned)])
        return turned.read_bytes()


@cache
def song(ending: str) -> bytes:
    """Of 3 s, with tags and a cover of 640 x 640."""
    with TemporaryDirectory() as folder:
        cover, path = Path(folder) / "cover.jpg", Path(folder) / f"song.{ending}"
        cover.write_bytes(jpeg())
        run_ffmpeg([
            "-f", "lavfi", "-i", "sine=frequency=440:duration=3", "-i", str(cover), "-map", "0:a", "-map", "1:v",
            "-c:v", "copy", "-disposition:v:0", "attached_pic", "-metadata", "title=Morning", "-metadata",
            "artist=Somebody", str(path),
        ])  # fmt: skip
        return path.read_bytes()


def png(width: int, height: int) -> bytes:
    """All of one colour."""
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()
