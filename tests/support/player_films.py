"""Films of the demo in the player of the web UI, and what the server may say of them."""

from typing import Any

from playwright.sync_api import Page

from tests.support.browser import watch
from tests.support.demo import Demo
from tests.support.player import LONG, opener

DUNES = "كثبان الرمل – Dunes.mkv"
AURORA = "极光之夜 · Aurora.webm"
RIDGE = "Ridge Line (2024).mp4"
GERMAN = "German – Deutsch"
TRACK = {
    "codec": "vp8", "codec_string": "", "language": "", "title": "", "default": False, "forced": False,
    "width": None, "height": None, "frame_rate": None, "hdr": None, "channels": None, "sample_rate": None,
}  # fmt: skip


def open_film(page: Page, demo: Demo) -> None:
    """Open the film and wait for what there is to choose."""
    watch(page, demo, DUNES)
    opener(page, "Sound").wait_for(timeout=LONG * 1000)


def told(way: str, *, audio: int | None = 1, sounds: int = 2, reasons: dict[str, str] | None = None) -> dict[str, Any]:
    """Facts of a film with some sounds, and how to play it."""
    tracks = [{**TRACK, "index": at, "type": "audio" if at else "video"} for at in range(sounds + 1)]
    return {"tracks": tracks, "play": {"way": way, "reasons": reasons or {}, "audio": audio, "subtitles": None,
                                       "seeks": True, "warning": ""}}  # fmt: skip
