"""What is said of a database that is not there."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pydantic import SecretStr

from streamvault.datadir import secret_key
from streamvault.doctor import checks
from streamvault.doctor.checks import check_data, check_database
from streamvault.settings import Settings


@pytest.mark.parametrize(
    ("place", "status"), [("new.db", "ok"), ("gone/new.db", "failed"), ("gone/too/new.db", "failed")]
)
async def test_a_database_that_is_not_there_is_not_created_nor_is_its_folder(
    tmp_path: Path, place: str, status: str
) -> None:
    settings = SimpleNamespace(mongodb_url=None, database_path=tmp_path / place)
    [finding] = [found async for found in check_database(cast(Any, settings))]
    assert finding.status == status
    assert str(tmp_path / place) in finding.detail
    assert list(tmp_path.iterdir()) == []


async def test_a_database_that_cannot_be_created_is_told_with_its_mend(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = SimpleNamespace(mongodb_url=None, database_path=tmp_path / "file" / "new.db")
    [finding] = [found async for found in check_database(cast(Any, settings))]
    assert (finding.status, "DATABASE_URL" in finding.mend) == ("failed", True)


async def test_earlier_keys_that_are_still_accepted_are_counted(tmp_path: Path) -> None:
    given = {"api_id": 1, "api_hash": "0" * 32, "bot_token": "1:x", "data_dir": tmp_path}
    settings = Settings.model_validate(given)
    secret_key(settings)
    old = {"old_secret_keys": (SecretStr("older-than-sixteen"),)}
    assert await _told_of_keys(settings) == []
    assert await _told_of_keys(settings.model_copy(update=old)) == [1]
    assert await _told_of_keys(settings.model_copy(update={**old, "secret_key": SecretStr("sixteen-characters")})) == [
        2
    ]


async def _told_of_keys(settings: Settings) -> list[int]:
    """The number of earlier keys in each finding about the secret key."""
    details = [found.detail async for found in check_data(settings) if found.name == "secret key"]
    return [int(number) for detail in details for number in re.findall("of ([0-9]+) earlier", detail)]


@pytest.mark.parametrize(
    ("installed", "status", "word"), [(True, "ok", "repackaged"), (False, "warning", "players only")]
)
async def test_the_extra_media(monkeypatch: pytest.MonkeyPatch, *, installed: bool, status: str, word: str) -> None:
    monkeypatch.setattr(checks, "can_make_stills", lambda: installed)
    found = {finding.name: finding async for finding in checks.check_programs()}["media"]
    assert found.status == status
    assert word in found.detail
    assert ("pip install '.[media]'" in found.mend) is not installed


async def test_the_extra_torrents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where torrents are wished."""
    for installed, status in ((True, "ok"), (False, "warning")):
        monkeypatch.setattr(checks, "has_libtorrent", lambda installed=installed: installed)
        found = {finding.name: finding async for finding in checks.check_programs(torrents=True)}["libtorrent"]
        assert found.status == status
        assert ("pip install '.[torrents]'" in found.mend) is not installed
    assert "libtorrent" not in {finding.name async for finding in checks.check_programs()}


@pytest.mark.parametrize(
    ("installed", "status", "word"), [(True, "ok", "playlists"), (False, "warning", "not installed")]
)
async def test_the_extra_leech(monkeypatch: pytest.MonkeyPatch, *, installed: bool, status: str, word: str) -> None:
    monkeypatch.setattr(checks, "is_installed", lambda: installed)
    found = {finding.name: finding async for finding in checks.check_programs()}["yt-dlp"]
    assert found.status == status
    assert word in found.detail
    assert ("pip install '.[leech]'" in found.mend) is not installed
