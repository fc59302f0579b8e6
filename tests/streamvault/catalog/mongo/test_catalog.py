"""The MongoDB catalog: the tests of every catalog, interruptions, concurrency, and a server that is restarted."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from streamvault.catalog.base import CatalogQuery, Change, Entry
from streamvault.catalog.mongo import rows, writing
from streamvault.catalog.mongo.catalog import MongoCatalog
from streamvault.errors import CatalogError, ConfigError
from streamvault.media.model import MediaFile
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.catalog import CatalogContract
from tests.contracts.catalog_threads import ThreadsContract
from tests.support.files import CHANNEL, media_file
from tests.support.mongo import Mongo, collect_sockets, leaves_sockets, mongo_server
from tests.support.waiting import until

pytestmark = leaves_sockets


@pytest.fixture
async def catalog(database: MongoDatabase) -> AsyncIterator[MongoCatalog]:
    async with MongoCatalog(database) as opened:
        yield opened


class TestMongoCatalog(CatalogContract):
    """The conformance suite on MongoDB."""


class TestMongoThreads(ThreadsContract):
    pass


async def test_everything_is_stored_after_reopening(database: MongoDatabase) -> None:
    async with MongoCatalog(database) as first:
        await first.put(media_file(1))
        await first.remember_chat(CHANNEL, "Films")
    async with MongoCatalog(database) as second:
        assert await second.get(media_file(1).origin) == media_file(1)
        assert await second.chats() == {CHANNEL: "Films"}


async def test_of_versions_put_concurrently_the_latest_stays(catalog: MongoCatalog) -> None:
    file = media_file(1)
    versions = [replace(file, edit_date=1000 + number, name=f"{number}.mp4") for number in range(20)]
    await asyncio.gather(*(catalog.put(version) for version in versions))
    assert await catalog.get(file.origin) == versions[-1]
    assert len((await catalog.page(CatalogQuery())).items) == 1


@pytest.mark.parametrize(
    ("url", "error", "words"),
    [
        ("mongodb://user:hidden-word@127.0.0.1:9/x", CatalogError, "does not answer"),
        ("mongodb://user:hidden-word@", ConfigError, "no MongoDB address"),
        ("mongodb://user:hidden-word@host:port/x", ConfigError, "no MongoDB address"),
        ("mongodb://127.0.0.1:9/x?w=hidden-word&nonsense", ConfigError, "no MongoDB address"),
    ],
)
async def test_a_wrong_address_raises_config_error_without_the_password(
    url: str, error: type[Exception], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamvault.storage.mongo.CALL_TIMEOUT", 0.5)
    with pytest.raises(error, match=words) as caught:
        await MongoDatabase(SecretStr(url)).__aenter__()
    assert "hidden-word" not in str(caught.value)
    collect_sockets()


def test_a_stored_duration_that_is_not_a_number_is_unknown() -> None:
    """A row with NaN would never equal itself, and be read as stored meanwhile for ever."""
    stored = rows.document(Entry(media_file(1, duration=math.nan)), key=1, found=[])
    assert math.isnan(stored["duration"])
    assert rows.file_of(stored) == media_file(1, duration=None)


class _Cut(Exception):
    """Stands for the end of the process."""


async def test_an_interrupted_change_is_completed_by_repeating_it(
    catalog: MongoCatalog, database: MongoDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = Change(put=[media_file(1), media_file(3)], gone=[media_file(2).origin], marks={"pts": "7"})
    await catalog.put(media_file(2))

    def cut(*_: object) -> None:
        raise _Cut

    with monkeypatch.context() as broken:
        broken.setattr(writing, "_mark", cut)
        with pytest.raises(_Cut):
            await catalog.apply(change)
    assert await catalog.mark("pts") is None, "the mark tells that the change was not finished"
    await catalog.apply(change)
    assert [entry.file.origin.message_id for entry in await catalog.dump(None, 9)] == [1, 3]
    assert await catalog.mark("pts") == "7"


async def test_with_transactions_an_interrupted_change_stores_nothing(
    database: MongoDatabase, mongo_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not mongo_port and not database._transactions:
        pytest.skip("the server that DATABASE_URL names has no transactions")
    # the test's own server has transactions, but does not say so as a replica set does
    monkeypatch.setattr(MongoDatabase, "_has_transactions", staticmethod(lambda hello: True))
    async with MongoCatalog(database) as catalog:
        await catalog.put(media_file(2))
        change = Change(put=[media_file(1)], gone=[media_file(2).origin], marks={"pts": "7"})

        def cut(*_: object) -> None:
            raise _Cut

        with monkeypatch.context() as broken:
            broken.setattr(writing, "_mark", cut)
            with pytest.raises(_Cut):
                await catalog.apply(change)
        assert [entry.file.origin.message_id for entry in await catalog.dump(None, 9)] == [2]
        await catalog.apply(change)
        assert [entry.file.origin.message_id for entry in await catalog.dump(None, 9)] == [1]
        assert await catalog.mark("pts") == "7"


@pytest.mark.parametrize(
    ("hello", "has"),
    [({"setName": "rs0"}, True), ({"msg": "isdbgrid"}, True), ({"isWritablePrimary": True}, False)],
    ids=["replica set", "sharded", "single"],
)
def test_which_deployments_have_transactions(hello: dict[str, object], has: bool) -> None:
    assert MongoDatabase._has_transactions(hello) is has


async def test_a_key_taken_by_another_process_is_chosen_again(
    catalog: MongoCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = media_file(1, date=7), media_file(1 + (1 << 16), date=7)  # the same key
    real = writing.free_keys
    tries = []

    async def late(files: object, wanted: Sequence[int], **more: object) -> list[int]:
        found = await real(files, wanted, **more)
        tries.append(found)
        if len(tries) == 1:
            await catalog._server.in_transaction(lambda _: _put_elsewhere(catalog, first))
        return found

    monkeypatch.setattr(writing, "free_keys", late)
    await catalog.put(second)
    assert len(tries) == 3
    assert await catalog.get(first.origin) == first
    assert await catalog.get(second.origin) == second


async def _put_elsewhere(catalog: MongoCatalog, file: MediaFile) -> None:
    await MongoCatalog(catalog._server).put(file)


async def test_a_cancelled_caller_does_not_cancel_the_drivers_work(
    catalog: MongoCatalog, database: MongoDatabase
) -> None:
    reading, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        reading.set()
        await go_on.wait()
        await database.database["files"].find_one({})
        ended.set()

    caller = asyncio.create_task(database.run(work()))
    await reading.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    await asyncio.wait_for(ended.wait(), 5)


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[tuple[Mongo, MongoCatalog]]:
    """A catalog on a server of its own, which the test may kill."""
    async with mongo_server(tmp_path) as server:
        if not server.ours:
            pytest.skip("the server that DATABASE_URL names is not killed by a test")
        async with MongoDatabase(server.url) as database, MongoCatalog(database) as catalog:
            yield server, catalog


async def test_a_server_that_is_restarted_is_used_again(mortal: tuple[Mongo, MongoCatalog]) -> None:
    server, catalog = mortal
    await catalog.put(media_file(1))
    await server.kill()
    loop = asyncio.get_running_loop()
    taken = []
    for _ in range(2):
        began = loop.time()
        with pytest.raises(CatalogError, match="MongoDB does not answer"):
            await catalog.page(CatalogQuery())
        taken.append(loop.time() - began)
    assert taken[0] < 6
    assert taken[1] < 2.5, "one that is known to be away is only asked for a life sign"
    await server.start()

    async def back() -> bool:
        try:
            return await catalog.get(media_file(1).origin) == media_file(1)
        except CatalogError:
            return False

    await until(back, timeout=30)


async def test_places_in_lists_have_more_time_than_other_calls(
    catalog: MongoCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They read every document that matches."""
    await catalog.apply(Change(put=[media_file(n) for n in range(1, 4)]))
    monkeypatch.setattr("streamvault.storage.mongo.CALL_TIMEOUT", 1e-6)
    with pytest.raises(CatalogError, match="MongoDB"):
        await catalog.page(CatalogQuery())
    assert (await catalog.histogram(CatalogQuery())).total == 3
    assert len((await catalog.page(CatalogQuery(offset=1))).items) == 2
