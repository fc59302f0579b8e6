"""Moving personal data in MongoDB when the connection breaks at any of its writes."""

from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from streamvault.catalog.mongo import personal_move
from streamvault.catalog.mongo.catalog import MongoCatalog
from streamvault.catalog.mongo.personal import MongoPersonal
from streamvault.catalog.personal import CollectionRecord, FavouriteRecord, PersonalRecord, WatchedRecord
from streamvault.errors import CatalogError
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.personal import at, dumped
from tests.contracts.personal_moves import BROWSER, PERSON
from tests.support.mongo import leaves_sockets
from tests.support.proof import full

pytestmark = leaves_sockets

WRITES = ("update_one", "bulk_write", "delete_one", "delete_many")
BEFORE: list[PersonalRecord] = [
    *(WatchedRecord(BROWSER, at(1.0, file=f"{n}")) for n in range(5)),
    *(FavouriteRecord(BROWSER, f"{n}") for n in range(5)),
    CollectionRecord(BROWSER, 1, "Films", ("a", "b")),
    CollectionRecord(BROWSER, 2, "Mine", ("c",)),
    WatchedRecord(PERSON, at(2.0, file="2", updated=500)),
    CollectionRecord(PERSON, 3, "Films", ("b", "x")),
]
AFTER: list[PersonalRecord] = [
    *(WatchedRecord(PERSON, at(2.0, updated=500, file="2") if n == 2 else at(1.0, file=f"{n}")) for n in range(5)),
    *(FavouriteRecord(PERSON, f"{n}") for n in range(5)),
    CollectionRecord(PERSON, 3, "Films", ("b", "x", "a")),
    CollectionRecord(PERSON, 2, "Mine", ("c",)),
]


class _Breaking:
    """A MongoDatabase whose connection breaks at write number `at`: before it, or after it and before the answer."""

    def __init__(self, server: MongoDatabase, at: int, *, before: bool) -> None:
        self._server, self._before = server, before
        self.left = at

    async def run(self, work: Any, **options: Any) -> Any:
        return await self._server.run(work, **options)

    @property
    def database(self) -> "_Breaking":
        return self

    def __getitem__(self, name: str) -> "_BreakingCollection":
        return _BreakingCollection(self, self._server.database[name])

    async def write(self, work: Any) -> Any:
        self.left -= 1
        if self.left < 0 and self._before:
            work.close()
            raise AutoReconnect("before the write")
        answer = await work
        if self.left < 0:
            raise AutoReconnect("before the answer")
        return answer


class _BreakingCollection:
    def __init__(self, breaking: _Breaking, collection: Any) -> None:
        self._breaking, self._collection = breaking, collection

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._collection, name)
        if name not in WRITES:
            return real
        return lambda *given, **named: self._breaking.write(real(*given, **named))


def belongings(found: list[PersonalRecord]) -> set[tuple[str, str, str]]:
    """What there is of whom, regardless of which of both users has it."""
    known: set[tuple[str, str, str]] = set()
    for one in found:
        match one:
            case WatchedRecord():
                known.add(("watched", "", one.state.file_unique_id))
            case FavouriteRecord():
                known.add(("favourite", "", one.file_unique_id))
            case CollectionRecord():
                known.update(("member", one.name, file) for file in one.files)
    return known


@pytest.mark.parametrize("before", [True, False])
async def test_a_move_is_finished_after_a_crash(
    database: MongoDatabase, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    monkeypatch.setattr(personal_move, "_AT_ONCE", 2)
    async with MongoCatalog(database):
        personal = MongoPersonal(database)
        # a crash before an odd command leaves an odd number of them done, one behind it an even number
        for number in range(100) if full() else range(1, 100, 2):
            for name in ("watched", "favourites", "collections"):
                await database.database[name].delete_many({})
            await personal.restore(BEFORE)
            breaking = _Breaking(database, number, before=before)
            if not await _breaks(breaking):
                break
            assert belongings(await dumped(personal)) == belongings(BEFORE), number
            assert await personal.move(BROWSER, PERSON) == 0
            assert await dumped(personal) == AFTER, number
        assert await dumped(personal) == AFTER
        assert number >= 10


async def _breaks(breaking: Any) -> bool:
    try:
        await personal_move.move(breaking, BROWSER, PERSON)
    except CatalogError:
        return True
    return False
