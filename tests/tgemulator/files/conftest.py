"""A clock that a test moves, calls without a connection, and a picture small enough to read."""

import os
import struct
from typing import Any, cast

import pytest

from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.emulator import Emulator
from tgemulator.mtproto.dispatch import Call
from tgemulator.wire.handshake import NewKey

ALICE, BOB = 1, 2
CDN = 203


class Clock:
    """Unix seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def jpeg() -> bytes:
    """The headers of a JPEG of 640 x 360 pixels: APP0, then its frame."""
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 360, 640, 3) + bytes(9)
    return b"\xff\xd8" + app0 + frame + b"\xff\xd9"


@pytest.fixture
def emulator(clock: Clock) -> Emulator:
    """An emulator that does not listen: enough for whatever needs no connection."""
    dcs = (DcConfig(1), DcConfig(2), DcConfig(4), DcConfig(CDN, media_port=None, cdn=True))
    return Emulator(EmulatorConfig(clock=clock, dcs=dcs))


def call_of(emulator: Emulator, user_id: int | None = ALICE, *, dc_id: int = 2, media_only: bool = False) -> Call:
    """A call as the dispatcher makes it; faults look at neither session nor connection."""
    new = NewKey(os.urandom(256), 1, None)
    key = emulator.keys.add(new, dc_id=dc_id, now=emulator.now())
    key.user_id = user_id
    nothing = cast(Any, None)
    return Call(emulator, dc_id, media_only, key, session=nothing, msg_id=4, connection=nothing)
