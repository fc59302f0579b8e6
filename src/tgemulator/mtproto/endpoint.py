"""What the connections of one address of a data centre are made from."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from tgemulator.config import EmulatorConfig
from tgemulator.counters import Counters
from tgemulator.faults.registry import Faults
from tgemulator.mtproto.calls import Calls, Tasks
from tgemulator.mtproto.keys import KeyStore
from tgemulator.wire.rsa import RsaKey


@dataclass(frozen=True, slots=True)
class Shared:
    """What all connections of an emulator share; `ciphers` runs the encryption of large answers."""

    config: EmulatorConfig
    counters: Counters
    faults: Faults
    keys: KeyStore
    calls: Calls
    tasks: Tasks
    ciphers: Executor
    connections_open: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of a data centre: the general one, or the media-only one."""

    shared: Shared
    dc_id: int
    media_only: bool
    cdn: bool
    rsa: RsaKey
