"""A TCP and a UDP port that note who comes, and answer with what they are sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Canary:
    """`connections`: how many were made; `datagrams`: those that came."""

    port: int = 0
    udp_port: int = 0
    connections: int = 0
    datagrams: list[bytes] = field(default_factory=list)


class _Echo(asyncio.DatagramProtocol):
    def __init__(self, canary: Canary) -> None:
        self._canary = canary

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._canary.datagrams.append(data)
        self._transport.sendto(data, addr)


@asynccontextmanager
async def canary(host: str) -> AsyncIterator[Canary]:
    """It listens at this address in the context."""
    found = Canary()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        while data := await reader.read(1 << 16):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(talk, host, 0)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: _Echo(found), local_addr=(host, 0))
    found.port = server.sockets[0].getsockname()[1]
    found.udp_port = transport.get_extra_info("sockname")[1]
    try:
        yield found
    finally:
        server.close()
        transport.close()
