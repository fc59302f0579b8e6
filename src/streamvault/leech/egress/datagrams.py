"""Datagrams of a child of the SOCKS5 proxy: each goes to an address that passes the guard, and comes from one."""

import asyncio
import contextlib
import socket
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from streamvault.errors import LeechError
from streamvault.leech.egress.addresses import Address, refusal
from streamvault.leech.egress.guard import Guard
from streamvault.leech.egress.hosts import parse_host
from streamvault.leech.egress.passes import Pass, PassExceeded

NAMES = 256
"""Names whose addresses are remembered for the time of an association."""
ASKED = 16
"""Names that are being resolved at a time; datagrams to others are dropped meanwhile, as networks may."""


@dataclass(frozen=True, slots=True)
class Datagram:
    """What a child sends to a host, or receives from it."""

    host: str | Address
    port: int
    data: bytes


def unwrapped(packet: bytes) -> Datagram | None:
    """What is in a packet of a child (RFC 1928 section 7); None for one that is wrong, or a fragment."""
    if len(packet) < 10 or packet[2]:
        return None
    host: str | Address
    if packet[3] == 1:
        host, end = IPv4Address(packet[4:8]), 8
    elif packet[3] == 4 and len(packet) >= 22:
        host, end = IPv6Address(packet[4:20]), 20
    elif packet[3] == 3:
        end = 5 + packet[4]
        try:
            host = parse_host(packet[5:end].decode())
        except ValueError:
            return None
    else:
        return None
    if len(packet) < end + 2:
        return None
    return Datagram(host, int.from_bytes(packet[end : end + 2]), packet[end + 2 :])


def wrapped(address: Address, port: int, data: bytes) -> bytes:
    """A packet for a child."""
    kind = 1 if address.version == 4 else 4
    return bytes((0, 0, 0, kind)) + address.packed + port.to_bytes(2) + data


class Datagrams:
    """One association of a child."""

    def __init__(self, guard: Guard, admission: Pass) -> None:
        self._guard, self._admission = guard, admission
        self._inner: asyncio.DatagramTransport | None = None
        self._outer: dict[int, asyncio.DatagramTransport] = {}
        self._child: tuple[str, int] | None = None
        self._names: OrderedDict[str, Address | None] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """The port of 127.0.0.1 to which the child sends. Raises OSError."""
        loop = asyncio.get_running_loop()
        try:
            self._inner, _ = await loop.create_datagram_endpoint(
                lambda: _Receiver(self._from_child), local_addr=("127.0.0.1", 0)
            )
            for version, place in ((4, "0.0.0.0"), (6, "::")):  # noqa: S104 - answers come from anywhere, and are judged
                with contextlib.suppress(OSError):  # a machine without IPv6
                    sock = _bound(place, version)
                    self._outer[version], _ = await loop.create_datagram_endpoint(
                        lambda: _Receiver(self._from_network), sock=sock
                    )
            yield self._inner.get_extra_info("sockname")[1]
        finally:
            self._close()
            for task in self._asking.values():
                task.cancel()
            await asyncio.gather(*self._asking.values(), return_exceptions=True)

    def _from_child(self, packet: bytes, sender: tuple[str, int]) -> None:
        self._child = self._child or sender
        found = unwrapped(packet)
        if sender != self._child or found is None:
            return
        if isinstance(found.host, str):
            self._send_to_name(found.host, found)
        else:
            self._send(found.host, found)

    def _from_network(self, packet: bytes, sender: tuple[Any, ...]) -> None:
        address = ip_address(str(sender[0]).partition("%")[0])
        if self._inner is None or self._child is None or refusal(address, self._guard.allowed) is not None:
            return
        if self._counted(len(packet)):
            self._inner.sendto(wrapped(address, sender[1], packet), self._child)

    def _send(self, address: Address, found: Datagram) -> None:
        transport = self._outer.get(address.version)
        if transport is None or not found.port or refusal(address, self._guard.allowed) is not None:
            return
        if self._counted(len(found.data)):
            transport.sendto(found.data, (str(address), found.port))

    def _send_to_name(self, name: str, found: Datagram) -> None:
        if name in self._names:
            address = self._names[name]
            if address is not None:
                self._send(address, found)
        elif name not in self._asking and len(self._asking) < ASKED:
            self._asking[name] = asyncio.create_task(self._resolve(name, found))

    async def _resolve(self, name: str, found: Datagram) -> None:
        try:
            addresses = await self._guard.addresses(name)
            self._names[name] = next((one for one in addresses if one.version in self._outer), None)
            if (address := self._names[name]) is not None:
                self._send(address, found)
        except LeechError as error:
            self._admission.refuse(error)
            self._names[name] = None
        finally:
            while len(self._names) > NAMES:
                self._names.popitem(last=False)
            del self._asking[name]

    def _counted(self, size: int) -> bool:
        """Whether the child may send or receive so much more; the association ends otherwise."""
        try:
            self._admission.count(size)
        except PassExceeded:
            self._close()
            return False
        return True

    def _close(self) -> None:
        for transport in (self._inner, *self._outer.values()):
            if transport is not None:
                transport.close()
        self._inner, self._outer = None, {}


class _Receiver(asyncio.DatagramProtocol):
    def __init__(self, receive: Callable[[bytes, Any], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """See DatagramProtocol."""
        self._receive(data, addr)


def _bound(place: str, version: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        if version == 6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.bind((place, 0))
    except BaseException:
        sock.close()
        raise
    return sock
