"""A cut file is one row of its catalog: complete pieces become one file, and pieces again if one changes or is deleted.

The whole is the row at the first piece's message, with which it can be split again without asking Telegram; the other
pieces stay rows that no list shows. Every writer goes through JoiningCatalog, so every change is joined. A change and
everything that follows from it are one transaction, so no crash leaves a whole without its pieces, or a piece hidden
without a whole. What follows is computed from the stored rows only, so repeating it, in any order, changes nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from streamvault.catalog.base import Catalog, Change, UnparsedName
from streamvault.catalog.derived import whole_of
from streamvault.indexing.arrangement import (
    BEGINS,
    CONTINUES,
    MAX_WHOLES,
    UNREAD,
    Starts,
    arrange,
    is_manifest,
    manifest_mark,
    manifest_text,
    second_pieces,
    start_mark,
    unread_starts,
)
from streamvault.indexing.stored import Stored, stored_by
from streamvault.media.classification import classify, posted
from streamvault.media.manifest import Manifest, parse_manifest
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.media.name_facts import NameFacts
from streamvault.media.parts import as_posted

_NARROW = 1000  # a span of message ids below which one query is cheaper than one per message

_Key = tuple[int, str]
"""A chat, and the name of a whole in it."""


class JoiningCatalog:
    """A Catalog in which complete sets of pieces are one file; everything else is delegated to `store`."""

    def __init__(
        self,
        store: Catalog,
        *,
        on_manifest: Callable[[], None] = lambda: None,
        on_doubtful: Callable[[], None] = lambda: None,
        on_changed: Callable[[Origin], None] = lambda _: None,
        on_stored: Callable[[Stored], None] = lambda _: None,
    ) -> None:
        """`on_manifest` is called when a manifest was stored that was not read yet (see indexing/manifests.py).

        `on_doubtful` is called when pieces were stored whose first bytes have to be read (see indexing/starts.py).
        `on_changed` is called for each message whose row has changed, including rows that a change affects indirectly.
        `on_stored` is called with each change of what lists show.
        """
        self.copied_from: Mapping[int, int] = {}
        """The source of each chat that is a mirror's target: its files count as forwarded from there."""
        self.on_manifest = on_manifest
        self.on_doubtful = on_doubtful
        self._unread = self._doubtful = False
        self.on_changed = on_changed
        self.on_stored = on_stored
        self._store = store
        self._lock = asyncio.Lock()
        self.get, self.entry, self.origins, self.held = store.get, store.entry, store.origins, store.held
        self.page, self.facets, self.counts, self.works = store.page, store.facets, store.counts, store.works
        self.histogram = store.histogram
        self.works_histogram, self.works_facets = store.works_histogram, store.works_facets
        self.messages, self.newest, self.pieces, self.dump = store.messages, store.newest, store.pieces, store.dump
        self.mark, self.marks = store.mark, store.marks
        self.unparsed_names, self.store_tiny = store.unparsed_names, store.store_tiny
        self.chats, self.outdated = store.chats, store.outdated

    async def put(self, file: MediaFile) -> None:
        """See Catalog."""
        await self.apply(Change(put=[file]))

    async def remove(self, origin: Origin) -> None:
        """See Catalog."""
        await self.apply(Change(gone=[origin]))

    async def apply(self, change: Change) -> None:
        """See Catalog. `parts` and `part_of` of the given files are ignored and computed again."""
        if self.copied_from:
            change = replace(change, put=[self._as_copy(file) for file in change.put])
        async with self._lock:  # no piece may change between reading the pieces and storing the whole
            asked, gone = {file.origin for file in change.put}, frozenset(change.gone)
            stored = await self._stored(asked | gone)
            before = dict(stored)
            await self._apply(await self._following(change, stored, before), before)

    def _as_copy(self, file: MediaFile) -> MediaFile:
        """The file as a message behind its source's, so that lists show that one while it is there."""
        source = self.copied_from.get(file.origin.chat_id)
        return file if source is None or file.forwarded_from is not None else replace(file, forwarded_from=source)

    async def remember_chat(self, chat_id: int, title: str) -> None:
        """See Catalog."""
        await self._store.remember_chat(chat_id, title)
        self.on_stored(Stored(chats=frozenset({chat_id})))

    async def forget_chat(self, chat_id: int) -> None:
        """See Catalog."""
        await self._store.forget_chat(chat_id)
        self.on_stored(Stored(chats=frozenset({chat_id})))

    async def store_facts(self, facts: Mapping[str, NameFacts], parsed: Sequence[UnparsedName] = ()) -> None:
        """See Catalog."""
        await self._store.store_facts(facts, parsed)
        if facts:
            self.on_stored(Stored(more=True))

    async def listed(self, file: MediaFile) -> MediaFile:
        """What lists show for `file`, which was stored: its whole, if it is a piece. Raises CatalogError."""
        stored = await self._store.get(file.origin) if whole_of(file) else None
        if stored is not None and stored.part_of is not None:
            stored = await self._store.get(stored.part_of)
        return stored or file

    async def apply_manifest(self, file: MediaFile, data: bytes) -> None:
        """Store the content `data` of the manifest `file`, and join what it lists. An invalid one is stored as such.

        `data` may be empty for one larger than MAX_MANIFEST. Raises CatalogError.
        """
        text = manifest_text(file, data)
        async with self._lock:
            stored = await self._store.get(file.origin)
            if stored is None or stored.key != file.key:
                return  # it was deleted or replaced meanwhile
            await self._marked(file, {manifest_mark(file): text})

    async def is_manifest_read(self, file: MediaFile) -> bool:
        """Whether `apply_manifest` was called for this manifest."""
        return await self._store.mark(manifest_mark(file)) is not None

    async def unread_starts(self) -> list[Origin]:
        """The messages of the pieces for which `apply_start` has to be called. Raises CatalogError."""
        return unread_starts(await self._store.marks())

    async def apply_start(self, file: MediaFile, *, begins: bool) -> None:
        """Store whether this piece begins like a file of its own, and join it, or not. Raises CatalogError."""
        async with self._lock:
            stored = await self._store.get(file.origin)
            if stored is not None and as_posted(stored).key == file.key:
                await self._marked(file, {start_mark(file.origin): BEGINS if begins else CONTINUES})

    async def _marked(self, file: MediaFile, marks: dict[str, str | None]) -> None:
        """Store marks of a piece or manifest with what follows from them."""
        before: dict[Origin, MediaFile] = {}
        key = file.origin.chat_id, whole_of(file)
        found = await self._arranged(key, {}, touched=(), marks=marks, before=before)
        await self._apply(Change(put=found, marks=marks), before)

    async def decide_again(self, files: Sequence[MediaFile], marks: Mapping[str, str | None]) -> None:
        """Store rows again as `files`, which were read from them, are by the present rules, and set `marks`.

        Raises StoredMeanwhile when one of them was stored since it was read, and CatalogError; then nothing is stored.
        """
        async with self._lock:
            decided = await asyncio.to_thread(lambda: [classify(posted(file)) for file in files])
            joined = [new for old, new in zip(files, decided, strict=True) if whole_of(old) or whole_of(new)]
            alone = [new for old, new in zip(files, decided, strict=True) if not (whole_of(old) or whole_of(new))]
            stored = await self._stored(file.origin for file in joined)
            unchanged = {file.origin: file for file in files}
            before = unchanged | stored
            change = await self._following(Change(put=joined, marks=marks), stored, before)
            await self._apply(replace(change, put=[*alone, *change.put], unchanged=unchanged), before)

    async def _apply(self, change: Change, before: Mapping[Origin, MediaFile]) -> None:
        """Store a change; `before` as for `stored_by`."""
        await self._store.apply(change)
        if self._unread:
            self._unread = False
            self.on_manifest()
        if self._doubtful:
            self._doubtful = False
            self.on_doubtful()
        for origin in (*(file.origin for file in change.put), *change.gone):
            self.on_changed(origin)
        stored = stored_by(change, before)
        if stored != Stored():
            self.on_stored(stored)

    async def _following(
        self, change: Change, stored: Mapping[Origin, MediaFile], before: dict[Origin, MediaFile]
    ) -> Change:
        """`change` with all changes that follow from it; `stored` are the stored files of its messages.

        The stored files of other messages are added to `before`.
        """
        gone = set(change.gone)
        put: dict[Origin, MediaFile] = {}
        for file in change.put:
            if file.origin not in gone and _edited(file) >= _edited(put.get(file.origin)):
                put[file.origin] = posted(file)
        for origin in [origin for origin in put if origin in stored]:
            if _edited(put[origin]) < _edited(stored[origin]):
                del put[origin]  # an older version, which the store would drop
            else:
                put[origin] = replace(put[origin], date=stored[origin].date)
        touched = put.keys() | gone
        marks = dict(change.marks)
        for file in (file for origin, file in stored.items() if origin in touched and whole_of(file)):
            if file.origin not in put or put[file.origin].key != as_posted(file).key:
                marks.setdefault(manifest_mark(file) if is_manifest(file) else start_mark(file.origin), None)
        files = [*put.values(), *(file for origin, file in stored.items() if origin in touched)]
        for key in sorted({(file.origin.chat_id, whole_of(file)) for file in files}):
            if key[1]:
                for row in await self._arranged(key, put, touched=touched, marks=marks, before=before):
                    put[row.origin] = row
        return Change(list(put.values()), change.gone, marks)

    async def _stored(self, origins: Iterable[Origin]) -> dict[Origin, MediaFile]:
        """The stored files of these messages."""
        chats: dict[int, set[int]] = defaultdict(set)
        for origin in origins:
            chats[origin.chat_id].add(origin.message_id)
        found: dict[Origin, MediaFile] = {}
        for chat_id, ids in chats.items():
            first, last = min(ids), max(ids)
            if len(ids) > 1 and last - first < _NARROW:
                ids &= set(await self._store.messages(chat_id, first=first, last=last))
            for message_id in ids:
                origin = Origin(chat_id, message_id)
                file = await self._store.get(origin)
                if file is not None:
                    found[origin] = file
        return found

    async def _arranged(
        self,
        key: _Key,
        put: Mapping[Origin, MediaFile],
        *,
        touched: Collection[Origin],
        marks: dict[str, str | None],
        before: dict[Origin, MediaFile],
    ) -> list[MediaFile]:
        """The rows of one whole that have to be stored; those that are stored are added to `before`.

        `put` are new rows, `marks` new marks; stored rows of `touched` messages are replaced by those or deleted. The
        pieces whose first bytes have to be read are added to `marks`.
        """
        stored = {file.origin: file for file in await self._store.pieces(*key)}
        before.update(stored)
        now = {origin: file for origin, file in stored.items() if origin not in touched}
        now |= {file.origin: file for file in put.values() if (file.origin.chat_id, whole_of(file)) == key}
        lists = [file for file in now.values() if is_manifest(file)]
        lists = sorted(lists, key=lambda file: -file.origin.message_id)[:MAX_WHOLES]
        manifests: dict[Origin, Manifest] = {}
        for file in lists:
            name = manifest_mark(file)
            text = marks[name] if name in marks else await self._store.mark(name)
            if text:
                manifests[file.origin] = parse_manifest(text.encode())
            elif text is None:
                self._unread = True
        rows = await self._arrange(now, manifests, joined=second_pieces(stored.values()), marks=marks)
        return [row for row in rows if row.origin in touched or row != stored.get(row.origin)]

    async def _arrange(
        self,
        files: Mapping[Origin, MediaFile],
        manifests: Mapping[Origin, Manifest],
        *,
        joined: Mapping[Origin, FileKey],
        marks: dict[str, str | None],
    ) -> list[MediaFile]:
        """The rows as in `arrange`; what was `joined` before stays so until its second piece is read."""
        starts = Starts()
        while True:
            rows = arrange(files.values(), manifests, continues=starts.continues)
            if not starts.asked:
                return rows
            while starts.asked:
                piece = starts.asked.pop()
                name = start_mark(piece.origin)
                start = marks[name] if name in marks else await self._store.mark(name)
                if start in (None, UNREAD):
                    marks[name] = UNREAD
                    self._doubtful = True
                before = joined.get(piece.origin) == piece.key
                starts.known[piece.origin] = start == CONTINUES or (before and start != BEGINS)


def _edited(file: MediaFile | None) -> int:
    """The edit date, by which the store decides which of two versions is newer."""
    return (file.edit_date or 0) if file else 0
