"""The configuration of an emulator; accounts, chats and files are made through World and FileStore."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DcConfig:
    """One data centre. Port 0 lets the system choose; `media_port` None means no media-only address."""

    id: int
    port: int = 0
    media_port: int | None = 0
    cdn: bool = False


@dataclass(frozen=True, slots=True)
class EmulatorConfig:
    """`folder` keeps RSA key, auth keys and ports across restarts; None keeps nothing.

    `clock` returns Unix seconds. `tell_bots_of_deletions`: whether bots get updates of deleted messages
    (reports on what Telegram does differ). `salt_lifetime` in seconds. `rsa_schemes`: how the inner data of a key
    exchange may be encrypted, RSA_PAD ("pad") and the scheme before it ("sha1").
    """

    host: str = "127.0.0.1"
    dcs: tuple[DcConfig, ...] = (DcConfig(1), DcConfig(2), DcConfig(4))
    folder: Path | None = None
    clock: Callable[[], float] = field(default=time.time)
    salt_lifetime: float = 1800.0
    tell_bots_of_deletions: bool = False
    rsa_schemes: frozenset[str] = frozenset({"pad", "sha1"})
