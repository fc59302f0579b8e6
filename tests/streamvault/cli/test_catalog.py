"""`streamvault catalog`: export from one database, import into another."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from streamvault.catalog.personal import CollectionRecord, FavouriteRecord
from streamvault.cli.catalog import export_to, import_from
from streamvault.database import connected_database
from streamvault.settings import Settings
from tests.support.files import media_file
from tests.support.mongo import leaves_sockets, mongo_server

PERSONAL = (FavouriteRecord("eve", "a"), CollectionRecord("eve", 4, "Films", ("b", "a")))


def settings(folder: Path, url: str) -> Settings:
    values: dict[str, Any] = {
        "_env_file": None,
        "api_id": 1,
        "api_hash": SecretStr("0" * 32),
        "bot_token": SecretStr("7:secret"),
        "data_dir": folder,
        "database_url": SecretStr(url),
    }
    return Settings(**values)


@leaves_sockets
async def test_files_and_personal_data_survive_sqlite_to_mongodb_and_back(tmp_path: Path, mongo_port: int) -> None:
    said: list[str] = []
    first = settings(tmp_path / "first", "sqlite:///streamvault.db")
    (tmp_path / "first").mkdir()
    async with connected_database(first) as one:
        await one.catalog.put(media_file(1))
        await one.personal.restore(PERSONAL)
    await export_to(first, str(tmp_path / "first.jsonl"), say=said.append)
    async with mongo_server(tmp_path, shared=mongo_port) as server:
        second = settings(tmp_path / "second", server.url.get_secret_value())
        await import_from(second, str(tmp_path / "first.jsonl"), say=said.append)
        await export_to(second, str(tmp_path / "second.jsonl"), say=said.append)
    third = settings(tmp_path / "third", "sqlite:///streamvault.db")
    await import_from(third, str(tmp_path / "second.jsonl"), say=said.append)
    await export_to(third, str(tmp_path / "third.jsonl"), say=said.append)
    texts = {(tmp_path / f"{name}.jsonl").read_text() for name in ("first", "second", "third")}
    assert len(texts) == 1
    assert '"Films"' in texts.pop()
    assert said == ["1 files exported", "1 files imported"] * 2 + ["1 files exported"]
