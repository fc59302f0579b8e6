"""Real proxies on loopback: microsocks, tinyproxy, and MTProxies."""

import asyncio
import os
import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.ports import free_port
from tests.support.programs import program
from tests.support.waiting import until

USER, PASSWORD = "viewer", "pass:w@rd%"
QUOTED = "pass%3Aw%40rd%25"


@dataclass
class Relay:
    """Counts the connections that go through it to a proxy; it is silent while `flowing` is clear.

    `met` counts those that came while `rival` had any.
    """

    port: int
    connections: int = 0
    met: int = 0
    rival: "Relay | None" = None
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def open(self) -> int:
        """How many connections there are now. One that its other end has closed is none, even if this process has had
        no time yet to notice.
        """
        poll = select.poll()
        ended = select.POLLRDHUP | select.POLLHUP | select.POLLERR
        for writer in self._open:
            poll.register(writer.get_extra_info("socket").fileno(), ended)
        return len(self._open) - len(poll.poll(0))

    def cut(self) -> None:
        """Break every connection that is open now."""
        for writer in list(self._open):
            writer.transport.abort()


@asynccontextmanager
async def relay(to_port: int, host: str = "127.0.0.1", *, listen: str = "127.0.0.1") -> AsyncIterator[Relay]:
    """A port that leads to another one."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            await made.flowing.wait()
            writer.write(data)
            await writer.drain()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.connections += 1
        made.met += made.rival is not None and made.rival.open > 0
        there: asyncio.StreamWriter | None = None
        copies: list[asyncio.Task[None]] = []
        try:
            answers, there = await asyncio.open_connection(host, to_port)
            made._open |= {writer, there}
            copies += [asyncio.create_task(copy(reader, there)), asyncio.create_task(copy(answers, writer))]
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            pass
        finally:
            for copying in copies:
                copying.cancel()
            await asyncio.gather(*copies, return_exceptions=True)
            for one in filter(None, (writer, there)):
                made._open.discard(one)
                one.transport.abort()

    server = await asyncio.start_server(serve, listen, 0)
    made = Relay(server.sockets[0].getsockname()[1])
    made.flowing.set()
    try:
        yield made
    finally:
        made.flowing.set()
        made.cut()
        server.close()


@asynccontextmanager
async def socks5(*, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """microsocks with USER and PASSWORD; the port."""
    port = free_port()
    command = [program("microsocks"), "-i", host, "-p", str(port), "-u", USER, "-P", PASSWORD]
    async with _running(command, host, port):
        yield port


@asynccontextmanager
async def http_proxy(folder: Path, *, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """tinyproxy with USER and PASSWORD; the port. It takes no special characters in passwords."""
    port = free_port()
    config = folder / "tinyproxy.conf"
    lines = [f"Port {port}", f"Listen {host}", "Timeout 600", "MaxClients 100", f"BasicAuth {USER} password"]
    config.write_text("\n".join([*lines, "LogLevel Critical"]) + "\n")
    async with _running([program("tinyproxy"), "-d", "-c", str(config)], host, port):
        yield port


@asynccontextmanager
async def _running(command: list[str], host: str, port: int) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(
        *command,
        env={"PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )

    async def listening() -> bool:
        assert process.returncode is None, f"{command[0]} ended"
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await until(listening, pause=0.02)
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
