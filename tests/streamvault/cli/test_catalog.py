"""`streamvault catalog`: export from one database, import into another."""

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import SecretStr

from streamvault.access.store.base import Kind, Record
from streamvault.catalog.personal import CollectionRecord, FavouriteRecord
from streamvault.cli.catalog import export_to, import_from
from streamvault.database import connected_access, connected_database
from streamvault.settings import Settings
from tests.support.files import media_file
from tests.support.mongo import leaves_sockets, mongo_server

SECRETS = [
    Record(kind, f"id-of-{kind}", 1000.0, {"hash": f"hash-of-{kind}", "name": f"name-of-{kind}"}, person=987654321)
    for kind in get_args(Kind)
]
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


@leaves_sockets
@pytest.mark.parametrize("engine", ["sqlite", "mongodb"])
async def test_access_records_are_neither_exported_nor_changed(tmp_path: Path, mongo_port: int, engine: str) -> None:
    said: list[str] = []
    async with mongo_server(tmp_path, shared=mongo_port) as server:
        mongodb = server.url.get_secret_value()
        chosen = settings(tmp_path, "sqlite:///streamvault.db" if engine == "sqlite" else mongodb)
        async with connected_database(chosen) as one:
            await one.catalog.put(media_file(1))
            await one.personal.restore(PERSONAL)
        await export_to(chosen, str(tmp_path / "without.jsonl"), say=said.append)
        async with connected_access(chosen) as records:
            for secret in SECRETS:
                await records.add(secret)
                await records.add_member(secret.kind, secret.id, "name-of-member", most=5)
        await export_to(chosen, str(tmp_path / "with.jsonl"), say=said.append)
        await import_from(chosen, str(tmp_path / "with.jsonl"), say=said.append)
        async with connected_access(chosen) as records:
            found = [await records.get(secret.kind, secret.id) for secret in SECRETS]
    exported = (tmp_path / "with.jsonl").read_text()
    assert exported == (tmp_path / "without.jsonl").read_text()
    assert "Films" in exported
    assert [one for one in ("id-of", "hash-of", "name-of", "987654321") if one in exported] == []
    assert found == [replace(secret, members=1) for secret in SECRETS]
    assert said == ["1 files exported", "1 files exported", "1 files imported"]
