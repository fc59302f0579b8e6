"""Connections to public addresses only: resolve, judge each answer, connect to one that passed."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.egress.addresses import Address, Network, refusal

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""The IP addresses of a host name, the preferred ones first. Raises OSError."""


async def system_resolve(name: str) -> Sequence[str]:
    """By the system's resolver, in its order (RFC 6724)."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


@dataclass(frozen=True, slots=True)
class Guard:
    """`allowed`: networks that may be reached although they are not public. `timeout`: seconds for the answer of the
    resolver, and for the connection to each address.
    """

    allowed: tuple[Network, ...] = ()
    resolve: Resolve = system_resolve
    timeout: float = 15.0

    async def addresses(self, host: str | Address) -> list[Address]:
        """The addresses of a host that may be reached. Raises SourceRefused where it has others only, SourceFailed
        where it has none.
        """
        found = [host] if isinstance(host, (IPv4Address, IPv6Address)) else await self._resolved(host)
        kinds = {address: refusal(address, self.allowed) for address in found}
        passed = [address for address, kind in kinds.items() if kind is None]
        if not passed:
            kind = next(iter(kinds.values()))
            raise SourceRefused(
                f"{host} lies in {kind}, which sources may not be read from; "
                "the server's owner can allow its network by LEECH_ALLOW_PRIVATE"
            )
        return passed

    async def connect(self, host: str | Address, port: int) -> socket.socket:
        """A connection to one of `addresses`, the first that answers. Raises as that does, SourceFailed where none
        does.
        """
        for address in await self.addresses(host):
            try:
                async with asyncio.timeout(self.timeout):
                    return await _connect(address, port)
            except (TimeoutError, OSError):
                continue
        raise SourceFailed(f"{host} cannot be reached at port {port}")

    async def _resolved(self, name: str) -> list[Address]:
        try:
            async with asyncio.timeout(self.timeout):
                found = [ip_address(text.partition("%")[0]) for text in await self.resolve(name)]
        except (TimeoutError, OSError, UnicodeError):
            found = []
        if not found:
            raise SourceFailed(
                f"the address of {name} was not found: it is misspelt, or the name server does not answer"
            )
        return found


async def _connect(address: Address, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, (str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock
