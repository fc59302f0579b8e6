"""A real peer on the way to a server: single connections through it can be frozen, thawed and cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


class Tapped:
    """One connection through the relay. `carried` counts bytes towards the client, `left` those until it freezes."""

    def __init__(self, taps: "Taps", client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.carried = 0
        self.left: int | None = None
        self._taps = taps
        self._ends = (client, server)
        self._flowing = asyncio.Event()
        self._flowing.set()

    @property
    def open(self) -> bool:
        return not any(end.transport.is_closing() for end in self._ends)

    @property
    def frozen(self) -> bool:
        return not self._flowing.is_set()

    def freeze(self) -> None:
        """Keep everything back from now on, in both directions; the connection stays open."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Let it flow again; nothing was lost."""
        self._flowing.set()

    def cut(self) -> None:
        """Break the connection."""
        for end in self._ends:
            end.transport.abort()
        self._flowing.set()

    async def copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = writer is self._ends[0]
        while data := await reader.read(1 << 16):
            if not answers and self._taps.holds is not None and self._taps.holds[0] in data:
                self.left = self._taps.holds[1]
            if answers and self.left is not None:
                first, data = data[: self.left], data[self.left :]
                writer.write(first)
                self.left -= len(first)
                if data:
                    self.freeze()
            await self._flowing.wait()
            writer.write(data)
            await writer.drain()
            self.carried += len(data) * answers


@dataclass
class Taps:
    """Everything that came through, oldest first."""

    port: int = 0
    all: list[Tapped] = field(default_factory=list)
    holds: tuple[bytes, int] | None = None
    """The connection on which this is asked for freezes after so many bytes of the answer."""

    @property
    def open(self) -> list[Tapped]:
        return [tap for tap in self.all if tap.open]


@asynccontextmanager
async def tapped(host: str, port: int) -> AsyncIterator[Taps]:
    """A port on loopback that leads to another one."""
    taps = Taps()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, there = await asyncio.open_connection(host, port)
        except OSError:  # nobody is there
            writer.transport.abort()
            return
        tap = Tapped(taps, writer, there)
        taps.all.append(tap)
        copies = [asyncio.create_task(tap.copy(reader, there)), asyncio.create_task(tap.copy(answers, writer))]
        await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        tap.cut()
        await asyncio.gather(*copies, return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    taps.port = server.sockets[0].getsockname()[1]
    try:
        yield taps
    finally:
        server.close()
        for tap in taps.all:
            tap.cut()
        await server.wait_closed()
