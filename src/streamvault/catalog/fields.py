"""How both engines store the fields of a file, and the bounds of the values that their queries compare."""

from collections.abc import Mapping
from typing import Any, TypeVar

from streamvault.catalog.base import MAX_VALUES, CatalogQuery
from streamvault.catalog.words import fold
from streamvault.media.model import FileKey, Kind, MediaFile, Origin, Part, Sent

SAME_FIELDS = (
    "dc_id", "kind", "name", "size", "mime_type", "date", "edit_date", "caption", "duration", "width", "height",
    "title", "performer", "album", "views", "forwarded_from", "stripped",
)  # fmt: skip
"""Fields of a MediaFile that are stored under their own names, unchanged."""
LARGEST = (1 << 63) - 1
_SECONDS = 1 << 38

Value = TypeVar("Value", int, str)


def part_of_fields(fields: list[Any]) -> Part:
    """The Part that is stored as a list of fields."""
    unique_id, thumb_size, chat_id, message_id, dc_id, name, size, *more = fields
    tags = [None if found is None else tuple(found) for found in more[3:]]
    return Part(FileKey(unique_id, thumb_size), Origin(chat_id, message_id), dc_id, name, size, *more[:3], *tags)


def sent_fields(file: MediaFile) -> list[str | list[str] | None] | None:
    """`file.sent` as a list of kind, name, MIME type and tags: None for those as decided, left out at its end."""
    sent = file.sent
    if sent is None:
        return None
    found: list[str | list[str] | None] = [
        None if sent.kind == file.kind else sent.kind,
        None if sent.name == file.name else sent.name,
        None if sent.mime_type == file.mime_type else sent.mime_type,
        None if sent.tags is None else list(sent.tags),
    ]
    while found and found[-1] is None:
        found.pop()
    return found


def sent_of_fields(fields: list[Any], *, decided: tuple[Kind, str, str]) -> Sent:
    """The inverse of `sent_fields`, where it gave a list; `decided` are kind, name and MIME type of the file."""
    given: list[Any] = [*fields, *[None] * (len(decided) + 1 - len(fields))]
    tags = given.pop()
    found: list[Any] = [own if one is None else one for one, own in zip(given, decided, strict=True)]
    return Sent(found[0], found[1], found[2], None if tags is None else tuple(tags))


def sent_name(fields: list[Any] | None) -> str:
    """The sender's name in what `sent_fields` gave, "" where the decided one is the same."""
    return fields[1] or "" if fields is not None and len(fields) > 1 else ""


def clamp(value: int) -> int:
    """`value` within the range of a signed 64-bit number, without its lowest."""
    return max(-LARGEST, min(value, LARGEST))


def first_key(query: CatalogQuery) -> int:
    """The lowest key (base.row_key begins with the date) that `since` allows."""
    return 0 if query.since is None else _second(query.since) << 24


def end_key(query: CatalogQuery) -> int:
    """The lowest key that is too late for `until`."""
    return (_SECONDS if query.until is None else _second(query.until + 1)) << 24


def commonest(counts: Mapping[Value, int]) -> dict[Value, int]:
    """The MAX_VALUES values with the highest counts; those with equal counts by value."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_VALUES])


def one_spelling(counts: Mapping[str, int]) -> dict[str, int]:
    """The counts of tags, with those that fold alike counted together as the commonest spelling, the first by value."""
    together: dict[str, list[tuple[int, str]]] = {}
    for tag, count in counts.items():
        together.setdefault(fold(tag), []).append((-count, tag))
    return {min(found)[1]: -sum(count for count, _ in found) for found in together.values()}


def _second(date: int) -> int:
    return min(max(date, 0), _SECONDS)
