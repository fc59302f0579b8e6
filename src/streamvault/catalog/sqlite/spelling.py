"""What somebody may have meant who found nothing, by the words that SQLite has indexed."""

from collections.abc import Mapping
from dataclasses import replace

from streamvault.catalog.spelling import TRIED, distance, nearest, pieces, swapped, tolerance
from streamvault.catalog.words import ParsedQuery, Term, format_query, parse_query
from streamvault.storage.sqlite import SqliteDatabase

_CANDIDATES = 2_000  # compared with one word; the first letter has to be right, so there are seldom as many
_LOOKED_UP = 10
_COUNTED = 1_000
_KNOWN = "SELECT 1 FROM vocabulary WHERE word >= ?1 AND word < ?1 || char(1114111) LIMIT 1"


async def respelled(database: SqliteDatabase, text: str) -> list[str]:
    """Queries to try in place of `text`, the likeliest first; none when all its words are known."""
    asked = parse_query(text)
    meant: dict[str, list[str]] = {}
    for term in asked.required:
        for number, word in enumerate(term.words, start=1):
            if not await _known(database, word, prefix=term.prefix and number == len(term.words)):
                meant[word] = await _meant(database, word)
    if not meant or not all(meant.values()):
        return []
    tries = range(max(map(len, meant.values())))
    return [_written(asked, {word: found[min(n, len(found) - 1)] for word, found in meant.items()}) for n in tries]


async def _known(database: SqliteDatabase, word: str, *, prefix: bool) -> bool:
    if prefix:
        return bool(await database.read(_KNOWN, (word,)))
    return bool(await database.read("SELECT 1 FROM vocabulary WHERE word = ?", (word,)))


async def _meant(database: SqliteDatabase, word: str) -> list[str]:
    """Words within the tolerance that are in use, the nearest first, of those the commonest."""
    limit = tolerance(word)
    if not limit:
        return []
    parts, others = pieces(word), swapped(word)
    rows = await database.read(
        "SELECT word FROM vocabulary WHERE word >= ? AND word < ? || char(1114111) AND length(word) BETWEEN ? AND ? "
        f"AND ({' OR '.join(['instr(word, ?)'] * len(parts))}) "
        f"UNION ALL SELECT word FROM vocabulary WHERE word IN ({', '.join('?' * len(others))}) LIMIT ?",
        (word[0], word[0], len(word) - limit, len(word) + limit, *parts, *others, _CANDIDATES),
    )
    near = nearest(word, {row[0] for row in rows})[:_LOOKED_UP]
    uses = {other: await _uses(database, other) for other in near}
    used = [other for other in near if uses[other]]
    return sorted(used, key=lambda other: (distance(word, other), -uses[other]))[:TRIED]


async def _uses(database: SqliteDatabase, word: str) -> int:
    sql = "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)"
    return int((await database.read(sql, (f'"{word}"', _COUNTED)))[0][0])


def _written(asked: ParsedQuery, meant: Mapping[str, str]) -> str:
    required = tuple(Term(tuple(meant.get(word, word) for word in term.words), term.prefix) for term in asked.required)
    return format_query(replace(asked, required=required))
