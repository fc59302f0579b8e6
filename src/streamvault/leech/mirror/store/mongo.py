"""The mirrors in MongoDB: documents that are changed one at a time and without transactions, copies before the mirror.

Updates are filtered by plain values only; see access/store/mongo.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from pymongo import DeleteOne, IndexModel, ReplaceOne

from streamvault.leech.mirror.model import Change, Copy, Mirror
from streamvault.leech.mirror.store.base import MAX_CHANGES, MAX_COPIED, MAX_MIRRORS
from streamvault.leech.mirror.store.codec import copy_of, copy_text, mirror_of, text_of
from streamvault.media.model import Origin
from streamvault.storage.mongo_store import MongoStore

VERSION = 1
MOST_COPIES = 20
_INDEXES = {
    "mirrors": [IndexModel([("source", 1), ("target", 1)], name="by_channels", unique=True)],
    "mirror_copies": [
        IndexModel([("mirror", 1), ("message", 1)], name="by_mirror"),
        IndexModel([("source", 1), ("message", 1)], name="by_source"),
    ],
    "mirror_changes": [IndexModel([("mirror", 1), ("message", 1)], name="by_mirror")],
}
_Document = dict[str, Any]


class MongoMirrors(MongoStore):
    """The MirrorStore in a MongoDatabase; an async context manager that creates its indexes."""

    component, what, version = "mirrors", "the mirrors", VERSION
    indexes: ClassVar = _INDEXES
    collection = "mirrors"

    async def add(self, mirror: Mirror) -> bool:
        """See MirrorStore."""
        document = {
            "_id": mirror.id, "created": float(mirror.created), "source": mirror.source, "target": mirror.target,
            "version": 1, "value": text_of(mirror),
        }  # fmt: skip
        return await self._insert(document)

    async def get(self, id: str) -> Mirror | None:
        """See MirrorStore."""
        row = await self._server.run(self._in.find_one({"_id": id}))
        return None if row is None else mirror_of(row["value"], row["version"])

    async def listed(self) -> Sequence[Mirror]:
        """See MirrorStore."""
        found = self._in.find({}).sort([("created", 1), ("_id", 1)]).limit(MAX_MIRRORS)
        rows = await self._server.run(found.to_list(MAX_MIRRORS))
        return [mirror_of(row["value"], row["version"]) for row in rows]

    async def record(self, mirror: Mirror, copies: Sequence[Copy] = ()) -> bool:
        """See MirrorStore."""
        rows = [_copy_row(mirror, one) for one in copies]
        same = {"_id": mirror.id, "version": mirror.version}
        change = {"$set": {"value": text_of(mirror), "version": mirror.version + 1}}

        async def write() -> bool:
            if rows:
                if await self._in.find_one(same, {"_id": 1}) is None:
                    return False
                await self._of("mirror_copies").bulk_write(
                    [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in rows], ordered=False
                )
            return bool((await self._in.update_one(same, change)).matched_count)

        return await self._server.run(write())

    async def copies(self, id: str, messages: Collection[int]) -> Mapping[int, Copy]:
        """See MirrorStore."""
        if not messages:
            return {}
        wanted = {"mirror": id, "message": {"$in": list(messages)}}
        rows = await self._server.run(self._of("mirror_copies").find(wanted).to_list(len(messages)))
        return {row["message"]: copy_of(row["value"]) for row in rows}

    async def copied_after(self, id: str, message: int) -> Sequence[Copy]:
        """See MirrorStore."""
        wanted = {"mirror": id, "message": {"$gt": message}}
        found = self._of("mirror_copies").find(wanted).sort("message", 1).limit(MAX_COPIED)
        return [copy_of(row["value"]) for row in await self._server.run(found.to_list(MAX_COPIED))]

    async def copies_of(self, origin: Origin) -> Sequence[tuple[Origin, Copy]]:
        """See MirrorStore."""
        wanted = {"source": origin.chat_id, "message": origin.message_id}
        rows = await self._server.run(self._of("mirror_copies").find(wanted).limit(MOST_COPIES).to_list(MOST_COPIES))
        found = ((row["target"], copy_of(row["value"])) for row in rows)
        return [(Origin(target, copy.target), copy) for target, copy in found if copy.target]

    async def note(self, id: str, changes: Sequence[Change]) -> None:
        """See MirrorStore."""

        async def write() -> None:
            for one in changes:
                key = _key(id, one.message)
                new = {"_id": key, "mirror": id, "message": one.message, "kind": one.kind, "noted": float(one.noted)}
                await self._of("mirror_changes").update_one({"_id": key}, {"$setOnInsert": new}, upsert=True)
                fresh = {"kind": one.kind, "noted": float(one.noted)}
                await self._of("mirror_changes").update_one({"_id": key, "kind": "edit"}, {"$set": fresh})

        await self._server.run(write())

    async def changes(self, id: str) -> Sequence[Change]:
        """See MirrorStore."""
        found = self._of("mirror_changes").find({"mirror": id}).sort("message", 1).limit(MAX_CHANGES)
        rows = await self._server.run(found.to_list(MAX_CHANGES))
        return [Change(row["message"], row["kind"], row["noted"]) for row in rows]

    async def settle(self, id: str, changes: Sequence[Change]) -> None:
        """See MirrorStore."""
        deletes = [
            DeleteOne({"_id": _key(id, one.message), "kind": one.kind, "noted": float(one.noted)}) for one in changes
        ]
        if deletes:
            await self._server.run(self._of("mirror_changes").bulk_write(deletes, ordered=False))

    async def remove(self, id: str) -> bool:
        """See MirrorStore. The mirror goes first, so that nothing is recorded for it any more."""

        async def remove() -> bool:
            found = bool((await self._in.delete_one({"_id": id})).deleted_count)
            await self._of("mirror_copies").delete_many({"mirror": id})
            await self._of("mirror_changes").delete_many({"mirror": id})
            return found

        return await self._server.run(remove())

    def _of(self, collection: str) -> Any:
        return self._server.database[collection]


def _key(id: str, message: int) -> str:
    return f"{id}/{message}"


def _copy_row(mirror: Mirror, copy: Copy) -> _Document:
    return {
        "_id": _key(mirror.id, copy.message), "mirror": mirror.id, "message": copy.message, "source": mirror.source,
        "target": mirror.target, "value": copy_text(copy),
    }  # fmt: skip
