"""Listeners: a data centre's address, its media-only address, and what it takes to restart them."""

import asyncio
from dataclasses import dataclass

from tgemulator.config import DcConfig
from tgemulator.mtproto.connection import Connection, Place


@dataclass(slots=True)
class Listener:
    """One address. `port` 0 is replaced by the one that the system chose, and then kept."""

    place: Place
    host: str
    port: int
    _server: asyncio.Server | None = None

    async def open(self) -> None:
        """Accept connections; OSError if the port is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self.place), self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Accept no more and break what is open."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        await self.drop(list(self.place.open))

    async def drop(self, connections: list[Connection]) -> int:
        """Break these connections and wait until their sockets are closed; how many they were."""
        for connection in connections:
            connection.abort()
        for connection in connections:
            await connection.gone
        return len(connections)


@dataclass(frozen=True, slots=True)
class DataCentre:
    """The listeners of one data centre; `media` is None without a media-only address."""

    config: DcConfig
    main: Listener
    media: Listener | None

    @property
    def listeners(self) -> list[Listener]:
        """One or two."""
        return [self.main] if self.media is None else [self.main, self.media]

    @property
    def connections(self) -> list[Connection]:
        """All that are open."""
        return [connection for listener in self.listeners for connection in listener.place.open]

    async def open(self) -> None:
        """Open every listener."""
        for listener in self.listeners:
            await listener.open()

    async def close(self) -> None:
        """Close every listener and its connections."""
        for listener in self.listeners:
            await listener.close()
