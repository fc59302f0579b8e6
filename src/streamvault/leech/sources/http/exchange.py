"""One request and its answer over one connection, in HTTP/1.1 by h11."""

import asyncio
from collections.abc import Callable

import h11

from streamvault.errors import SourceFailed
from streamvault.leech.sources.http.fields import Fields
from streamvault.leech.sources.http.ranges import content_length
from streamvault.leech.sources.limits import Limits
from streamvault.leech.sources.pace import Pace
from streamvault.leech.sources.urls import Url
from streamvault.leech.sources.wire import Cut, Wire

HEADER = 64 * 1024
"""Bytes of the longest header."""
PROGRESS_REPORTS = 100
"""Informational answers (1xx) before the answer."""


class Answer:
    """The answer to a request; its body has to be read before it is closed. `url`: where it came from."""

    def __init__(self, url: Url, wire: Wire, limits: Limits, left: Callable[[], None]) -> None:
        self.url = url
        self.status = 0
        self.fields = Fields(())
        self._wire = wire
        self._limits = limits
        self._left = left
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEADER)
        self._pace = Pace(str(url.host), limits)
        self._chunked = False
        self._missing: int | None = 0
        self._first = b""

    async def ask(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Send a GET and read the header of its answer. Raises SourceFailed."""
        request = h11.Request(method=b"GET", target=self.url.target.encode(), headers=headers)
        self._wire.write((self._http.send(request) or b"") + (self._http.send(h11.EndOfMessage()) or b""))
        try:
            async with asyncio.timeout(self._limits.headers):
                for _ in range(PROGRESS_REPORTS):
                    event = await self._next()
                    if isinstance(event, h11.Response):
                        self._begin(event)
                        return
            raise SourceFailed(f"{self.url.host} does not come to an answer")
        except TimeoutError:
            raise SourceFailed(f"{self.url.host} did not answer within {self._limits.headers:g} seconds") from None
        except Cut:
            raise SourceFailed(f"{self.url.host} closed the connection without an answer") from None
        except h11.RemoteProtocolError:
            raise SourceFailed(f"{self.url.host} does not answer as a web server does") from None

    async def read(self) -> bytes:
        """The next bytes of the body, b"" at its end. Raises Cut where it ended too early, is malformed or does not
        come, SourceFailed where it comes too slowly.
        """
        data = await (self._chunk() if self._chunked else self._plain())
        self._pace.received(len(data))
        return data

    def close(self) -> None:
        """Drop the connection; what is left of the body is not read."""
        self._wire.close()
        self._left()

    async def _chunk(self) -> bytes:
        try:
            event = await self._pace.wait(self._next())
        except h11.RemoteProtocolError as error:
            raise Cut("closed the connection, or sent what is no answer") from error
        return bytes(event.data) if isinstance(event, h11.Data) else b""

    async def _plain(self) -> bytes:
        """Bytes as they come, which h11 would only copy; up to Content-Length, or else to the end of the connection."""
        if self._missing == 0:
            return b""
        data, self._first = self._first, b""
        data = data or await self._pace.wait(self._wire.read())
        if self._missing is not None:
            if not data:
                raise Cut("closed the connection")
            data = data[: self._missing]
            self._missing -= len(data)
        return data

    def _begin(self, response: h11.Response) -> None:
        self.status, self.fields = response.status_code, Fields(response.headers)
        self._chunked = "transfer-encoding" in self.fields
        self._missing = content_length(self.fields)
        self._first = self._http.trailing_data[0]

    async def _next(self) -> object:
        """The next event of h11 that holds something."""
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._wire.read())
            elif not isinstance(event, h11.Data) or event.data:
                return event
