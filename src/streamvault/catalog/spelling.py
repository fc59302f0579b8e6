"""Spelling correction: words within a small edit distance (a letter replaced, missing, added, or two exchanged)."""

import itertools
from collections.abc import Iterable

from streamvault.catalog.words import is_spaceless

MAX_CORRECTIONS = 3
"""Corrections of one word that are tried."""


def tolerance(word: str) -> int:
    """The edit distance allowed: 1 for 4 to 7 letters, 2 for 8 to 32; 0 else, with digits, and in spaceless scripts."""
    if len(word) < 4 or len(word) > 32 or is_spaceless(word) or any(c.isdigit() for c in word):
        return 0
    return 1 if len(word) < 8 else 2


def fragments(word: str) -> list[str]:
    """Substrings of which every word within the tolerance contains one unchanged, except some `transpositions`."""
    count = tolerance(word) + 1
    cuts = [len(word) * number // count for number in range(count + 1)]
    return [word[begin:end] for begin, end in itertools.pairwise(cuts)]


def transpositions(word: str) -> list[str]:
    """The words that exchanging two neighbouring letters gives."""
    return [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1) if word[i] != word[i + 1]]


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """The words of `known` within the tolerance of `word`, the nearest first."""
    limit = tolerance(word)
    found = sorted((distance(word, other), other) for other in known if abs(len(other) - len(word)) <= limit)
    return [other for far, other in found if far <= limit]


def distance(one: str, other: str) -> int:
    """The edit distance: insertions, deletions, replacements and exchanges of neighbours (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        last, before, row = before, row, [i]
        for j, b in enumerate(other, start=1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if last and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, last[j - 2] + 1)
            row.append(best)
    return row[-1]
