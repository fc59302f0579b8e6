"""What is done for a job whose file is to be unpacked, from its source to the messages of the files in it."""

import asyncio
from dataclasses import dataclass

from streamvault.leech.disk import LeechDisk
from streamvault.leech.held import HeldJob
from streamvault.leech.kept_rooms import kept_room
from streamvault.leech.model import Described
from streamvault.leech.queue import Queue
from streamvault.leech.sources.base import Source
from streamvault.leech.unpacking.choosing import contents_of
from streamvault.leech.unpacking.fetching import SPARE, ArchiveFetching
from streamvault.leech.unpacking.reading import ArchiveFile, MemberSource
from streamvault.leech.unpacking.several import Discard, SendFile, Several

MOST = 64 << 30
"""Bytes of all files in an archive where no setting says it."""


@dataclass(frozen=True, slots=True)
class UnpackWork:
    """`space`: bytes that the disk may hold; `most`: of all files in an archive, 0 for MOST."""

    disk: LeechDisk
    queue: Queue
    send: SendFile
    discard: Discard
    space: int
    most: int = 0

    async def __call__(self, held: HeldJob, source: Source) -> None:
        """Raises LeechError, SourceError, LeaseLost."""
        async with kept_room(self.disk, self.queue, held, SPARE, most=self.space) as room:
            held.doing = "fetching the archive"
            fetching = ArchiveFetching(source, room, self.space, lambda done, total: _note(held, done, total))
            fetched = await fetching.run()
            held.doing = "reading the archive"
            archive = ArchiveFile(fetched.path, fetched.kind, fetched.size, most=self.most or MOST)
            entries = await archive.entries()
            contents = await asyncio.to_thread(contents_of, entries, fetched.kind, fetched.size, most=self.most or MOST)
            held.doing = None
            several = Several(held, self.send, self.discard)
            described = Described(fetched.described.name, contents.size)
            await several.begin(described, fetched.digest, need=fetched.size + SPARE)
            for member in contents.members[several.done :]:
                file = MemberSource(archive, member)
                await several.post(file, file.described, member)
            await several.end(contents, "archive")


def _note(held: HeldJob, done: int, total: int | None) -> None:
    """Show how much of the archive is fetched; nothing of it is with Telegram yet."""
    of = "" if total is None else f" of {total >> 20:,}"
    held.doing = f"fetching the archive: {done >> 20:,}{of} MiB"
