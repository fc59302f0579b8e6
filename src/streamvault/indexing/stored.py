"""What a write has changed in the catalog, for those who show lists."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from streamvault.catalog.base import Change
from streamvault.media.model import Origin


@dataclass(frozen=True, slots=True)
class Stored:
    """Messages whose files have come into lists, have changed, or have left them.

    `more`: also others that are not named: facts of names, which belong to files in any messages.
    """

    added: frozenset[Origin] = frozenset()
    changed: frozenset[Origin] = frozenset()
    removed: frozenset[Origin] = frozenset()
    more: bool = False


def stored_by(change: Change, *, new: Collection[Origin], known: Collection[Origin]) -> Stored:
    """What a change does to lists; of its messages those of `new` were not stored before, those of `known` were.

    A piece of a joined file is in no list.
    """
    shown = {file.origin for file in change.put if file.part_of is None}.difference(change.gone)
    hidden = {file.origin for file in change.put if file.part_of is not None and file.origin not in new}
    removed = hidden.union(origin for origin in change.gone if origin in known)
    return Stored(frozenset(shown.intersection(new)), frozenset(shown.difference(new)), frozenset(removed))


def together(several: Iterable[Stored]) -> Stored:
    """Some changes, in order, as one."""
    added, changed, removed = set[Origin](), set[Origin](), set[Origin]()
    more = False
    for one in several:
        more |= one.more
        again = one.added & removed
        added |= one.added - again
        changed = (changed | one.changed | again) - added - one.removed
        removed = (removed - again) | (one.removed - added)
        added -= one.removed
    return Stored(frozenset(added), frozenset(changed), frozenset(removed), more)
