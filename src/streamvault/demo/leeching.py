"""What the demo's owner has had leeched: a file, one that comes slowly, and a feed; all from the demo's web server."""

import asyncio
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from xml.sax.saxutils import escape, quoteattr

from streamvault.demo.file_server import FileServer, Served
from streamvault.demo.media import Sample
from streamvault.demo.world import DAY, DemoWorld
from streamvault.errors import StreamVaultError
from tgemulator.emulator import Emulator
from tgemulator.world.content import BytesContent, DiskContent, SyntheticContent

DONE, SLOW, FEED = "Ferry timetable.pdf", "Harbour camera, one night.tar", "night-ferry.xml"
SLOW_SIZE = 48 << 20
RATE, MOVING, LAST_RATE = 160 << 10, 0.94, 1 << 10
"""Bytes a second of the slow file, up to which share of it, and afterwards: it moves for some minutes, and stays."""
FILES: Mapping[str, tuple[str, str]] = {
    DONE: ("guide.pdf", "application/pdf"),
    "The ridge line.mp4": ("ridge-line.mp4", "video/mp4"),
    "Campfire.mp3": ("campfire.mp3", "audio/mpeg"),
    "Meadow.jpg": ("meadow.jpg", "image/jpeg"),
    "Notes.zip": ("notes.zip", "application/zip"),
}
"""What can be leeched: names, recipes and types."""
EPISODES: Sequence[tuple[str, str]] = (
    ("Who left the lamp on?", "salt-01.mp3"), ("The second ferry", "windows-01.mp3"), ("Fog, mostly", "ember-01.mp3"),
    ("Low water", "low-01.mp3"),
)  # fmt: skip
"""Titles and recipes of the feed's items, the latest last."""
TIMEOUT = 20.0
"""Seconds in which the leech bot has to do what its owner asks for."""
PAUSE = 0.05


class LeechDemoError(StreamVaultError):
    """The demo's leech bot did not answer; the message says to what."""


def served(samples: Mapping[str, Sample]) -> dict[str, Served]:
    """The files of the web server, its feed aside."""
    found = {name: Served(DiskContent(samples[recipe].path), kind) for name, (recipe, kind) in FILES.items()}
    songs = {f"{title}.mp3": Served(DiskContent(samples[recipe].path), "audio/mpeg") for title, recipe in EPISODES}
    return {**found, **songs, SLOW: Served(SyntheticContent(SLOW_SIZE, seed=5), "application/x-tar", _pace)}


def add_feed(server: FileServer, *, now: float) -> None:
    """Have the web server serve the feed. `now` in Unix seconds."""
    items = "".join(
        _item(server, title, now - (len(EPISODES) - number) * 7 * DAY) for number, (title, _) in enumerate(EPISODES)
    )
    document = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>The night ferry</title>'
        f"<link>{server.url()}</link><description>Talk between two shores</description>{items}</channel></rss>"
    )
    server.files[FEED] = Served(BytesContent(document.encode()), "application/rss+xml")


async def begin(emulator: Emulator, demo: DemoWorld, server: FileServer) -> None:
    """Have the owner ask for everything, and wait until the first file is there. Raises LeechDemoError."""
    try:
        async with asyncio.timeout(TIMEOUT):
            await _hears(emulator, demo)
            await _ask(emulator, demo, f"/leech {server.url(DONE)}", "Done:")
            await _ask(emulator, demo, f"/leech {server.url(SLOW)}", "Queued:")
            await _ask(emulator, demo, f"/rss {server.url(FEED)}", "Followed:")
    except TimeoutError:
        raise LeechDemoError("the leech bot has not done what its owner asked for") from None


async def _hears(emulator: Emulator, demo: DemoWorld) -> None:
    """Wait until the bot is connected: what is written before does not reach it."""
    while True:
        if emulator.world.commands.get(demo.leecher.id):
            return
        await asyncio.sleep(PAUSE)


async def _ask(emulator: Emulator, demo: DemoWorld, text: str, begin: str) -> None:
    """Write to the bot, and wait for its message that begins so."""
    box = emulator.world.mailbox(demo.owner.id).messages
    known = set(box)
    await emulator.world.send_private(demo.owner, demo.leecher, text=text)
    while True:
        new = [message for id, message in box.items() if id not in known and message.sender_id == demo.leecher.id]
        if any(message.text.startswith(begin) for message in new):
            return
        await asyncio.sleep(PAUSE)


def _item(server: FileServer, title: str, date: float) -> str:
    name = f"{title}.mp3"
    return (
        f"<item><title>{escape(title)}</title><guid>{escape(title)}</guid><pubDate>{formatdate(date)}</pubDate>"
        f"<enclosure url={quoteattr(server.url(name))} length={quoteattr(str(server.files[name].content.size))}"
        ' type="audio/mpeg"/></item>'
    )


def _pace(offset: int) -> float:
    return RATE if offset < SLOW_SIZE * MOVING else LAST_RATE
