"""DATA_DIR and the secret key in it: checked before anything else uses them."""

import contextlib
import errno
import fcntl
import logging
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from streamvault.errors import ConfigError
from streamvault.settings import LocalSettings

log = logging.getLogger(__name__)

_KEY_FILE = "secret_key"
_PROBE = 256 << 10  # bytes; the least that a session and a catalog need
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})


def open_data_dir(path: Path, *, locks: bool = True) -> Path:
    """Check that `path` can be used, and create its last folder (0700) if it is missing; the absolute path.

    `locks`: sessions are stored there, so its file system must support locks. Raises ConfigError with one sentence that
    says what is wrong and how to mend it; a folder that was created is removed then.
    """
    made = _make(path)
    try:
        _try_writing(path, locks=locks)
        _check_owners(path / "sessions")
    except ConfigError:
        if made:
            path.rmdir()
        raise
    return path.resolve()


def secret_key(settings: LocalSettings) -> bytes:
    """SECRET_KEY's bytes; when it is not set, those of DATA_DIR/secret_key (0600): 32 random bytes, created once."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    path = settings.data_dir / _KEY_FILE
    try:
        return _read_key(path) if path.exists() else _make_key(path)
    except OSError as error:
        raise ConfigError(f"the secret key {path} cannot be read or written ({error.strerror})") from error


def old_secret_keys(settings: LocalSettings) -> tuple[bytes, ...]:
    """What signed before `secret_key` and is still accepted: OLD_SECRET_KEYS, and DATA_DIR/secret_key if it is there
    although SECRET_KEY is set. The latter is logged.
    """
    present = secret_key(settings)
    old = [key.get_secret_value().encode() for key in settings.old_secret_keys]
    path = settings.data_dir / _KEY_FILE
    if settings.secret_key is not None and path.exists():
        try:
            found = _read_key(path)
        except (OSError, ConfigError):
            log.warning("%s is damaged or cannot be read: links and cookies that it signed are refused", path)
        else:
            if found not in (present, *old):
                log.info("links and cookies signed with %s are accepted as well: delete it to end them", path)
                old.append(found)
    return tuple(dict.fromkeys(key for key in old if key != present))


def _make(path: Path) -> bool:
    """Create the last folder of the path if it is missing; whether it was."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if path.is_dir():
            return False
        raise ConfigError(f"DATA_DIR {path} is a file: set DATA_DIR to a folder") from None
    except FileNotFoundError:
        raise ConfigError(
            f"DATA_DIR {path} does not exist, nor does the folder that it would be in: mount or make it, or set "
            "DATA_DIR to another one"
        ) from None
    except OSError as error:
        raise ConfigError(_unwritable(path, error)) from error
    return True


def _try_writing(path: Path, *, locks: bool) -> None:
    probe = path / f".probe-{os.getpid()}"
    try:
        with _removed(probe), probe.open("wb") as file:
            file.write(bytes(_PROBE))
            file.flush()
            os.fsync(file.fileno())
            if locks:
                _try_locking(file.fileno(), path)
    except OSError as error:
        if error.errno in _FULL:
            raise ConfigError(f"DATA_DIR {path} is full: free some space, or set DATA_DIR to a larger disk") from error
        raise ConfigError(_unwritable(path, error)) from error


def _try_locking(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        raise ConfigError(
            f"DATA_DIR {path} is on a file system without locks, so two servers could use one session: put DATA_DIR on "
            "a local disk, or set SESSION_STORE=database"
        ) from error


def _check_owners(sessions: Path) -> None:
    """Raise ConfigError for session files of another user, also as root: one of the two could not open them later."""
    try:
        for path in (sessions, *(sessions.iterdir() if sessions.is_dir() else ())):
            if path.exists() and path.stat().st_uid != os.geteuid():
                raise ConfigError(
                    f"{path} belongs to user id {path.stat().st_uid}, but this is user id {os.geteuid()}: run "
                    f"StreamVault as that user, or give it up with `chown -R {os.geteuid()} {sessions}`"
                )
    except PermissionError as error:
        raise ConfigError(_unwritable(sessions, error)) from error


def _unwritable(path: Path, error: OSError) -> str:
    user = os.geteuid()
    if error.errno == errno.EROFS:
        return f"DATA_DIR {path} is on a read-only file system: mount it writable, or set DATA_DIR to another folder"
    if error.errno == errno.ENOENT:
        return (
            f"DATA_DIR {path} cannot be written to: it is a folder in which no files can be made, as those of /proc: "
            "set DATA_DIR to a folder on a disk"
        )
    with contextlib.suppress(OSError):
        if error.errno in (errno.EACCES, errno.EPERM) and path.exists() and path.stat().st_uid != user:
            return (
                f"DATA_DIR {path} cannot be written to: it belongs to user id {path.stat().st_uid}, but this is "
                f"user id {user}: `chown -R {user} {path}` as root, or set DATA_DIR to a folder of its own"
            )
    return (
        f"DATA_DIR {path} cannot be written to ({error.strerror}): make it a folder that user id {user} owns, or set "
        "DATA_DIR to one"
    )


@contextlib.contextmanager
def _removed(path: Path) -> Iterator[None]:
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _read_key(path: Path) -> bytes:
    key = path.read_bytes().strip()
    if len(key) < 16:
        raise ConfigError(
            f"the secret key {path} is damaged: restore it, or delete it (links made so far then stop working)"
        )
    return key


def _make_key(path: Path) -> bytes:
    """Write a new key to a temporary file and link it to `path`: two concurrent processes end with the same key."""
    descriptor, temporary = tempfile.mkstemp(prefix=".secret_key-", dir=path.parent)  # created with mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(temporary, path)
    os.unlink(temporary)
    return _read_key(path)
