"""Cursors: positions in sorted lists, which clients send back to get the next page."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Literal

Sort = Literal["date", "name", "size"]
Order = Literal["asc", "desc"]


class BadCursor(ValueError):
    """A text that is no cursor, or the cursor of a list with another sort or order."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The position after one item of a sorted list: its sort value, and its key, which makes it unique.

    It refers to no row, so it stays valid when the item is deleted or others are added.
    """

    sort: Sort
    order: Order
    value: int | str
    key: int

    def encode(self) -> str:
        """The cursor as URL-safe text, opaque to clients."""
        fields = [self.sort, self.order, self.value, self.key]
        return base64.urlsafe_b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, *, sort: Sort, order: Order) -> "Cursor":
        """The cursor that `encode` gave for a list with this `sort` and `order`; raises BadCursor otherwise."""
        try:
            fields = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        except (binascii.Error, ValueError, RecursionError) as error:
            raise BadCursor("the cursor is not valid") from error
        match fields:
            case [str(by), str(way), int() | str() as value, int(key)]:
                pass
            case _:
                raise BadCursor("the cursor is not valid")
        if by != sort or way != order:
            raise BadCursor(f"the cursor belongs to a list sorted by {by}, {way}")
        if isinstance(value, str) != (sort == "name") or not all(map(_fits, (value, key))):
            raise BadCursor("the cursor is not valid")
        return cls(sort, order, value, key)


def _fits(value: int | str) -> bool:
    """Whether both databases can bind `value`: 64-bit integers, text without lone surrogates."""
    if isinstance(value, str):
        return not any(0xD800 <= ord(c) < 0xE000 for c in value)
    return not isinstance(value, bool) and -(1 << 63) <= value < 1 << 63
