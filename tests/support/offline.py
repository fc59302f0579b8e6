"""An emulator that does not listen, a clock that only a test moves, and calls without a connection."""

import os
from typing import Any, cast

from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.emulator import Emulator
from tgemulator.services.registry import Call
from tgemulator.wire.handshake import NewKey

ALICE, BOB = 1, 2
CDN = 203


class SetClock:
    """Unix seconds; a test sets `now`."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def offline_emulator(clock: SetClock) -> Emulator:
    """An emulator that does not listen, for tests that need no connection."""
    dcs = (DcConfig(1), DcConfig(2), DcConfig(4), DcConfig(CDN, media_port=None, cdn=True))
    return Emulator(EmulatorConfig(clock=clock, dcs=dcs))


def call_of(emulator: Emulator, user_id: int | None = ALICE, *, dc_id: int = 2, media_only: bool = False) -> Call:
    """A call as the dispatcher makes it, without session and connection, which neither faults nor upload.* look at."""
    new = NewKey(os.urandom(256), 1, None)
    key = emulator.keys.add(new, dc_id=dc_id, now=emulator.now())
    key.user_id = user_id
    nothing = cast(Any, None)
    return Call(emulator.server, dc_id, media_only, key, session=nothing, msg_id=4, connection=nothing)
