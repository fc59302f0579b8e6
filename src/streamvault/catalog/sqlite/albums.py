"""The texts of albums in SQLite, and the names that follow from them: see catalog/albums.py."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence

from streamvault.catalog.albums import Album, Member
from streamvault.catalog.sqlite.indexing import reindex
from streamvault.catalog.sqlite.rows import CHANGE_TEXT, ENTRY, READ_AGAIN, entry, text_values
from streamvault.catalog.versions import computed
from streamvault.media.classification import in_album
from streamvault.media.model import Origin
from streamvault.storage.sqlite import Row, Run

_AT_ONCE = 500
_MEMBERS = """
WITH wanted (chat_id, album) AS (VALUES %s)
SELECT a.chat_id, a.message_id, a.album, f.caption, f.album_text, f.id FROM wanted
CROSS JOIN albums AS a ON a.chat_id = wanted.chat_id AND a.album = wanted.album
CROSS JOIN files AS f ON f.chat_id = a.chat_id AND f.message_id = a.message_id
"""
_ENTRIES = f"""
SELECT f.id, f.file, {ENTRY} FROM json_each(?) AS wanted
JOIN files AS f ON f.id = wanted.value JOIN contents AS c ON c.file = f.file
"""


async def members(run: Run, albums: Collection[Album]) -> dict[Origin, tuple[Member, int]]:
    """The stored messages of albums, each with its id."""
    found: dict[Origin, tuple[Member, int]] = {}
    for some in _batches(sorted(albums)):
        sql = _MEMBERS % ", ".join(["(?, ?)"] * len(some))
        for row in await run(sql, [value for album in some for value in album]):
            origin, member = _member(row)
            found[origin] = member, row[5]
    return found


async def change_texts(run: Run, texts: Mapping[int, str]) -> None:
    """Give messages, by their ids, other album texts, and what is decided with these."""
    rows = [(id, file, entry(tuple(row)).file) for id, file, *row in await run(_ENTRIES, (json.dumps(list(texts)),))]
    decided = await computed(len(rows), lambda: [(id, file, old, in_album(old, texts[id])) for id, file, old in rows])
    await run.many(CHANGE_TEXT, [(texts[id], *text_values(new), id) for id, _, _, new in decided])
    await run.many(READ_AGAIN, [(file,) for _, file, old, new in decided if old != new])
    await reindex(run, list(texts))


def _batches(albums: Sequence[Album]) -> Iterator[Sequence[Album]]:
    for start in range(0, len(albums), _AT_ONCE):
        yield albums[start : start + _AT_ONCE]


def _member(row: Row) -> tuple[Origin, Member]:
    chat_id, message_id, album, caption, text, _ = row
    return Origin(chat_id, message_id), Member((chat_id, album), caption, text)
