"""What is done for a job whose source is a link to messages of Telegram, from the link to its messages."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from streamvault.errors import SourceRefused
from streamvault.leech.held import HeldJob
from streamvault.leech.message_links import MessageLink, read_link
from streamvault.leech.messages.entries import Entries
from streamvault.leech.messages.finding import Finding
from streamvault.leech.messages.ports import Copies, Files, Messages
from streamvault.leech.messages.source import MessageSource, own_name
from streamvault.leech.model import Described, Job, Piece, State, Transfer
from streamvault.leech.posting import Looking
from streamvault.leech.queue import Queue
from streamvault.leech.sources.base import Source
from streamvault.leech.ytdlp.lists import DEEPEST, Listing, ListState
from streamvault.media.linked import LinkedChat, LinkedMessage
from streamvault.media.model import MediaFile
from streamvault.media.uploads import Copy

COPY = "copy"
"""Where Transfer.source holds when the messages were first to be copied (Unix seconds), or REFUSED."""
REFUSED = "refused"
THERE = "it was in the channel already"
COPIED = "copied within Telegram"

Send = Callable[[HeldJob, Source, Looking], Awaitable[None]]
"""Posts the file of a source as it is, as far as that is not done, and lists its pieces."""
Known = Callable[[int, MediaFile], Awaitable[int | None]]
"""The message of a chat that holds this very file now; None where none is known."""


@dataclass(frozen=True, slots=True)
class Telegram:
    """What the work needs of Telegram. `known`: see Known; `trusted`: whether somebody may leech from private chats
    that they are not in (None: nobody in particular, such as a token).
    """

    messages: Messages
    copies: Copies
    files: Files
    known: Known
    trusted: Callable[[int | None], bool]


@dataclass(frozen=True, slots=True)
class MessagesWork:
    """`most`: bytes of a file, 0 for any. `clock` gives Unix seconds."""

    telegram: Telegram
    queue: Queue
    send: Send
    most: int = 0
    clock: Callable[[], float] = time.time

    async def __call__(self, held: HeldJob, address: str) -> None:
        """Raises LeechError, SourceError, LeaseLost."""
        finding, link = Finding(self.telegram.messages), read_link(address)
        chat = await finding.chat(link)
        await self._check_person(held.job, chat)
        chat, link = await finding.commented(chat, link)
        if ListState.of(held.job.transfer) is None and (found := await finding.together(chat, link)) is not None:
            if held.job.options.name is not None and len(found) > 1:
                raise SourceRefused(
                    f"A name is for one file, and this link is of {len(found)}: ask for it without one."
                )
            if await self._is_copied(held, chat, found):
                return
            if len(found) == 1:
                await self._send_again(held, finding, chat, found[0])
                return
        await self._list(held, finding, chat, link)

    async def _check_person(self, job: Job, chat: LinkedChat) -> None:
        """Raises SourceRefused for a private chat of others. Entries follow from a link that was checked."""
        if chat.public or job.depth or self.telegram.trusted(job.person):
            return
        if job.person is None or not await self.telegram.messages.is_member(chat, job.person):
            raise SourceRefused(
                "This chat is private, and the leech bot cannot see that you are in it: join it, and make the bot an "
                "administrator there."
            )

    async def _is_copied(self, held: HeldJob, chat: LinkedChat, found: Sequence[LinkedMessage]) -> bool:
        """Whether the messages are copied, now or before. They are not where they have to be uploaded instead."""
        transfer, options = held.job.transfer, held.job.options
        if transfer.complete and COPY in transfer.source:
            return True
        if transfer.pieces or transfer.source.get(COPY) == REFUSED:
            return False
        if options.name is not None:
            return False
        if options.as_document and any(file.telegram_kind != "document" for file in _files(found)):
            return False
        there = [await self.telegram.known(held.job.chat_id, file) for file in _files(found)]
        missing = [one for one, id in zip(found, there, strict=True) if id is None]
        if any(one.protected for one in missing):
            return False
        copies = await self._copy(held, chat, missing) if missing else []
        if copies is None:
            return False
        await self._record(held, found, there, copies)
        return True

    async def _copy(self, held: HeldJob, chat: LinkedChat, found: Sequence[LinkedMessage]) -> Sequence[int] | None:
        """The ids of the copies; None where they may not be made, which is recorded. When the first try was begun is
        recorded before it, and which message it makes follows from the job.
        """
        transfer, job = held.job.transfer, held.job
        since = transfer.source.get(COPY)
        if since is None:
            since = self.clock()
            await held.store(replace(transfer, source={**transfer.source, COPY: since}))
        held.state = State.TRANSFERRING
        copy = Copy(
            chat_id=job.chat_id,
            source=chat.chat_id,
            ids=tuple(one.id for one in found),
            keys=tuple(f"{job.id}/{job.generation}/copy of {chat.chat_id}/{one.id}" for one in found),
            files=tuple(file.key.file_unique_id for file in _files(found)),
            since=since,
        )
        copies = await self.telegram.copies.copy(copy)
        if copies is None:
            await held.store(replace(held.job.transfer, source={**transfer.source, COPY: REFUSED}))
        return copies

    async def _record(
        self, held: HeldJob, found: Sequence[LinkedMessage], there: Sequence[int | None], copies: Sequence[int]
    ) -> None:
        """The messages that hold the files now, as the pieces of the transfer."""
        files, left = _files(found), iter(copies)
        ids = [next(left, None) if id is None else id for id in there]
        pieces, start = list[Piece](), 0
        for file, id in zip(files, ids, strict=True):
            if id is not None:
                pieces.append(Piece(start, 0, size=file.size, sent=self.clock(), message_id=id))
                start += file.size
        if not pieces:
            raise SourceRefused("The message was deleted while it was copied.")
        note = THERE if not copies else COPIED
        deleted = len(ids) - len(pieces)
        notes = (note,) if not deleted else (note, f"{deleted} of its messages were deleted meanwhile")
        source = {**held.job.transfer.source, COPY: held.job.transfer.source.get(COPY, 0.0)}
        described = Described(own_name(files[0]), start, files[0].mime_type)
        await held.store(Transfer(described, tuple(pieces), complete=True, notes=notes, source=source))

    async def _send_again(self, held: HeldJob, finding: Finding, chat: LinkedChat, message: LinkedMessage) -> None:
        """Read the file, and upload it as any other."""
        [file] = _files([message])
        if self.most and file.size > self.most:
            raise SourceRefused(
                f"The file has {file.size:,} bytes, and at most {self.most:,} are taken (LEECH_MAX_SIZE)."
            )
        as_document = held.job.options.as_document
        source = MessageSource(self.telegram.files, lambda: finding.one(chat, message.id), as_document=as_document)
        await self.send(held, source, source.look)

    async def _list(self, held: HeldJob, finding: Finding, chat: LinkedChat, link: MessageLink) -> None:
        """Queue the entries, and wait for their end."""
        if held.job.depth >= DEEPEST:
            raise SourceRefused("The files of this link cannot be told apart: ask for them one by one.")
        if held.job.options.name is not None:
            raise SourceRefused("A name is for one file, and this link is of several: ask for it without one.")
        listing, entries = Listing(self.queue, held), Entries(finding, held, chat, link)
        if not listing.whole:
            await listing.take(entries.after(listing.seen), address=link.public)
        outcome = await listing.finish()
        state, left_out = ListState.of(held.job.transfer), entries.left_out()
        if state is not None and not state.done + state.failed:
            raise SourceRefused(f"No message of this range holds a file. {left_out}".strip())
        held.outcome = f"{outcome}. {left_out}" if left_out else outcome


def _files(found: Sequence[LinkedMessage]) -> list[MediaFile]:
    return [one.file for one in found if one.file is not None]
