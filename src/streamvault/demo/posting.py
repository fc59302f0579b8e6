"""Fills the demo's channels once the bot listens, waits until it has heard, and says what there is."""

import asyncio
from dataclasses import dataclass

from streamvault.catalog.base import Catalog
from streamvault.demo import world
from streamvault.demo.media import Sample
from streamvault.demo.world import DemoWorld, Entry
from streamvault.errors import StreamVaultError
from streamvault.media.model import Origin
from streamvault.settings import Settings
from tgemulator.emulator import Emulator
from tgemulator.world.model import Message

PATIENCE = 15.0
"""Seconds that the bot may take to hear of a post or to answer."""
PAUSE = 0.05
SENT_TO_BOT = Entry("guide.pdf", "Sent to the bot by its owner.pdf", world.FAR_DC)


class DemoError(StreamVaultError):
    """The demo's bot did not do what it is there for; the text says what."""


@dataclass(frozen=True, slots=True)
class Running:
    """A demo that is ready. `posts` are the channels' messages, `answer` is what the bot wrote to its owner."""

    settings: Settings
    emulator: Emulator
    world: DemoWorld
    posts: tuple[Message, ...]
    answer: str

    @property
    def url(self) -> str:
        """Where the page is, without a slash at the end."""
        return self.settings.public_url


async def populate(
    settings: Settings, emulator: Emulator, *, people: DemoWorld, samples: dict[str, Sample], catalog: Catalog
) -> Running:
    """Post everything, and send the bot a file in private. Raises DemoError when it hears nothing of it."""
    posts = await world.post_all(emulator, people, samples)
    for post in posts:
        await _indexed(post, catalog)
    file = world.store(emulator, SENT_TO_BOT, samples)
    await emulator.world.send_private(people.owner, people.bot, file=file)
    return Running(settings, emulator, people, tuple(posts), await _answered(emulator, people))


async def _indexed(post: Message, catalog: Catalog) -> None:
    """Return once the catalog has the post."""
    origin = Origin(int(f"-100{post.peer[1]}"), post.id)
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                if await catalog.get(origin) is not None:
                    return
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        raise DemoError(f"the bot has not heard of message {post.id} in {origin.chat_id}") from None


async def _answered(emulator: Emulator, people: DemoWorld) -> str:
    """What the bot has written to its owner."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                for message in emulator.world.mailbox(people.owner.id).messages.values():
                    if message.sender_id == people.bot.id and message.text:
                        return message.text
                await asyncio.sleep(PAUSE)
    except TimeoutError:
        raise DemoError("the bot has not answered the file that its owner sent") from None


def introduction(running: Running, *, seconds: float) -> str:
    """What runs, and what to try next, for a terminal."""
    people, emulator = running.world, running.emulator
    channels = (people.films, people.music, people.everything)
    counts = [f"{channel.title} ({sum(post.peer == channel.peer for post in running.posts)})" for channel in channels]
    dcs = ", ".join(f"{dc.id} at {':'.join(map(str, emulator.address(dc.id)))}" for dc in emulator.config.dcs)
    film, huge = running.posts[-1], running.posts[0]
    answer = "\n".join(f"    {line}" for line in running.answer.splitlines())
    return f"""
StreamVault demo, ready after {seconds:.1f} s. Nothing of it talks to the real Telegram.

  Open       {running.url}/
  Channels   {", ".join(counts)}, and the bot's vault
  Telegram   emulated: DC {dcs}

  Try
    a film      {running.url}/watch/{_place(film)}
    in a player ffplay {_stream(running, film)}
    a range     curl -s -r 1000000-1000015 {_stream(running, film)} | xxd
    3 GB        curl -s -r 3000000000- -o /dev/null -w '%{{http_code}} %{{size_download}}\\n' {_stream(running, huge)}
    the list    curl -s '{running.url}/api/catalog?q=dunes'

  Its owner has sent the bot a file. The bot answered:
{answer}

Ctrl-C stops all of it; only the sample media stay.
"""


def _place(post: Message) -> str:
    return f"-100{post.peer[1]}/{post.id}"


def _stream(running: Running, post: Message) -> str:
    return f"{running.url}/stream/{_place(post)}"
