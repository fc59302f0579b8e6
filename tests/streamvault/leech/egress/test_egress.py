"""Which hosts may be reached, in all forms in which they are written; and that the address that was judged is used."""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.egress.addresses import refusal
from streamvault.leech.egress.guard import Guard
from streamvault.leech.egress.hosts import parse_host

LOOPBACK = (ip_network("127.0.0.0/8"),)

INNER_HOSTS = {
    "127.0.0.1": "this machine",
    "127.1": "this machine",
    "127.0.1": "this machine",
    "127.255.255.254": "this machine",
    "127.0.0.1.": "this machine",
    "2130706433": "this machine",
    "017700000001": "this machine",
    "0177.0.0.1": "this machine",
    "0177.0.0.01": "this machine",
    "00000177.0.0.1": "this machine",
    "0x7f000001": "this machine",
    "0X7F.1": "this machine",
    "0x7f.0x0.0x0.0x1": "this machine",
    "127.0x1": "this machine",
    "%31%32%37.0.0.1": "this machine",
    "１２７.０.０.１": "this machine",
    "①②⑦.⓪.⓪.①": "this machine",
    "127。0。0。1": "this machine",
    "127．0．0．1": "this machine",
    "0": "an unspecified address",
    "0x": "an unspecified address",
    "0.0.0.0": "an unspecified address",
    "0.1.2.3": "an unspecified address",
    "10.0.0.1": "a private network",
    "10.1": "a private network",
    "0xa000001": "a private network",
    "012.0.0.1": "a private network",
    "172.16.0.1": "a private network",
    "172.31.255.255": "a private network",
    "192.168.1.1": "a private network",
    "192.168.257": "a private network",
    "3232235777": "a private network",
    "100.64.0.1": "a network of a provider's own",
    "100.100.100.200": "a network of a provider's own",
    "169.254.169.254": "a metadata service",
    "2852039166": "a metadata service",
    "0xA9FEA9FE": "a metadata service",
    "0251.0376.0251.0376": "a metadata service",
    "169.254.43518": "a metadata service",
    "169.254.1.1": "a link-local network",
    "168.63.129.16": "a metadata service",
    "192.0.0.192": "a reserved network",
    "192.0.2.1": "a reserved network",
    "192.88.99.1": "a reserved network",
    "198.18.0.1": "a reserved network",
    "198.51.100.7": "a reserved network",
    "203.0.113.7": "a reserved network",
    "224.0.0.1": "a multicast group",
    "239.255.255.250": "a multicast group",
    "240.0.0.1": "a reserved network",
    "255.255.255.255": "a reserved network",
    "4294967295": "a reserved network",
    "[::]": "an unspecified address",
    "[::1]": "this machine",
    "[0:0:0:0:0:0:0:1]": "this machine",
    "[::127.0.0.1]": "a reserved network",
    "[::ffff:127.0.0.1]": "this machine",
    "[::FFFF:7f00:1]": "this machine",
    "[::ffff:0:127.0.0.1]": "this machine",
    "[::ffff:10.0.0.1]": "a private network",
    "[::ffff:169.254.169.254]": "a metadata service",
    "[64:ff9b::127.0.0.1]": "this machine",
    "[64:ff9b::a9fe:a9fe]": "a metadata service",
    "[64:ff9b:1::808:808]": "a private network",
    "[2002:7f00:1::]": "this machine",
    "[2002:c0a8:101::1]": "a private network",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]": "a reserved network",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]": "this machine",
    "[2606:4700::5efe:127.0.0.1]": "this machine",
    "[2606:4700::200:5efe:10.0.0.1]": "a private network",
    "[fc00::1]": "a private network",
    "[fd00:ec2::254]": "a metadata service",
    "[fe80::1]": "a link-local network",
    "[fec0::1]": "a private network",
    "[ff02::1]": "a multicast group",
    "[100::1]": "a reserved network",
    "[2001:db8::1]": "a reserved network",
    "[3fff::1]": "a reserved network",
    "[5f00::1]": "a reserved network",
}
PUBLIC_HOSTS = {
    "8.8.8.8": "8.8.8.8",
    "134744072": "8.8.8.8",
    "0x08080808": "8.8.8.8",
    "100.63.255.255": "100.63.255.255",
    "172.32.0.1": "172.32.0.1",
    "[2606:4700:4700::1111]": "2606:4700:4700::1111",
    "[::ffff:8.8.8.8]": "::ffff:808:808",
    "[64:ff9b::8.8.8.8]": "64:ff9b::808:808",
    "[2002:808:808::1]": "2002:808:808::1",
}
WRONG_HOSTS = {
    "": "no host",
    "256.1.1.1": "no IPv4 address",
    "1.2.3.4.5": "no IPv4 address",
    "08.8.8.8": "no IPv4 address",
    "4294967296": "no IPv4 address",
    "1..1": "no IPv4 address",
    "host.0x7f": "no IPv4 address",
    "a b": "characters that no name has",
    "a/b": "characters that no name has",
    "exa\\mple.org": "characters that no name has",
    "user@host": "characters that no name has",
    "host..org": "characters that no name has",
    "-a.org": "characters that no name has",
    "host%00.org": "characters that no name has",
    "host%ff.org": "does not exist",
    "x" * 64 + ".org": "characters that no name has",
    ".".join(["abcdefgh"] * 30): "characters that no name has",
    "[::1": "brackets",
    "::1]": "brackets",
    "[127.0.0.1]": "no IPv6 address",
    "[fe80::1%25eth0]": "network interface",
    "[v1.x]": "no IPv6 address",
    "[]": "no IPv6 address",
}


@pytest.mark.parametrize(("host", "kind"), INNER_HOSTS.items())
async def test_hosts_that_are_not_public_are_refused_in_every_form(host: str, kind: str) -> None:
    with pytest.raises(SourceRefused, match=f"lies in {kind}"):
        await Guard().addresses(parse_host(host))


@pytest.mark.parametrize(("host", "address"), PUBLIC_HOSTS.items())
async def test_public_hosts_pass(host: str, address: str) -> None:
    assert await Guard().addresses(parse_host(host)) == [ip_address(address)]


@pytest.mark.parametrize(("host", "what"), WRONG_HOSTS.items())
def test_what_is_no_host(host: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        parse_host(host)


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Example.ORG.", "example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("b%C3%BCcher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("ＥＸＡＭＰＬＥ.org", "example.org"),
        ("ex。ample。org", "ex.ample.org"),
        ("a_b.example.org", "a_b.example.org"),
        ("1e100.net", "1e100.net"),
        ("0x7f.example", "0x7f.example"),
    ],
)
def test_names_have_one_form(host: str, name: str) -> None:
    assert parse_host(host) == name


@pytest.mark.parametrize(
    ("address", "network", "passes"),
    [
        ("127.0.0.1", "127.0.0.0/8", True),
        ("::ffff:127.0.0.1", "127.0.0.0/8", True),
        ("192.168.1.5", "192.168.1.0/24", True),
        ("192.168.2.5", "192.168.1.0/24", False),
        ("fd12::1", "fd12::/16", True),
        ("::1", "127.0.0.0/8", False),
        ("169.254.169.254", "10.0.0.0/8", False),
        ("64:ff9b::a00:1", "10.0.0.0/8", True),
    ],
)
def test_allowed_networks(address: str, network: str, passes: bool) -> None:
    assert (refusal(ip_address(address), [ip_network(network)]) is None) is passes


class Names:
    """A resolver whose answers are given in order; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, name: str) -> Sequence[str]:
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


async def _listening() -> tuple[asyncio.Server, int]:
    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def test_a_name_is_resolved_once_for_a_connection_that_goes_to_the_answer_that_was_judged() -> None:
    server, port = await _listening()
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    async with server:
        sock = await Guard((ip_network("127.0.0.1/32"),), names).connect("films.example", port)
        assert sock.getpeername() == ("127.0.0.1", port)
        assert names.asked == 1
        sock.close()


async def test_a_name_that_answers_otherwise_the_second_time_is_judged_again() -> None:
    server, port = await _listening()
    guard = Guard((ip_network("127.0.0.1/32"),), Names(["127.0.0.1"], ["127.0.0.2"]))
    async with server:
        (await guard.connect("films.example", port)).close()
        with pytest.raises(SourceRefused, match=r"films\.example lies in this machine"):
            await guard.connect("films.example", port)


async def test_of_mixed_answers_only_those_that_passed_are_connected_to() -> None:
    server, port = await _listening()
    guard = Guard((ip_network("127.0.0.1/32"),), Names(["10.0.0.1", "::1", "127.0.0.2", "127.0.0.1"]))
    async with server:
        sock = await guard.connect("films.example", port)
        assert sock.getpeername()[0] == "127.0.0.1"
        sock.close()


async def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    server, port = await _listening()
    guard = Guard(LOOPBACK, Names(["127.0.0.9", "127.0.0.1"]))
    async with server:
        sock = await guard.connect("films.example", port)
        assert sock.getpeername()[0] == "127.0.0.1"
        sock.close()


async def test_a_port_where_nobody_listens_is_a_failure_to_be_tried_again() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(SourceFailed, match="cannot be reached at port"):
            await Guard(LOOPBACK).connect(ip_address("127.0.0.1"), bound.getsockname()[1])


async def test_a_name_without_addresses_is_a_failure_to_be_tried_again() -> None:
    async def nothing(_: str) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(SourceFailed, match=r"films\.example was not found"):
        await Guard(resolve=nothing).connect("films.example", 80)


async def test_a_resolver_that_never_answers_is_not_waited_for_without_end() -> None:
    async def never(_: str) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(SourceFailed, match="was not found"):
        await Guard(resolve=never, timeout=0.01).connect("films.example", 80)


async def test_localhost_by_the_system_is_refused() -> None:
    with pytest.raises(SourceRefused, match="localhost lies in this machine"):
        await Guard().connect("localhost", 80)
