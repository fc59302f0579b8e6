"""Everything goes through the proxy that is configured, whichever kind it is, and never past it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from pyrogram.connection.transport.tcp.tcp import TCP
from pyrogram.session import Session

from streamvault.errors import SourceUnavailable
from streamvault.metrics import Metrics
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.files.source import TelegramSource
from streamvault.telegram.history.messages import TelegramMessages
from tests.support.files import file_at
from tests.support.mtproxy import SECRETS, mtproxy
from tests.support.ports import free_port
from tests.support.proxies import PASSWORD, QUOTED, USER, http_proxy, relay, socks5
from tests.support.stack import ENTRY_DC, FOREIGN_DC, MIB, EmulatedWorld, emulator_world, settings_for
from tests.support.waiting import until
from tgemulator.world.content import synthetic_bytes

SIZE = 3 * MIB + 5


async def watch(world: EmulatedWorld, folder: Path, proxies: str, **settings: object) -> AccountPool:
    """Log in at a foreign entry, read a file of a foreign data centre; the accounts, closed again."""
    place = await world.post_synthetic(SIZE, dc_id=FOREIGN_DC)
    metrics = Metrics()
    given = settings_for(world, folder, entry=ENTRY_DC, proxy_url=SecretStr(proxies), **settings)
    accounts = AccountPool(given, metrics)
    async with accounts:
        file = await file_at(TelegramMessages(accounts), place)
        source = TelegramSource(accounts, metrics)
        got = [await source.fetch(file, at, MIB) for at in range(0, SIZE, MIB)]
        assert b"".join(got) == synthetic_bytes(1, 0, SIZE)
    return accounts


@pytest.fixture
async def world() -> AsyncIterator[EmulatedWorld]:
    async with emulator_world() as made:
        yield made


@asynccontextmanager
async def dialed(kind: str, folder: Path) -> AsyncIterator[tuple[str, int]]:
    """Scheme with credentials, and port."""
    if kind == "socks5":
        async with socks5() as port:
            yield f"socks5://{USER}:{QUOTED}@127.0.0.1", port
    else:
        async with http_proxy(folder) as port:
            yield f"http://{USER}:password@127.0.0.1", port


@pytest.mark.parametrize("kind", ["socks5", "http"])
async def test_a_proxy_with_a_password_carries_everything(world: EmulatedWorld, tmp_path: Path, kind: str) -> None:
    async with dialed(kind, tmp_path) as (url, port), relay(port) as counted:
        await watch(world, tmp_path, f"{url}:{counted.port}")
    assert counted.connections == world.emulator.counters.value("connections") > 4


@pytest.mark.parametrize("kind", ["socks5", "http"])
async def test_a_wrong_password_is_told_without_repeating_it(world: EmulatedWorld, tmp_path: Path, kind: str) -> None:
    async with dialed(kind, tmp_path) as (url, port):
        wrong = url.replace(QUOTED, "mistaken").replace("password", "mistaken")
        with pytest.raises(SourceUnavailable, match=f"{kind} 127.0.0.1:{port}: ") as caught:
            await watch(world, tmp_path, f"{wrong}:{port}")
    assert "mistaken" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert world.emulator.counters.value("connections") == 0


@pytest.mark.parametrize("kind", ["plain", "dd", "ee"])
async def test_an_mtproxy_carries_everything(world: EmulatedWorld, tmp_path: Path, kind: str) -> None:
    async with mtproxy(kind, world.emulator.address) as proxy:
        await watch(world, tmp_path, f"tg://proxy?server=127.0.0.1&port={proxy.port}&secret={SECRETS[kind]}")
    assert len(proxy.asked) == world.emulator.counters.value("connections") > 4
    assert {abs(dc_id) for dc_id in proxy.asked} == {1, 2, 4}
    assert -FOREIGN_DC in proxy.asked
    assert proxy.refused == 0


async def test_a_wrong_secret_is_unavailable_and_never_goes_past(world: EmulatedWorld, tmp_path: Path) -> None:
    async with mtproxy("dd", world.emulator.address) as proxy:
        with pytest.raises(SourceUnavailable):
            await watch(world, tmp_path, f"https://t.me/proxy?server=127.0.0.1&port={proxy.port}&secret=dd{'00' * 16}")
    assert world.emulator.counters.value("connections") == 0


async def test_of_several_proxies_the_working_one_is_found_and_remembered(world: EmulatedWorld, tmp_path: Path) -> None:
    async with socks5() as port, relay(port) as good, relay(free_port()) as dead, relay(port) as silent:
        silent.flowing.clear()
        urls = ",".join(f"socks5://{USER}:{QUOTED}@127.0.0.1:{one.port}" for one in (dead, silent, good))
        await watch(world, tmp_path, f"socks5://127.0.0.1:{free_port()},{urls}")
        assert good.connections == world.emulator.counters.value("connections")
        tried = dead.connections, silent.connections
        await watch(world, tmp_path, f"socks5://127.0.0.1:{free_port()},{urls}")
        assert (dead.connections, silent.connections) == tried


async def test_names_are_resolved_by_the_proxy(world: EmulatedWorld, tmp_path: Path) -> None:
    """The name is one that only the proxy's own resolver knows: nobody here has it."""
    asked: list[bytes] = []
    async with named_socks5(asked, world.emulator.address(ENTRY_DC)) as port:
        server = f"{ENTRY_DC}@telegram.invalid:443"
        with pytest.raises(SourceUnavailable):
            await watch(world, tmp_path, f"socks5://127.0.0.1:{port}", telegram_server=server)
    assert asked == [b"telegram.invalid"]


async def test_a_proxy_that_goes_silent_is_noticed(
    world: EmulatedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TCP, "TIMEOUT", 1.0)
    monkeypatch.setattr(Session, "PING_INTERVAL", 0.2)
    async with socks5() as port, relay(port) as first, relay(port) as second:
        urls = ",".join(f"socks5://{USER}:{QUOTED}@127.0.0.1:{one.port}" for one in (first, second))
        settings = settings_for(world, tmp_path, proxy_url=SecretStr(urls))
        place = await world.post_synthetic(MIB)
        async with AccountPool(settings, Metrics()) as accounts:
            first.flowing.clear()
            await until(lambda: second.connections, timeout=20)
            await file_at(TelegramMessages(accounts), place)


@asynccontextmanager
async def named_socks5(asked: list[bytes], to: tuple[str, int]) -> AsyncIterator[int]:
    """A SOCKS5 server that writes down the names it is asked for, and refuses them."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(3)
        writer.write(b"\x05\x00")
        head = await reader.readexactly(5)
        assert head[3] == 3  # a name, not an address
        asked.append(await reader.readexactly(head[4]))
        writer.write(b"\x05\x04\x00\x01" + bytes(6))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
