"""An FTP server for tests, over real sockets: faultless, but for what a test changes of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass
class FtpServer:
    """`files`: by path, as it is asked for. `replies`: instead of those that a command has, by its verb; b"" is none
    at all, and None closes the connection. `cut`: bytes after which data connections end. `commands`: all that came.
    `most`: sessions at a time; another one is refused by 421.
    """

    files: dict[bytes, bytes]
    replies: dict[str, bytes | None] = field(default_factory=dict)
    cut: int | None = None
    most: int = 100
    greeting: bytes = b"220 ready"
    port: int = 0
    host: str = "127.0.0.1"
    commands: list[bytes] = field(default_factory=list)
    refused: int = 0
    sessions: int = 0
    final: bytes | None = b"226 done"

    def url(self, target: str = "/film.mkv", login: str = "") -> str:
        return f"ftp://{login}{self.host}:{self.port}{target}"

    def sent(self, verb: str) -> list[bytes]:
        """The arguments of all commands with this verb."""
        return [line.partition(b" ")[2] for line in self.commands if line.split(b" ")[0] == verb.encode()]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.sessions >= self.most:
            self.refused += 1
            writer.write(b"421 too many connections\r\n")
            writer.close()
            return
        self.sessions += 1
        session = _Session(self, writer)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await session.say(self.greeting)
                while line := (await reader.readuntil(b"\r\n"))[:-2]:
                    self.commands.append(line)
                    await session.do(line)
        finally:
            self.sessions -= 1
            session.close()
            writer.close()


class _Session:
    def __init__(self, server: FtpServer, writer: asyncio.StreamWriter) -> None:
        self._server, self._writer = server, writer
        self._offset = 0
        self._listening: asyncio.Server | None = None
        self._data: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    def close(self) -> None:
        if self._listening is not None:
            self._listening.close()
        while not self._data.empty():
            self._data.get_nowait().close()

    async def say(self, reply: bytes) -> None:
        if reply:
            self._writer.write(reply + b"\r\n")
            await self._writer.drain()

    async def do(self, line: bytes) -> None:
        verb, _, argument = line.partition(b" ")
        name = verb.decode()
        port = await self._listen() if name in ("EPSV", "PASV") else 0
        if name in self._server.replies:
            reply = self._server.replies[name]
            if reply is None:
                raise ConnectionError
            for mark, number in ((b"HIGH", port >> 8), (b"LOW", port & 255), (b"PORT", port)):
                reply = reply.replace(mark, b"%d" % number)
            await self.say(reply)
            return
        await getattr(self, f"_{name.lower()}", self._unknown)(argument, port)

    async def _listen(self) -> int:
        async def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._data.put_nowait(writer)

        if self._listening is not None:
            self._listening.close()
        self._listening = await asyncio.start_server(connected, self._server.host, 0)
        return int(self._listening.sockets[0].getsockname()[1])

    async def _unknown(self, *_: object) -> None:
        await self.say(b"502 unknown")

    async def _user(self, argument: bytes, _: int) -> None:
        await self.say(b"331 password")

    async def _pass(self, argument: bytes, _: int) -> None:
        await self.say(b"230-welcome\r\n 220 not yet\r\n230 welcome")

    async def _type(self, argument: bytes, _: int) -> None:
        await self.say(b"200 binary")

    async def _size(self, path: bytes, _: int) -> None:
        found = self._server.files.get(path)
        await self.say(b"550 no such file" if found is None else b"213 %d" % len(found))

    async def _mdtm(self, path: bytes, _: int) -> None:
        await self.say(b"213 20151021072800" if path in self._server.files else b"550 no such file")

    async def _epsv(self, _: bytes, port: int) -> None:
        await self.say(b"229 Entering Extended Passive Mode (|||%d|)" % port)

    async def _pasv(self, _: bytes, port: int) -> None:
        await self.say(b"227 Entering Passive Mode (127,0,0,1,%d,%d)" % divmod(port, 256))

    async def _rest(self, argument: bytes, _: int) -> None:
        self._offset = int(argument)
        await self.say(b"350 go on")

    async def _retr(self, path: bytes, _: int) -> None:
        data = self._server.files.get(path)
        if data is None:
            await self.say(b"550 no such file")
            return
        await self.say(b"150 here it comes")
        writer = await self._data.get()
        body, self._offset = data[self._offset :], 0
        writer.write(body if self._server.cut is None else body[: self._server.cut])
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()
        if self._server.final is None:
            raise ConnectionError
        await self.say(self._server.final)


@contextlib.asynccontextmanager
async def ftp_server(server: FtpServer) -> AsyncIterator[FtpServer]:
    """The server on loopback, until the end of the block."""
    tasks: set[asyncio.Task[None]] = set()

    def begun(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(server.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listening = await asyncio.start_server(begun, server.host, 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
