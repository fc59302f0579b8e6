"""Words that somebody may have meant: a letter wrong, missing, too many, or two in the wrong order."""

import itertools
from collections.abc import Iterable

from streamvault.catalog.words import is_spaceless

TRIED = 3
"""So many words are tried in place of one."""


def tolerance(word: str) -> int:
    """How many mistakes are forgiven: one in 4 to 7 letters, two in more; none in numbers and in scripts of pairs."""
    if len(word) < 4 or len(word) > 32 or is_spaceless(word) or any(c.isdigit() for c in word):
        return 0
    return 1 if len(word) < 8 else 2


def pieces(word: str) -> list[str]:
    """Parts of a word of which one at least is whole in every word within its tolerance, but for `swapped` ones."""
    count = tolerance(word) + 1
    cuts = [len(word) * number // count for number in range(count + 1)]
    return [word[begin:end] for begin, end in itertools.pairwise(cuts)]


def swapped(word: str) -> list[str]:
    """The word with two neighbouring letters exchanged, each way."""
    return [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1) if word[i] != word[i + 1]]


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Those of `known` within the tolerance, the nearest first."""
    limit = tolerance(word)
    found = sorted((distance(word, other), other) for other in known if abs(len(other) - len(word)) <= limit)
    return [other for far, other in found if far <= limit]


def distance(one: str, other: str) -> int:
    """The number of letters put in, taken out, exchanged for another or for their neighbour."""
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
