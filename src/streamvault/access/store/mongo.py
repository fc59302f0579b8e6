"""The access records in MongoDB: one collection, whose documents are changed one at a time and without transactions.

How many records a person has of a kind is bounded by `slot`, which is unique among these: a record that is added under
a bound takes a free number below it, and every other one has its _id there.

Updates are filtered by plain values only: without an index for the field, nx-27017 (the MongoDB protocol server of the
tests) reports a match for `$nin` and for conditions on arrays, and changes nothing.
"""

import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pymongo import IndexModel, ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from streamvault.access.store.base import MAX_LISTED, Kind, Record, check_most
from streamvault.access.store.texts import id_of, key_of, text_of, value_of
from streamvault.errors import CatalogError
from streamvault.storage.mongo_store import MongoStore

VERSION = 1
INDEXES = [
    IndexModel([("kind", 1), ("created", -1), ("id", -1)], name="by_time"),
    IndexModel([("kind", 1), ("person", 1), ("created", -1), ("id", -1)], name="by_person"),
    IndexModel([("kind", 1), ("person", 1), ("slot", 1)], name="by_slot", unique=True),
    IndexModel([("expires", 1)], name="by_expiry"),
]
_EPOCH = "epoch"
_NAMES = {"names": 0}
_LATEST_FIRST = [("created", -1), ("id", -1)]
_TRIES = 50
"""Of a change that others may get in the way of: one of them succeeds each time."""
_Document = dict[str, Any]
T = TypeVar("T")


class MongoAccessRecords(MongoStore):
    """The AccessRecords in a MongoDatabase; an async context manager that creates its indexes."""

    component, what, version = "access", "the access records", VERSION
    indexes: ClassVar = {"access": INDEXES}
    collection = "access"

    async def get(self, kind: Kind, id: str) -> Record | None:
        """See AccessRecords."""
        row = await self._server.run(self._in.find_one(_one(kind, id), _NAMES))
        return None if row is None else _record(row)

    async def add(self, record: Record, *, most: int | None = None) -> bool:
        """See AccessRecords."""
        one = _one(record.kind, record.id)

        async def add() -> bool:
            if await self._in.find_one(one, {"_id": 1}) is not None:
                return False
            slot: int | str = one["_id"]
            if most is not None:
                mine = {"kind": record.kind, "person": record.person}
                rows = await self._in.find(mine, {"slot": 1}).limit(most).to_list(most)
                check_most(record.kind, len(rows), most)
                slot = _free_slot([row["slot"] for row in rows], most)
            await self._in.insert_one({**one, **_replaced(record), **_new(record), "slot": slot})
            return True

        return await self._server.run(_again(add))

    async def put(self, record: Record) -> None:
        """See AccessRecords."""
        one, replaced = _one(record.kind, record.id), _replaced(record)
        other = {"$set": {**replaced, "slot": one["_id"]}, "$setOnInsert": _new(record)}

        async def put() -> None:
            same_person = {**one, "person": record.person}
            if not (await self._in.update_one(same_person, {"$set": replaced})).matched_count:
                await self._in.update_one(one, other, upsert=True)

        await self._server.run(_again(put))

    async def change(self, kind: Kind, id: str, *, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """See AccessRecords."""
        expected = {**_one(kind, id), "value": text_of(before)}
        answer = await self._server.run(self._in.update_one(expected, {"$set": {"value": text_of(after)}}))
        return bool(answer.matched_count)

    async def take(self, kind: Kind, id: str) -> Record | None:
        """See AccessRecords."""
        row = await self._server.run(self._in.find_one_and_delete(_one(kind, id), projection=_NAMES))
        return None if row is None else _record(row)

    async def delete(self, kind: Kind, id: str) -> bool:
        """See AccessRecords."""
        return bool((await self._server.run(self._in.delete_one(_one(kind, id)))).deleted_count)

    async def delete_of(self, person: int, kinds: Collection[Kind]) -> int:
        """See AccessRecords."""
        mine = {"kind": {"$in": list(kinds)}, "person": person}
        return int((await self._server.run(self._in.delete_many(mine))).deleted_count)

    async def listed(
        self, kind: Kind, *, person: int | None = None, limit: int, after: str | None = None
    ) -> Sequence[Record]:
        """See AccessRecords."""
        wanted: _Document = {"kind": kind} | ({} if person is None else {"person": person})
        limit = min(limit, MAX_LISTED)
        if limit < 1:  # 0 would be no limit
            return ()

        async def read() -> list[_Document]:
            last = None if after is None else await self._in.find_one(_one(kind, after), {"created": 1, "id": 1})
            behind = {} if last is None else _behind(last)
            found: list[_Document] = (
                await self._in.find(wanted | behind, _NAMES).sort(_LATEST_FIRST).limit(limit).to_list(limit)
            )
            return found

        return tuple(map(_record, await self._server.run(read())))

    async def add_member(self, kind: Kind, id: str, member: str, *, most: int) -> bool:
        """See AccessRecords."""
        one, name = _one(kind, id), key_of(member)

        async def add() -> bool:
            for _ in range(_TRIES):
                row = await self._in.find_one(one, {"members": 1, "names": 1})
                if row is None or name in row["names"]:
                    return row is not None
                if row["members"] >= most:
                    return False
                # members are never removed, so that their number tells whether they are the same
                same, add = {**one, "members": row["members"]}, {"$push": {"names": name}, "$inc": {"members": 1}}
                if (await self._in.update_one(same, add)).matched_count:
                    return True
            raise _busy()

        return await self._server.run(add())

    async def count_uses(self, uses: Mapping[tuple[Kind, str], int], *, last_used: float) -> None:
        """See AccessRecords."""
        latest = {"last_used": float(last_used)}
        writes = [
            UpdateOne(_one(kind, id), {"$inc": {"uses": more}, "$max": latest}) for (kind, id), more in uses.items()
        ]
        if writes:
            await self._server.run(self._in.bulk_write(writes, ordered=False))

    async def trim(self, kind: Kind, *, keep: int) -> None:
        """See AccessRecords."""

        async def trim() -> None:
            found = self._in.find({"kind": kind}, {"created": 1, "id": 1}).sort(_LATEST_FIRST).skip(keep).limit(1)
            for first in await found.to_list(1):
                created = first["created"]
                await self._in.delete_many({"kind": kind, "created": {"$lt": created}})
                await self._in.delete_many({"kind": kind, "created": created, "id": {"$lte": first["id"]}})

        await self._server.run(trim())

    async def purge(self, now: float) -> int:
        """See AccessRecords."""
        return int((await self._server.run(self._in.delete_many({"expires": {"$lt": now}}))).deleted_count)

    async def epoch(self) -> int:
        """See AccessRecords."""
        row = await self._server.run(self._in.find_one({"_id": _EPOCH}))
        return 0 if row is None else int(row["epoch"])

    async def advance(self) -> int:
        """See AccessRecords."""

        async def advance() -> int:
            row = await self._in.find_one_and_update(
                {"_id": _EPOCH}, {"$inc": {"epoch": 1}}, upsert=True, return_document=ReturnDocument.AFTER
            )
            return int(row["epoch"])

        return await self._server.run(_again(advance))


async def _again(work: Callable[[], Awaitable[T]]) -> T:
    """The result of `work`, which is repeated while another process takes the same _id or slot."""
    for _ in range(_TRIES):
        try:
            return await work()
        except DuplicateKeyError:
            continue
    raise _busy()


def _busy() -> CatalogError:
    return CatalogError("MongoDB is changed by too many processes at once: try again")


def _free_slot(taken: Sequence[int | str], most: int) -> int:
    """Any number below `most` that is free; as many are left out as there are records without a number."""
    free = [slot for slot in range(most) if slot not in taken]
    return random.choice(free[: most - len(taken)])  # so that processes seldom choose the same


def _one(kind: str, id: str) -> _Document:
    return {"_id": f"{kind}:{key_of(id)}"}


def _replaced(record: Record) -> _Document:
    """What `put` replaces."""
    expires = None if record.expires is None else float(record.expires)
    return {"value": text_of(record.value), "person": record.person, "expires": expires}


def _new(record: Record) -> _Document:
    """What no `put` changes."""
    return {
        "kind": record.kind,
        "id": key_of(record.id),
        "created": float(record.created),
        "uses": 0,
        "last_used": None,
        "members": 0,
        "names": [],
    }


def _behind(row: _Document) -> _Document:
    """The filter for the documents behind this one in _LATEST_FIRST."""
    created = row["created"]
    return {"$or": [{"created": {"$lt": created}}, {"created": created, "id": {"$lt": row["id"]}}]}


def _record(row: _Document) -> Record:
    names = ("person", "expires", "uses", "last_used", "members")
    others = {name: row[name] for name in names}
    return Record(row["kind"], id_of(row["id"]), row["created"], value_of(row["value"]), **others)
