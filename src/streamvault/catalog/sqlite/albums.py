"""The texts of albums in SQLite: see catalog/albums.py."""

from collections.abc import Collection, Iterator, Sequence

from streamvault.catalog.albums import Album, Member
from streamvault.catalog.sqlite.indexing import reindex
from streamvault.media.model import Origin
from streamvault.storage.sqlite import Row, Run

_AT_ONCE = 500
_MEMBERS = """
WITH wanted (chat_id, album) AS (VALUES %s)
SELECT a.chat_id, a.message_id, a.album, f.caption, f.album_text, f.id FROM wanted
CROSS JOIN albums AS a ON a.chat_id = wanted.chat_id AND a.album = wanted.album
CROSS JOIN files AS f ON f.chat_id = a.chat_id AND f.message_id = a.message_id
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


async def change_texts(run: Run, texts: Sequence[tuple[int, str]]) -> None:
    """Give messages, as (id, text), other album texts."""
    await run.many("UPDATE files SET album_text = ? WHERE id = ?", [(text, id) for id, text in texts])
    await reindex(run, [id for id, _ in texts])


def _batches(albums: Sequence[Album]) -> Iterator[Sequence[Album]]:
    for start in range(0, len(albums), _AT_ONCE):
        yield albums[start : start + _AT_ONCE]


def _member(row: Row) -> tuple[Origin, Member]:
    chat_id, message_id, album, caption, text, _ = row
    return Origin(chat_id, message_id), Member((chat_id, album), caption, text)
