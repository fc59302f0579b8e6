"""The RSA keys of emulators that keep nothing, lent from one to the next: making one takes longer than most tests.

Emulators that run at the same time have different ones. A key that lies in a folder is loaded and verified once.
"""

from functools import cache
from pathlib import Path

from tests.support.proof import full
from tgemulator.emulator import Emulator
from tgemulator.mtproto.server_keys import ServerKeys
from tgemulator.wire.rsa import RsaKey

_load = ServerKeys.load
_free: dict[bool, list[ServerKeys]] = {False: [], True: []}
_lent: dict[int, tuple[bool, ServerKeys]] = {}


def _lend(folder: Path | None, *, cdn: bool) -> ServerKeys:
    if folder is not None:
        return _load(folder, cdn=cdn)
    try:
        keys = _free[cdn].pop()
    except IndexError:
        keys = _load(None, cdn=cdn)
    _lent[keys.main.fingerprint] = cdn, keys
    return keys


def give_back(emulator: Emulator) -> None:
    """Let another emulator have the keys of this one, which has ended."""
    lent = _lent.pop(emulator.public_key_fingerprint, None)
    if lent is not None:
        cdn, keys = lent
        _free[cdn].append(keys)


def install() -> None:
    """Lend keys from now on, except in `make proof`."""
    if not full() and ServerKeys.load is not _lend:
        RsaKey.load = cache(RsaKey.load)  # type: ignore[method-assign]
        ServerKeys.load = _lend  # type: ignore[method-assign]
