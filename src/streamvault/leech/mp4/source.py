"""A source whose MP4 files have their index in front, whatever they have where they come from.

Such a file is asked for three times: its first bytes tell that the index comes late, a range brings the index, and then
the file is read from the start, with the new index put in where it belongs and the old one left out. Memory holds the
index alone, and the disk nothing. What a later reading needs of it stands in the checkpoint's state: the place and the
hash of the index, which is read again there. A file of which the index cannot be had before the rest (a source without
ranges), or cannot be moved for sure, is passed on as it is, with a note in the state.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.model import Described
from streamvault.leech.mp4.atoms import BadAtoms, is_told, late_after, may_be_late
from streamvault.leech.mp4.layout import Layout
from streamvault.leech.mp4.moov import moved
from streamvault.leech.mp4.reading import Ahead, index_behind, read_range
from streamvault.leech.mp4.weaving import begins_at, is_plain, woven
from streamvault.leech.sources.base import Checkpoint, Opened, Source, SourceChanged

MOVED, NOTE = "mp4_index", "mp4_note"
"""Keys of the state: of a file that is put in order, how; of one that is not, why."""
PATIENCE = 60.0
"""Seconds for reading the index; a source that reads the file from its start for that takes longer."""
_LOOKS = (8, 4096, 1 << 20)
"""Bytes of the beginning that are looked at, until they tell."""
_ENDLESS = 1 << 62


@dataclass(frozen=True, slots=True)
class _Plan:
    """`told`: the value of MOVED."""

    layout: Layout
    told: str


class FaststartSource:
    """See the module. `source` is the file as it is."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._plan: _Plan | None = None

    @asynccontextmanager
    async def open(self, checkpoint: Checkpoint | None) -> AsyncIterator[Opened]:
        """See Source.open. What was begun as it is goes on so."""
        async with AsyncExitStack() as stack:
            if checkpoint is None:
                yield await self._begin(stack)
            elif MOVED not in (checkpoint.state or {}):
                yield await stack.enter_async_context(self._source.open(checkpoint))
            else:
                plan = await self._plan_again(checkpoint)
                yield await self._go_on(stack, plan, checkpoint)

    async def _begin(self, stack: AsyncExitStack) -> Opened:
        opened = await stack.enter_async_context(self._source.open(None))
        ahead, described = Ahead(opened.blocks), opened.described
        late, why = await _looked_at(ahead, described)
        if late is None:
            return _as_it_is(replace(opened, blocks=ahead.rest()), why)
        await stack.aclose()
        begun = Checkpoint(described, 0, None, opened.state)
        try:
            async with asyncio.timeout(PATIENCE):
                self._plan = await self._new_plan(begun, *late)
        except BadAtoms as error:
            why = str(error)
        except (SourceFailed, SourceRefused, SourceChanged, TimeoutError):
            why = "it could not be read before the rest"
        else:
            return await self._go_on(stack, self._plan, begun)
        return _as_it_is(await stack.enter_async_context(self._source.open(None)), why)

    async def _new_plan(self, begun: Checkpoint, front: int, behind: int) -> _Plan:
        start, moov = await index_behind(self._source, replace(begun, offset=behind))
        assert begun.described.size is not None
        return await asyncio.to_thread(_planned, moov, front, start, begun.described.size)

    async def _plan_again(self, checkpoint: Checkpoint) -> _Plan:
        told = (checkpoint.state or {})[MOVED]
        if self._plan is None or self._plan.told != told:
            front, start, length, size = map(int, told.split()[:4])
            old = Checkpoint(replace(checkpoint.described, size=size), start, None, checkpoint.state)
            moov = await read_range(self._source, old, length)
            try:
                self._plan = await asyncio.to_thread(_planned, moov, front, start, size)
            except BadAtoms as error:
                raise SourceChanged from error
        if self._plan.told != told:
            raise SourceChanged
        return self._plan

    async def _go_on(self, stack: AsyncExitStack, plan: _Plan, checkpoint: Checkpoint) -> Opened:
        layout, offset = plan.layout, checkpoint.offset
        at, old = begins_at(layout, offset), replace(checkpoint.described, size=layout.old_size)
        if at is None:
            return Opened(replace(old, size=layout.size), offset, _nothing(), dict(checkpoint.state or {}))
        known = checkpoint.tail is not None and is_plain(layout, offset, checkpoint.tail[0])
        tail = checkpoint.tail if known else None
        inner = Checkpoint(old, at, tail, checkpoint.state) if at else None
        opened = await stack.enter_async_context(self._source.open(inner))
        if opened.offset != at or not _is_same(opened.described, old):
            raise SourceChanged
        opened.state[MOVED] = plan.told
        described = replace(opened.described, size=layout.size)
        return Opened(described, offset, woven(layout, offset, opened.blocks), opened.state)


async def _looked_at(ahead: Ahead, described: Described) -> tuple[tuple[int, int] | None, str]:
    """See late_after, for a file that can be put in order; else None, and why that has to stay as it is."""
    size = _ENDLESS if described.size is None else described.size
    try:
        for count in _LOOKS:
            head = await ahead.peek(count)
            if not may_be_late(head) or is_told(head, size):
                break
        late = late_after(head, size) if may_be_late(head) else None
    except BadAtoms as error:
        return None, str(error)
    if late is None or (described.resumable and described.size is not None):
        return late, ""
    return None, "the source cannot be asked for it before the rest"


def _planned(moov: bytes, front: int, start: int, size: int) -> _Plan:
    layout = Layout(front, start, len(moov), size, moved(moov, front=front, start=start))
    return _Plan(layout, f"{front} {start} {len(moov)} {size} {hashlib.sha256(moov).hexdigest()}")


def _as_it_is(opened: Opened, why: str) -> Opened:
    if why:
        opened.state[NOTE] = f"its index stays at the end of the file: {why}"
    return opened


def _is_same(now: Described, before: Described) -> bool:
    return (now.size, now.etag, now.modified) == (before.size, before.etag, before.modified)


async def _nothing() -> AsyncIterator[bytes]:
    for block in tuple[bytes, ...]():
        yield block
