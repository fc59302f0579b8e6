"""The control connection of FTP: commands, and replies of bounded size in bounded time."""

import asyncio

from streamvault.errors import SourceFailed
from streamvault.leech.sources.ftp.replies import Reply, parse_line
from streamvault.leech.sources.wire import Cut, Wire

LONGEST = 64 * 1024
"""Bytes of a reply."""


class Control:
    """`host` as it is told to people; `timeout`: seconds for each reply."""

    def __init__(self, wire: Wire, host: str, timeout: float) -> None:
        self._wire, self._host, self._timeout = wire, host, timeout
        self._held = bytearray()

    async def ask(self, command: bytes, timeout: float | None = None) -> Reply:
        """Send a command, which has no line end, and return its reply. Raises SourceFailed; TimeoutError where a
        `timeout` is given and no reply comes within it.
        """
        self._wire.write(command.replace(b"\xff", b"\xff\xff") + b"\r\n")
        return await self.reply(timeout)

    async def reply(self, timeout: float | None = None) -> Reply:
        """The next reply. Raises as `ask` does."""
        try:
            async with asyncio.timeout(timeout or self._timeout):
                return await self._whole()
        except TimeoutError:
            if timeout is not None:
                raise
            raise SourceFailed(f"{self._host} did not answer within {self._timeout:g} seconds") from None
        except Cut:
            raise SourceFailed(f"{self._host} closed the connection") from None

    def close(self) -> None:
        """Drop the connection."""
        self._wire.close()

    async def _whole(self) -> Reply:
        first = parse_line(await self._line())
        if first is None:
            raise SourceFailed(f"{self._host} does not answer as an FTP server does")
        code, more, text = first
        read = 0
        while more:
            line = await self._line()
            read += len(line)
            last = parse_line(line)
            if last is not None and last[0] == code and not last[1]:
                return Reply(code, last[2])
            if read > LONGEST:
                raise SourceFailed(f"{self._host} sends a reply without end")
        return Reply(code, text)

    async def _line(self) -> bytes:
        while (end := self._held.find(b"\n")) < 0 or end > LONGEST:
            if len(self._held) > LONGEST:
                raise SourceFailed(f"{self._host} does not answer as an FTP server does")
            data = await self._wire.read()
            if not data:
                raise Cut("closed the connection")
            self._held += data
        line = bytes(self._held[:end]).rstrip(b"\r")
        del self._held[: end + 1]
        return line
