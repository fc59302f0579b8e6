"""Groups the files of one film by quality, those of one series by season and episode; pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TypeVar

from streamvault.catalog.base import Entry
from streamvault.catalog.words import fold
from streamvault.media.name_facts import NameFacts
from streamvault.media.part_names import part_name

Group = TypeVar("Group")

_PART = re.compile(
    r"(?<![^\W_])(?:(?!dvd-?[59](?!\d))(?:part|pt|cd|dis[ck]|dvd|часть|parte|partie|teil|vol)[\s._#-]{0,2}(\d{1,3})"
    r"|(\d{1,3})[\s._-]{0,2}of[\s._-]{0,2}\d{1,3})(?![^\W_])",
    re.IGNORECASE,
)
"""A film in parts that play by themselves; DVD5 and DVD9 are kinds of discs."""
MOST_EPISODES = 100
"""Episodes below which one file is listed at most."""
MOST_LISTED = 10_000
"""Places at which the files of a season are listed; with more, each is listed below its first episode only."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode in several qualities, the best first; `number` None: the names give no episode.

    Files that are parts of one stand together, in the order of their numbers; so they do in a film.
    """

    number: int | None
    files: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Season:
    """Episodes by number; `number` None: the names give no season."""

    number: int | None
    episodes: tuple[Episode, ...]


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A film has `files`, the best quality first; a series has `seasons` by number, the specials (0) last.

    `title` is the commonest title of the files, `year` their earliest year.
    """

    key: str
    title: str
    year: int | None
    files: tuple[Entry, ...] = ()
    seasons: tuple[Season, ...] = ()


def is_series(key: str) -> bool:
    """Whether the key of a work (NameFacts.work) is that of a series; else it is that of a film."""
    return key.startswith("s:")


def names_episode(facts: NameFacts) -> bool:
    """Whether a name gives a season or an episode, so that the file belongs to a series."""
    return facts.season is not None or facts.episode is not None


def group(entries: Iterable[Entry]) -> WorkTree:
    """The tree of one work with each entry once, or below each of its episodes where it holds several.

    Raises ValueError without entries, and for those of several works.
    """
    files = _with_parts_together(sorted(entries, key=_worst_first, reverse=True))
    keys = {_facts(entry).work for entry in files}
    if len(keys) != 1 or keys == {""}:
        raise ValueError(f"entries of {len(keys)} works, not of one")
    key = keys.pop()
    seasons = _by(files, lambda facts: (facts.season,), make=_season) if is_series(key) else ()
    years = [year for entry in files if (year := _facts(entry).year) is not None]
    return WorkTree(key, _title(files), min(years, default=None), () if seasons else tuple(files), seasons)


def _season(number: int | None, files: Sequence[Entry]) -> Season:
    def episode(number: int | None, files: Sequence[Entry]) -> Episode:
        return Episode(number, tuple(files))

    places = sum(len(_episodes(_facts(entry))) for entry in files)
    return Season(number, _by(files, _episodes if places <= MOST_LISTED else _first_episode, make=episode))


def _episodes(facts: NameFacts) -> Sequence[int | None]:
    """The episodes that a file holds: one, or those from `episode` to `last_episode`."""
    first, last = facts.episode, facts.last_episode
    if first is None or last is None or not first < last < first + MOST_EPISODES:
        return _first_episode(facts)
    return range(first, last + 1)


def _first_episode(facts: NameFacts) -> Sequence[int | None]:
    return (facts.episode,)


def _by(
    files: Sequence[Entry],
    numbers: Callable[[NameFacts], Sequence[int | None]],
    *,
    make: Callable[[int | None, Sequence[Entry]], Group],
) -> tuple[Group, ...]:
    """Groups by number, in the order 1, 2, ..., 0, None; `numbers` are those of an entry."""
    found: defaultdict[int | None, list[Entry]] = defaultdict(list)
    for entry in files:
        for number in numbers(_facts(entry)):
            found[number].append(entry)
    order = sorted(found, key=lambda number: (number is None, number == 0, number or 0))
    return tuple(make(number, found[number]) for number in order)


def _with_parts_together(files: Sequence[Entry]) -> list[Entry]:
    """`files` with all parts of one film at the place of the first of them, in the order of their numbers.

    A number that was posted again is of another set of parts.
    """
    sets: defaultdict[tuple[int, str, int], list[tuple[int, int]]] = defaultdict(list)
    posted: Counter[tuple[int, str, int]] = Counter()
    for place in sorted(range(len(files)), key=lambda place: files[place].file.origin.message_id):
        if (part := _part(files[place])) is not None:
            chat_id, (name, number) = files[place].file.origin.chat_id, part
            sets[chat_id, name, posted[chat_id, name, number]].append((number, place))
            posted[chat_id, name, number] += 1
    together = {place: sorted(parts) for parts in sets.values() for _, place in parts}
    order = dict.fromkeys(one for place in range(len(files)) for _, one in together.get(place, [(0, place)]))
    return [files[place] for place in order]


def _part(entry: Entry) -> tuple[str, int] | None:
    """The name of what the file is a part of, as far as its own tells, and its number; None if it tells of no part."""
    name = entry.file.name
    if entry.file.parts:
        return None
    if (piece := part_name(name)) is not None:
        return fold(piece.whole), piece.number
    marks = list(_PART.finditer(name))
    if not marks:
        return None
    mark = marks[-1]
    return fold(f"{name[: mark.start()]}\0{name[mark.end() :]}"), int(mark[1] or mark[2])


def _worst_first(entry: Entry) -> tuple[int, int, int, int, int]:
    """The sort key: lines of the picture, then size; the rest makes the order deterministic."""
    file = entry.file
    return _lines(entry), file.size, file.date, file.origin.chat_id, file.origin.message_id


def _lines(entry: Entry) -> int:
    digits = "".join(takewhile(str.isdecimal, _facts(entry).resolution))
    return int(digits) if digits else entry.file.height or 0


def _title(files: Sequence[Entry]) -> str:
    """The commonest title; of equally common ones that of the newest file."""
    newest = sorted(files, key=lambda entry: (entry.file.date, entry.file.origin.message_id), reverse=True)
    return Counter(_facts(entry).title for entry in newest).most_common(1)[0][0]


def _facts(entry: Entry) -> NameFacts:
    return entry.facts or NameFacts(0)
