"""What people do with mirrors: make, list and remove them, and decide on deletions; what updates tell of sources."""

import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from streamvault.errors import JobConflict, JobMissing, SourceRefused, StreamVaultError
from streamvault.leech.mirror.model import Change, Mirror, State
from streamvault.leech.mirror.ports import Channels, FoundChannel
from streamvault.leech.mirror.store.base import MAX_MIRRORS, MirrorStore

NOT_READ = "The bot does not see every message of {title}: add it there, to a group as an administrator."
NOT_POSTED = "The bot may not post in {title}: make it an administrator there who may post messages."
NOT_THERE = "The bot is in no channel or supergroup {chat}: add it there first; basic groups cannot be mirrored."
SAME = "Source and target are the same channel."
CIRCLE = "{target} is copied to {source} already: this mirror would copy its own copies for ever."
TOO_MANY = f"There are {MAX_MIRRORS} mirrors already: remove one first."
MISSING = "There is no such mirror."
NOTHING_ASKED = "This mirror asks nothing."
_TRIES = 50
KNOWN_FOR = 30.0
"""Seconds for which the list of sources is not read again."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mirror that somebody wants; chats by number or @username."""

    source: int | str
    target: int | str
    once: bool = False
    deletions: bool = False
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A mirror, and whether it is new."""

    mirror: Mirror
    new: bool


Prepare = Callable[[FoundChannel, FoundChannel], Awaitable[None]]
OnChange = Callable[[], Awaitable[None]]


async def _prepare_nothing(_: FoundChannel, __: FoundChannel) -> None:
    """The default of Prepare."""


async def _nothing_changes() -> None:
    """The default of OnChange."""


class MirrorDesk:
    """Mirrors of a store. Methods raise CatalogError.

    `prepare` is called with the channels of a mirror before it is made, and may refuse them (SourceRefused);
    `on_change` after mirrors were made, changed or removed; `on_news` with a source in which something has happened.
    """

    def __init__(
        self, store: MirrorStore, channels: Channels, *, clock: Callable[[], float] = time.time,
        prepare: Prepare = _prepare_nothing, on_change: OnChange = _nothing_changes,
        on_news: Callable[[int], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._store, self._channels, self._clock = store, channels, clock
        self._prepare, self._on_change, self._on_news = prepare, on_change, on_news
        self._sources: dict[int, tuple[Mirror, ...]] | None = None
        self._read_at = 0.0

    async def find(self, wanted: Wanted) -> tuple[FoundChannel, FoundChannel]:
        """Source and target of a mirror that is possible. Raises SourceRefused, and as Channels."""
        source, target = await self._found(wanted.source), await self._found(wanted.target)
        if source.chat_id == target.chat_id:
            raise SourceRefused(SAME)
        if not source.reads:
            raise SourceRefused(NOT_READ.format(title=source.title))
        if not target.posts:
            raise SourceRefused(NOT_POSTED.format(title=target.title))
        return source, target

    async def make(self, wanted: Wanted) -> Made:
        """Find the channels, and make a mirror of them. Raises as `find` and `add`."""
        return await self.add(wanted, *await self.find(wanted))

    async def add(self, wanted: Wanted, source: FoundChannel, target: FoundChannel) -> Made:
        """Make a mirror, unless there is one of these channels, which goes on then. Raises JobConflict."""
        mirrors = await self._store.listed()
        known = next((one for one in mirrors if (one.source, one.target) == (source.chat_id, target.chat_id)), None)
        if known is not None:
            return Made(await self._again(known, wanted), new=False)
        if len(mirrors) >= MAX_MIRRORS:
            raise JobConflict(TOO_MANY)
        if source.chat_id in _reached(mirrors, target.chat_id):
            raise JobConflict(CIRCLE.format(source=source.title, target=target.title))
        await self._prepare(source, target)
        now = self._clock()
        made = Mirror(
            secrets.token_hex(8), source.chat_id, target.chat_id, now, source.title, target.title, wanted.person,
            once=wanted.once, deletions=wanted.deletions, updated=now,
        )  # fmt: skip
        if not await self._store.add(made):
            raise JobConflict("This mirror is being made by somebody else: look at the list of mirrors.")
        await self._changed()
        return Made(replace(made, version=1), new=True)

    async def listed(self) -> Sequence[Mirror]:
        """All mirrors, the earliest first."""
        return await self._store.listed()

    async def remove(self, id: str) -> None:
        """Forget a mirror; its copies stay where they are. Raises JobMissing."""
        if not await self._store.remove(id):
            raise JobMissing(MISSING)
        await self._changed()

    async def decide(self, id: str, *, delete: bool) -> Mirror:
        """Delete the copies of the deleted messages that wait for a word, or keep them.

        Raises JobMissing, JobConflict.
        """
        for _ in range(_TRIES):
            mirror = await self._store.get(id)
            if mirror is None:
                raise JobMissing(MISSING)
            if mirror.state is not State.ASKING:
                raise JobConflict(NOTHING_ASKED)
            if not delete:
                waiting = [one for one in await self._store.changes(id) if one.kind == "delete"]
                await self._store.settle(id, waiting)
            decided = replace(
                mirror, allowed=delete, asked=mirror.asked if delete else 0, state=State.COPYING, reason=None
            )
            if await self._store.record(decided):
                await self._changed()
                return replace(decided, version=mirror.version + 1)
        raise StreamVaultError("the mirror is being changed: try it again")

    async def missed(self, chat_id: int) -> None:
        """Updates of a chat were lost for good: its copies are compared with it. May be repeated."""
        for known in (await self._of_source()).get(chat_id, ()):
            for _ in range(_TRIES):
                mirror = await self._store.get(known.id)
                if mirror is None or await self._store.record(replace(mirror, recheck=0)):
                    break
            self._on_news(chat_id)

    async def note(self, chat_id: int, *, posted: Sequence[int], deleted: Sequence[int]) -> None:
        """Messages of a chat were posted or edited, or deleted: keep what has to be followed. May be repeated."""
        for mirror in (await self._of_source()).get(chat_id, ()):
            now = self._clock()
            changes = [Change(id, "edit", now) for id in posted]
            changes += [Change(id, "delete", now) for id in deleted if mirror.deletions]
            if changes:
                await self._keep(mirror.id, changes)
            self._on_news(chat_id)

    async def _keep(self, id: str, changes: Sequence[Change]) -> None:
        """Keep those of messages that were copied, or may be on their way."""
        known = await self._store.copies(id, [one.message for one in changes])
        mirror = await self._store.get(id)
        if mirror is not None:
            under_way = range(mirror.place + 1, mirror.top + 1)
            kept = [one for one in changes if one.message in known or one.message in under_way]
            await self._store.note(id, kept)

    async def _of_source(self) -> dict[int, tuple[Mirror, ...]]:
        if self._sources is None or self._clock() > self._read_at + KNOWN_FOR:
            self._read_at = self._clock()
            found: dict[int, tuple[Mirror, ...]] = {}
            for one in await self._store.listed():
                if one.state is not State.DONE:
                    found[one.source] = (*found.get(one.source, ()), one)
            self._sources = found
        return self._sources

    async def _again(self, known: Mirror, wanted: Wanted) -> Mirror:
        """A mirror that there is, with what is wished of it now."""
        for _ in range(_TRIES):
            state = State.QUEUED if known.state in (State.DONE, State.FAILED) else known.state
            new = replace(known, once=wanted.once, deletions=wanted.deletions, state=state, due=0.0)
            if await self._store.record(new):
                await self._changed()
                return replace(new, version=known.version + 1)
            found = await self._store.get(known.id)
            if found is None:
                raise JobMissing(MISSING)
            known = found
        raise StreamVaultError("the mirror is being changed: try it again")

    async def _found(self, chat: int | str) -> FoundChannel:
        found = await self._channels.find(chat)
        if found is None:
            raise SourceRefused(NOT_THERE.format(chat=chat))
        return found

    async def _changed(self) -> None:
        self._sources = None
        await self._on_change()


def _reached(mirrors: Sequence[Mirror], chat_id: int) -> set[int]:
    """The chats to which messages of a chat are copied, also by way of others."""
    found, new = set[int](), {chat_id}
    while new:
        found |= new
        new = {one.target for one in mirrors if one.source in new} - found
    return found
