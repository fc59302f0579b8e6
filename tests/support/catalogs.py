"""A catalog in memory, with named faults: the plainest reading of the contract, and the oracle of its suite."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from streamvault.catalog.base import (
    EXACT,
    MAX_ORIGINS,
    Bucket,
    CatalogQuery,
    Change,
    Counts,
    Cursor,
    Entry,
    Facets,
    Histogram,
    Outdated,
    Page,
    UnparsedName,
    Work,
    WorksPage,
    row_key,
)
from streamvault.catalog.derived import VERSION, name_key, version_of, whole_of
from streamvault.catalog.histogram import letter
from streamvault.catalog.tags import tags
from streamvault.errors import CatalogError, StoredMeanwhile
from streamvault.media.classification import in_album
from streamvault.media.model import MediaFile, Origin
from streamvault.media.name_facts import NameFacts
from streamvault.media.parts import held_by
from tests.support.catalog_rules import commonest, in_front, matches, rank, sort_value, together


class MemoryCatalog:
    """A Catalog; `broken` makes every call fail, `calls` lists them."""

    def __init__(self, files: Iterable[MediaFile] = (), *, chats: dict[int, str] | None = None) -> None:
        self.files: dict[Origin, MediaFile] = {}
        self.keys: dict[Origin, int] = {}
        self.rules: dict[Origin, int] = {}
        self.facts: dict[str, NameFacts] = {}
        self.tiny: dict[str, bytes] = {}
        self.kept_marks: dict[str, str] = {}
        self.known_chats = dict(chats or {})
        self.broken = False
        self.calls: list[str] = []
        for file in files:
            self._put(file)

    async def get(self, origin: Origin) -> MediaFile | None:
        self._called("get")
        return self.files.get(origin)

    async def entry(self, origin: Origin) -> Entry | None:
        self._called("entry")
        return self._entry(self.files[origin]) if origin in self.files else None

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        self._called("origins")
        found = [o for o, file in self.files.items() if file_unique_id in held_by(file)]
        return tuple(
            sorted(found, key=lambda origin: rank(self.keys[origin], self.files[origin]), reverse=True)[:MAX_ORIGINS]
        )

    async def held(self, file_unique_ids: Sequence[str], chat_ids: frozenset[int]) -> frozenset[str]:
        self._called("held")
        found = {name for o, file in self.files.items() if o.chat_id in chat_ids for name in held_by(file)}
        return frozenset(found & set(file_unique_ids))

    async def put(self, file: MediaFile) -> None:
        self._called("put")
        before = dict(self.files)
        self._put(file)
        self._forget_facts()
        self._decide_again()
        self._read_again(before)

    async def remove(self, origin: Origin) -> None:
        self._called("remove")
        before = dict(self.files)
        self._remove(origin)
        self._forget_facts()
        self._decide_again()
        self._read_again(before)

    async def apply(self, change: Change) -> None:
        self._called("apply")
        if any(file.key.thumb_size for file in change.put):
            raise ValueError("a catalog holds files, not their thumbnails")
        if any(self.files.get(origin) != file for origin, file in change.unchanged.items()):
            raise StoredMeanwhile("a message was stored meanwhile")
        before = dict(self.files)
        for file in change.put:
            if file.origin not in change.gone:
                self._put(file)
        for origin in change.gone:
            self._remove(origin)
        self._forget_facts()
        self._decide_again()
        self._read_again(before)
        self.kept_marks |= {name: value for name, value in change.marks.items() if value is not None}
        for name in [name for name, value in change.marks.items() if value is None]:
            self.kept_marks.pop(name, None)

    async def mark(self, name: str) -> str | None:
        self._called("mark")
        return self.kept_marks.get(name)

    async def marks(self) -> dict[str, str]:
        self._called("marks")
        return dict(self.kept_marks)

    async def page(self, query: CatalogQuery) -> Page:
        self._called("page")
        found = self._sorted(query)
        found = found[query.offset :]
        if query.after is not None:
            after, down = (query.after.value, query.after.key), query.order == "desc"
            found = [row for row in found if (row[:2] < after if down else row[:2] > after)]
        shown = found[: query.limit]
        more = len(found) > query.limit
        return Page(tuple(row[2] for row in shown), Cursor(query.sort, query.order, *shown[-1][:2]) if more else None)

    async def histogram(self, query: CatalogQuery) -> Histogram:
        self._called("histogram")
        if query.sort == "size":
            raise ValueError("a list sorted by size has none")
        return Histogram(_buckets(query, [(value, key) for value, key, _ in self._sorted(query)]))

    async def facets(self, query: CatalogQuery) -> Facets:
        self._called("facets")
        matching = self._matching(query)
        return _facets([[entry] for _, entry in matching[:EXACT]], exact=len(matching) <= EXACT)

    async def counts(self, chat_ids: frozenset[int] | None = None) -> Counts:
        self._called("counts")
        found = [file for origin, file in self.files.items() if chat_ids is None or origin.chat_id in chat_ids]
        kinds = dict(sorted(Counter(file.kind for file in found).items()))
        return Counts(files=len(found), bytes=sum(file.size for file in found), kinds=kinds)

    async def messages(self, chat_id: int, *, first: int, last: int) -> tuple[int, ...]:
        self._called("messages")
        return tuple(
            sorted(m for m in (o.message_id for o in self.files if o.chat_id == chat_id) if first <= m <= last)
        )

    async def newest(self, chat_id: int) -> int:
        self._called("newest")
        return max((o.message_id for o in self.files if o.chat_id == chat_id), default=0)

    async def pieces(self, chat_id: int, whole: str) -> tuple[MediaFile, ...]:
        self._called("pieces")
        here = [file for _, file in sorted(self._by_message()) if file.origin.chat_id == chat_id]
        return tuple(file for file in here if whole and whole_of(file) == whole)

    async def unparsed_names(self, version: int, limit: int) -> tuple[UnparsedName, ...]:
        self._called("unparsed_names")
        unread = [
            UnparsedName(
                entry.file.key.file_unique_id,
                entry.file.name,
                entry.file.kind,
                "" if entry.file.sent is None or entry.file.sent.name == entry.file.name else entry.file.sent.name,
            )
            for _, entry in in_front(self._newest_first())
            if entry.facts is None or entry.facts.version < version
        ]
        return tuple(unread[:limit])

    async def outdated(self, before: int | None, limit: int) -> Outdated:
        self._called("outdated")
        rows = sorted(((key, self.files[o]) for o, key in self.keys.items() if before is None or key < before),
                      key=lambda row: -row[0])[:limit]  # fmt: skip
        return Outdated(
            tuple(file for _, file in rows if self.rules.get(file.origin, 0) < VERSION),
            rows[-1][0] if len(rows) == limit else None,
        )

    async def store_facts(self, facts: Mapping[str, NameFacts], parsed: Sequence[UnparsedName] = ()) -> None:
        self._called("store_facts")
        fronts = {entry.file.key.file_unique_id: entry.file for _, entry in in_front(self._newest_first())}
        now = {name: (file.name, file.kind) for name, file in fronts.items()}
        known = {file.key.file_unique_id for file in self.files.values()}
        known -= {one.file_unique_id for one in parsed if now.get(one.file_unique_id) != (one.name, one.kind)}
        self.facts |= {name: one for name, one in facts.items() if name in known}

    async def store_tiny(self, tiny: Mapping[str, bytes]) -> None:
        self._called("store_tiny")
        known = {file.key.file_unique_id for file in self.files.values()}
        self.tiny = {name: one for name, one in tiny.items() if name in known} | self.tiny

    async def works(self, query: CatalogQuery, *, series: bool | None = None) -> WorksPage:
        self._called("works")
        rows = self._works(query, series)
        down = query.order == "desc"
        if query.after is not None:
            after = query.after.value, query.after.key
            rows = [row for row in rows if (row[0] < after if down else row[0] > after)]
        shown = rows[query.offset : query.offset + query.limit]
        more = len(rows) > query.offset + query.limit
        return WorksPage(
            tuple(row[1] for row in shown), Cursor(query.sort, query.order, *shown[-1][0]) if more else None
        )

    async def works_histogram(self, query: CatalogQuery, *, series: bool | None = None) -> Histogram:
        self._called("works_histogram")
        return Histogram(_buckets(query, [place for place, _ in self._works(query, series)]))

    async def works_facets(self, query: CatalogQuery, *, series: bool | None = None) -> Facets:
        self._called("works_facets")
        matching = self._matching(query)
        by_work: dict[str, list[Entry]] = {}
        for _, entry in matching[:EXACT]:
            if entry.facts and entry.facts.work:
                by_work.setdefault(entry.facts.work, []).append(entry)
        groups = [group for group in by_work.values() if series in (None, any(map(_is_episode, group)))]
        return _facets(groups, exact=len(matching) <= EXACT)

    def _works(self, query: CatalogQuery, series: bool | None) -> list[tuple[tuple[int | str, int], Work]]:
        """All works in order with their places."""
        if query.sort == "size":
            raise ValueError("works have no size")
        found: dict[str, tuple[tuple[int | str, int], Work]] = {}
        for key, entry in self._matching(query):  # the newest first
            facts = entry.facts
            if facts is None or not facts.work:
                continue
            episode = _is_episode(entry)
            new = Work(facts.work, facts.title, facts.year, series=episode, files=0, newest=entry.file.origin)
            place, work = found.get(facts.work, ((name_key(facts.title) if query.sort == "name" else key, key), new))
            found[work.key] = place, replace(work, files=work.files + 1, series=work.series or episode)
        rows = sorted(found.values(), key=lambda row: row[0], reverse=query.order == "desc")
        return [row for row in rows if series in (None, row[1].series)]

    async def dump(self, after: Origin | None, limit: int) -> tuple[Entry, ...]:
        self._called("dump")
        place = (after.chat_id, after.message_id) if after else None
        rows = [self._entry(file) for at, file in sorted(self._by_message()) if place is None or at > place]
        return tuple(rows[:limit])

    async def remember_chat(self, chat_id: int, title: str) -> None:
        self._called("remember_chat")
        self.known_chats[chat_id] = title

    async def forget_chat(self, chat_id: int) -> None:
        self._called("forget_chat")
        self.known_chats.pop(chat_id, None)

    async def chats(self) -> dict[int, str]:
        self._called("chats")
        return dict(self.known_chats)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.broken:
            raise CatalogError("the database is away")

    def _put(self, file: MediaFile) -> None:
        if file.key.thumb_size:
            raise ValueError("a catalog holds files, not their thumbnails")
        old = self.files.get(file.origin)
        if old is None:
            key, taken = row_key(file), set(self.keys.values())
            while key in taken:
                key += 1
            self.keys[file.origin] = key
        elif (file.edit_date or 0) < (old.edit_date or 0):
            return
        self.files[file.origin] = file if old is None else replace(file, date=old.date)
        self.rules[file.origin] = version_of(file)

    def _remove(self, origin: Origin) -> None:
        self.files.pop(origin, None)
        self.keys.pop(origin, None)

    def _decide_again(self) -> None:
        """Files of albums are what the texts of these say now."""
        self.files = {origin: in_album(file, self._album_text(file)) for origin, file in self.files.items()}

    def _read_again(self, before: Mapping[Origin, MediaFile]) -> None:
        """Files whose messages have other names or kinds than before are parsed again."""
        for origin, file in self.files.items():
            old, name = before.get(origin, file), file.key.file_unique_id
            if old.key == file.key and (old.name, old.kind) != (file.name, file.kind) and name in self.facts:
                self.facts[name] = replace(self.facts[name], version=0)

    def _forget_facts(self) -> None:
        known = {file.key.file_unique_id for file in self.files.values()}
        self.facts = {name: facts for name, facts in self.facts.items() if name in known}
        self.tiny = {name: tiny for name, tiny in self.tiny.items() if name in known}

    def _by_message(self) -> list[tuple[tuple[int, int], MediaFile]]:
        return [((origin.chat_id, origin.message_id), file) for origin, file in self.files.items()]

    def _entry(self, file: MediaFile) -> Entry:
        name = file.key.file_unique_id
        text = "" if file.caption else self._album_text(file)
        told = file.parts[0] if file.parts else file.sent
        return Entry(
            file,
            self.facts.get(name),
            tags(file.caption, told.tags if told else None) if file.caption else tags(text),
            self.tiny.get(name, b""),
            text,
        )

    def _album_text(self, file: MediaFile) -> str:
        """The text of a file's album: the only one that its messages have."""
        if file.album is None:
            return ""
        album = [one for o, one in self.files.items() if (o.chat_id, one.album) == (file.origin.chat_id, file.album)]
        captions = [one.caption for one in album if one.caption]
        return captions[0] if len(captions) == 1 else ""

    def _newest_first(self) -> list[tuple[int, Entry]]:
        """Everything that may be listed."""
        listed = [(self.keys[o], self._entry(file)) for o, file in self.files.items() if file.part_of is None]
        return sorted(listed, key=lambda row: -row[0])

    def _sorted(self, query: CatalogQuery) -> list[tuple[int | str, int, Entry]]:
        """Sort value, key and entry of each item of a list, in its order."""
        found = [(sort_value(e.file, query.sort, key), key, e) for key, e in self._matching(query)]
        return sorted(found, key=lambda row: row[:2], reverse=query.order == "desc")

    def _matching(self, query: CatalogQuery) -> list[tuple[int, Entry]]:
        """Each matching file once, the newest first."""
        return in_front([(key, entry) for key, entry in self._newest_first() if matches(query, entry)])


def _is_episode(entry: Entry) -> bool:
    return entry.facts is not None and (entry.facts.season is not None or entry.facts.episode is not None)


def _buckets(query: CatalogQuery, places: Sequence[tuple[int | str, int]]) -> tuple[Bucket, ...]:
    """The months or letters of a list, given as (sort value, key) in its order."""
    buckets: dict[str, Bucket] = {}
    for offset, (value, key) in enumerate(places):
        month = time.strftime("%Y-%m", time.gmtime(min(key >> 24, 253_402_300_799)))
        name = month if query.sort == "date" else letter(str(value))
        known = buckets.get(name, Bucket(name, 0, offset))
        buckets[name] = replace(known, count=known.count + 1)
    return tuple(buckets.values())


def _facets(groups: Sequence[Sequence[Entry]], *, exact: bool) -> Facets:
    """How many of the groups have each value."""
    facts = [[entry.facts for entry in group if entry.facts] for group in groups]
    return Facets(
        total=len(groups),
        exact=exact,
        kinds=commonest(kind for group in groups for kind in {str(entry.file.kind) for entry in group}),
        chats=commonest(chat for group in groups for chat in {entry.file.origin.chat_id for entry in group}),
        years=commonest(year for group in facts for year in {one.year for one in group if one.year is not None}),
        resolutions=commonest(
            found for group in facts for found in {one.resolution for one in group if one.resolution}
        ),
        languages=commonest(found for group in facts for found in {each for one in group for each in one.languages}),
        tags=together(tag for group in groups for tag in sorted({tag for entry in group for tag in entry.tags})),
    )
