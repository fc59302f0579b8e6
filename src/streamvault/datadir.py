"""DATA_DIR before anything else touches it: it exists, it can be written to, and it holds the secret key."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from streamvault.errors import ConfigError
from streamvault.settings import Settings


def open_data_dir(path: Path) -> Path:
    """Make `path` if it is missing (0700) and prove that a file can be written there.

    Raises ConfigError with one sentence that says what is wrong and how to mend it.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = path / f".probe-{os.getpid()}"
        probe.write_bytes(b"probe")
        probe.unlink()
    except OSError as error:
        raise ConfigError(
            f"DATA_DIR {path} cannot be written to ({error.strerror}): make it a folder that user id "
            f"{os.getuid()} owns and that has free space, or set DATA_DIR to one"
        ) from error
    return path.resolve()


def secret_key(settings: Settings) -> bytes:
    """SECRET_KEY's bytes; when unset, 32 random bytes made once and kept in DATA_DIR/secret_key (0600)."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    path = settings.data_dir / "secret_key"
    try:
        return _read_key(path) if path.exists() else _make_key(path)
    except OSError as error:
        raise ConfigError(f"the secret key {path} cannot be read or written ({error.strerror})") from error


def _read_key(path: Path) -> bytes:
    key = path.read_bytes().strip()
    if len(key) < 16:
        raise ConfigError(
            f"the secret key {path} is damaged: restore it, or delete it (links made so far then stop working)"
        )
    return key


def _make_key(path: Path) -> bytes:
    """Write a new key aside and link it into place, so that of two processes at once one wins and both agree."""
    descriptor, aside = tempfile.mkstemp(prefix=".secret_key-", dir=path.parent)  # 0600, and a name of its own
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(aside, path)
    os.unlink(aside)
    return _read_key(path)
