"""The MongoDB catalog's schema version, its migration, and the space that is left."""

import pytest

from streamvault.catalog.base import CatalogQuery
from streamvault.catalog.mongo import schema
from streamvault.catalog.mongo.catalog import MongoCatalog
from streamvault.catalog.mongo.schema import VERSION
from streamvault.errors import ConfigError
from streamvault.media.model import MediaFile
from streamvault.storage.mongo import MongoDatabase
from tests.support.files import CHANNEL, media_file
from tests.support.mongo import leaves_sockets

pytestmark = leaves_sockets


class _Cut(Exception):
    """Stands for the end of the process."""


async def test_a_newer_schema_raises_config_error(database: MongoDatabase) -> None:
    await database.database["versions"].insert_one({"_id": "catalog", "version": VERSION + 1})
    with pytest.raises(ConfigError, match="newer version"):
        await MongoCatalog(database).__aenter__()


async def test_documents_of_version_1_are_migrated(database: MongoDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "_AT_ONCE", 2)
    collection = database.database["files"]
    old = [media_file(n, caption="#Tag wörd" if n == 2 else "", edit_date=n or None) for n in range(1, 6)]
    twin = media_file(6, date=old[0].date, key=old[0].key)
    await collection.insert_many([_version_1(file) for file in (*old, twin)])
    await collection.create_index([("date", 1), ("chat_id", 1), ("message_id", 1)], name="by_date")
    await database.database["versions"].insert_one({"_id": "catalog", "version": 1})
    await database.database["chats"].insert_one({"_id": CHANNEL, "title": "Films"})
    async with MongoCatalog(database) as catalog:
        assert [entry.file for entry in await catalog.dump(None, 9)] == [*old, twin]
        assert [entry.tags for entry in await catalog.dump(None, 2)] == [(), ("Tag",)]
        found = await catalog.page(CatalogQuery(text="word"))
        assert [entry.file for entry in found.items] == [old[1]]
        assert (await catalog.facets(CatalogQuery())).total == 5
        assert len(await catalog.unparsed_names(1, 9)) == 5
        assert await catalog.chats() == {CHANNEL: "Films"}
    assert (await database.database["versions"].find_one({"_id": "catalog"}))["version"] == VERSION
    indexed = [[field for field, _ in index["key"]] for index in (await collection.index_information()).values()]
    assert ["terms", "key"] in indexed
    assert ["date", "chat_id", "message_id"] not in indexed


async def test_an_interrupted_migration_of_documents_continues(
    database: MongoDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_AT_ONCE", 2)
    files = [media_file(n) for n in range(1, 6)]
    await database.database["files"].insert_many([_version_1(file) for file in files])
    await database.database["versions"].insert_one({"_id": "catalog", "version": 1})
    real, steps = schema._migrate_batch, []

    async def cut(collection: object) -> int:
        steps.append(await real(collection))
        if len(steps) == 2:
            raise _Cut
        return steps[-1]

    with monkeypatch.context() as broken:
        broken.setattr(schema, "_migrate_batch", cut)
        with pytest.raises(_Cut):
            await MongoCatalog(database).__aenter__()
    async with MongoCatalog(database) as catalog:
        assert [entry.file for entry in await catalog.dump(None, 9)] == files


@pytest.mark.parametrize(
    ("stats", "words"),
    [
        ({"dataSize": 300 << 20, "indexSize": 120 << 20}, "420 MB"),
        ({"dataSize": 300 << 20, "indexSize": 100 << 20}, ""),
        ({"dataSize": 900 << 20, "indexSize": 100 << 20}, ""),
        ({"dataSize": 5, "indexSize": 5, "fsTotalSize": 1000, "fsUsedSize": 801}, "full to 80 %"),
        ({"dataSize": 5, "indexSize": 5, "fsTotalSize": 1000, "fsUsedSize": 799}, ""),
    ],
    ids=["free tier nearly full", "free tier with room", "no free tier", "disk nearly full", "disk with room"],
)
async def test_little_space_is_logged(stats: dict[str, int], words: str, caplog: pytest.LogCaptureFixture) -> None:
    class Database:
        async def command(self, name: str) -> dict[str, int]:
            assert name == "dbStats"
            return stats

    await schema.warn_when_nearly_full(Database())
    assert (words in caplog.text) if words else not caplog.records


def _version_1(file: MediaFile) -> dict[str, object]:
    """As the first version stored it."""
    names = ("dc_id", "kind", "name", "size", "mime_type", "edit_date", "caption", "duration", "width", "height",
             "title", "performer", "date")  # fmt: skip
    return {name: getattr(file, name) for name in names} | {
        "_id": f"{file.origin.chat_id}/{file.origin.message_id}",
        "chat_id": file.origin.chat_id,
        "message_id": file.origin.message_id,
        "file_unique_id": file.key.file_unique_id,
        "thumb_sizes": list(file.thumb_sizes),
        "edited": file.edit_date or 0,
        "name_key": file.name,
        "search_text": file.name,
    }
