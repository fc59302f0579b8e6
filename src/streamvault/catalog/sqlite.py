"""The catalog in one SQLite file."""

import json
from pathlib import Path
from types import TracebackType

from streamvault.catalog.base import MAX_ORIGINS, CatalogQuery, Counts, Cursor, Page, fold, sort_value
from streamvault.catalog.schema import MIGRATIONS
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.storage.sqlite import Row, SqliteDatabase

_STORED = (
    "chat_id, message_id, file_unique_id, dc_id, kind, name, size, mime_type, date, edit_date, caption, "
    "duration, width, height, title, performer, thumb_sizes"
)
_DERIVED = "name_key, search_text"
_CHANGED = [name for name in f"{_STORED}, {_DERIVED}".split(", ") if name not in ("chat_id", "message_id", "date")]

_PUT = (
    f"INSERT INTO files ({_STORED}, {_DERIVED}) VALUES ({', '.join('?' * (len(_CHANGED) + 3))}) "
    f"ON CONFLICT (chat_id, message_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _CHANGED)} "
    "WHERE coalesce(excluded.edit_date, 0) >= coalesce(files.edit_date, 0)"
)
_SORT_COLUMN = {"date": "date", "name": "name_key", "size": "size"}
_DIRECTION = {"asc": "ASC", "desc": "DESC"}


class SqliteCatalog:
    """The Catalog in the file at `path`; an async context manager that opens and closes it."""

    def __init__(self, path: Path) -> None:
        self._database = SqliteDatabase(path, MIGRATIONS)

    async def __aenter__(self) -> "SqliteCatalog":
        await self._database.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._database.__aexit__(kind, error, trace)

    async def get(self, origin: Origin) -> MediaFile | None:
        """See Catalog."""
        rows = await self._database.read(
            f"SELECT {_STORED} FROM files WHERE chat_id = ? AND message_id = ?",
            (origin.chat_id, origin.message_id),
        )
        return _file(rows[0]) if rows else None

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        """See Catalog."""
        rows = await self._database.read(
            "SELECT chat_id, message_id FROM files WHERE file_unique_id = ? "
            "ORDER BY date DESC, chat_id DESC, message_id DESC LIMIT ?",
            (file_unique_id, MAX_ORIGINS),
        )
        return tuple(Origin(*row) for row in rows)

    async def put(self, file: MediaFile) -> None:
        """See Catalog."""
        await self._database.write(_PUT, _row(file))

    async def remove(self, origin: Origin) -> None:
        """See Catalog."""
        await self._database.write(
            "DELETE FROM files WHERE chat_id = ? AND message_id = ?", (origin.chat_id, origin.message_id)
        )

    async def page(self, query: CatalogQuery) -> Page:
        """See Catalog."""
        column = _SORT_COLUMN[query.sort]
        conditions, parameters = _conditions(query)
        way = _DIRECTION[query.order]
        order = f"{column} {way}, chat_id {way}, message_id {way}"
        rows = await self._database.read(
            f"SELECT {_STORED} FROM files{_where(conditions)} ORDER BY {order} LIMIT ?",
            (*parameters, query.limit + 1),  # one more tells whether there is a next page
        )
        items = tuple(_file(row) for row in rows[: query.limit])
        more = len(rows) > query.limit
        return Page(items, _place_of(items[-1], query) if more else None)

    async def counts(self, chat_ids: frozenset[int] | None = None) -> Counts:
        """See Catalog."""
        conditions, parameters = _chat_condition(chat_ids)
        rows = await self._database.read(
            f"SELECT kind, count(*), sum(size) FROM files{_where(conditions)} GROUP BY kind ORDER BY kind",
            parameters,
        )
        return Counts(
            files=sum(row[1] for row in rows), bytes=sum(row[2] for row in rows), kinds={row[0]: row[1] for row in rows}
        )

    async def remember_chat(self, chat_id: int, title: str) -> None:
        """See Catalog."""
        await self._database.write(
            "INSERT INTO chats (chat_id, title) VALUES (?, ?) "
            "ON CONFLICT (chat_id) DO UPDATE SET title = excluded.title",
            (chat_id, title),
        )

    async def forget_chat(self, chat_id: int) -> None:
        """See Catalog."""
        await self._database.write("DELETE FROM chats WHERE chat_id = ?", (chat_id,))

    async def chats(self) -> dict[int, str]:
        """See Catalog."""
        return dict(await self._database.read("SELECT chat_id, title FROM chats ORDER BY chat_id"))


def _row(file: MediaFile) -> Row:
    """The parameters of _PUT, in its order."""
    if file.key.thumb_size:
        raise ValueError("a catalog holds files, not their thumbnails")
    text = "\n".join((file.name, file.caption, file.title, file.performer))
    return (
        file.origin.chat_id, file.origin.message_id, file.key.file_unique_id, file.dc_id, file.kind, file.name,
        file.size, file.mime_type, file.date, file.edit_date, file.caption, file.duration, file.width, file.height,
        file.title, file.performer, json.dumps(file.thumb_sizes), fold(file.name), fold(text),
    )  # fmt: skip


def _file(row: Row) -> MediaFile:
    """The file of a row selected by _STORED."""
    chat_id, message_id, unique_id, dc_id, kind, name, size, mime_type, date, edit_date, caption, *rest = row
    duration, width, height, title, performer, thumb_sizes = rest
    return MediaFile(
        key=FileKey(unique_id),
        origin=Origin(chat_id, message_id),
        dc_id=dc_id,
        kind=kind,
        name=name,
        size=size,
        mime_type=mime_type,
        date=date,
        edit_date=edit_date,
        caption=caption,
        duration=duration,
        width=width,
        height=height,
        title=title,
        performer=performer,
        thumb_sizes=tuple(json.loads(thumb_sizes)),
    )


def _conditions(query: CatalogQuery) -> tuple[list[str], list[object]]:
    conditions, parameters = _chat_condition(query.chat_ids)
    if query.kind is not None:
        conditions.append("kind = ?")
        parameters.append(query.kind)
    for word in fold(query.text).split():
        conditions.append("instr(search_text, ?) > 0")
        parameters.append(word)
    if query.after is not None:
        sign = "<" if query.order == "desc" else ">"
        conditions.append(f"({_SORT_COLUMN[query.sort]}, chat_id, message_id) {sign} (?, ?, ?)")
        parameters += [query.after.value, query.after.origin.chat_id, query.after.origin.message_id]
    return conditions, parameters


def _chat_condition(chat_ids: frozenset[int] | None) -> tuple[list[str], list[object]]:
    if chat_ids is None:
        return [], []
    # one parameter however many chats there are
    return ["chat_id IN (SELECT value FROM json_each(?))"], [json.dumps(sorted(chat_ids))]


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _place_of(file: MediaFile, query: CatalogQuery) -> Cursor:
    return Cursor(query.sort, query.order, sort_value(file, query.sort), file.origin)
