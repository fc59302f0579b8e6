"""The SOCKS5 proxy of child processes: whom it serves, where connections and datagrams go, and when they end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.errors import SourceRefused
from streamvault.leech.egress.addresses import refusal
from streamvault.leech.egress.datagrams import Datagram, unwrapped, wrapped
from streamvault.leech.egress.guard import Guard
from streamvault.leech.egress.passes import Pass
from streamvault.leech.egress.ranges import filter_rules
from streamvault.leech.egress.socks import SocksProxy, SocksWay
from tests.support.canary import canary

ALLOWED = (ip_network("127.0.0.1/32"),)
MANY = 1 << 20


async def names(name: str) -> Sequence[str]:
    if name == "unknown.example":
        raise OSError
    return ["127.0.0.9" if name == "inner.example" else "127.0.0.1"]


@asynccontextmanager
async def way_of(admission: Pass) -> AsyncIterator[SocksWay]:
    async with SocksProxy(Guard(ALLOWED, names)).running() as proxy:
        with proxy.admitted(admission) as way:
            yield way


async def asked(way: SocksWay, request: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]:
    """A connection that is logged in, and the answer to a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
    user, password = way.user.encode(), way.password.encode()
    writer.write(b"\5\2\0\2" + bytes((1, len(user))) + user + bytes((len(password),)) + password + request)
    assert await reader.read(4) == b"\5\2\1\0"
    return reader, writer, await reader.read(10)


def request(command: int, host: str, port: int) -> bytes:
    try:
        address = ip_address(host)
        place = bytes((1 if address.version == 4 else 4,)) + address.packed
    except ValueError:
        place = bytes((3, len(host))) + host.encode()
    return bytes((5, command, 0)) + place + port.to_bytes(2)


async def test_connections_go_to_judged_addresses_only() -> None:
    admission = Pass(MANY)
    async with canary("127.0.0.1") as allowed, canary("127.0.0.9") as inner, way_of(admission) as way:
        for host, code in {
            "127.0.0.1": 0, "outer.example": 0, "127.0.0.9": 2, "inner.example": 2, "::ffff:127.0.0.9": 2,
            "169.254.169.254": 2, "2130706441": 2, "unknown.example": 4, "a b": 8,
        }.items():  # fmt: skip
            port = (allowed if code == 0 else inner).port
            reader, writer, answer = await asked(way, request(1, host, port))
            assert answer[:2] == bytes((5, code)), host
            if code == 0:
                writer.write(b"hello")
                assert await reader.read(9) == b"hello"
            writer.close()
        assert (allowed.connections, inner.connections) == (2, 0)
        assert any("127.0.0.9 lies in this machine" in str(error) for error in admission.refusals)
        assert any(isinstance(error, SourceRefused) for error in admission.refusals)


async def test_who_has_no_pass_gets_nothing() -> None:
    async with canary("127.0.0.1") as allowed, way_of(Pass(MANY)) as way:
        for greeting in (b"\5\2\0\2\1\5child\5wrong", b"\5\1\0", b"\4\1\0\0", b"GET / HTTP/1.1\r\n\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
            writer.write(greeting + request(1, "127.0.0.1", allowed.port))
            writer.write_eof()
            assert (await reader.read())[2:] in (b"", b"\1\1")
            writer.close()
        assert not allowed.connections


async def test_a_pass_bounds_connections_and_bytes() -> None:
    async with canary("127.0.0.1") as allowed, way_of(Pass(10, connections=1)) as way:
        reader, writer, _ = await asked(way, request(1, "127.0.0.1", allowed.port))
        _, other, answer = await asked(way, request(1, "127.0.0.1", allowed.port))
        assert answer[1] == 2
        writer.write(b"more than ten bytes")
        assert await reader.read() == b""
        for one in (writer, other):
            one.close()


async def test_datagrams_go_to_judged_addresses_only() -> None:
    async with canary("127.0.0.1") as allowed, canary("127.0.0.9") as inner, way_of(Pass(MANY)) as way:
        _, writer, answer = await asked(way, request(3, "0.0.0.0", 0))
        assert answer[:8] == b"\5\0\0\1\x7f\0\0\1"
        received: asyncio.Queue[bytes] = asyncio.Queue()
        child, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Receiver(received), remote_addr=("127.0.0.1", int.from_bytes(answer[8:10]))
        )
        for host in ("127.0.0.9", "inner.example", "unknown.example"):
            child.sendto(b"\0\0\0" + request(0, host, inner.udp_port)[3:] + b"bad")
        child.sendto(b"\0\0\1" + request(0, "127.0.0.1", allowed.udp_port)[3:] + b"fragment")
        for host in ("127.0.0.1", "outer.example"):
            child.sendto(b"\0\0\0" + request(0, host, allowed.udp_port)[3:] + b"ping")
            assert await received.get() == wrapped(IPv4Address("127.0.0.1"), allowed.udp_port, b"ping")
        assert (allowed.datagrams, inner.datagrams) == ([b"ping", b"ping"], [])
        child.close()
        writer.close()


class Receiver(asyncio.DatagramProtocol):
    def __init__(self, received: "asyncio.Queue[bytes]") -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._received.put_nowait(data)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)), st.integers(0, 65535), st.binary(max_size=50))
def test_packets_hold_what_was_wrapped(address: IPv4Address | IPv6Address, port: int, data: bytes) -> None:
    assert unwrapped(wrapped(address, port, data)) == Datagram(address, port, data)


@given(st.binary(max_size=40))
def test_any_packet_is_unwrapped_or_none(packet: bytes) -> None:
    found = unwrapped(packet)
    assert found is None or packet.endswith(found.data)


SOME = st.sampled_from(
    ["127.0.0.9", "10.1.2.3", "169.254.169.254", "100.64.0.1", "::1", "fd00::1", "fe80::1", "8.8.8.8"]
)


@given(st.one_of(SOME.map(ip_address), st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_the_guard_refuses_is_filtered(address: IPv4Address | IPv6Address) -> None:
    """Of IPv6 addresses that stand for IPv4 ones, ISATAP's cannot be told by ranges: the proxy refuses them."""
    allowed = (ip_network("127.0.0.0/28"), ip_network("fd00::/64"))
    refused = False
    for first, last, rule in filter_rules(allowed):
        if ip_address(first).version == address.version and int(ip_address(first)) <= int(address) <= int(
            ip_address(last)
        ):
            refused = rule
    if refusal(address, allowed) is not None and int(address) >> 32 & 0xFDFFFFFF != 0x5EFE:
        assert refused
    if address.version == 4:
        assert refused is (refusal(address, allowed) is not None)


@pytest.mark.parametrize("address", ["8.8.8.8", "127.0.0.9", "2606:4700::1111"])
def test_what_may_be_reached_is_not_filtered(address: str) -> None:
    found = ip_address(address)
    rules = [
        rule for first, last, rule in filter_rules((ip_network("127.0.0.0/28"),))
        if ip_address(first).version == found.version and ip_address(first) <= found <= ip_address(last)  # type: ignore[operator]
    ]  # fmt: skip
    assert not (rules and rules[-1])
