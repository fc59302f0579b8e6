"""Interned texts: numbers for the facet words and works that many rows share.

A row's facet words are stored as one character each, so that they take a few bytes and counting them is counting
characters.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from streamvault.storage.sqlite import Run, SqliteDatabase

_FIRST = 0x21
_SURROGATES, _AS_MANY = 0xD800, 0x800
MOST_LETTERS = 0x110000 - _FIRST - _AS_MANY
"""Values beyond these (tags, mostly) can be filtered by, but are not counted."""
_AT_ONCE = 500

Table = Literal["facet_words", "works"]


async def intern(run: Run, table: Table, texts: Iterable[str]) -> dict[str, int]:
    """The number of each text, from 1; new texts are stored with the next ones."""
    wanted = sorted(set(texts))
    known: dict[str, int] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        rows = await run(f"SELECT text, number FROM {table} WHERE text IN ({_placeholders(some)})", some)
        known |= {row[0]: row[1] for row in rows}
    if missing := [text for text in wanted if text not in known]:
        last = (await run(f"SELECT coalesce(max(number), 0) FROM {table}"))[0][0]
        made = {text: number for number, text in enumerate(missing, last + 1)}
        await run.many(f"INSERT INTO {table} (text, number) VALUES (?, ?)", list(made.items()))
        known |= made
    return known


async def texts_of(database: SqliteDatabase, table: Table, wanted: Sequence[int]) -> dict[int, str]:
    """The text of each number."""
    found: dict[int, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        sql = f"SELECT number, text FROM {table} WHERE number IN ({_placeholders(some)})"
        found |= {row[0]: row[1] for row in await database.read(sql, some)}
    return found


def letter_of(number: int) -> str:
    """The character for a number; "" beyond MOST_LETTERS."""
    if number >= MOST_LETTERS:
        return ""
    code = number + _FIRST
    return chr(code if code < _SURROGATES else code + _AS_MANY)


def number_of(character: str) -> int:
    """The inverse of `letter_of`."""
    code = ord(character)
    return (code if code < _SURROGATES else code - _AS_MANY) - _FIRST


def _placeholders(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
