"""Numbers of entries as people write them, e.g. `1,3-5`; pure."""

import re

MOST = 10_000
"""Entries that can be named."""
_PART = re.compile(r"([0-9]{1,7})(?:-([0-9]{1,7}))?")


def read_numbers(text: str) -> tuple[int, ...]:
    """The numbers (from 1), in order and each once. Raises ValueError with what is wrong."""
    found: set[int] = set()
    for part in text.replace(" ", "").split(","):
        match = _PART.fullmatch(part)
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else 0
        if not 0 < first <= last:
            raise ValueError("write the numbers of entries, the first of which is 1, as in 1,3-5")
        if last - first >= MOST:
            raise ValueError(f"at most {MOST:,} entries can be chosen")
        found.update(range(first, last + 1))
    if len(found) > MOST:
        raise ValueError(f"at most {MOST:,} entries can be chosen")
    return tuple(sorted(found))
