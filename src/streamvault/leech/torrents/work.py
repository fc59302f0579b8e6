"""What is done for a job that is a torrent, from its link or file to the messages of its files."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from streamvault.errors import JobMissing, NeverFits, SourceFailed, SourceRefused
from streamvault.leech.addresses import is_magnet, same_torrent
from streamvault.leech.choice import ChoiceNeeded
from streamvault.leech.disk import LeechDisk, Room
from streamvault.leech.file_names import clean_name
from streamvault.leech.held import HeldJob
from streamvault.leech.kept_rooms import NEED, kept_room
from streamvault.leech.model import ENDED, Described, State
from streamvault.leech.queue import Queue, fingerprint_of
from streamvault.leech.sources.base import Source
from streamvault.leech.torrent_files import file_of, is_file_address
from streamvault.leech.torrents import files
from streamvault.leech.torrents.batches import SPARE, batch_of, least_needed, needed
from streamvault.leech.torrents.contents import Contents, posted_of, to_choose
from streamvault.leech.torrents.handing_over import bytes_of
from streamvault.leech.torrents.lines import Complete, Progress
from streamvault.leech.torrents.links import is_private
from streamvault.leech.torrents.lookups import Lookups, peers_text
from streamvault.leech.torrents.process import Fetch, Torrents
from streamvault.leech.unpacking.model import Member
from streamvault.leech.unpacking.several import Discard, SendFile, Several
from streamvault.leech.wishes import check_torrent_wishes

STALLED = 900.0
"""Seconds without a byte after which an attempt has failed."""


@dataclass(frozen=True, slots=True)
class TorrentWork:
    """`space`: bytes that the disk may hold; `most`: of all files of a job, 0 for any; `source_of`: reads an address.
    `stalled` as STALLED; `clock`: seconds of any origin.
    """

    torrents: Torrents
    lookups: Lookups
    disk: LeechDisk
    queue: Queue
    send: SendFile
    discard: Discard
    source_of: Callable[[str], Source]
    space: int
    most: int = 0
    stalled: float = STALLED
    clock: Callable[[], float] = time.monotonic

    async def __call__(self, held: HeldJob, address: str, given: bytes | None = None) -> None:
        """`given`: the .torrent file, where it was read. Raises LeechError, SourceError, LeaseLost,
        ChoiceNeeded.
        """
        check_torrent_wishes(held.job.options)
        async with kept_room(self.disk, self.queue, held, SPARE, most=self.space) as room:
            torrent, contents = await self._contents(held, address, room, given)
            options = held.job.options
            if options.choose and len(choosable := to_choose(contents)) > 1:
                raise ChoiceNeeded(choosable, contents.head.name)
            posted = posted_of(contents, options.select, most=self.most, name=options.name)
            if (told := await self._told_elsewhere(held, contents)) is not None:
                held.outcome = told
                return
            several = Several(held, self.send, self.discard)
            described = Described(clean_name(contents.head.name), posted.size)
            await several.begin(described, contents.id, need=SPARE)
            await self._reserve(held, room, contents, posted.members[several.done :])
            while left := posted.members[several.done :]:
                batch = batch_of(contents, left, room.size)
                run = _Batch(self, held, several, room, contents, batch)
                await run.run(torrent, address if is_magnet(address) else "")
            await several.end(posted, "torrent")

    async def _contents(
        self, held: HeldJob, address: str, room: Room, given: bytes | None
    ) -> tuple[bytes, Contents]:  # fmt: skip
        known = given or await asyncio.to_thread(files.known_torrent, room.path)
        if known is not None:
            try:
                return known, await self._kept(room, known)
            except SourceRefused:
                await asyncio.to_thread(files.forget_torrent, room.path)
                if given is not None:
                    raise
        torrent = await self._described(held, address)
        return torrent, await self._kept(room, torrent)

    async def _kept(self, room: Room, torrent: bytes) -> Contents:
        contents = await self.torrents.contents(torrent)
        await asyncio.to_thread(files.keep_torrent, room.path, torrent)
        return contents

    async def _described(self, held: HeldJob, address: str) -> bytes:
        if is_file_address(address):
            return file_of(address)
        held.doing = "asking what is in this torrent"
        try:
            if is_magnet(address):
                return await self.lookups.description(held.job.id, address, private=is_private(address))
            async with self.source_of(address).open(None) as opened:
                return await bytes_of(opened)
        finally:
            held.doing = None

    async def _told_elsewhere(self, held: HeldJob, contents: Contents) -> str | None:
        """Which job has the same torrent, as a sentence; None where this one goes on."""
        await held.identify(fingerprint_of(same_torrent(contents.id)))
        if held.job.transfer.pieces or (twin := await self.queue.twin(held.job)) is None:
            return None
        return f"this torrent is leeched by another job already: {twin.id}"

    async def _reserve(self, held: HeldJob, room: Room, contents: Contents, members: Sequence[Member]) -> None:
        """Room for all of them at the same time, or for the largest where there is never as much. Raises NoRoom,
        NeverFits.
        """
        if not members:
            return
        least = least_needed(contents, members)
        full = max(least, min(needed(contents, members), self.space))
        try:
            await room.resize(full)
        except NeverFits:
            if full == least:
                raise
            await room.resize(least)
        transfer = held.job.transfer  # a worker that goes on reserves as much at once
        await held.store(replace(transfer, source={**transfer.source, NEED: room.size}))


class _Batch:
    """Files of a torrent that are on the disk at the same time."""

    def __init__(
        self, work: TorrentWork, held: HeldJob, several: Several, room: Room, contents: Contents,
        members: Sequence[Member],
    ) -> None:  # fmt: skip
        self._work, self._held, self._several, self._room = work, held, several, room
        self._contents, self._members = contents, members
        loop = asyncio.get_running_loop()
        self._complete = {member.number: loop.create_future() for member in members}

    async def run(self, torrent: bytes, magnet: str) -> None:
        """Until all are posted. Raises LeechError, SourceError, LeaseLost."""
        folder = await asyncio.to_thread(files.prepare, self._room.path, self._complete)
        wanted = Fetch(
            torrent, magnet, self._contents.head.private or is_private(magnet), folder,
            {member.number: files.path_of(member.number) for member in self._members}, self._room.size,
        )  # fmt: skip
        fetch = asyncio.create_task(self._fetch(wanted))
        try:
            for member in self._members:
                await self._wait_for(member, fetch)
                file = files.FetchedFile(folder, self._contents.id, member)
                await self._several.post(file, file.described, member)
        finally:
            fetch.cancel()
            await asyncio.gather(fetch, return_exceptions=True)
        await asyncio.to_thread(files.clear, self._room.path)

    async def _wait_for(self, member: Member, fetch: "asyncio.Task[None]") -> None:
        complete = self._complete[member.number]
        self._held.state = State.READING
        await asyncio.wait({complete, fetch}, return_when=asyncio.FIRST_COMPLETED)
        self._held.doing = None
        if not complete.done():
            fetch.result()
            raise SourceFailed("the torrent program ended before a file was complete")

    async def _fetch(self, wanted: Fetch) -> None:
        clock, stalled = self._work.clock, self._work.stalled
        done, moved = -1, clock()
        size = sum(member.entry.size for member in self._members)
        async with aclosing(self._work.torrents.fetch(wanted, size)) as lines:
            async for line in lines:
                if isinstance(line, Complete):
                    self._set_complete(line.index)
                elif isinstance(line, Progress):
                    self._note(line)
                    if line.checking or line.done > done:
                        done, moved = max(done, line.done), clock()
                    elif clock() - moved >= stalled:
                        raise SourceFailed(f"nothing came for {stalled / 60:.0f} minutes: {peers_text(line)}")

    def _set_complete(self, index: int) -> None:
        complete = self._complete.get(index)
        if complete is not None and not complete.done():
            complete.set_result(None)

    def _note(self, said: Progress) -> None:
        """Show how much is fetched; nothing of it is with Telegram yet."""
        if self._held.state is not State.READING:
            return
        what = "checking what is there" if said.checking else "fetching"
        done, total = said.done >> 20, said.total >> 20
        self._held.doing = f"{what}: {done:,} of {total:,} MiB, {said.rate >> 10:,} KiB/s, {peers_text(said)}"


async def is_wanted(queue: Queue, id: str) -> bool:
    """See lookups.IsWanted."""
    try:
        job = await queue.get(id)
    except JobMissing:
        return False
    return job.state not in ENDED and job.state is not State.PAUSED and job.wish is None
