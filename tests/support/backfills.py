"""A channel with a long history in the emulator, and what a catalog holds of it."""

import asyncio
import contextlib
import os
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamvault.catalog.sqlite.catalog import SqliteCatalog
from tests.support.forks import Process, begun
from tests.support.stack import FOREIGN_DC, EmulatedWorld, chat_id_of
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent

GET_MESSAGES = "channels.getMessages"


async def fill(world: EmulatedWorld, messages: int, *, seed: int = 1, channel: Any = None) -> None:
    """Post so many messages to `films`: text, files and albums; edit some, delete every tenth."""
    chance, emulated, channel = random.Random(seed), world.emulator.world, channel or world.films
    end = channel.last_id + messages
    while channel.last_id < end:
        number = channel.last_id
        kind = chance.choices(("text", "file", "album"), (30, 65, 5))[0]
        if kind == "text":
            await emulated.post(channel, text=f"text {number}")
        elif kind == "file" or channel.last_id + 3 > end:
            await emulated.post(channel, file=_file(world, number), text=f"film {number} #tag{number % 7}")
        else:
            await emulated.post_album(channel, [_file(world, number + n) for n in range(3)], text="album")
    posts = [post for post in channel.messages.values() if post.action is None and not post.deleted][-messages:]
    for post in chance.sample(posts, len(posts) // 50):
        await emulated.edit(post, text="edited")
    await emulated.delete(chance.sample(posts, len(posts) // 10))


def _file(world: EmulatedWorld, number: int) -> Any:
    content = SyntheticContent(1_000_000 + number, number)
    return world.emulator.files.add(content, dc_id=FOREIGN_DC, name=f"VID {number}.mkv", mime_type="video/x-matroska")


def newest(world: EmulatedWorld, channel: Any = None) -> int:
    """The newest message that is there."""
    messages = (channel or world.films).messages
    return max(int(number) for number, message in messages.items() if not message.deleted)


def expected(world: EmulatedWorld, channel: Any = None) -> dict[int, str]:
    """The caption of each message that holds a file."""
    messages = (channel or world.films).messages.values()
    return {one.id: one.text for one in messages if not one.deleted and one.file is not None}


def shown(world: EmulatedWorld) -> dict[int, str]:
    """The same as the API shows it: without a text of its own, that of its album, if one message of it has one."""
    texts: dict[int, list[str]] = {}
    there = [one for one in world.films.messages.values() if not one.deleted and one.file is not None]
    for one in there:
        if one.grouped_id is not None and one.text:
            texts.setdefault(one.grouped_id, []).append(one.text)
    albums = {album: found[0] for album, found in texts.items() if len(found) == 1}
    return {one.id: one.text or albums.get(one.grouped_id or 0, "") for one in there}


async def stored(data: Path, chat_id: int) -> dict[int, str]:
    """The same, as the catalog in this data folder has it; nobody else may have it open."""
    found: dict[int, str] = {}
    async with SqliteCatalog(data / "streamvault.db") as catalog:
        after = None
        while entries := await catalog.dump(after, 1000):
            after = entries[-1].file.origin
            found |= {
                one.file.origin.message_id: one.file.caption for one in entries if one.file.origin.chat_id == chat_id
            }
    return found


def reads(world: EmulatedWorld) -> int:
    """How many requests for messages there were."""
    return world.emulator.counters.value("calls", method=GET_MESSAGES)


@asynccontextmanager
async def held_after(world: EmulatedWorld, count: int, *, method: str = GET_MESSAGES) -> AsyncIterator[None]:
    """The block begins when a process has called `method` more than `count` times; until its end, no more are answered.

    So the walk behind the calls is neither over nor further than that.
    """
    counters = world.emulator.counters
    left = count - counters.value("calls", method=method)
    with world.emulator.faults.slow_answer(method=method, after=max(0, left)):
        await until(lambda: counters.value("calls", method=method) > count, timeout=600, pause=0.01)
        yield


def resident(pid: int) -> int:
    """Bytes of memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    raise ProcessLookupError(pid)


@dataclass
class Command:
    """A running `streamvault index`; `lines` are what it has printed."""

    process: Process
    lines: list[str] = field(default_factory=list)

    async def ends(self, seconds: float = 60.0) -> int:
        """Its exit code."""
        async with asyncio.timeout(seconds):
            return await self.process.wait()


@asynccontextmanager
async def index_command(
    world: EmulatedWorld, environment: Mapping[str, str], *arguments: str, folder: Path, within: Sequence[str] = ()
) -> AsyncIterator[Command]:
    """`streamvault index` on `films` unless told otherwise; it does not outlive the block.

    `within`: what stands before the command.
    """
    words = ["index", *(arguments or (str(chat_id_of(world.films)),))]
    ours, theirs = os.pipe()
    try:
        process = await begun(words, cwd=folder, env=environment, stdout=theirs, stderr=theirs, within=within)
    finally:
        os.close(theirs)
    command = Command(process)
    reading = asyncio.create_task(_read(command, ours))
    try:
        yield command
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reading


async def _read(command: Command, pipe: int) -> None:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb", buffering=0)
    )
    with contextlib.closing(transport):
        while line := await reader.readline():
            command.lines.append(line.decode().rstrip())
