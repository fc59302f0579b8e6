"""The RSA keys of emulators: made, or loaded and verified, once in a process, since it takes longer than most tests."""

from functools import cache
from pathlib import Path

from tests.support.proof import full
from tgemulator.mtproto.server_keys import ServerKeys
from tgemulator.wire.rsa import RsaKey

_load = ServerKeys.load


@cache
def _made_once(*, cdn: bool) -> ServerKeys:
    return _load(None, cdn=cdn)


def _shared(folder: Path | None, *, cdn: bool) -> ServerKeys:
    return _made_once(cdn=cdn) if folder is None else _load(folder, cdn=cdn)


def install() -> None:
    """Let all emulators of this process that keep nothing have the same keys, except in `make proof`."""
    if not full():
        RsaKey.load = cache(RsaKey.load)  # type: ignore[method-assign]
        ServerKeys.load = _shared  # type: ignore[method-assign]
