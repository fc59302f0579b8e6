"""The Catalog in MongoDB 6 and later."""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from pymongo.errors import BulkWriteError, DuplicateKeyError

from streamvault.catalog.base import (
    EXACT,
    MAX_ORIGINS,
    CatalogQuery,
    Change,
    Counts,
    Entry,
    Facets,
    Histogram,
    Outdated,
    Page,
    UnparsedName,
    WorksPage,
)
from streamvault.catalog.derived import VERSION
from streamvault.catalog.fields import sent_name
from streamvault.catalog.mongo import lists, positions, works, writing
from streamvault.catalog.mongo.facets import FIELDS, facets_of
from streamvault.catalog.mongo.rows import Document, entry, file_of, id_of
from streamvault.catalog.mongo.schema import BY_MESSAGE, prepare, warn_when_nearly_full
from streamvault.catalog.mongo.writing import Prepared
from streamvault.catalog.single import SingleMessage
from streamvault.media.model import Kind, MediaFile, Origin
from streamvault.media.name_facts import NameFacts
from streamvault.storage.mongo import CALL_TIMEOUT, MongoDatabase

MAX_PIECES = 10_000
_AT_ONCE = 500
_TRIES = 5
_DUPLICATE = 11000
_PER_SECOND = 100
"""Documents per second that a slow server stores; sets the time limit of large changes."""
_CHECK_SPACE_EVERY = 5000
"""Documents written between two checks of the space that is left."""


class MongoCatalog(SingleMessage):
    """The Catalog in an open MongoDatabase; an async context manager that prepares its collections.

    A change is a transaction where the deployment has them (a replica set, as in Atlas' free tier, or a sharded
    cluster); writing.store says what holds on a single server.
    """

    def __init__(self, server: MongoDatabase) -> None:
        self._server = server
        self._writing = asyncio.Lock()
        self._written = 0

    async def __aenter__(self) -> "MongoCatalog":
        """Raises ConfigError for the catalog of a newer version, CatalogError while the server does not answer."""
        await self._server.connect()
        await prepare(self._server)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to do: the connection is the MongoDatabase's."""

    async def entry(self, origin: Origin) -> Entry | None:
        """See Catalog."""
        found = await self._server.run(self._files.find_one({"_id": id_of(origin)}, {"terms": 0}))
        return None if found is None else entry(found)

    async def origins(self, file_unique_id: str) -> tuple[Origin, ...]:
        """See Catalog."""
        # `held` names the first piece of a joined file
        held = {"$or": [{"file_unique_id": file_unique_id}, {"held": file_unique_id}]}
        rows = await self._rows(held, [("behind", 1), ("key", -1)], limit=MAX_ORIGINS)
        return tuple(Origin(row["chat_id"], row["message_id"]) for row in rows)

    async def held(self, file_unique_ids: Sequence[str], chat_ids: frozenset[int]) -> frozenset[str]:
        """See Catalog."""
        found, names = set[str](), {"_id": 0, "file_unique_id": 1, "held": 1}
        for start in range(0, len(file_unique_ids), _AT_ONCE):
            some = list(file_unique_ids[start : start + _AT_ONCE])
            either = [{"file_unique_id": {"$in": some}}, {"held": {"$in": some}}]
            rows = self._files.find({"$or": either, "chat_id": {"$in": sorted(chat_ids)}}, names).to_list()
            for row in await self._server.run(rows):
                found |= {row["file_unique_id"], *row.get("held", ())}
        return frozenset(found & set(file_unique_ids))

    async def apply(self, change: Change) -> None:
        """See Catalog."""
        prepared = await writing.prepare(change.put)
        size = len(change.put) + len(change.gone)
        within = CALL_TIMEOUT + size / _PER_SECOND
        await self._server.run(self._store(prepared, change), within=within, lock=self._writing)

    async def mark(self, name: str) -> str | None:
        """See Catalog."""
        found = await self._server.run(self._server.database["marks"].find_one({"_id": name}))
        return None if found is None else str(found["value"])

    async def marks(self) -> dict[str, str]:
        """See Catalog."""
        rows = await self._server.run(self._server.database["marks"].find().sort([("_id", 1)]).to_list())
        return {row["_id"]: str(row["value"]) for row in rows}

    async def page(self, query: CatalogQuery) -> Page:
        """See Catalog."""
        if query.offset:
            return await self._server.run(positions.page(self._files, query), within=positions.SECONDS)
        return await self._server.run(lists.page(self._files, query))

    async def histogram(self, query: CatalogQuery) -> Histogram:
        """See Catalog."""
        return await self._server.run(positions.histogram(self._files, query), within=positions.SECONDS)

    async def facets(self, query: CatalogQuery) -> Facets:
        """See Catalog."""
        rows = await self._server.run(lists.newest(self._files, query, FIELDS))
        return facets_of([[row] for row in rows[:EXACT]], exact=len(rows) <= EXACT)

    async def counts(self, chat_ids: frozenset[int] | None = None) -> Counts:
        """See Catalog."""
        match = {} if chat_ids is None else {"chat_id": {"$in": sorted(chat_ids)}}
        kinds, sizes = [await self._server.run(self._sums(match, each)) for each in (1, "$size")]
        return Counts(files=sum(kinds.values()), bytes=sum(sizes.values()), kinds=kinds)

    async def messages(self, chat_id: int, *, first: int, last: int) -> tuple[int, ...]:
        """See Catalog."""
        wanted = {"chat_id": chat_id, "message_id": {"$gte": first, "$lte": last}}
        rows = await self._rows(wanted, [("message_id", 1)])
        return tuple(row["message_id"] for row in rows)

    async def newest(self, chat_id: int) -> int:
        """See Catalog."""
        rows = await self._rows({"chat_id": chat_id}, [("message_id", -1)], limit=1)
        return int(rows[0]["message_id"]) if rows else 0

    async def pieces(self, chat_id: int, whole: str) -> tuple[MediaFile, ...]:
        """See Catalog."""
        if not whole:
            return ()
        wanted = {"terms": f":p{whole}", "chat_id": chat_id}
        found = self._files.find(wanted, {"terms": 0}).sort([("message_id", 1)]).limit(MAX_PIECES)
        return tuple(map(file_of, await self._server.run(found.to_list(MAX_PIECES))))

    async def unparsed_names(self, version: int, limit: int) -> tuple[UnparsedName, ...]:
        """See Catalog."""
        rows = await self._server.run(_unread(self._files, version, limit=limit))
        return tuple(
            UnparsedName(row["file_unique_id"], row.get("name", ""), row["kind"], sent_name(row.get("sent")))
            for row in rows
        )

    async def outdated(self, before: int | None, limit: int) -> Outdated:
        """See Catalog."""
        found = self._files.find({} if before is None else {"key": {"$lt": before}}, {"terms": 0})
        rows = await self._server.run(found.sort([("key", -1)]).limit(limit).to_list(limit))
        files = tuple(file_of(row) for row in rows if row.get("rules", 0) < VERSION)
        return Outdated(files, rows[-1]["key"] if len(rows) == limit else None)

    async def store_facts(self, facts: Mapping[str, NameFacts], parsed: Sequence[UnparsedName] = ()) -> None:
        """See Catalog."""
        work = writing.store_facts(self._server.database, facts, parsed)
        await self._server.run(work, within=CALL_TIMEOUT + len(facts) / _PER_SECOND, lock=self._writing)

    async def store_tiny(self, tiny: Mapping[str, bytes]) -> None:
        """See Catalog."""
        if tiny:
            work = writing.store_tiny(self._server.database, tiny)
            await self._server.run(work, within=CALL_TIMEOUT + len(tiny) / _PER_SECOND, lock=self._writing)

    async def works(self, query: CatalogQuery, *, series: bool | None = None) -> WorksPage:
        """See Catalog."""
        return await self._server.run(works.page(self._files, query, series=series), within=positions.SECONDS)

    async def works_histogram(self, query: CatalogQuery, *, series: bool | None = None) -> Histogram:
        """See Catalog."""
        return await self._server.run(works.histogram(self._files, query, series=series), within=positions.SECONDS)

    async def works_facets(self, query: CatalogQuery, *, series: bool | None = None) -> Facets:
        """See Catalog."""
        rows = await self._server.run(lists.newest(self._files, query, FIELDS))
        return facets_of(works.by_work(rows[:EXACT], series=series), exact=len(rows) <= EXACT)

    async def dump(self, after: Origin | None, limit: int) -> tuple[Entry, ...]:
        """See Catalog."""
        wanted: Document = {}
        if after is not None:
            here = {"chat_id": after.chat_id, "message_id": {"$gt": after.message_id}}
            wanted = {"$or": [here, {"chat_id": {"$gt": after.chat_id}}]}
        found = self._files.find(wanted, {"terms": 0}).sort([("chat_id", 1), ("message_id", 1)]).limit(limit)
        return tuple(map(entry, await self._server.run(found.to_list(limit))))

    async def remember_chat(self, chat_id: int, title: str) -> None:
        """See Catalog."""
        named = {"$set": {"title": title}}
        await self._server.run(self._chats.update_one({"_id": chat_id}, named, upsert=True))

    async def forget_chat(self, chat_id: int) -> None:
        """See Catalog."""
        await self._server.run(self._chats.delete_one({"_id": chat_id}))

    async def chats(self) -> dict[int, str]:
        """See Catalog."""
        rows = await self._server.run(self._chats.find().sort([("_id", 1)]).to_list())
        return {int(row["_id"]): row["title"] for row in rows}

    async def _sums(self, match: Document, each: object) -> dict[Kind, int]:
        """The sum of `each` by kind; one sum per command, since not every server computes two at once."""
        stages = [{"$match": match}, {"$group": {"_id": "$kind", "sum": {"$sum": each}}}]
        rows = await (await self._files.aggregate(stages, hint=BY_MESSAGE)).to_list()
        return {row["_id"]: row["sum"] for row in sorted(rows, key=lambda row: str(row["_id"]))}

    async def _rows(self, wanted: Document, order: list[tuple[str, int]], *, limit: int = 0) -> list[Document]:
        """chat_id and message_id of documents, sorted."""
        found = self._files.find(wanted, {"_id": 0, "chat_id": 1, "message_id": 1}).sort(order).limit(limit)
        rows: list[Document] = await self._server.run(found.to_list())
        return rows

    async def _store(self, prepared: Prepared, change: Change) -> None:
        for left in reversed(range(_TRIES)):
            try:
                await self._server.in_transaction(
                    lambda session: writing.store(self._server.database, prepared, change, session=session)
                )
                break
            except (BulkWriteError, DuplicateKeyError) as error:  # another process took the key meanwhile: choose again
                if not left or not _is_duplicate(error):
                    raise
        self._written += len(change.put)
        if self._written >= _CHECK_SPACE_EVERY:
            self._written = 0
            await warn_when_nearly_full(self._server.database)

    @property
    def _files(self) -> Any:
        return self._server.database["files"]

    @property
    def _chats(self) -> Any:
        return self._server.database["chats"]


async def _unread(files: Any, version: int, *, limit: int) -> list[Document]:
    """The document in front of each file with an older parser version, the newest first. There are few versions."""
    found = set[str]()
    below = version
    while (
        last := await files.find({"version": {"$lt": below}}, {"version": 1}).sort([("version", -1)]).limit(1).to_list()
    ):
        below = last[0]["version"]
        several = set[str]()
        async for row in files.find({"version": below}, {"_id": 0, "file_unique_id": 1}).sort([("key", -1)]):
            several.add(row["file_unique_id"])
            if len(several) >= limit:
                break
        found |= several
    fronts = await writing.fronts_of(files, list(found))
    return sorted(fronts.values(), key=lambda row: -row["key"])[:limit]


def _is_duplicate(error: BulkWriteError | DuplicateKeyError) -> bool:
    if isinstance(error, DuplicateKeyError):
        return True
    return any(one["code"] == _DUPLICATE for one in (error.details or {}).get("writeErrors", ()))
