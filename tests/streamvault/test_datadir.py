"""DATA_DIR and the secret key in it: created once, private, and every failure is a ConfigError."""

import errno
import fcntl
import logging
import os
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from streamvault.datadir import old_secret_keys, open_data_dir, secret_key
from streamvault.errors import ConfigError
from streamvault.settings import Settings
from tests.support.programs import as_root


def settings_in(folder: Path, secret: str | None = None) -> Settings:
    return Settings.model_validate(
        {"api_id": 1, "api_hash": "0" * 32, "bot_token": "1:x", "data_dir": folder, "secret_key": secret}
    )


def test_a_missing_folder_is_created_private(tmp_path: Path) -> None:
    made = open_data_dir(tmp_path / "data")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert list(made.iterdir()) == []


def test_a_forgotten_mount_does_not_become_a_new_installation(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist, nor does the folder"):
        open_data_dir(tmp_path / "mount" / "data")
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_locks_raises_config_error_where_locks_are_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(ConfigError, match="without locks"):
        open_data_dir(tmp_path / "data")
    assert list(tmp_path.iterdir()) == []
    assert open_data_dir(tmp_path, locks=False) == tmp_path.resolve()


@pytest.mark.parametrize("owned", ["sessions", "sessions/bot.session"])
def test_sessions_of_another_user_raise_config_error_also_for_root(tmp_path: Path, owned: str) -> None:
    as_root()
    (tmp_path / "sessions").mkdir()
    (tmp_path / "sessions" / "bot.session").touch()
    os.chown(tmp_path / owned, 1000, 1000)
    with pytest.raises(ConfigError, match=r"belongs to user id 1000, but this is user id 0: .* `chown -R 0 "):
        open_data_dir(tmp_path)


def test_a_folder_of_another_user_raises_config_error_with_both_ids(tmp_path: Path) -> None:
    as_root()
    place = Path(tempfile.mkdtemp(dir="/tmp"))  # pytest's own folders are not accessible to other users
    try:
        place.chmod(0o755)
        said = opening(place, before=["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"])
        assert "it belongs to user id 0, but this is user id 1000: `chown -R 1000 " in said
        assert list(place.iterdir()) == []
    finally:
        place.rmdir()


@pytest.mark.parametrize(
    ("options", "words"), [("ro", "is on a read-only file system: "), ("size=64k", "is full: free some space")]
)
def test_a_full_or_read_only_mount_raises_config_error(tmp_path: Path, options: str, words: str) -> None:
    as_root()
    mounting = f'mount -t tmpfs -o {options} none "$1" && shift && exec "$@"'
    said = opening(tmp_path, before=["unshare", "--mount", "sh", "-c", mounting, "sh", str(tmp_path)])
    assert words in said


@pytest.mark.parametrize("folder", ["/proc", "/proc/self", "/proc/self/fd"])
def test_a_folder_that_takes_no_files_is_told_as_one(folder: str) -> None:
    """25: the system says "No such file or directory" of the file that was to be made."""
    with pytest.raises(ConfigError, match=rf"DATA_DIR {folder} cannot be written to: .*set DATA_DIR to") as caught:
        open_data_dir(Path(folder))
    assert "No such file" not in str(caught.value)


def opening(folder: Path, *, before: list[str]) -> str:
    """The ConfigError of a child process that opens `folder`."""
    script = (
        "import sys; from pathlib import Path; from streamvault.datadir import open_data_dir\n"
        "from streamvault.errors import ConfigError\n"
        "try: open_data_dir(Path(sys.argv[1]))\n"
        "except ConfigError as error: print(error)"
    )
    command = [*before, sys.executable, "-c", script, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout


def test_a_file_in_place_of_the_folder_raises_config_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(ConfigError, match=r"DATA_DIR .* is a file"):
        open_data_dir(tmp_path / "data")


def test_the_key_is_created_once_and_private(tmp_path: Path) -> None:
    first = secret_key(settings_in(tmp_path))
    assert secret_key(settings_in(tmp_path)) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert len(first) >= 32
    assert os.listdir(tmp_path) == ["secret_key"]


def test_two_concurrent_starts_use_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        keys = set(pool.map(lambda _: secret_key(settings_in(tmp_path)), range(2)))
    assert keys == {(tmp_path / "secret_key").read_bytes()}


def with_keys(folder: Path, secret: str | None, *old: str) -> Settings:
    return settings_in(folder, secret).model_copy(update={"old_secret_keys": tuple(map(SecretStr, old))})


def test_old_keys_are_those_of_the_setting_without_the_present_one(tmp_path: Path) -> None:
    keys = ("older-than-sixteen", "sixteen-characters", "oldest-of-them-all", "older-than-sixteen")
    found = old_secret_keys(with_keys(tmp_path, "sixteen-characters", *keys))
    assert found == (b"older-than-sixteen", b"oldest-of-them-all")
    assert os.listdir(tmp_path) == []


def test_a_key_that_was_made_before_is_an_old_one_once_another_is_set(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = secret_key(settings_in(tmp_path))
    assert old_secret_keys(with_keys(tmp_path, None)) == ()
    assert old_secret_keys(with_keys(tmp_path, made.decode())) == ()
    assert caplog.records == []
    with caplog.at_level(logging.INFO):
        assert old_secret_keys(with_keys(tmp_path, "sixteen-characters", "older-than-sixteen")) == (
            b"older-than-sixteen",
            made,
        )
    [line] = caplog.messages
    assert str(tmp_path / "secret_key") in line
    assert made.decode() not in line


def test_a_damaged_key_of_before_is_told_and_not_accepted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "secret_key").write_text("x")
    assert old_secret_keys(with_keys(tmp_path, "sixteen-characters")) == ()
    [line] = caplog.messages
    assert "damaged" in line


def test_the_secret_key_setting_takes_precedence_and_writes_no_file(tmp_path: Path) -> None:
    assert secret_key(settings_in(tmp_path, "sixteen-characters")) == b"sixteen-characters"
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_key_is_kept_and_reported(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("x")
    with pytest.raises(ConfigError, match="damaged"):
        secret_key(settings_in(tmp_path))
    assert (tmp_path / "secret_key").read_text() == "x"
