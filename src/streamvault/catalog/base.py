"""What the product needs of a catalog, whichever database holds it."""

import base64
import binascii
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from streamvault.media.model import Kind, MediaFile, Origin

MAX_LIMIT = 200
MAX_ORIGINS = 20
Sort = Literal["date", "name", "size"]
Order = Literal["asc", "desc"]


class BadCursor(ValueError):
    """A cursor that no catalog gave, or one of a list sorted in another way."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after one item of a sorted list: its sort value and its origin, which makes it unique.

    It names a place and no row, so it holds when the item is deleted or newer ones arrive.
    """

    sort: Sort
    order: Order
    value: int | str
    origin: Origin

    def encode(self) -> str:
        """URL-safe text; opaque to clients."""
        fields = [self.sort, self.order, self.value, self.origin.chat_id, self.origin.message_id]
        return base64.urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, *, sort: Sort, order: Order) -> "Cursor":
        """The cursor that `encode` gave for a list with this `sort` and `order`; raises BadCursor otherwise."""
        try:
            fields = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        except (binascii.Error, ValueError, RecursionError) as error:
            raise BadCursor("the cursor is not one of ours") from error
        match fields:
            case [str(by), str(way), int() | str() as value, int(chat_id), int(message_id)]:
                pass
            case _:
                raise BadCursor("the cursor is not one of ours")
        if by != sort or way != order:
            raise BadCursor(f"the cursor belongs to a list sorted by {by}, {way}")
        if isinstance(value, str) != (sort == "name") or not all(map(_fits, (value, chat_id, message_id))):
            raise BadCursor("the cursor is not one of ours")
        return cls(sort, order, value, Origin(chat_id, message_id))


@dataclass(frozen=True, slots=True)
class CatalogQuery:
    """Which files, in which order, how many (1 to MAX_LIMIT), after which place.

    `text`: every word of it occurs in name, caption, title or performer, whatever case and accents.
    `chat_ids` None means every chat; an empty set means none.
    """

    text: str = ""
    kind: Kind | None = None
    chat_ids: frozenset[int] | None = None
    sort: Sort = "date"
    order: Order = "desc"
    limit: int = 50
    after: Cursor | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError(f"limit {self.limit} is not within 1 and {MAX_LIMIT}")


@dataclass(frozen=True, slots=True)
class Page:
    """Up to `limit` files in order; `next` leads to those after them, None when there are none."""

    items: tuple[MediaFile, ...]
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files there are, their bytes together, and how many of each kind."""

    files: int = 0
    bytes: int = 0
    kinds: Mapping[Kind, int] = field(default_factory=dict)


class Catalog(Protocol):
    """Files by the message that they came from, and the chats that the bot has been seen in.

    Every method raises CatalogError when the database fails.
    """

    async def get(self, origin: Origin) -> MediaFile | None:
        """The file of this message, or None."""
        ...

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        """The messages that hold this file, the newest first, at most MAX_ORIGINS."""
        ...

    async def put(self, file: MediaFile) -> None:
        """Store the file of `file.origin`; a known message gets the new media and keeps its date.

        What arrives late is dropped: a version with an older edit_date than the stored one.
        `file.key` names a file, never a thumbnail (ValueError).
        """
        ...

    async def remove(self, origin: Origin) -> None:
        """Forget this message; nothing happens when it is unknown."""
        ...

    async def page(self, query: CatalogQuery) -> Page:
        """One page of the files that match."""
        ...

    async def counts(self, chat_ids: frozenset[int] | None = None) -> Counts:
        """Counts over these chats; None means every chat."""
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


def fold(text: str) -> str:
    """`text` as search compares it: compatibility forms, case and accents folded away.

    Only marks with a combining class go, so vowel signs of Indic scripts stay.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKD", "".join(c for c in decomposed if not unicodedata.combining(c)).casefold())


def sort_value(file: MediaFile, sort: Sort) -> int | str:
    """What a list sorted by `sort` compares first."""
    match sort:
        case "date":
            return file.date
        case "name":
            return fold(file.name)
        case "size":
            return file.size


def _fits(value: int | str) -> bool:
    """Whether a database can bind it: 64-bit integers, text without lone surrogates."""
    if isinstance(value, str):
        return not any(0xD800 <= ord(c) < 0xE000 for c in value)
    return not isinstance(value, bool) and -(1 << 63) <= value < 1 << 63
