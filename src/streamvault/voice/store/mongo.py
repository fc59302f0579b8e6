"""The calls in MongoDB: one collection, whose documents are changed one at a time and without transactions.

Updates are filtered by plain values only; see access/store/mongo.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from streamvault.errors import ConfigError
from streamvault.storage.mongo import MongoDatabase
from streamvault.voice.model import Call
from streamvault.voice.store.base import MAX_CALLS
from streamvault.voice.store.codec import call_of, text_of

VERSION = 1
INDEXES = [
    IndexModel([("active", 1), ("held_until", 1)], name="free"),
    IndexModel([("updated", 1), ("chat_id", 1)], name="by_change"),
]
_WHOLE = {"value": 1, "version": 1}
_Document = dict[str, Any]


class MongoCalls:
    """The CallStore in a MongoDatabase; an async context manager that creates its indexes."""

    def __init__(self, server: MongoDatabase) -> None:
        self._server = server

    async def __aenter__(self) -> Self:
        """Raises ConfigError for the calls of a newer version, CatalogError while the server does not answer."""
        await self._server.connect()
        version = await self._server.run(self._server.stored_version("voice", VERSION))
        if version > VERSION:
            raise ConfigError(
                f"the calls in MongoDB were written by a newer version of StreamVault (schema {version}, "
                f"this one knows {VERSION}): update StreamVault, or name another database in DATABASE_URL"
            )
        await self._server.run(self._in.create_indexes(INDEXES))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to do: the connection is the MongoDatabase's."""

    async def add(self, call: Call) -> bool:
        """See CallStore."""
        document = {"_id": _key(call.chat_id), "chat_id": call.chat_id, "version": 1, **_values(call)}

        async def add() -> bool:
            try:
                await self._in.insert_one(document)
            except DuplicateKeyError:
                return False
            return True

        return await self._server.run(add())

    async def get(self, chat_id: int) -> Call | None:
        """See CallStore."""
        row = await self._server.run(self._in.find_one({"_id": _key(chat_id)}, _WHOLE))
        return None if row is None else call_of(row["value"], row["version"])

    async def replace(self, call: Call) -> bool:
        """See CallStore."""
        same = {"_id": _key(call.chat_id), "version": call.version}
        change = {"$set": {**_values(call), "version": call.version + 1}}
        return bool((await self._server.run(self._in.update_one(same, change))).matched_count)

    async def free(self, now: float) -> Sequence[int]:
        """See CallStore."""
        wanted = {"active": True, "held_until": {"$lte": now}}
        found = self._in.find(wanted, {"chat_id": 1}).sort([("updated", 1), ("chat_id", 1)]).limit(MAX_CALLS)
        return [int(row["chat_id"]) for row in await self._server.run(found.to_list(MAX_CALLS))]

    async def listed(self) -> Sequence[Call]:
        """See CallStore."""
        return await self._found({}, -1)

    async def changed(self, since: float) -> Sequence[Call]:
        """See CallStore."""
        return await self._found({"updated": {"$gte": since}}, 1)

    async def delete(self, chat_id: int) -> bool:
        """See CallStore."""
        return bool((await self._server.run(self._in.delete_one({"_id": _key(chat_id)}))).deleted_count)

    async def _found(self, wanted: _Document, direction: int) -> Sequence[Call]:
        order = [("updated", direction), ("chat_id", direction)]
        found = self._in.find(wanted, _WHOLE).sort(order).limit(MAX_CALLS)
        return [call_of(row["value"], row["version"]) for row in await self._server.run(found.to_list(MAX_CALLS))]

    @property
    def _in(self) -> Any:
        return self._server.database["calls"]


def _key(chat_id: int) -> str:
    """A text: nx-27017 (the server of the tests) updates no document whose _id is a number."""
    return str(chat_id)


def _values(call: Call) -> _Document:
    """What `replace` replaces. A call without a lease has one that ended in 1970."""
    return {
        "active": call.active,
        "held_until": 0.0 if call.lease is None else float(call.lease.until),
        "updated": float(call.updated),
        "value": text_of(call),
    }
