"""Corrects the spelling of a query that finds nothing, by the words in SQLite's `vocabulary`."""

from collections.abc import Mapping
from dataclasses import replace

from streamvault.catalog.spelling import MAX_CORRECTIONS, distance, fragments, nearest, tolerance, transpositions
from streamvault.catalog.text_query import ParsedQuery, Term, format_query, parse_query
from streamvault.storage.sqlite import SqliteDatabase

_CANDIDATES = 2_000  # words compared with one; they share its first letter, so there are seldom more
_LOOKED_UP = 10
_COUNTED = 1_000
_KNOWN = "SELECT 1 FROM vocabulary WHERE word >= ?1 AND word < ?1 || char(1114111) LIMIT 1"


async def corrections(database: SqliteDatabase, text: str) -> list[str]:
    """Texts to try in place of `text`, the likeliest first; none when all words are known or one has no correction."""
    query = parse_query(text)
    near: dict[str, list[str]] = {}
    for term in query.required:
        if any([await _is_used(database, other) for other in term.others]):
            continue
        for number, word in enumerate(term.words, start=1):
            if not await _known(database, word, prefix=term.prefix and number == len(term.words)):
                near[word] = await _near(database, word)
    if not near or not all(near.values()):
        return []
    tries = range(max(map(len, near.values())))
    return [_replaced(query, {word: found[min(n, len(found) - 1)] for word, found in near.items()}) for n in tries]


async def _known(database: SqliteDatabase, word: str, *, prefix: bool) -> bool:
    if prefix:
        return bool(await database.read(_KNOWN, (word,)))
    return bool(await database.read("SELECT 1 FROM vocabulary WHERE word = ?", (word,)))


async def _near(database: SqliteDatabase, word: str) -> list[str]:
    """Words within the tolerance that some file has, the nearest first, equally near ones by how common they are."""
    limit = tolerance(word)
    if not limit:
        return []
    parts, others = fragments(word), transpositions(word)
    rows = await database.read(
        "SELECT word FROM vocabulary WHERE word >= ? AND word < ? || char(1114111) AND length(word) BETWEEN ? AND ? "
        f"AND ({' OR '.join(['instr(word, ?)'] * len(parts))}) "
        f"UNION ALL SELECT word FROM vocabulary WHERE word IN ({', '.join('?' * len(others))}) LIMIT ?",
        (word[0], word[0], len(word) - limit, len(word) + limit, *parts, *others, _CANDIDATES),
    )
    near = nearest(word, {row[0] for row in rows})[:_LOOKED_UP]
    uses = {other: await _uses(database, other) for other in near}
    used = [other for other in near if uses[other]]
    return sorted(used, key=lambda other: (distance(word, other), -uses[other]))[:MAX_CORRECTIONS]


async def _is_used(database: SqliteDatabase, other: Term) -> bool:
    """Whether some file has this other spelling of a term, or one that it begins."""
    match = f'"{" ".join(other.words)}"{" *" if other.prefix else ""}'
    return bool(await database.read("SELECT 1 FROM search WHERE search MATCH ? LIMIT 1", (match,)))


async def _uses(database: SqliteDatabase, word: str) -> int:
    sql = "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT ?)"
    return int((await database.read(sql, (f'"{word}"', _COUNTED)))[0][0])


def _replaced(query: ParsedQuery, words: Mapping[str, str]) -> str:
    required = [replace(term, words=tuple(words.get(word, word) for word in term.words)) for term in query.required]
    return format_query(replace(query, required=tuple(required)))
