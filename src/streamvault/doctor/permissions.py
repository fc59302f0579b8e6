"""Whether other users of this machine can read the secrets, or put files among them."""

import stat
from collections.abc import Iterator
from pathlib import Path

from streamvault.doctor.finding import Finding
from streamvault.settings import Settings

ENV_FILE = Path(".env")


def check_permissions(settings: Settings) -> Iterator[Finding]:
    """One finding for each file or folder that others can use; none where all is well."""
    folder = settings.data_dir
    for path in (folder, folder / "sessions"):
        if path.is_dir() and _mode(path) & (stat.S_IWGRP | stat.S_IWOTH):
            detail = f"{path} (mode {_mode(path):04o}) lets other users replace the session and the secret key"
            yield Finding(f"permissions of {path.name}", "failed", detail, f"chmod 700 {path}")
    database = settings.database_path
    kept = [database.with_name(database.name + ending) for ending in ("", "-wal", "-shm")]
    secrets = [folder / "secret_key", *sorted((folder / "sessions").glob("*"))]
    for path in (*secrets, *([] if settings.mongodb_url is not None else kept)):
        if _is_file(path) and _mode(path) & (stat.S_IRWXG | stat.S_IRWXO):
            detail = f"other users can use {path} (mode {_mode(path):04o})"
            yield Finding(f"permissions of {path.name}", "failed", detail, f"chmod 600 {path}")
    if _is_file(ENV_FILE) and _mode(ENV_FILE) & stat.S_IROTH:
        detail = f"other users can read {ENV_FILE} (mode {_mode(ENV_FILE):04o}), which may hold the bot's token"
        yield Finding(f"permissions of {ENV_FILE}", "warning", detail, f"chmod 600 {ENV_FILE}")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
