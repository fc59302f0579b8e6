"""A small world behind a listening emulator, and clients that log in to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import rsa_keys
from tests.support.clients import kurigram, telethon, telethon_login
from tests.support.emulation import trusted
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.emulator import Emulator
from tgemulator.world.model import Channel, User
from tgemulator.world.world import World

HOME, ABROAD = 2, 4


@dataclass(frozen=True, slots=True)
class Stage:
    """Ada owns the channel that the bot administers; Bob is a further user."""

    emulator: Emulator
    ada: User
    bob: User
    bot: User
    films: Channel

    @property
    def world(self) -> World:
        return self.emulator.world


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """The world of these tests."""
    config = EmulatorConfig(dcs=(DcConfig(1), DcConfig(HOME), DcConfig(ABROAD)))
    async with Emulator(config) as emulator, AsyncExitStack() as stack:
        stack.callback(rsa_keys.give_back, emulator)
        world = emulator.world
        ada = world.add_user("+15550100", first_name="Ada", username="ada_l", home_dc=HOME)
        bob = world.add_user("+15550101", first_name="Bob", username="bobby", home_dc=HOME)
        bot = world.add_bot("4242:secret", home_dc=HOME)
        films = world.add_channel("Films", creator=ada)
        world.add_member(films, bot, admin=True)
        with trusted(emulator):
            yield Stage(emulator, ada, bob, bot, films)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as made:
        yield made


Starter = Callable[..., Awaitable[Any]]


@pytest.fixture
async def start(stage: Stage, tmp_path: Path) -> AsyncIterator[Starter]:
    """`await start(user, **options)`: a started Kurigram client, stopped at the end."""
    async with AsyncExitStack() as stack:

        async def open_client(user: User, **options: Any) -> Any:
            client = kurigram(stage.emulator, user, tmp_path, **options)
            return await stack.enter_async_context(client)

        yield open_client


@pytest.fixture
async def start_telethon(stage: Stage, tmp_path: Path) -> AsyncIterator[Starter]:
    """`await start_telethon(user)`: a started Telethon client, disconnected at the end."""
    async with AsyncExitStack() as stack:

        async def open_client(user: User, **options: Any) -> Any:
            client = telethon(stage.emulator, user, tmp_path, **options)
            stack.push_async_callback(client.disconnect)
            await client.start(**telethon_login(user))
            return client

        yield open_client
