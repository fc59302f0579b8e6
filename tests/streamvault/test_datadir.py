"""DATA_DIR and the secret key in it: made once, private, and every failure is one sentence."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from streamvault.datadir import open_data_dir, secret_key
from streamvault.errors import ConfigError
from streamvault.settings import Settings


def settings_in(folder: Path, secret: str | None = None) -> Settings:
    return Settings.model_validate(
        {"api_id": 1, "api_hash": "x", "bot_token": "1:x", "data_dir": folder, "secret_key": secret}
    )


def test_a_missing_folder_is_made_private(tmp_path: Path) -> None:
    made = open_data_dir(tmp_path / "a" / "b")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert list(made.iterdir()) == []


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(ConfigError, match=r"DATA_DIR .* cannot be written to"):
        open_data_dir(tmp_path / "data")


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    first = secret_key(settings_in(tmp_path))
    assert secret_key(settings_in(tmp_path)) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert len(first) >= 32
    assert os.listdir(tmp_path) == ["secret_key"]


def test_two_starts_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        keys = set(pool.map(lambda _: secret_key(settings_in(tmp_path)), range(2)))
    assert keys == {(tmp_path / "secret_key").read_bytes()}


def test_secret_key_setting_wins_and_writes_nothing(tmp_path: Path) -> None:
    assert secret_key(settings_in(tmp_path, "sixteen-characters")) == b"sixteen-characters"
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_key_is_kept_and_reported(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("x")
    with pytest.raises(ConfigError, match="damaged"):
        secret_key(settings_in(tmp_path))
    assert (tmp_path / "secret_key").read_text() == "x"
