"""Posts the demo's files, waits until the bot has indexed them, and describes the running demo."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from streamvault.catalog.base import Catalog
from streamvault.demo import club, habits, leeching, world
from streamvault.demo.content.shelves import entries
from streamvault.demo.entries import FAR_DC, Entry
from streamvault.demo.file_server import FileServer
from streamvault.demo.media import Sample
from streamvault.demo.world import DemoWorld, Posted
from streamvault.errors import StreamVaultError
from streamvault.indexing.naming.protocol import VERSION
from streamvault.media.model import MediaFile, Origin
from streamvault.server.services import Services
from streamvault.settings import Settings
from tgemulator.emulator import Emulator
from tgemulator.world.model import Message

BOT_TIMEOUT = 15.0
"""Seconds in which the bot has to index a post, or to answer."""

NAMES_TIMEOUT = 60.0
"""Seconds in which the server has to read the names of all files, which begins with the start of a process."""
PAUSE = 0.05
SENT_TO_BOT = Entry("guide.pdf", "Sent to the bot by its owner.pdf", FAR_DC)


class DemoError(StreamVaultError):
    """The demo's bot did not index a post or did not answer; the message says which."""


@dataclass(frozen=True, slots=True)
class Running:
    """A demo that is ready. `posts` are the channels' messages, `answer` is what the bot wrote to its owner, `login`
    the link with which it answered to /login. `control`: the address of the emulator's control API; `files`: the web
    server that the leech bot fetches from.
    """

    settings: Settings
    emulator: Emulator
    world: DemoWorld
    posts: tuple[Posted, ...]
    answer: str
    login: str
    control: str
    files: FileServer

    @property
    def url(self) -> str:
        """The page's address, without a slash at the end."""
        return self.settings.public_url


async def populate(
    settings: Settings, emulator: Emulator, *, demo: DemoWorld, samples: Mapping[str, Sample], services: Services,
    control: str, files: FileServer,
) -> Running:  # fmt: skip
    """Post everything, do what the owner has done, and begin the walk through the group.

    Raises DemoError, LeechDemoError if a bot does not react.
    """
    leeched = asyncio.create_task(leeching.begin(emulator, demo, files))
    try:
        return await _populated(settings, emulator, demo, samples, services, control, files, leeched)
    finally:
        leeched.cancel()
        await asyncio.gather(leeched, return_exceptions=True)


async def _populated(
    settings: Settings, emulator: Emulator, demo: DemoWorld, samples: Mapping[str, Sample], services: Services,
    control: str, files: FileServer, leeched: "asyncio.Task[None]",
) -> Running:  # fmt: skip
    posts = world.post_all(emulator, demo, samples)
    club.fill(emulator, demo, posts)
    found: dict[str, MediaFile] = {}
    for post in posts:
        found.setdefault(post.entry.recipe, await _indexed(post.message, services.catalog))
    await habits.begin(services, demo, found)
    await _names_read(services.catalog)
    file = world.store(emulator, SENT_TO_BOT, samples)
    await emulator.world.send_private(demo.owner, demo.bot, file=file)
    answer = await _wait_for_answer(emulator, demo, "/stream/")
    await emulator.world.send_private(demo.owner, demo.bot, text="/login")
    login = await _wait_for_answer(emulator, demo, "/login/")
    link = re.search(r"http\S+/login/\S+", login)
    assert link is not None
    await leeched
    await club.walk(emulator, demo, services)
    return Running(settings, emulator, demo, tuple(posts), answer, link[0], control, files)


async def _indexed(post: Message, catalog: Catalog) -> MediaFile:
    """The post's file, once the catalog has it. Raises DemoError after BOT_TIMEOUT."""
    origin = Origin(int(f"-100{post.peer[1]}"), post.id)
    try:
        async with asyncio.timeout(BOT_TIMEOUT):
            while True:
                if (file := await catalog.get(origin)) is not None:
                    return file
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        raise DemoError(f"the bot has not indexed message {post.id} in {origin.chat_id}") from None


async def _names_read(catalog: Catalog) -> None:
    """Return once the names of all files are parsed, by which series are grouped.

    Raises DemoError after NAMES_TIMEOUT.
    """
    try:
        async with asyncio.timeout(NAMES_TIMEOUT):
            while True:
                if not await catalog.unparsed_names(VERSION, 1):
                    return
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        raise DemoError("the names of the files have not been read") from None


async def _wait_for_answer(emulator: Emulator, demo: DemoWorld, part: str) -> str:
    """The bot's first message to its owner with `part` in it. Raises DemoError after BOT_TIMEOUT."""
    try:
        async with asyncio.timeout(BOT_TIMEOUT):
            while True:
                for message in emulator.world.mailbox(demo.owner.id).messages.values():
                    if message.sender_id == demo.bot.id and part in message.text:
                        return message.text
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        raise DemoError("the bot has not answered what its owner sent") from None


def introduction(running: Running, *, seconds: float) -> str:
    """The text for the terminal: what is running, and commands to try."""
    demo, emulator = running.world, running.emulator
    counts = [f"{channel.title} ({len(entries(shelf))})" for shelf, channel in demo.channels.items()]
    dcs = ", ".join(f"{dc.id} at {':'.join(map(str, emulator.address(dc.id)))}" for dc in emulator.config.dcs)
    film, huge = (_message(running, recipe) for recipe in ("ridge-line.mp4", ""))
    answer = "\n".join(f"    {line}" for line in running.answer.splitlines())
    return f"""
StreamVault demo, ready after {seconds:.1f} s. Nothing of it talks to the real Telegram.

  Open       {running.url}/
  As owner   {running.login}
             once, within 5 minutes: begun films, favourites, collections, links, a walk that is under way
  Channels   {", ".join(counts)}, the group {demo.club.title}, and the bot's vault
  Telegram   emulated: DC {dcs}
  Its people at {running.control}, see docs/EMULATOR.md: the owner is {demo.owner.id}, the bot {demo.bot.id}
  Leech      the bot {demo.leecher.id}, from {running.files.url()}: a file is there, one comes slowly, a feed
             is followed. The page Leech takes addresses of more: {_more(running)}

  Try
    a film      {running.url}/watch/{_path(film)}
    in a player ffplay {_stream(running, film)}
    a range     curl -s -r 1000000-1000015 {_stream(running, film)} | xxd
    3 GB        curl -s -r 3000000000- -o /dev/null -w '%{{http_code}} %{{size_download}}\\n' {_stream(running, huge)}
    the list    curl -s '{running.url}/api/catalog?q=dunes'

  Its owner has sent the bot a file. The bot answered:
{answer}

  Everybody may watch here. For another link, have the owner send /login again, and a moment later read the new one:
    {_send_login(running)}
    {_read_login(running)}

Ctrl-C stops all of it; only the sample media stay.
"""


def _more(running: Running) -> str:
    """Addresses that have not been leeched yet."""
    return " and ".join(running.files.url(name) for name in ("The ridge line.mp4", "Notes.zip"))


def _message(running: Running, recipe: str) -> Message:
    """The first message with this recipe's file."""
    return next(post.message for post in running.posts if post.entry.recipe == recipe)


def _send_login(running: Running) -> str:
    body = json.dumps({"sender": running.world.owner.id, "recipient": running.world.bot.id, "text": "/login"})
    return f"curl -s -o /dev/null -H 'Content-Type: application/json' -d '{body}' {running.control}/send"


def _read_login(running: Running) -> str:
    messages = f"curl -s '{running.control}/messages?account={running.world.owner.id}'"
    return f"{messages} | grep -o '{running.url}/login/[A-Za-z0-9_-]*' | tail -1"


def _path(post: Message) -> str:
    return f"-100{post.peer[1]}/{post.id}"


def _stream(running: Running, post: Message) -> str:
    return f"{running.url}/stream/{_path(post)}"
