"""The files of one film or series in the order in which people look for them; pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeVar

from streamvault.catalog.base import Entry
from streamvault.media.name_facts import NameFacts

Group = TypeVar("Group")


@dataclass(frozen=True, slots=True)
class Episode:
    """The same episode in several qualities, the best first; `number` None is a file of no one episode."""

    number: int | None
    files: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Season:
    """Its episodes by number; `number` None where the names count episodes only."""

    number: int | None
    episodes: tuple[Episode, ...]


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A film has `files`, the best first; a series has `seasons` by number, the specials (0) behind them.

    `title` is the one that most files tell; `year` the first that any tells.
    """

    key: str
    title: str
    year: int | None
    files: tuple[Entry, ...] = ()
    seasons: tuple[Season, ...] = ()


def is_series(key: str) -> bool:
    """Whether the key of a work (NameFacts.work) is a series' one; else it is a film's."""
    return key.startswith("s:")


def group(entries: Iterable[Entry]) -> WorkTree:
    """The tree of one work, each entry in it once. Raises ValueError for none, and for those of several works."""
    files = sorted(entries, key=_worst_first, reverse=True)
    keys = {_facts(entry).work for entry in files}
    if len(keys) != 1 or keys == {""}:
        raise ValueError(f"entries of {len(keys)} works, not of one")
    key = keys.pop()
    seasons = _by(files, lambda facts: facts.season, make=_season) if is_series(key) else ()
    years = [year for entry in files if (year := _facts(entry).year) is not None]
    return WorkTree(key, _title(files), min(years, default=None), () if seasons else tuple(files), seasons)


def _season(number: int | None, files: Sequence[Entry]) -> Season:
    def episode(number: int | None, files: Sequence[Entry]) -> Episode:
        return Episode(number, tuple(files))

    return Season(number, _by(files, lambda facts: facts.episode, make=episode))


def _by(
    files: Sequence[Entry],
    number: Callable[[NameFacts], int | None],
    *,
    make: Callable[[int | None, Sequence[Entry]], Group],
) -> tuple[Group, ...]:
    """Groups by number, in order: 1, 2, ..., 0, without."""
    found: defaultdict[int | None, list[Entry]] = defaultdict(list)
    for entry in files:
        found[number(_facts(entry))].append(entry)
    order = sorted(found, key=lambda number: (number is None, number == 0, number or 0))
    return tuple(make(number, found[number]) for number in order)


def _worst_first(entry: Entry) -> tuple[int, int, int, int, int]:
    """Sorts by lines of the picture, then by size; the rest makes the order certain."""
    file = entry.file
    return _lines(entry), file.size, file.date, file.origin.chat_id, file.origin.message_id


def _lines(entry: Entry) -> int:
    digits = "".join(takewhile(str.isdecimal, _facts(entry).resolution))
    return int(digits) if digits else entry.file.height or 0


def _title(files: Sequence[Entry]) -> str:
    """The commonest one; of equally common ones the newest file's."""
    newest = sorted(files, key=lambda entry: (entry.file.date, entry.file.origin.message_id), reverse=True)
    return Counter(_facts(entry).title for entry in newest).most_common(1)[0][0]


def _facts(entry: Entry) -> NameFacts:
    return entry.facts or NameFacts(0)
