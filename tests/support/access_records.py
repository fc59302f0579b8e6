"""Access records in memory, with faults."""

import copy
import dataclasses
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from streamvault.access.store.base import MAX_LISTED, Kind, Record, check_most
from streamvault.errors import CatalogError


class MemoryAccessRecords:
    """AccessRecords over a dictionary.

    Faults: `failing` makes every method raise CatalogError without effect, `failing_methods` those that it names.
    `calls`: how often each method was called.
    """

    def __init__(self) -> None:
        self.failing = False
        self.failing_methods: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.stored: dict[tuple[str, str], Record] = {}
        self._members: dict[tuple[str, str], set[str]] = {}
        self._epoch = 0

    async def get(self, kind: Kind, id: str) -> Record | None:
        self._call("get")
        return copy.deepcopy(self.stored.get((kind, id)))

    async def add(self, record: Record, *, most: int | None = None) -> bool:
        self._call("add")
        key = (record.kind, record.id)
        if key in self.stored:
            return False
        held = [one for one in self.stored.values() if (one.kind, one.person) == (record.kind, record.person)]
        if most is not None:
            check_most(record.kind, len(held), most)
        self.stored[key] = _new(record)
        return True

    async def put(self, record: Record) -> None:
        self._call("put")
        new, key = _new(record), (record.kind, record.id)
        known = self.stored.get(key)
        if known is not None:
            new = dataclasses.replace(known, value=new.value, person=new.person, expires=new.expires)
        self.stored[key] = new

    async def change(self, kind: Kind, id: str, *, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        self._call("change")
        known = self.stored.get((kind, id))
        if known is None or _text(known.value) != _text(before):
            return False
        self.stored[kind, id] = dataclasses.replace(known, value=json.loads(_text(after)))
        return True

    async def take(self, kind: Kind, id: str) -> Record | None:
        self._call("take")
        return self._drop((kind, id))

    async def delete(self, kind: Kind, id: str) -> bool:
        self._call("delete")
        return self._drop((kind, id)) is not None

    async def delete_of(self, person: int, kinds: Collection[Kind]) -> int:
        self._call("delete_of")
        return self._drop_all([one for one in self.stored.values() if one.person == person and one.kind in kinds])

    async def listed(
        self, kind: Kind, *, person: int | None = None, limit: int, after: str | None = None
    ) -> Sequence[Record]:
        self._call("listed")
        found = [one for one in self._of(kind) if person is None or one.person == person]
        last = self.stored.get((kind, after)) if after is not None else None
        if last is not None:
            found = [one for one in found if _order(one) < _order(last)]
        return copy.deepcopy(found[: max(0, min(limit, MAX_LISTED))])

    async def add_member(self, kind: Kind, id: str, member: str, *, most: int) -> bool:
        self._call("add_member")
        key = (kind, id)
        if key not in self.stored:
            return False
        members = self._members.setdefault(key, set())
        if member not in members and len(members) < most:
            members.add(member)
            self.stored[key] = dataclasses.replace(self.stored[key], members=len(members))
        return member in members

    async def count_uses(self, uses: Mapping[tuple[Kind, str], int], *, last_used: float) -> None:
        self._call("count_uses")
        for key, more in uses.items():
            known = self.stored.get(key)
            if known is not None:
                latest = last_used if known.last_used is None else max(known.last_used, last_used)
                self.stored[key] = dataclasses.replace(known, uses=known.uses + more, last_used=latest)

    async def trim(self, kind: Kind, *, keep: int) -> None:
        self._call("trim")
        self._drop_all(self._of(kind)[keep:])

    async def purge(self, now: float) -> int:
        self._call("purge")
        return self._drop_all([one for one in self.stored.values() if one.expires is not None and one.expires < now])

    async def epoch(self) -> int:
        self._call("epoch")
        return self._epoch

    async def advance(self) -> int:
        self._call("advance")
        self._epoch += 1
        return self._epoch

    def _call(self, method: str) -> None:
        self.calls[method] += 1
        if self.failing or method in self.failing_methods:
            raise CatalogError("the database does not answer")

    def _of(self, kind: Kind) -> list[Record]:
        return sorted((one for one in self.stored.values() if one.kind == kind), key=_order, reverse=True)

    def _drop(self, key: tuple[str, str]) -> Record | None:
        self._members.pop(key, None)
        return self.stored.pop(key, None)

    def _drop_all(self, records: Sequence[Record]) -> int:
        for one in records:
            self._drop((one.kind, one.id))
        return len(records)


def _new(record: Record) -> Record:
    """As it is stored first: with a value of its own, not used, without members."""
    return dataclasses.replace(record, value=json.loads(_text(record.value)), uses=0, last_used=None, members=0)


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False)


def _order(record: Record) -> tuple[float, str]:
    return record.created, json.dumps(record.id)
