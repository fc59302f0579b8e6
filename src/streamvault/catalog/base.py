"""The interface of the catalog, the same for every database, and the values that it takes and returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from streamvault.catalog.cursors import BadCursor as BadCursor
from streamvault.catalog.cursors import Cursor as Cursor
from streamvault.catalog.cursors import Order as Order
from streamvault.catalog.cursors import Sort as Sort
from streamvault.catalog.histogram import Bucket as Bucket
from streamvault.catalog.histogram import Histogram as Histogram
from streamvault.catalog.keys import row_key as row_key
from streamvault.catalog.work_order import Work as Work
from streamvault.catalog.work_order import WorksPage as WorksPage
from streamvault.media.model import Kind, MediaFile, Origin
from streamvault.media.name_facts import NameFacts

MAX_LIMIT = 200
MAX_ORIGINS = 20
EXACT = 10_000
"""The largest count that is exact; more matches are reported as EXACT, not exact."""
MAX_VALUES = 100
"""Values of one facet at most, the commonest."""


@dataclass(frozen=True, slots=True)
class CatalogQuery:
    """Which files, in which order, how many (1 to MAX_LIMIT), after which cursor or after how many items.

    `text` as `words.parse_query` parses it; it is searched in name, caption, title, performer and in the title parsed
    from the name. `chat_ids` None means every chat; an empty set means none. `tag` without its #, in any case.
    `min_size`, `max_size` in bytes, `since`, `until` in Unix seconds, all inclusive. `work`: see NameFacts. `without`:
    files (file_unique_id) that are left out.
    """

    text: str = ""
    kind: Kind | None = None
    chat_ids: frozenset[int] | None = None
    tag: str = ""
    year: int | None = None
    resolution: str = ""
    language: str = ""
    min_size: int | None = None
    max_size: int | None = None
    since: int | None = None
    until: int | None = None
    work: str = ""
    without: frozenset[str] = frozenset()
    sort: Sort = "date"
    order: Order = "desc"
    limit: int = 50
    after: Cursor | None = None
    offset: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError(f"limit {self.limit} is not within 1 and {MAX_LIMIT}")
        if self.offset < 0 or (self.offset and self.after):
            raise ValueError("a page begins after a cursor, or after 0 or more items")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in a list, as in its message in front, with the facts parsed from its name and its tags as spelt.

    `derived.behind` tells which one that is. `facts` is None until the name was parsed. `tiny` is the stripped
    thumbnail made by this server (`store_tiny`) for a file to which Telegram sends none; b"" without one. `album_text`:
    the text of its album, where it has none itself.
    """

    file: MediaFile
    facts: NameFacts | None = None
    tags: tuple[str, ...] = ()
    tiny: bytes = b""
    album_text: str = ""

    @property
    def text(self) -> str:
        """The text that belongs to the file: its own, or else that of its album."""
        return self.file.caption or self.album_text


@dataclass(frozen=True, slots=True)
class Page:
    """Up to `limit` files in order, each once; `next` is the cursor of the next page, None on the last.

    `corrected` is the folded text that was searched instead, where the query's own found nothing and may be misspelt.
    Not every engine corrects spelling.
    """

    items: tuple[Entry, ...]
    next: Cursor | None
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """How many files match, and how many of them have each value; the MAX_VALUES commonest values of each.

    With more than EXACT matches `total` is EXACT, `exact` is False, and the values are counted over the newest EXACT.
    `corrected` as in Page.
    """

    total: int = 0
    exact: bool = True
    kinds: Mapping[str, int] = field(default_factory=dict)
    chats: Mapping[int, int] = field(default_factory=dict)
    years: Mapping[int, int] = field(default_factory=dict)
    resolutions: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """The number of messages with files, their total size in bytes, and the number of each kind."""

    files: int = 0
    bytes: int = 0
    kinds: Mapping[Kind, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnparsedName:
    """A file whose name no parser of the requested version has parsed.

    `sent_name`: the sender's name, where another was decided (media/classification) and the sender gave one, else "".
    """

    file_unique_id: str
    name: str
    kind: Kind
    sent_name: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Writes of one transaction.

    `put` and `gone` as Catalog.put and remove; then `marks` are set, and those with None deleted. A message that is in
    both `put` and `gone` is removed. Only stored while the messages of `unchanged` have still these files; otherwise
    StoredMeanwhile is raised.
    """

    put: Sequence[MediaFile] = ()
    gone: Sequence[Origin] = ()
    marks: Mapping[str, str | None] = field(default_factory=dict)
    unchanged: Mapping[Origin, MediaFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outdated:
    """The files among some messages whose rows older rules have made (derived.VERSION).

    `before`: the key from which the next messages are found, None when there are none.
    """

    files: tuple[MediaFile, ...]
    before: int | None


class Catalog(Protocol):
    """Files by the message that holds them, and the chats that the bot is in.

    Every method raises CatalogError when the database fails; nothing of the call is stored then.
    """

    async def get(self, origin: Origin) -> MediaFile | None:
        """The file of this message, or None."""
        ...

    async def entry(self, origin: Origin) -> Entry | None:
        """The file of this message with facts and tags, or None."""
        ...

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        """The messages that hold this file (`parts.held_by`), MAX_ORIGINS at most.

        Those that are least `derived.behind` first, of equals the newest.
        """
        ...

    async def held(self, file_unique_ids: Sequence[str], chat_ids: frozenset[int]) -> frozenset[str]:
        """Those of these files that some message of these chats holds (`parts.held_by`)."""
        ...

    async def put(self, file: MediaFile) -> None:
        """Store the file of `file.origin`; a known message gets the new media and keeps its date.

        A version with an older edit_date than the stored one is dropped. A file whose name was parsed before keeps its
        facts; they get version 0 when the kind or name of its message changes. Raises ValueError where `file.key` names
        a thumbnail.
        """
        ...

    async def remove(self, origin: Origin) -> None:
        """Delete this message; does nothing when it is unknown."""
        ...

    async def apply(self, change: Change) -> None:
        """Do all of `change` in one transaction."""
        ...

    async def mark(self, name: str) -> str | None:
        """The value stored under this name by `Change.marks`: positions in updates and in walks through histories."""
        ...

    async def marks(self) -> dict[str, str]:
        """Every mark by its name. For export."""
        ...

    async def page(self, query: CatalogQuery) -> Page:
        """One page of the matching files. Pieces of a joined file (`part_of`) are never listed."""
        ...

    async def facets(self, query: CatalogQuery) -> Facets:
        """Counts over the matching files; order and place in it are ignored."""
        ...

    async def histogram(self, query: CatalogQuery) -> Histogram:
        """How many items the list has of each month (sort "date") or letter (sort "name"), in its order.

        `limit`, `after` and `offset` are ignored. Raises ValueError for another sort.
        """
        ...

    async def counts(self, chat_ids: frozenset[int] | None = None) -> Counts:
        """Counts over these chats; None means every chat."""
        ...

    async def messages(self, chat_id: int, *, first: int, last: int) -> tuple[int, ...]:
        """The ids of the stored messages of a chat from `first` to `last`, both inclusive, ascending."""
        ...

    async def newest(self, chat_id: int) -> int:
        """The largest id of a chat's stored messages; 0 when there are none."""
        ...

    async def pieces(self, chat_id: int, whole: str) -> tuple[MediaFile, ...]:
        """The files of a chat that are pieces of `whole` by the names that were sent, by message; at most 10,000.

        See derived.whole_of. A joined file is among them, at its first piece's message, whatever its own name.
        """
        ...

    async def unparsed_names(self, version: int, limit: int) -> tuple[UnparsedName, ...]:
        """Listed files whose names no parser of `version` or later has parsed, those with the newest messages first."""
        ...

    async def outdated(self, before: int | None, limit: int) -> Outdated:
        """Looks at the `limit` newest messages, or at those with keys below `before`."""
        ...

    async def store_facts(self, facts: Mapping[str, NameFacts], parsed: Sequence[UnparsedName] = ()) -> None:
        """Store the facts parsed from the names of files, by file_unique_id; unknown files are skipped.

        So are those of `parsed` that `unparsed_names` would now give another name or kind: they are to be read again.
        """
        ...

    async def store_tiny(self, tiny: Mapping[str, bytes]) -> None:
        """Store tiny pictures of files (media/placeholder), by file_unique_id.

        They are kept as long as any message holds the file, and not replaced; unknown files are skipped.
        """
        ...

    async def works(self, query: CatalogQuery, *, series: bool | None = None) -> WorksPage:
        """One page of the films and series among the matching files, or of one of both.

        By `sort` and `order` of the query: "date" is that of the newest file, "name" the natural order of the titles.
        Raises ValueError for another sort.
        """
        ...

    async def works_histogram(self, query: CatalogQuery, *, series: bool | None = None) -> Histogram:
        """How many of the same films and series each month or letter has, as `histogram` says it of files."""
        ...

    async def works_facets(self, query: CatalogQuery, *, series: bool | None = None) -> Facets:
        """How many of them have a matching file with each value; a work counts once, in each of its values.

        `total` are works. Of more than EXACT matching files the newest EXACT count, and `exact` is False.
        """
        ...

    async def dump(self, after: Origin | None, limit: int) -> tuple[Entry, ...]:
        """Every stored message by chat and message id, pieces included. For export."""
        ...

    async def remember_chat(self, chat_id: int, title: str) -> None:
        """Store that the bot is in this chat; a known one gets the new title."""
        ...

    async def forget_chat(self, chat_id: int) -> None:
        """Store that the bot has left this chat; its files stay, in case the bot is added again."""
        ...

    async def chats(self) -> dict[int, str]:
        """Every chat that the bot is in, with its title."""
        ...
