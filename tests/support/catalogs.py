"""A catalog in memory, with named faults."""

from collections import Counter
from collections.abc import Iterable, Mapping

from streamvault.catalog.base import (
    MAX_ORIGINS,
    CatalogQuery,
    Change,
    Counts,
    Cursor,
    Entry,
    Facets,
    Page,
    Unread,
    Work,
    row_key,
    sort_value,
    tags,
)  # fmt: skip
from streamvault.catalog.words import fold, search, words
from streamvault.errors import CatalogError
from streamvault.media.facts import Facts
from streamvault.media.model import MediaFile, Origin


class MemoryCatalog:
    """A Catalog over a dictionary; `broken` makes every call fail, `calls` lists them."""

    def __init__(self, files: Iterable[MediaFile] = (), *, chats: dict[int, str] | None = None) -> None:
        self.files = {file.origin: file for file in files}
        self.facts: dict[str, Facts] = {}
        self.marks: dict[str, str] = {}
        self.known_chats = dict(chats or {})
        self.broken = False
        self.calls: list[str] = []

    async def get(self, origin: Origin) -> MediaFile | None:
        self._called("get")
        return self.files.get(origin)

    async def entry(self, origin: Origin) -> Entry | None:
        self._called("entry")
        return self._entry(self.files[origin]) if origin in self.files else None

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        self._called("origins")
        found = [file for file in self.files.values() if file.key.file_unique_id == file_unique_id]
        return tuple(file.origin for file in sorted(found, key=row_key, reverse=True)[:MAX_ORIGINS])

    async def put(self, file: MediaFile) -> None:
        self._called("put")
        self.files[file.origin] = file

    async def remove(self, origin: Origin) -> None:
        self._called("remove")
        self.files.pop(origin, None)

    async def apply(self, change: Change) -> None:
        self._called("apply")
        self.files |= {file.origin: file for file in change.put}
        for origin in change.gone:
            self.files.pop(origin, None)
        for name, value in change.marks.items():
            self.marks.pop(name, None)
            self.marks |= {} if value is None else {name: value}

    async def mark(self, name: str) -> str | None:
        self._called("mark")
        return self.marks.get(name)

    async def page(self, query: CatalogQuery) -> Page:
        self._called("page")
        backwards = query.order == "desc"
        found = sorted((_place(e, query), row_key(e.file), e.file.origin.chat_id, e) for e in self._matching(query))
        if backwards:
            found.reverse()
        if query.after is not None:
            after = (query.after.value, query.after.key)
            found = [one for one in found if (one[:2] < after if backwards else one[:2] > after)]
        items = found[: query.limit]
        more = len(found) > query.limit
        cursor = Cursor(query.sort, query.order, items[-1][0], items[-1][1]) if more else None
        return Page(tuple(one[-1] for one in items), cursor)

    async def facets(self, query: CatalogQuery) -> Facets:
        self._called("facets")
        found = self._matching(query)
        facts = [entry.facts for entry in found if entry.facts is not None]
        return Facets(
            total=len(found),
            kinds=Counter(str(entry.file.kind) for entry in found),
            chats=Counter(entry.file.origin.chat_id for entry in found),
            years=Counter(fact.year for fact in facts if fact.year),
            resolutions=Counter(fact.resolution for fact in facts if fact.resolution),
            languages=Counter(language for fact in facts for language in fact.languages),
            tags=Counter(tag for entry in found for tag in entry.tags),
        )

    async def counts(self, chat_ids: frozenset[int] | None = None) -> Counts:
        self._called("counts")
        return Counts(files=len(self.files))

    async def messages(self, chat_id: int, *, first: int, last: int) -> tuple[int, ...]:
        self._called("messages")
        return tuple(sorted(o.message_id for o in self.files if o.chat_id == chat_id and first <= o.message_id <= last))

    async def pieces(self, chat_id: int, whole: str) -> tuple[MediaFile, ...]:
        raise NotImplementedError

    async def unread(self, version: int, limit: int) -> tuple[Unread, ...]:
        raise NotImplementedError

    async def learn(self, facts: Mapping[str, Facts]) -> None:
        self._called("learn")
        self.facts.update(facts)

    async def works(self, query: CatalogQuery) -> tuple[Work, ...]:
        self._called("works")
        found: dict[str, list[Entry]] = {}
        for entry in sorted(self._matching(query), key=lambda entry: -row_key(entry.file)):
            if entry.facts is not None and entry.facts.work:
                found.setdefault(entry.facts.work, []).append(entry)
        return tuple(_work(key, entries) for key, entries in found.items())[: query.limit]

    async def dump(self, after: Origin | None, limit: int) -> tuple[Entry, ...]:
        raise NotImplementedError

    async def remember_chat(self, chat_id: int, title: str) -> None:
        self._called("remember_chat")
        self.known_chats[chat_id] = title

    async def forget_chat(self, chat_id: int) -> None:
        self._called("forget_chat")
        self.known_chats.pop(chat_id, None)

    async def chats(self) -> dict[int, str]:
        self._called("chats")
        return dict(self.known_chats)

    def _entry(self, file: MediaFile) -> Entry:
        return Entry(file, self.facts.get(file.key.file_unique_id), tags(file.caption))

    def _matching(self, query: CatalogQuery) -> list[Entry]:
        """The files that match, each as its newest matching message shows it."""
        entries = [self._entry(file) for file in self.files.values() if file.part_of is None]
        found = [entry for entry in entries if _matches(entry, query)]
        newest = {e.file.key: e for e in sorted(found, key=lambda entry: row_key(entry.file))}
        return list(newest.values())

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.broken:
            raise CatalogError("the database is away")


def _matches(entry: Entry, query: CatalogQuery) -> bool:
    file, facts = entry.file, entry.facts or Facts(0)
    text = f" {' '.join(words(' '.join((file.name, file.caption, file.title, file.performer, facts.title))))} "
    wanted = search(query.text)
    terms = [(f" {' '.join(term.words)}" + ("" if term.prefix else " ")) in text for term in wanted.wanted]
    unwanted = [(f" {' '.join(term.words)}" + ("" if term.prefix else " ")) in text for term in wanted.unwanted]
    return (
        all(terms)
        and not any(unwanted)
        and query.kind in (None, file.kind)
        and (query.chat_ids is None or file.origin.chat_id in query.chat_ids)
        and (not query.tag or fold(query.tag) in entry.tags)
        and query.year in (None, facts.year)
        and query.resolution in ("", facts.resolution)
        and (not query.language or query.language in facts.languages)
        and query.work in ("", facts.work)
        and (query.min_size or 0) <= file.size <= (query.max_size if query.max_size is not None else file.size)
        and (query.since or 0) <= file.date <= (query.until if query.until is not None else file.date)
    )


def _place(entry: Entry, query: CatalogQuery) -> int | str:
    return sort_value(entry.file, query.sort, row_key(entry.file))


def _work(key: str, entries: list[Entry]) -> Work:
    newest = entries[0]
    facts = newest.facts or Facts(0)
    series = any(entry.facts is not None and entry.facts.season is not None for entry in entries)
    return Work(key, facts.title, facts.year, series=series, files=len(entries), newest=newest.file.origin)
