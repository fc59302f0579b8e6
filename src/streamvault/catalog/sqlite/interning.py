"""Short numbers in place of long texts that many rows share: values that facets count, and works.

A facet value is written as one character, so that a row's facets are a few bytes, and counting is counting characters.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from streamvault.storage.sqlite import Run, SqliteDatabase

_FIRST = 0x21
_SURROGATES, _AS_MANY = 0xD800, 0x800
MOST_LETTERS = 0x110000 - _FIRST - _AS_MANY
"""More values than these, tags above all, can be filtered by, but are not counted."""
_SOME = 500

Table = Literal["facet_words", "works"]


async def numbers(run: Run, table: Table, texts: Iterable[str]) -> dict[str, int]:
    """The number of each text, from 1; a new text gets the next one."""
    wanted = sorted(set(texts))
    known: dict[str, int] = {}
    for start in range(0, len(wanted), _SOME):
        some = wanted[start : start + _SOME]
        rows = await run(f"SELECT text, number FROM {table} WHERE text IN ({_marks(some)})", some)
        known |= {row[0]: row[1] for row in rows}
    if missing := [text for text in wanted if text not in known]:
        last = (await run(f"SELECT coalesce(max(number), 0) FROM {table}"))[0][0]
        made = {text: number for number, text in enumerate(missing, last + 1)}
        await run.many(f"INSERT INTO {table} (text, number) VALUES (?, ?)", list(made.items()))
        known |= made
    return known


async def texts(database: SqliteDatabase, table: Table, wanted: Sequence[int]) -> dict[int, str]:
    """The text of each number."""
    found: dict[int, str] = {}
    for start in range(0, len(wanted), _SOME):
        some = wanted[start : start + _SOME]
        sql = f"SELECT number, text FROM {table} WHERE number IN ({_marks(some)})"
        found |= {row[0]: row[1] for row in await database.read(sql, some)}
    return found


def letter(number: int) -> str:
    """The character for a number; "" beyond MOST_LETTERS."""
    if number >= MOST_LETTERS:
        return ""
    code = number + _FIRST
    return chr(code if code < _SURROGATES else code + _AS_MANY)


def number_of(character: str) -> int:
    """The number that `letter` was given."""
    code = ord(character)
    return (code if code < _SURROGATES else code - _AS_MANY) - _FIRST


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
