"""Fixtures: a running emulator, and accounts that connect to it with real Kurigram."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest

from streamvault.media.model import MediaFile
from streamvault.metrics import Metrics
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.files.origins import Origins
from streamvault.telegram.files.source import TelegramSource
from streamvault.telegram.history.messages import TelegramMessages
from streamvault.telegram.mtproto.rsa_keys import install_server_key
from streamvault.telegram.updates.receiver import AccountUpdates
from tests.support.files import file_at
from tests.support.stack import FOREIGN_DC, MIB, EmulatedWorld, emulator_world, settings_for
from tgemulator.world.content import synthetic_bytes


@dataclass(frozen=True, slots=True)
class Online:
    """Connected accounts, and the sources that read through them."""

    accounts: AccountPool
    messages: TelegramMessages
    source: TelegramSource
    metrics: Metrics

    async def file(self, place: tuple[int, int]) -> MediaFile:
        """The file of a message."""
        return await file_at(self.messages, place)


class Connect(Protocol):
    """Creates accounts over one data folder; each call is like a new process."""

    def __call__(
        self, *, prepare: Callable[[Any], None] | None = None, origins: Origins | None = None, **settings: Any
    ) -> Any: ...


@pytest.fixture(autouse=True)
def _built_in_keys_afterwards() -> Iterator[None]:
    yield
    install_server_key(None)


@pytest.fixture
async def world() -> AsyncIterator[EmulatedWorld]:
    """An emulator with data centres 1, 2 (the bot's home) and 4."""
    async with emulator_world() as made:
        yield made


@pytest.fixture
def connect(world: EmulatedWorld, tmp_path: Path) -> Connect:
    """`async with connect(entry=1) as online`; keywords override settings."""

    @asynccontextmanager
    async def connected(
        *, prepare: Callable[[Any], None] | None = None, origins: Origins | None = None, **settings: Any
    ) -> AsyncIterator[Online]:
        metrics = Metrics()
        made = settings_for(world, tmp_path, **settings)
        accounts = AccountPool(made, metrics)
        accounts.prepare = partial(_prepared, prepare=prepare)
        async with accounts:
            source = TelegramSource(accounts, metrics, origins=origins, verify=made.verify_chunks, cdn=made.cdn)
            yield Online(accounts, TelegramMessages(accounts), source, metrics)

    return connected


def _prepared(client: Any, *, prepare: Callable[[Any], None] | None) -> None:
    """Let `client` receive updates without an index, then call `prepare`."""
    client.make_receiver = partial(AccountUpdates, index=None)
    if prepare is not None:
        prepare(client)


@pytest.fixture
async def online(connect: Connect) -> AsyncIterator[Online]:
    """The bot, logged in at its home data centre."""
    async with connect() as made:
        yield made


@pytest.fixture
async def film(world: EmulatedWorld, online: Online) -> MediaFile:
    """A file of 8 MiB and 5 bytes on a foreign data centre, seed 1."""
    return await online.file(await world.post_synthetic(8 * MIB + 5, dc_id=FOREIGN_DC))


def right(index: int = 0) -> bytes:
    """The content of chunk `index` of `film`."""
    return synthetic_bytes(1, index * MIB, MIB)


def calls(world: EmulatedWorld, method: str) -> int:
    return world.emulator.counters.value("calls", method=method)


def keys(world: EmulatedWorld, dc_id: int = FOREIGN_DC) -> int:
    return world.emulator.counters.value("keys_created", dc=dc_id)


def exports(world: EmulatedWorld) -> int:
    return world.emulator.counters.value("exports")


def counted(online: Online, name: str, **labels: str) -> float:
    """The value of a Prometheus metric."""
    return online.metrics.registry.get_sample_value(f"streamvault_{name}", labels) or 0.0
