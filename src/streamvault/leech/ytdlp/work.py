"""What is done for a job that wants yt-dlp, from its address to its messages."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from streamvault.errors import LeechError, NotYet, SourceRefused
from streamvault.leech.choice import MOST, ChoiceNeeded, Choosable
from streamvault.leech.disk import LeechDisk, Room
from streamvault.leech.held import HeldJob
from streamvault.leech.kept_rooms import kept_room
from streamvault.leech.model import State
from streamvault.leech.queue import Queue
from streamvault.leech.sources.base import Source
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.http.source import HttpSource
from streamvault.leech.ytdlp.command import items_text
from streamvault.leech.ytdlp.fetching import Fetching, needed
from streamvault.leech.ytdlp.lines import Beside, Entry, Progress
from streamvault.leech.ytdlp.lists import DEEPEST, Listing, ListState
from streamvault.leech.ytdlp.live import UPCOMING, check_time
from streamvault.leech.ytdlp.program import CutShort, Ytdlp
from streamvault.leech.ytdlp.source import PlainVideo, sent_headers
from streamvault.leech.ytdlp.written import Kept, WrittenVideo

LARGEST_BESIDE = 4 << 20
"""Bytes of subtitles, or of a picture."""
MOST_BESIDE = 20
"""Subtitles of a video."""
_AWAITED = "awaited"
_TEXTS = frozenset({"vtt", "srt", "ass", "ssa", "ttml", "lrc"})
"""Endings of subtitles that players and this server read."""
TOO_MANY = f"this list has more than {MOST} entries: name those that are wanted by their numbers, as in -s 1-40"


@dataclass(frozen=True, slots=True)
class Side:
    """Subtitles of a posted video: their bytes, and what tells them from others of it."""

    beside: Beside
    data: bytes


Picture = Callable[[], Awaitable[bytes]]
"""The picture that a site shows for a video, in any format; b"" where there is none, or it cannot be had."""
Send = Callable[[HeldJob, Source, Picture], Awaitable[None]]
"""Posts the file of a source, as far as that is not done, and lists its pieces; the picture is for what has none."""
SendBeside = Callable[[HeldJob, Sequence[Side]], Awaitable[None]]
"""Posts files beside the one that was sent, each once."""


@dataclass(frozen=True, slots=True)
class YtdlpWork:
    """`most`: bytes of a video, 0 for any; `space`: bytes that the disk may hold. `clock` gives Unix seconds."""

    ytdlp: Ytdlp
    client: Client
    disk: LeechDisk
    queue: Queue
    send: Send
    send_beside: SendBeside
    space: int
    most: int = 0
    clock: Callable[[], float] = time.time

    async def __call__(self, held: HeldJob, address: str) -> None:
        """Raises LeechError, SourceError, LeaseLost, ChoiceNeeded."""
        if ListState.of(held.job.transfer) is not None:
            await self._list(held, address, None)
            return
        async with aclosing(self._look(held, address)) as entries:
            first = await self._first(held, entries)
            if first.reference or (first.number is not None and len(held.job.options.select) != 1):
                found = _chained(first, entries)
                await self._list(held, address, await _to_choose(found) if held.job.options.choose else found)
                return
            try:
                async for _ in entries:
                    raise SourceRefused("this entry is a list itself: leech its own address")
            except CutShort:
                pass  # the video was found
        await self._video(held, address, first)

    async def _first(self, held: HeldJob, entries: AsyncIterator[Entry]) -> Entry:
        """The first entry; when it begins, where that is later and all that is told, is noted."""
        try:
            return await anext(entries)
        except NotYet as error:
            noted = {**held.job.transfer.source, _AWAITED: self.clock() + error.retry_after}
            await held.store(replace(held.job.transfer, source=noted))
            raise

    def _look(self, held: HeldJob, address: str, *, after: int = 0) -> AsyncGenerator[Entry, None]:
        chosen = held.job.options.select
        return self.ytdlp.look(address, items=items_text(chosen, after=after), flat=len(chosen) != 1)

    async def _list(self, held: HeldJob, address: str, entries: AsyncIterator[Entry] | None) -> None:
        """Queue its entries, and wait for their end."""
        if held.job.depth >= DEEPEST:
            raise SourceRefused(f"this is a list in {DEEPEST} others: leech its own address")
        listing = Listing(self.queue, held)
        if not listing.whole:
            chosen = held.job.options.select
            if chosen and listing.seen >= chosen[-1]:
                await listing.take(_each(()), address=address)
            elif entries is None:
                async with aclosing(self._look(held, address, after=listing.seen)) as rest:
                    await listing.take(rest, address=address)
            else:
                await listing.take(entries, address=address)
        held.outcome = await listing.finish()

    async def _video(self, held: HeldJob, address: str, entry: Entry) -> None:
        await self._check(held, entry)
        if entry.is_plain and not held.job.transfer.source.get("state", {}).get("changed"):
            held.state = State.TRANSFERRING
            video = PlainVideo(self.client, lambda: self._again(held, address), entry)
            await self.send(held, video, lambda: self._small(entry.picture, entry))
            await self.send_beside(held, await self._sides(entry))
        else:
            await self._by_disk(held, address, entry)

    async def _again(self, held: HeldJob, address: str) -> Entry:
        async with aclosing(self._look(held, address)) as entries:
            entry = await self._first(held, entries)
        await self._check(held, entry)
        return entry

    async def _check(self, held: HeldJob, entry: Entry) -> None:
        """Raises SourceRefused, NotYet for what is no file, or none yet."""
        now, noted = self.clock(), held.job.transfer.source
        awaited = noted.get(_AWAITED)
        if entry.live == UPCOMING and entry.starts is not None and entry.starts != awaited:
            awaited = entry.starts
            await held.store(replace(held.job.transfer, source={**noted, _AWAITED: awaited}))
        check_time(entry, awaited=awaited, now=now)
        if self.most and entry.exact and (entry.size or 0) > self.most:
            raise SourceRefused(
                f"the video has {entry.size or 0:,} bytes, and at most {self.most:,} are taken (LEECH_MAX_SIZE)"
            )
        if entry.url is None and not entry.merged:
            raise SourceRefused("yt-dlp knows the page, and finds no video there that it can fetch")

    async def _by_disk(self, held: HeldJob, address: str, entry: Entry) -> None:
        if held.job.transfer.complete and held.job.id not in await self.disk.outlived():
            return  # it would be fetched again for its subtitles alone
        need = needed(entry, self.space)
        async with kept_room(self.disk, self.queue, held, need, most=self.space) as room:
            await self._fetch_and_send(held, address, entry, room)

    async def _fetch_and_send(self, held: HeldJob, address: str, entry: Entry, room: Room) -> None:
        most = min(self.most or self.space, self.space)
        fetching = Fetching(self.ytdlp, room, most, self.space, lambda said: _note(held, said))
        held.doing = "fetching"
        kept = await fetching.run(address, entry, items=items_text(held.job.options.select))
        held.doing, held.state = None, State.TRANSFERRING
        await self.send(held, WrittenVideo(fetching.folder, kept), lambda: _kept_picture(fetching.folder, kept))
        await self.send_beside(held, await asyncio.to_thread(_kept_sides, fetching.folder, kept))

    async def _sides(self, entry: Entry) -> list[Side]:
        """The subtitles of a video that is read without the disk; what cannot be read is left out."""
        texts = [beside for beside in entry.subtitles[:MOST_BESIDE] if beside.ext in _TEXTS]
        found = [Side(beside, await self._small(beside.url, entry)) for beside in texts]
        return [side for side in found if side.data]

    async def _small(self, url: str | None, entry: Entry) -> bytes:
        """A file of at most LARGEST_BESIDE bytes that belongs to a video; b"" where it cannot be had."""
        data = bytearray()
        if url is None:
            return b""
        try:
            async with HttpSource(self.client, url, headers=sent_headers(entry.headers or {})).open(None) as opened:
                async for block in opened.blocks:
                    data += block
                    if len(data) > LARGEST_BESIDE:
                        return b""
        except LeechError:
            return b""
        return bytes(data)


async def _kept_picture(folder: Path, kept: Kept) -> bytes:
    """The picture that was written."""
    path = folder / (kept.picture or "")
    if kept.picture is None or path.stat().st_size > LARGEST_BESIDE:
        return b""
    return await asyncio.to_thread(path.read_bytes)


def _kept_sides(folder: Path, kept: Kept) -> list[Side]:
    """The subtitles that were written."""
    found = []
    for beside in kept.subtitles[:MOST_BESIDE]:
        path = folder / (beside.path or "")
        if beside.ext in _TEXTS and 0 < path.stat().st_size <= LARGEST_BESIDE:
            found.append(Side(beside, path.read_bytes()))
    return found


async def _to_choose(entries: AsyncIterator[Entry]) -> AsyncIterator[Entry]:
    """The only entry of a list. Raises ChoiceNeeded for more, SourceRefused for too many."""
    found = list[Entry]()
    try:
        async for entry in entries:
            found.append(entry)
            if len(found) > MOST:
                raise SourceRefused(TOO_MANY)
    except CutShort:
        pass  # what was found can be chosen
    if len(found) == 1:
        return _each(found)
    numbered = [Choosable(one.number or at, one.title, one.size) for at, one in enumerate(found, 1)]
    raise ChoiceNeeded(numbered, found[0].list_title)


async def _each(found: Sequence[Entry]) -> AsyncIterator[Entry]:
    for entry in found:
        yield entry


async def _chained(first: Entry, others: AsyncIterator[Entry]) -> AsyncIterator[Entry]:
    yield first
    async for entry in others:
        yield entry


def _note(held: HeldJob, said: Progress) -> None:
    """Show how much is fetched; nothing of it is with Telegram yet."""
    of = "" if said.total is None else f" of {said.total >> 20:,}"
    held.doing = f"fetching: {said.done >> 20:,}{of} MiB"
