"""Keeps the search index, and the narrow rows that facets read, equal to the rows of `files`."""

import json
from collections.abc import Sequence

from streamvault.catalog.base import Entry
from streamvault.catalog.derived import behind
from streamvault.catalog.sqlite.index_words import IndexText, base_words, index_text, vocabulary, with_prefixes
from streamvault.catalog.sqlite.interning import intern, letter_of
from streamvault.catalog.sqlite.rows import ENTRY, entry
from streamvault.catalog.versions import computed
from streamvault.media.model import MediaFile
from streamvault.storage.sqlite import Row, Run

_AT_ONCE = 200
_UNINDEX = "INSERT INTO search (search, rowid, text) VALUES ('delete', ?, ?)"
_INDEX = "INSERT INTO search (rowid, text) VALUES (?, ?)"
_LIST = (
    "INSERT INTO listed (id, file, size, behind, facets, work) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET file = excluded.file, size = excluded.size, behind = excluded.behind, "
    "facets = excluded.facets, work = excluded.work"
)
_ROWS = f"""
SELECT f.id, f.file, f.words, {ENTRY} FROM %s JOIN contents AS c ON c.file = f.file
WHERE f.id > ? AND f.part_of_chat IS NULL ORDER BY f.id LIMIT ?
"""
_OF_FILES = _ROWS % "json_each(?) AS wanted JOIN files AS f ON f.file = wanted.value"
_OF_IDS = _ROWS % "json_each(?) AS wanted JOIN files AS f ON f.id = wanted.value"


async def reindex_files(run: Run, files: Sequence[int]) -> None:
    """Index the messages of these files (contents.file) again."""
    await _reindex(run, _OF_FILES, json.dumps(files))


async def reindex(run: Run, ids: Sequence[int]) -> None:
    """Index these messages again."""
    await _reindex(run, _OF_IDS, json.dumps(ids))


async def unindex(run: Run, rows: Sequence[tuple[int, str]]) -> None:
    """Take rows of (id, words as they were indexed) out of the index."""
    await run.many(_UNINDEX, [(id, with_prefixes(words)) for id, words in rows if words])


async def index(run: Run, rows: Sequence[tuple[int, str]]) -> None:
    """Put rows of (id, words) into the index."""
    await run.many(_INDEX, [(id, with_prefixes(words)) for id, words in rows if words])
    new = set[str]().union(*(vocabulary(words) for _, words in rows))
    await run.many("INSERT OR IGNORE INTO vocabulary VALUES (?)", [(word,) for word in sorted(new)])


async def list_rows(run: Run, rows: Sequence[tuple[int, int, MediaFile, IndexText]]) -> None:
    """Put rows of (id, number of the file, file, text) into `listed`."""
    words = await intern(run, "facet_words", (word for *_, text in rows for word in text.facets))
    works = await intern(run, "works", (text.work for *_, text in rows if text.work))
    listed = []
    for id, number, file, text in rows:
        letters = "".join(letter_of(words[word]) for word in text.facets)
        work = 2 * works[text.work] + text.series if text.work else 0
        listed.append((id, number, file.size, behind(file), letters, work))
    await run.many(_LIST, listed)


async def _reindex(run: Run, sql: str, wanted: str) -> None:
    after = -1
    while rows := await run(sql, (wanted, after, _AT_ONCE)):
        after = rows[-1][0]
        await _index_again(run, rows)


async def _index_again(run: Run, rows: Sequence[Row]) -> None:
    found = [(id, number, words, entry(tuple(columns))) for id, number, words, *columns in rows]
    texts = await computed(len(found), lambda: {id: _text(one) for id, _, _, one in found})
    changed = [(id, words) for id, _, words, _ in found if words != texts[id].words]
    await unindex(run, changed)
    await index(run, [(id, texts[id].words) for id, _ in changed])
    await run.many("UPDATE files SET words = ? WHERE id = ?", [(texts[id].words, id) for id, _ in changed])
    await list_rows(run, [(id, number, one.file, texts[id]) for id, number, _, one in found])


def _text(one: Entry) -> IndexText:
    return index_text(one.file, one.facts, base_words(one.file, one.text))
