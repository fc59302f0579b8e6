"""The entries of a range or an album, each a link of its own: to a file, or to the files of an album."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from streamvault.leech.held import HeldJob
from streamvault.leech.message_links import MessageLink
from streamvault.leech.messages.finding import MOST_ALBUM, Finding, album_of, is_album, members, wanted
from streamvault.leech.ytdlp.lines import Entry
from streamvault.media.history import BATCH
from streamvault.media.linked import LinkedChat, LinkedMessage

LEFT_OUT = "left_out"
"""Where Transfer.source holds what of a range was left out, and up to which message that was counted."""


class Entries:
    """Of one job. They are numbered by their last message, from the first one that the link may mean."""

    def __init__(self, finding: Finding, held: HeldJob, chat: LinkedChat, link: MessageLink) -> None:
        self._finding, self._held, self._chat, self._link = finding, held, chat, link
        self._short = link.last - link.first < MOST_ALBUM
        self._one_by_one = not link.is_range

    async def after(self, seen: int) -> AsyncIterator[Entry]:
        """Those that follow number `seen`. Raises SourceRefused, SourceError."""
        group = list[LinkedMessage]()
        async for message in self._messages(seen) if self._link.is_range else self._album():
            if self._number(message) <= seen:
                continue
            if group and not self._belongs(message, group):
                yield self._entry(group)
                group = []
            group.append(message)
        if group:
            yield self._entry(group)

    def left_out(self) -> str:
        """What was left out, as a sentence; "" for nothing."""
        counted = self._held.job.transfer.source.get(LEFT_OUT, {})
        missing, without = counted.get("missing", 0), counted.get("without", 0)
        said = [f"{missing:,} that are not there"] if missing else []
        said += [f"{without:,} without a file"] if without else []
        return f"Left out of {self._link.last - self._link.first + 1:,} messages: {', '.join(said)}" if said else ""

    async def _album(self) -> AsyncIterator[LinkedMessage]:
        """The files of the album that the link's message belongs to."""
        first = self._link.first
        found = await self._finding.read(self._chat, range(first - MOST_ALBUM + 1, first + MOST_ALBUM))
        for message in members(found.values(), found[first]) if first in found else ():
            yield message

    async def _messages(self, seen: int) -> AsyncIterator[LinkedMessage]:
        """Those of a range with files; a short one is read as a whole, so that one album is seen to be all of it."""
        first = self._link.first + (0 if self._short else seen)
        for start in range(first, self._link.last + 1, BATCH):
            ids = range(start, min(start + BATCH, self._link.last + 1))
            found = await self._finding.read(self._chat, ids)
            chosen = wanted(found.values(), self._link)
            self._one_by_one = self._short and is_album(chosen)
            await self._count(ids, list(found.values()), chosen)
            for message in chosen:
                yield message

    async def _count(self, ids: range, found: Sequence[LinkedMessage], chosen: Sequence[LinkedMessage]) -> None:
        """Record what is left out of these, each once; what other topics have counts as nothing."""
        transfer = self._held.job.transfer
        counted = {"until": 0, "missing": 0, "without": 0, **transfer.source.get(LEFT_OUT, {})}
        fresh = [one for one in ids if one > counted["until"]]
        there = {one.id for one in found}
        without = {one.id for one in found if one.file is None and self._link.topic in (None, one.topic)}
        counted["missing"] += sum(one not in there for one in fresh)
        counted["without"] += sum(one in without for one in fresh)
        counted["until"] = max(counted["until"], ids[-1])
        await self._held.store(replace(transfer, source={**transfer.source, LEFT_OUT: counted}))

    def _belongs(self, message: LinkedMessage, group: Sequence[LinkedMessage]) -> bool:
        same = album_of(message) is not None and album_of(message) == album_of(group[0])
        return same and len(group) < MOST_ALBUM and not self._one_by_one

    def _number(self, message: LinkedMessage) -> int:
        return message.id - (self._link.first - (1 if self._link.is_range else MOST_ALBUM))

    def _entry(self, group: Sequence[LinkedMessage]) -> Entry:
        first, last = group[0].id, group[-1].id
        topic = self._link.topic if first != last else None
        link = MessageLink(self._link.chat, first, last, topic, alone=first == last)
        return Entry(
            str(first), "", link.public, reference=True, number=self._number(group[-1]), list_title=self._chat.title
        )
