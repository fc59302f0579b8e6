"""Export and import of a catalog, between all engines."""

import io
import json
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamvault.catalog import transfer
from streamvault.catalog.base import Catalog, Change
from streamvault.catalog.derived import MARK
from streamvault.catalog.mongo.catalog import MongoCatalog
from streamvault.catalog.mongo.personal import MongoPersonal
from streamvault.catalog.personal import (
    MAX_MEMBERS,
    CollectionRecord,
    FavouriteRecord,
    HiddenRecord,
    Personal,
    PersonalRecord,
    Watched,
    WatchedRecord,
)
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.personal import SqlitePersonal
from streamvault.catalog.transfer import export_catalog, import_catalog
from streamvault.errors import ConfigError
from streamvault.media.classification import classify
from streamvault.media.model import FileKey, MediaFile
from streamvault.media.name_facts import NameFacts
from streamvault.storage.mongo import MongoDatabase
from tests.contracts.catalog_storing import FACTS, FILES
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file
from tests.support.mongo import leaves_sockets
from tests.support.personal import MemoryPersonal

HEAD = b'{"streamvault_catalog":3}\n'
ANNA, BERT = "a" * 32, "b" * 32
BELONGINGS: list[PersonalRecord] = [
    WatchedRecord(ANNA, Watched("1", 10.5, 100.0, finished=False, updated=1767312000)),
    WatchedRecord(ANNA, Watched("2", 99.0, None, finished=True, updated=1767312001)),
    WatchedRecord(BERT, Watched("1", 0.0, 100.0, finished=False, updated=1767312002)),
    *(FavouriteRecord(BERT, file) for file in "31"),
    *(FavouriteRecord(ANNA, file) for file in "4213"),
    *(HiddenRecord(ANNA, file) for file in "57"),
    CollectionRecord(ANNA, 5, "empty"),
    CollectionRecord(BERT, 2, "Sonntag & é", ("2", "1")),
]


class Store:
    """The catalog and the personal data of a database."""

    def __init__(self, catalog: Catalog | None = None, personal: Personal | None = None) -> None:
        self.catalog = catalog or MemoryCatalog()
        self.personal = personal or MemoryPersonal()

    async def written(self) -> bytes:
        return b"".join([line async for line in export_catalog(self.catalog, self.personal)])

    async def put_in(self, text: bytes) -> int:
        return await import_catalog(self.catalog, self.personal, io.BytesIO(text))


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[Store]:
    path = tmp_path / "catalog.db"
    async with SqliteCatalog(path) as catalog, SqlitePersonal(path) as personal:
        yield Store(catalog, personal)


@pytest.fixture
async def mongo(database: MongoDatabase) -> AsyncIterator[Store]:
    async with MongoCatalog(database) as catalog:
        yield Store(catalog, MongoPersonal(database))


@pytest.fixture
def catalog(sqlite: Store) -> Catalog:
    return sqlite.catalog


async def written(catalog: Catalog) -> bytes:
    return await Store(catalog).written()


async def fill(catalog: Catalog, count: int) -> None:
    files = [media_file(n, chat_id=CHANNEL - n % 3, key=FileKey(f"{n % 50}"), caption="é #tag") for n in range(count)]
    await catalog.apply(Change(put=files, marks={"pts": "77", "walk": "5"}))
    await catalog.store_facts(
        {f"{n}": NameFacts(1, title=f"film {n}", year=1990 + n, languages=("en",)) for n in range(0, 50, 2)}
    )
    await catalog.store_tiny({"1": b"\x01\x02\xff", "2": bytes(200)})
    await catalog.remember_chat(CHANNEL, "Films 🎬")


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 350])
async def test_an_import_into_memory_has_everything(
    catalog: Catalog, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "_AT_ONCE", 50)
    first = MemoryCatalog()
    await fill(first, count)
    text = await written(first)
    told: list[int] = []
    assert await import_catalog(catalog, MemoryPersonal(), io.BytesIO(text), progress=told.append) == count
    assert told == list(range(50, count + 1, 50))
    assert await written(catalog) == text
    assert await catalog.dump(None, 1000) == await first.dump(None, 1000)
    assert await catalog.marks() == {"pts": "77", "walk": "5"}
    second = MemoryCatalog()
    for _ in range(2):  # again, as after an interruption
        await import_catalog(second, MemoryPersonal(), io.BytesIO(text))
    assert await written(second) == text


@leaves_sockets
@pytest.mark.parametrize("way", ["sqlite to mongo", "mongo to sqlite"])
async def test_an_import_into_the_other_engine_has_everything(sqlite: Store, mongo: Store, way: str) -> None:
    first, second = (sqlite, mongo) if way.startswith("sqlite") else (mongo, sqlite)
    await fill(first.catalog, 120)
    await first.personal.restore(BELONGINGS)
    text = await first.written()
    for _ in range(2):  # again, as after an interruption
        assert await second.put_in(text) == 120
    assert await second.written() == text
    assert [file for _, file in await second.personal.favourites(ANNA, 9)] == list("3124")
    third = Store()
    await third.put_in(text)
    assert await third.written() == text


async def test_exports_of_version_1_are_imported(sqlite: Store) -> None:
    await fill(sqlite.catalog, 3)
    text = await sqlite.written()
    second = Store()
    assert await second.put_in(text.replace(HEAD, b'{"streamvault_catalog":1}\n')) == 3
    assert await second.written() == text


async def test_rows_without_what_was_sent_are_decided_after_an_import(sqlite: Store) -> None:
    """The place of the walk that computes rows again is that of the exported catalog, and not taken over."""
    await fill(sqlite.catalog, 3)
    await sqlite.catalog.apply(Change(marks={MARK: "0"}))
    second = Store()
    await second.catalog.apply(Change(marks={MARK: "0"}))
    await second.put_in(await sqlite.written())
    assert await second.catalog.mark(MARK) is None


async def test_personal_data_is_imported_in_batches(sqlite: Store) -> None:
    """A collection counts as many records as it has files."""
    first, sizes = Store(), list[int]()
    shelves = [CollectionRecord(ANNA, n, f"{n}", tuple(uuid.uuid4().hex for _ in range(300))) for n in range(1, 6)]
    await first.personal.restore(shelves)
    restore = sqlite.personal.restore

    async def counted(found: list[PersonalRecord]) -> None:
        sizes.append(len(found))
        await restore(found)

    sqlite.personal.restore = counted  # type: ignore[method-assign,assignment]
    await sqlite.put_in(await first.written())
    assert sizes == [2, 2, 1]
    assert [one async for one in sqlite.personal.dump()] == shelves


async def test_collections_beyond_the_limit_are_an_error() -> None:
    first, second = Store(), Store()
    await first.personal.restore([CollectionRecord(ANNA, 1, "full", tuple(f"{n}" for n in range(MAX_MEMBERS)))])
    await second.personal.restore([CollectionRecord(ANNA, 1, "full", ("another",))])
    with pytest.raises(ConfigError, match="exceeds a limit"):
        await second.put_in(await first.written())


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=FILES, facts=st.none() | FACTS)
async def test_every_field_is_exported_and_imported(file: MediaFile, facts: NameFacts | None) -> None:
    first, second = MemoryCatalog([file]), MemoryCatalog()
    expected = MemoryCatalog([classify(file) if file.sent else file])  # by the rules of the importing version
    for catalog in (first, expected):
        await catalog.store_facts({} if facts is None else {file.key.file_unique_id: facts})
    await import_catalog(second, MemoryPersonal(), io.BytesIO(await written(first)))
    assert await second.dump(None, 2) == await expected.dump(None, 2)


async def test_a_line_is_an_object_with_one_key() -> None:
    catalog = MemoryCatalog()
    await fill(catalog, 3)
    lines = [json.loads(line) for line in (await written(catalog)).splitlines()]
    assert [list(line) for line in lines] == [["streamvault_catalog"], ["chat"], ["mark"], ["mark"], *[["file"]] * 3]
    assert lines[1] == {"chat": {"id": CHANNEL, "title": "Films 🎬"}}


async def test_marks_are_stored_when_all_files_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_AT_ONCE", 2)
    first, second = MemoryCatalog(), MemoryCatalog()
    await fill(first, 5)
    text = await written(first)
    with pytest.raises(ConfigError, match="line 9"):
        await import_catalog(second, MemoryPersonal(), io.BytesIO(text[: text.rindex(b'"name"')]))
    assert len(second.files) == 4
    assert await second.marks() == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04\xff", "line 1 cannot be read"),
        (b'{"chat":{"id":1,"title":"x"}}\n', "line 1 is not"),
        (b'{"streamvault_catalog":4}\n', "newer version"),
        (HEAD + HEAD, "line 2 is not"),
        (HEAD + b"\n", "line 2 cannot be read"),
        (HEAD + b"{}\n", "line 2 is not"),
        (HEAD + b'{"later":1}\n', "line 2 holds a 'later', which this version of StreamVault does not know"),
        (HEAD + b'{"mark":{"name":"a","value":"b"},"later":1}\n', "line 2 holds a 'later'"),
        (HEAD + b'{"mark":{"name":"a","value":"b"},"chat":{"id":1,"title":"x"}}\n', "line 2 is not"),
        (HEAD + b'{"favourite":{"user":"a","file_unique_id":"b","later":1}}\n', "line 2 cannot be read"),
        (HEAD + b'{"collection":{"user":"a","id":0,"name":"b"}}\n', "line 2 cannot be read"),
        (HEAD + b'{"mark":{"name":"a"}}\n', "line 2 cannot be read"),
        (HEAD + b'{"file":{"message":{}}}\n', "line 2 cannot be read"),
    ],
    ids=range(14),
)
async def test_a_file_that_is_no_export_raises_config_error(text: bytes, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        await import_catalog(MemoryCatalog(), MemoryPersonal(), io.BytesIO(text))


async def test_a_line_beyond_the_limit_raises_config_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_MAX_LINE", 1000)
    with pytest.raises(ConfigError, match="line 2"):
        await import_catalog(MemoryCatalog(), MemoryPersonal(), io.BytesIO(HEAD + b" " * 5000 + os.linesep.encode()))
