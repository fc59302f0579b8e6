"""A cut file is one row of its catalog: complete pieces become one file, and pieces again if one changes or is deleted.

The whole is the row at the first piece's message, with which it can be split again without asking Telegram; the other
pieces stay rows that no list shows. Every writer goes through JoiningCatalog, so every change is joined. A change and
everything that follows from it are one transaction, so no crash leaves a whole without its pieces, or a piece hidden
without a whole. What follows is computed from the stored rows only, so repeating it, in any order, changes nothing.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from streamvault.catalog.base import Catalog, Change
from streamvault.media.classification import VERSION, classify, posted
from streamvault.media.manifest import (
    MAX_MANIFEST,
    BadManifest,
    Manifest,
    parse_manifest,
    read_manifest,
    write_manifest,
)
from streamvault.media.model import MediaFile, Origin
from streamvault.media.parts import MANIFEST, join, part_name, whole_of

log = logging.getLogger(__name__)

MAX_WHOLES = 16
"""Wholes of one name in one chat, and manifests that are considered, at most; older ones stay in pieces."""

RULES = f"1.{VERSION}"
"""The versions of the rules for joining and for what a file is; if the stored ones differ, all is joined again."""

_RULES_MARK = "joining/rules"
_NARROW = 1000  # a span of message ids below which one query is cheaper than one per message
_BATCH = 500

_Key = tuple[int, str]
"""A chat, and the name of a whole in it."""


class JoiningCatalog:
    """A Catalog in which complete sets of pieces are one file; everything else is delegated to `store`."""

    def __init__(
        self,
        store: Catalog,
        *,
        on_manifest: Callable[[], None] = lambda: None,
        on_changed: Callable[[Origin], None] = lambda _: None,
    ) -> None:
        """`on_manifest` is called when a manifest was stored that was not read yet (see indexing/manifests.py).

        `on_changed` is called for each message whose row has changed, including rows that a change affects indirectly.
        """
        self.on_manifest = on_manifest
        self._unread = False
        self.on_changed = on_changed
        self._store = store
        self._lock = asyncio.Lock()
        self.get, self.entry, self.origins, self.held = store.get, store.entry, store.origins, store.held
        self.page, self.facets, self.counts, self.works = store.page, store.facets, store.counts, store.works
        self.messages, self.pieces, self.dump = store.messages, store.pieces, store.dump
        self.mark, self.marks = store.mark, store.marks
        self.unparsed_names, self.store_facts, self.store_tiny = (
            store.unparsed_names,
            store.store_facts,
            store.store_tiny,
        )
        self.chats = store.chats
        self.remember_chat, self.forget_chat = store.remember_chat, store.forget_chat

    async def put(self, file: MediaFile) -> None:
        """See Catalog."""
        await self.apply(Change(put=[file]))

    async def remove(self, origin: Origin) -> None:
        """See Catalog."""
        await self.apply(Change(gone=[origin]))

    async def apply(self, change: Change) -> None:
        """See Catalog. `parts` and `part_of` of the given files are ignored and computed again."""
        async with self._lock:  # no piece may change between reading the pieces and storing the whole
            await self._apply(await self._following(change))

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
        text = _checked(file, data)
        async with self._lock:
            stored = await self._store.get(file.origin)
            if stored is None or stored.key != file.key:
                return  # it was deleted or replaced meanwhile
            marks: dict[str, str | None] = {_mark_name(file): text}
            found = await self._arranged((file.origin.chat_id, whole_of(file)), {}, touched=(), marks=marks)
            await self._apply(Change(put=found, marks=marks))

    async def is_manifest_read(self, file: MediaFile) -> bool:
        """Whether `apply_manifest` was called for this manifest."""
        return await self._store.mark(_mark_name(file)) is not None

    async def rejoin(self) -> None:
        """Join all stored rows by the current RULES, unless that was done before. Raises CatalogError."""
        if await self._store.mark(_RULES_MARK) == RULES:
            return
        after: Origin | None = None
        while entries := await self._store.dump(after, _BATCH):
            after = entries[-1].file.origin
            keys = {(entry.file.origin.chat_id, whole_of(entry.file)) for entry in entries}
            for key in sorted(keys):
                if key[1]:
                    async with self._lock:
                        await self._apply(Change(put=await self._arranged(key, {}, touched=(), marks={})))
        await self._store.apply(Change(marks={_RULES_MARK: RULES}))

    async def _apply(self, change: Change) -> None:
        await self._store.apply(change)
        if self._unread:
            self._unread = False
            self.on_manifest()
        for origin in (*(file.origin for file in change.put), *change.gone):
            self.on_changed(origin)

    async def _following(self, change: Change) -> Change:
        """`change` with all changes that follow from it."""
        gone = set(change.gone)
        put: dict[Origin, MediaFile] = {}
        for file in change.put:
            if file.origin not in gone and _edited(file) >= _edited(put.get(file.origin)):
                put[file.origin] = posted(file)
        stored = await self._stored([*put, *gone])
        for origin in [origin for origin in put if origin in stored]:
            if _edited(put[origin]) < _edited(stored[origin]):
                del put[origin]  # an older version, which the store would drop
            else:
                put[origin] = replace(put[origin], date=stored[origin].date)
        touched = put.keys() | gone
        marks = dict(change.marks)
        for file in (file for origin, file in stored.items() if origin in touched and _is_manifest(file)):
            if file.origin not in put or put[file.origin].key != file.key:
                marks.setdefault(_mark_name(file), None)
        files = [*put.values(), *(file for origin, file in stored.items() if origin in touched)]
        for key in sorted({(file.origin.chat_id, whole_of(file)) for file in files}):
            if key[1]:
                for row in await self._arranged(key, put, touched=touched, marks=marks):
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
        marks: Mapping[str, str | None],
    ) -> list[MediaFile]:
        """The rows of one whole that have to be stored.

        `put` are new rows, `marks` new marks; stored rows of `touched` messages are replaced by those or deleted.
        """
        stored = {file.origin: file for file in await self._store.pieces(*key)}
        now = {origin: file for origin, file in stored.items() if origin not in touched}
        now |= {file.origin: file for file in put.values() if (file.origin.chat_id, whole_of(file)) == key}
        lists = [file for file in now.values() if _is_manifest(file)]
        lists = sorted(lists, key=lambda file: -file.origin.message_id)[:MAX_WHOLES]
        manifests: dict[Origin, Manifest] = {}
        for file in lists:
            name = _mark_name(file)
            text = marks[name] if name in marks else await self._store.mark(name)
            if text:
                manifests[file.origin] = parse_manifest(text.encode())
            elif text is None:
                self._unread = True
        rows = arrange(now.values(), manifests)
        return [row for row in rows if row.origin in touched or row != stored.get(row.origin)]


def arrange(files: Iterable[MediaFile], manifests: Mapping[Origin, Manifest]) -> list[MediaFile]:
    """The rows for all files whose names belong to one whole, each file once: wholes, hidden pieces and other files.

    `manifests` are the manifests that were read, by message.
    """
    rows = {file.origin: posted(file) for file in files}
    left = {origin: file for origin, file in rows.items() if not _is_manifest(file)}
    wholes: list[MediaFile] = []
    while len(wholes) < MAX_WHOLES and (whole := join(left.values(), list(manifests.values()))):
        whole = classify(whole)
        wholes.append(whole)
        for part in whole.parts:
            left.pop(part.origin, None)
            rows[part.origin] = replace(rows[part.origin], part_of=whole.origin)
        rows[whole.origin] = whole
    for origin, manifest in manifests.items():
        names = [part.file_unique_id for part in manifest.parts]
        for whole in wholes:
            if [part.key.file_unique_id for part in whole.parts] == names:
                rows[origin] = replace(rows[origin], part_of=whole.origin)
    return list(rows.values())


def _edited(file: MediaFile | None) -> int:
    """The edit date, by which the store decides which of two versions is newer."""
    return (file.edit_date or 0) if file else 0


def _is_manifest(file: MediaFile) -> bool:
    named = part_name(file.name)
    return named is not None and named.number == MANIFEST


def _mark_name(file: MediaFile) -> str:
    """The name of the mark that holds the content of a manifest: JSON, or "" for an invalid one."""
    return f"manifest/{file.origin.chat_id}/{file.origin.message_id}"


def _checked(file: MediaFile, data: bytes) -> str:
    """The content that the catalog stores of a manifest; "" for an invalid one."""
    try:
        if file.size > MAX_MANIFEST:
            raise BadManifest(f"it has {file.size} bytes, which are more than {MAX_MANIFEST}")
        return write_manifest(read_manifest(data)).decode()
    except BadManifest as error:
        where = file.origin
        log.warning("%r in %d/%d is not a valid manifest: %s", file.name, where.chat_id, where.message_id, error)
        return ""
