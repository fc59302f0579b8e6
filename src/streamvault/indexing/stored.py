"""What a write has changed in the catalog, for those who show lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from streamvault.catalog.base import Change
from streamvault.media.model import MediaFile, Origin

_Kind = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class Stored:
    """Messages whose files have come into lists, have changed, or have left them.

    `chats`: all files of these chats have come into lists, or have left them. `more`: also others that are not named:
    facts of names, which belong to files in any messages.
    """

    added: frozenset[Origin] = frozenset()
    changed: frozenset[Origin] = frozenset()
    removed: frozenset[Origin] = frozenset()
    chats: frozenset[int] = frozenset()
    more: bool = False


def stored_by(change: Change, before: Mapping[Origin, MediaFile]) -> Stored:
    """What a change does to lists; `before` are the files that its messages had.

    A piece of a joined file is in no list.
    """
    gone = frozenset(change.gone)
    now = {file.origin for file in change.put if file.part_of is None} - gone
    touched = {file.origin for file in change.put} | gone
    listed = {origin for origin in touched if origin in before and before[origin].part_of is None}
    return Stored(frozenset(now - listed), frozenset(now & listed), frozenset(listed - now))


def together(several: Iterable[Stored]) -> Stored:
    """Some changes, in order, as one: of each message what it was before the first and what it is after the last."""
    first, last = dict[Origin, _Kind](), dict[Origin, _Kind]()
    changes = list(several)
    for one in changes:
        kinds: Mapping[_Kind, frozenset[Origin]] = {
            "added": one.added, "changed": one.changed, "removed": one.removed,
        }  # fmt: skip
        for kind, origins in kinds.items():
            for origin in origins:
                first.setdefault(origin, kind)
                last[origin] = kind
    listed = {origin for origin, kind in first.items() if kind != "added"}
    now = {origin for origin, kind in last.items() if kind != "removed"}
    return Stored(
        frozenset(now - listed), frozenset(now & listed), frozenset(listed - now),
        chats=frozenset[int]().union(*(one.chats for one in changes)), more=any(one.more for one in changes),
    )  # fmt: skip
