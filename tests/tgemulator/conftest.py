"""An emulator with one bot, and raw clients for it."""

import struct
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyrogram import raw

from tests.support import modexp, rsa_keys
from tests.support.rawclient import Identity, RawClient
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.emulator import Emulator
from tgemulator.wire.rsa import RsaKey

rsa_keys.install()
modexp.install((*modexp.EMULATOR, *modexp.CLIENTS))

TOKEN = "4242:a-bot"
HOME = 2


@dataclass(slots=True)
class Clock:
    """The emulator's time, `ahead` seconds before the real time, which the clients use."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def server_key() -> bytes:
    """One RSA key for all tests, since generating one takes longer than most of them."""
    return RsaKey.generate().private_pem()


@pytest.fixture
def folder(tmp_path: Path, server_key: bytes) -> Path:
    """A folder for an emulator, with that key in it."""
    (tmp_path / "server_key.pem").write_bytes(server_key)
    return tmp_path


@pytest.fixture
def jpeg() -> bytes:
    """The headers of a JPEG of 640 x 360 pixels: APP0, then its frame."""
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, 360, 640, 3) + bytes(9)
    return b"\xff\xd8" + app0 + frame + b"\xff\xd9"


@pytest.fixture
async def emulator(clock: Clock, folder: Path) -> AsyncIterator[Emulator]:
    dcs = (DcConfig(1), DcConfig(HOME), DcConfig(203, media_port=None, cdn=True))
    config = EmulatorConfig(dcs=dcs, clock=clock, folder=folder)
    async with Emulator(config) as emulator:
        emulator.world.add_bot(TOKEN, home_dc=HOME)
        yield emulator


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[RawClient]:
    """A raw client with a key on the home DC, nothing sent with it yet."""
    async with await RawClient.connect(emulator.address(HOME)) as client:
        await client.make_key(emulator.public_key_pem)
        yield client


@pytest.fixture
async def bot(client: RawClient) -> RawClient:
    """The same client, logged in."""
    await client.init()
    await client.call(login())
    return client


def login() -> raw.functions.auth.ImportBotAuthorization:
    """The bot's login."""
    return raw.functions.auth.ImportBotAuthorization(flags=0, api_id=1, api_hash="hash", bot_auth_token=TOKEN)


async def again(emulator: Emulator, client: RawClient, *, same_session: bool, media_only: bool = False) -> RawClient:
    """Another connection with the key of `client`, in its session or in one of its own."""
    me = client.me if same_session else Identity(client.me.key, client.me.salt)
    return await RawClient.connect(emulator.address(HOME, media_only=media_only), identity=me)
