"""What the product needs of a catalog, whichever database holds it."""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from streamvault.catalog.cursors import BadCursor as BadCursor
from streamvault.catalog.cursors import Cursor as Cursor
from streamvault.catalog.cursors import Order as Order
from streamvault.catalog.cursors import Sort as Sort
from streamvault.catalog.words import fold
from streamvault.media.model import Kind, MediaFile, Origin
from streamvault.media.name_facts import Facts

_TAG = re.compile(r"(?<![\w/])#(\w*[^\W\d_]\w*)")

MAX_LIMIT = 200
MAX_ORIGINS = 20
EXACT = 10_000
"""Up to so many matches are counted exactly; more are called so many, and not exact."""
MAX_VALUES = 100
"""The commonest values that a facet names."""


@dataclass(frozen=True, slots=True)
class CatalogQuery:
    """Which files, in which order, how many (1 to MAX_LIMIT), after which place.

    `text` as `words.search` understands it; it is looked for in name, caption, title, performer and in the title that
    the name tells. `chat_ids` None means every chat; an empty set means none. `tag` without its #, in any case.
    `min_size`, `max_size` in bytes, `since`, `until` in Unix seconds, all inclusive. `work`: see Facts.
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
    sort: Sort = "date"
    order: Order = "desc"
    limit: int = 50
    after: Cursor | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError(f"limit {self.limit} is not within 1 and {MAX_LIMIT}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file in a list: as its newest matching message shows it, with what its name tells and its #tags.

    `facts` is None until the name has been read. `tiny` is the stripped picture that we made of a file which Telegram
    sends none of (`store_tiny`), b"" without one.
    """

    file: MediaFile
    facts: Facts | None = None
    tags: tuple[str, ...] = ()
    tiny: bytes = b""


@dataclass(frozen=True, slots=True)
class Page:
    """Up to `limit` files in order, each once; `next` leads to those after them, None when there are none.

    `corrected` is the text, folded, that was searched in place of the query's, which finds nothing and may be misspelt.
    Not every store looks for one.
    """

    items: tuple[Entry, ...]
    next: Cursor | None
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """How many files match, and how many of them have each value; the MAX_VALUES commonest values of each.

    More than EXACT matches: `total` is EXACT, `exact` is False, and the values are those of the newest EXACT.
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
class Work:
    """A film, or a series with all its seasons: what `work` of a query leads to. `newest` is one of its files."""

    key: str
    title: str
    year: int | None
    series: bool
    files: int
    newest: Origin


@dataclass(frozen=True, slots=True)
class Counts:
    """How many messages with files there are, their bytes together, and how many of each kind."""

    files: int = 0
    bytes: int = 0
    kinds: Mapping[Kind, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UnparsedName:
    """A file whose name has not been read by the parser of the wanted version."""

    file_unique_id: str
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Change:
    """What holds together: stored at once, or not at all.

    `put` and `gone` as Catalog.put and remove; then `marks` get new values, None forgets one. A message that is both
    put and gone is gone.
    """

    put: Sequence[MediaFile] = ()
    gone: Sequence[Origin] = ()
    marks: Mapping[str, str | None] = field(default_factory=dict)


class Catalog(Protocol):
    """Files by the message that they came from, and the chats that the bot has been seen in.

    Every method raises CatalogError when the database fails; nothing of the call is stored then.
    """

    async def get(self, origin: Origin) -> MediaFile | None:
        """The file of this message, or None."""
        ...

    async def entry(self, origin: Origin) -> Entry | None:
        """The same with facts and tags."""
        ...

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        """The messages that hold this file (`parts.held_by`), the newest first, at most MAX_ORIGINS."""
        ...

    async def held(self, file_unique_ids: Sequence[str], chat_ids: frozenset[int]) -> frozenset[str]:
        """Which of these files a message of these chats holds (`parts.held_by`)."""
        ...

    async def put(self, file: MediaFile) -> None:
        """Store the file of `file.origin`; a known message gets the new media and keeps its date.

        What arrives late is dropped: a version with an older edit_date than the stored one. A file whose name was
        read before keeps its facts. `file.key` names a file, never a thumbnail (ValueError).
        """
        ...

    async def remove(self, origin: Origin) -> None:
        """Forget this message; nothing happens when it is unknown."""
        ...

    async def apply(self, change: Change) -> None:
        """Do all of `change` in one transaction."""
        ...

    async def mark(self, name: str) -> str | None:
        """What was stored under this name by `Change.marks`; places in updates and in walks."""
        ...

    async def marks(self) -> dict[str, str]:
        """Every mark by its name. For export."""
        ...

    async def page(self, query: CatalogQuery) -> Page:
        """One page of the files that match. Pieces of a whole (`part_of`) are never listed."""
        ...

    async def facets(self, query: CatalogQuery) -> Facets:
        """Counts over the files that match; `sort`, `order`, `limit` and `after` do not matter."""
        ...

    async def counts(self, chat_ids: frozenset[int] | None = None) -> Counts:
        """Counts over these chats; None means every chat."""
        ...

    async def messages(self, chat_id: int, *, first: int, last: int) -> tuple[int, ...]:
        """The ids of the stored messages of a chat from `first` to `last`, both included, in ascending order."""
        ...

    async def pieces(self, chat_id: int, whole: str) -> tuple[MediaFile, ...]:
        """The files of a chat whose names call them pieces of `whole` (parts.whole_of), by message; 10,000 at most.

        A stored whole is among them, at its first piece's message, whatever it is called itself.
        """
        ...

    async def unparsed_names(self, version: int, limit: int) -> tuple[UnparsedName, ...]:
        """Listed files whose names no parser of `version` or later has read, by their newest message, newest first."""
        ...

    async def store_facts(self, facts: Mapping[str, Facts]) -> None:
        """What the names of files tell, by file_unique_id; unknown files are passed over."""
        ...

    async def store_tiny(self, tiny: Mapping[str, bytes]) -> None:
        """Tiny pictures of files (see placeholder.py), by file_unique_id; kept as long as any message holds the file.

        The first one stays; unknown files are passed over.
        """
        ...

    async def works(self, query: CatalogQuery) -> tuple[Work, ...]:
        """The films and series among the files that match, those with the newest files first, up to `limit`.

        They are looked for among the newest EXACT matches.
        """
        ...

    async def dump(self, after: Origin | None, limit: int) -> tuple[Entry, ...]:
        """Everything that is stored, by chat and message; pieces included. For export."""
        ...

    async def remember_chat(self, chat_id: int, title: str) -> None:
        """The bot is in this chat; a known one gets the new title."""
        ...

    async def forget_chat(self, chat_id: int) -> None:
        """The bot is no longer in this chat; its files stay, in case it comes back."""
        ...

    async def chats(self) -> dict[int, str]:
        """Every remembered chat with its title."""
        ...


def row_key(file: MediaFile) -> int:
    """A positive 63-bit number that orders messages by date; two of one second in one chat by id.

    Two messages may have the same one by bad luck: a store gives the second the next free number.
    """
    chat = zlib.crc32(str(file.origin.chat_id).encode()) & 0xFF
    return max(0, min(file.date, (1 << 38) - 1)) << 24 | chat << 16 | file.origin.message_id & 0xFFFF


def tags(caption: str) -> tuple[str, ...]:
    """The #hashtags of a caption, folded, each once, in order, at most 20."""
    return tuple(dict.fromkeys(fold(tag) for tag in _TAG.findall(caption)))[:20]


def sort_value(file: MediaFile, sort: Sort, key: int) -> int | str:
    """What a list sorted by `sort` compares first."""
    match sort:
        case "date":
            return key
        case "name":
            return fold(file.name)
        case "size":
            return file.size
