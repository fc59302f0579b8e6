"""Routes to Telegram: the forms of PROXY_URL, and which of several routes and addresses is used."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import SecretStr

from streamvault.errors import ConfigError, SourceUnavailable
from streamvault.telegram.network.data_centres import DcAddress
from streamvault.telegram.network.proxies import parse_proxies, proxy_name
from streamvault.telegram.network.routes import Network, close_connection
from tests.support.ports import free_port

MTPROXY_SECRET = "dd00112233445566778899aabbccddeeff"


@asynccontextmanager
async def listener(host: str, *, family: socket.AddressFamily = socket.AF_INET) -> AsyncIterator[tuple[int, list[Any]]]:
    """A server that accepts connections and sends nothing; yields its port and its connections."""
    seen: list[Any] = []

    async def accepted(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(writer)

    server = await asyncio.start_server(accepted, host, 0, family=family)
    try:
        yield server.sockets[0].getsockname()[1], seen
    finally:
        server.close()
        for writer in seen:
            writer.transport.abort()


async def dialed(network: Network, *addresses: DcAddress, timeout: float = 3.0) -> Any:
    connection = await network.dial(2, addresses, media=False, timeout=timeout)
    await close_connection(connection)
    return connection


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("socks5://127.0.0.1:1080", ["socks5 127.0.0.1:1080"]),
        ("socks5://us%40er:p%3Ass@proxy.example:1080", ["socks5 proxy.example:1080"]),
        ("http://user:pass@[::1]:3128", ["http [::1]:3128"]),
        (f"tg://proxy?server=a.example&port=443&secret={MTPROXY_SECRET}", ["mtproxy a.example:443"]),
        (f"https://t.me/proxy?server=a.example&port=443&secret={MTPROXY_SECRET}", ["mtproxy a.example:443"]),
        ("https://t.me/socks?server=a.example&port=1080&user=u&pass=p", ["socks5 a.example:1080"]),
        ("socks5://a.example:1, http://b.example:2 ,", ["socks5 a.example:1", "http b.example:2"]),
    ],
)
def test_proxies_are_given_as_urls_or_links(text: str, names: list[str]) -> None:
    assert [proxy_name(proxy) for proxy in parse_proxies(SecretStr(text))] == names


def test_credentials_are_decoded() -> None:
    (proxy,) = parse_proxies(SecretStr("socks5://us%40er:p%3Ass%25@proxy.example:1080"))
    assert (proxy.username, proxy.password) == ("us@er", "p:ss%")


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1:1080",
        "socks4://127.0.0.1:1080",
        "socks5://127.0.0.1",
        "socks5://user:hidden@127.0.0.1:99999",
        "socks5://127.0.0.1:1080/hidden",
        "tg://proxy?server=a.example&port=443&secret=hidden",
        "tg://proxy?server=a.example&secret=dd00",
        "https://example.org/proxy?server=a.example&port=443&secret=hidden",
        "tg://resolve?server=a.example&port=443",
    ],
)
def test_a_wrong_entry_is_named_by_its_number_only(text: str) -> None:
    with pytest.raises(ConfigError, match=r"PROXY_URL is wrong in entry 2 of 2: write socks5://") as caught:
        parse_proxies(SecretStr(f"socks5://127.0.0.1:1080,{text}"))
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(("ip_version", "first"), [("auto", False), ("6", True)])
async def test_the_preferred_address_family_is_used(ip_version: str, first: bool) -> None:
    async with listener("127.0.0.1") as (four, _), listener("::1", family=socket.AF_INET6) as (six, _):
        addresses = DcAddress(2, "::1", six, ipv6=True), DcAddress(2, "127.0.0.1", four)
        assert (await dialed(Network(None, ip_version=ip_version), *addresses)).ipv6 is first


@pytest.mark.parametrize("ip_version", ["auto", "6"])
async def test_a_family_that_fails_is_skipped_and_the_other_preferred_afterwards(ip_version: str) -> None:
    broken = ip_version == "6"
    async with listener("127.0.0.1") as (four, _), listener("::1", family=socket.AF_INET6) as (six, _):
        dead = free_port()
        addresses = (
            DcAddress(2, "::1", dead if broken else six, ipv6=True),
            DcAddress(2, "127.0.0.1", four if broken else dead),
        )
        network = Network(None, ip_version=ip_version)
        connection = await dialed(network, *addresses)
        assert connection.ipv6 is not broken
        network.worked(connection)
        both = DcAddress(2, "::1", six, ipv6=True), DcAddress(2, "127.0.0.1", four)
        assert (await dialed(network, *both)).ipv6 is not broken


async def test_a_connection_that_loses_the_race_is_closed() -> None:
    """The first address accepts no connection: its backlog is full. The second does; nothing else stays open."""
    with socket.socket() as full, contextlib.ExitStack() as stack:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(2):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        async with listener("::1", family=socket.AF_INET6) as (six, seen):
            addresses = DcAddress(2, "127.0.0.1", full.getsockname()[1]), DcAddress(2, "::1", six, ipv6=True)
            before = asyncio.all_tasks()
            connection = await dialed(Network(None, ip_version="auto"), *addresses)
            assert connection.ipv6
            assert len(seen) == 1
            assert asyncio.all_tasks() - before <= {task for task in asyncio.all_tasks() if "accepted" in repr(task)}


async def test_the_error_lists_every_failure() -> None:
    one, two = free_port(), free_port()
    with pytest.raises(SourceUnavailable) as caught:
        await dialed(Network(None, ip_version="4"), DcAddress(2, "127.0.0.1", one), DcAddress(2, "127.0.0.1", two))
    assert f"127.0.0.1:{one}: " in str(caught.value)
    assert f"127.0.0.1:{two}: " in str(caught.value)


async def test_a_data_centre_without_addresses_is_unavailable() -> None:
    with pytest.raises(SourceUnavailable, match="no address of data centre 2"):
        await dialed(Network(None, ip_version="4"))


async def test_a_preferred_route_is_tried_first() -> None:
    async with listener("127.0.0.1") as (port, _):
        urls = ",".join(f"http://proxy{number}.example:{port}" for number in (1, 2, 3))
        network, worked = Network(SecretStr(urls), ip_version="4"), list[str]()
        network.on_route_worked = worked.append
        first, second, third = network.describe()
        network.prefer(third)
        assert network.describe() == [third, first, second]
        network.prefer("a proxy that is no longer configured")
        assert network.describe() == [third, first, second]
