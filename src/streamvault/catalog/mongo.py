"""The catalog in MongoDB 6 and later, by plain operators on plain indexes."""

import re
from types import TracebackType
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from streamvault.catalog.base import MAX_ORIGINS, CatalogQuery, Counts, Cursor, Page, fold, sort_value
from streamvault.errors import ConfigError
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.storage.mongo import MongoDatabase, translated

VERSION = 1
_SORT_FIELD = {"date": "date", "name": "name_key", "size": "size"}
_PLAIN = ("dc_id", "kind", "name", "size", "mime_type", "edit_date", "caption", "duration", "width", "height", "title",
          "performer")  # fmt: skip
_INDEXES = [
    *(
        IndexModel([(field, ASCENDING), ("chat_id", ASCENDING), ("message_id", ASCENDING)], name=f"by_{name}")
        for name, field in _SORT_FIELD.items()
    ),
    IndexModel([("kind", ASCENDING), ("date", ASCENDING), ("chat_id", ASCENDING), ("message_id", ASCENDING)],
               name="by_kind"),
    IndexModel([("file_unique_id", ASCENDING), ("date", ASCENDING), ("chat_id", ASCENDING), ("message_id", ASCENDING)],
               name="by_file"),
]  # fmt: skip


class MongoCatalog:
    """The Catalog in an open MongoDatabase; an async context manager that prepares its collections."""

    def __init__(self, server: MongoDatabase) -> None:
        self._server = server

    async def __aenter__(self) -> "MongoCatalog":
        """Raises ConfigError for a newer version's catalog, CatalogError while the server is away."""
        await self._server.reach()
        with translated():
            versions = self._server.database["versions"]
            await versions.update_one({"_id": "catalog"}, {"$setOnInsert": {"version": VERSION}}, upsert=True)
            found = await versions.find_one({"_id": "catalog"})
            if found["version"] > VERSION:
                raise ConfigError(
                    f"the catalog in MongoDB was written by a newer version of StreamVault (schema {found['version']}, "
                    f"this one knows {VERSION}): update StreamVault, or name another database in DATABASE_URL"
                )
            await self._files.create_indexes(_INDEXES)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to do: the connection is the MongoDatabase's."""

    async def get(self, origin: Origin) -> MediaFile | None:
        """See Catalog."""
        with translated():
            found = await self._files.find_one({"_id": _id(origin)})
        return None if found is None else _file(found)

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        """See Catalog."""
        order = [("date", DESCENDING), ("chat_id", DESCENDING), ("message_id", DESCENDING)]
        with translated():
            found = self._files.find({"file_unique_id": file_unique_id}, {"chat_id": 1, "message_id": 1})
            rows = await found.sort(order).limit(MAX_ORIGINS).to_list(MAX_ORIGINS)
        return tuple(Origin(row["chat_id"], row["message_id"]) for row in rows)

    async def put(self, file: MediaFile) -> None:
        """See Catalog."""
        if file.key.thumb_size:
            raise ValueError("a catalog holds files, not their thumbnails")
        changed = _changed(file)
        mine = {"_id": _id(file.origin), "edited": {"$lte": changed["edited"]}}
        first = {"_id": _id(file.origin), "chat_id": file.origin.chat_id, "message_id": file.origin.message_id}
        with translated():
            if (await self._files.update_one(mine, {"$set": changed})).matched_count:
                return
            try:
                await self._files.insert_one({**first, "date": file.date, **changed})
            except DuplicateKeyError:  # it is stored: somebody was faster, or what is stored is newer
                await self._files.update_one(mine, {"$set": changed})

    async def remove(self, origin: Origin) -> None:
        """See Catalog."""
        with translated():
            await self._files.delete_one({"_id": _id(origin)})

    async def page(self, query: CatalogQuery) -> Page:
        """See Catalog."""
        way = DESCENDING if query.order == "desc" else ASCENDING
        order = [(_SORT_FIELD[query.sort], way), ("chat_id", way), ("message_id", way)]
        with translated():
            found = self._files.find(_conditions(query)).sort(order).limit(query.limit + 1)
            rows = await found.to_list(query.limit + 1)  # one more tells whether there is a next page
        items = tuple(_file(row) for row in rows[: query.limit])
        more = len(rows) > query.limit
        last = items[-1] if more else None
        return Page(items, None if last is None else _place_of(last, query))

    async def counts(self, chat_ids: frozenset[int] | None = None) -> Counts:
        """See Catalog."""
        group = {"_id": "$kind", "files": {"$sum": 1}, "bytes": {"$sum": "$size"}}
        with translated():
            found = await self._files.aggregate([{"$match": _chat_condition(chat_ids)}, {"$group": group}])
            rows = sorted(await found.to_list(), key=lambda row: str(row["_id"]))
        return Counts(
            files=sum(row["files"] for row in rows),
            bytes=sum(row["bytes"] for row in rows),
            kinds={row["_id"]: row["files"] for row in rows},
        )

    async def remember_chat(self, chat_id: int, title: str) -> None:
        """See Catalog."""
        with translated():
            await self._chats.update_one({"_id": chat_id}, {"$set": {"title": title}}, upsert=True)

    async def forget_chat(self, chat_id: int) -> None:
        """See Catalog."""
        with translated():
            await self._chats.delete_one({"_id": chat_id})

    async def chats(self) -> dict[int, str]:
        """See Catalog."""
        with translated():
            rows = await self._chats.find().sort([("_id", ASCENDING)]).to_list()
        return {int(row["_id"]): row["title"] for row in rows}

    @property
    def _files(self) -> Any:
        return self._server.database["files"]

    @property
    def _chats(self) -> Any:
        return self._server.database["chats"]


def _id(origin: Origin) -> str:
    return f"{origin.chat_id}/{origin.message_id}"


def _changed(file: MediaFile) -> dict[str, Any]:
    """What an edit replaces."""
    text = "\n".join((file.name, file.caption, file.title, file.performer))
    return {name: getattr(file, name) for name in _PLAIN} | {
        "file_unique_id": file.key.file_unique_id,
        "thumb_sizes": list(file.thumb_sizes),
        "edited": file.edit_date or 0,
        "name_key": fold(file.name),
        "search_text": fold(text),
    }


def _file(row: dict[str, Any]) -> MediaFile:
    return MediaFile(
        key=FileKey(row["file_unique_id"]),
        origin=Origin(row["chat_id"], row["message_id"]),
        date=row["date"],
        thumb_sizes=tuple(row["thumb_sizes"]),
        **{name: row[name] for name in _PLAIN},
    )


def _conditions(query: CatalogQuery) -> dict[str, Any]:
    conditions = [_chat_condition(query.chat_ids)]
    if query.kind is not None:
        conditions.append({"kind": query.kind})
    conditions += [{"search_text": {"$regex": _pattern(word)}} for word in fold(query.text).split()]
    if query.after is not None:
        conditions.append(_beyond(query, query.after))
    return {"$and": conditions}


def _pattern(word: str) -> str:
    """`word` itself as a regular expression; a NUL cannot be written into one as it is."""
    return re.escape(word).replace("\0", r"\x00")


def _beyond(query: CatalogQuery, after: Cursor) -> dict[str, Any]:
    """Rows after a place, compared field by field as the sort does."""
    sign = "$lt" if query.order == "desc" else "$gt"
    field = _SORT_FIELD[query.sort]
    same, origin = {field: after.value}, after.origin
    return {
        "$or": [
            {field: {sign: after.value}},
            {**same, "chat_id": {sign: origin.chat_id}},
            {**same, "chat_id": origin.chat_id, "message_id": {sign: origin.message_id}},
        ]
    }


def _chat_condition(chat_ids: frozenset[int] | None) -> dict[str, Any]:
    return {} if chat_ids is None else {"chat_id": {"$in": sorted(chat_ids)}}


def _place_of(file: MediaFile, query: CatalogQuery) -> Cursor:
    return Cursor(query.sort, query.order, sort_value(file, query.sort), file.origin)
