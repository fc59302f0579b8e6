"""A web site as yt-dlp meets them: pages with videos, HLS made by ffmpeg, lists, subtitles, and traps."""

import asyncio
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.programs import program
from tests.support.raw_server import Answer, Request, Talk, ranged, response

VTT = b"WEBVTT\n\n00:00.000 --> 00:02.000\nGarden\n"
MASTER = b"""#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",LANGUAGE="en",DEFAULT=YES,URI="a.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=200000,CODECS="avc1.64000a,mp4a.40.2",RESOLUTION=160x90,AUDIO="a"
v.m3u8
"""
CJK = "\u9f8d" * 300
"""A title of 900 bytes."""


@cache
def media() -> dict[str, bytes]:
    """Files by name: film.mp4 with its moov in front, and hls.m3u8 with its picture and its sound apart, in three
    segments each; live.m3u8, a list without an end; song.m4a, its sound alone.
    """
    ffmpeg = [program("ffmpeg"), "-v", "error", "-y"]
    with TemporaryDirectory() as name:
        folder = Path(name)

        def make(*arguments: str) -> None:
            subprocess.run([*ffmpeg, *arguments], cwd=folder, check=True)

        tracks = ["-f", "lavfi", "-i", "testsrc=size=160x90:rate=10:duration=6", "-f", "lavfi", "-i", "sine=duration=6"]
        codecs = ["-c:v", "libx264", "-g", "20", "-c:a", "aac", "-shortest", "-movflags", "+faststart"]
        make(*tracks, *codecs, "film.mp4")
        for kind in ("v", "a"):
            cut = ["-c", "copy", "-hls_time", "2", "-hls_list_size", "0", f"{kind}.m3u8"]
            make("-i", "film.mp4", "-map", f"0:{kind}", *cut)
        make("-i", "film.mp4", "-map", "0:a", "-c", "copy", "song.m4a")
        made = {path.name: path.read_bytes() for path in folder.iterdir()}
    live = made["v.m3u8"].replace(b"#EXT-X-ENDLIST\n", b"").replace(b"SEQUENCE:0", b"SEQUENCE:77")
    return {**made, "hls.m3u8": MASTER, "live.m3u8": live}


def page(title: str, *sources: str, more: str = "") -> bytes:
    """A page with these videos."""
    videos = "".join(f'<video poster="/poster.jpg"><source src="{one}">{more}</video>' for one in sources)
    return f"<!doctype html><html><head><title>{title}</title></head><body>{videos}</body></html>".encode()


def feed(title: str, base: str, *targets: str) -> bytes:
    """A list whose entries are pages of their own."""
    items = "".join(f"<item><title>{one}</title><link>{base}{one}</link></item>" for one in targets)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


@dataclass
class VideoSite:
    """What is answered by target: bytes by their ending's type, or an answer. `held` targets wait for `go`."""

    answers: dict[str, bytes | Callable[[Request], Answer]] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    go: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, request: Request) -> Answer:
        found = self.answers.get(request.target)
        if found is None:
            found = media().get(request.target.removeprefix("/"))
        if found is None:
            return response("404 Not Found", b"no such page")
        if not isinstance(found, bytes):
            return found(request)
        answer = ranged(request, found, etag='"1"', content_type=_type(request.target))
        return self._waiting(answer) if request.target in self.held else answer

    def _waiting(self, answer: bytes) -> Answer:
        async def wait(talk: Talk) -> None:
            await self.go.wait()
            await talk.send(answer)

        return wait


def _type(target: str) -> str:
    ending = target.partition("?")[0].rpartition(".")[2]
    types = {
        "mp4": "video/mp4", "m4a": "audio/mp4", "m3u8": "application/vnd.apple.mpegurl", "ts": "video/mp2t",
        "xml": "application/rss+xml", "vtt": "text/vtt", "jpg": "image/jpeg",
    }  # fmt: skip
    return types.get(ending, "text/html; charset=utf-8")
