"""What all HTTP sources of a process share, and how one of them connects."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from functools import cached_property, partial

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.egress.guard import Guard
from streamvault.leech.sources.http.exchange import Answer
from streamvault.leech.sources.http.hosts import Hosts
from streamvault.leech.sources.http.limits import Limits
from streamvault.leech.sources.http.wire import Wire, wire_over
from streamvault.leech.sources.urls import Url


class Client:
    """`ca_file`: certificates (PEM) that are trusted instead of the system's. `clock`: seconds of any origin; `wall`:
    Unix seconds, for dates that servers send.
    """

    def __init__(
        self,
        guard: Guard,
        limits: Limits | None = None,
        *,
        ca_file: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.limits = limits or Limits()
        self.hosts = Hosts(self.limits.connections, self.limits.recent, clock)
        self.clock, self.wall, self.sleep = clock, wall, sleep
        self._guard, self._ca_file = guard, ca_file

    async def get(self, url: Url, headers: list[tuple[bytes, bytes]]) -> tuple[Answer, bool]:
        """The answer to one GET, without following it, and whether the host may refuse it for having others open.
        Raises SourceRefused, SourceFailed.
        """
        name = str(url.host)
        wait = self.hosts.closed_for(name)
        if wait:
            raise SourceFailed(f"{name} asked to be left alone for a while", retry_after=wait)
        crowded = await self.hosts.enter(name)
        leave = _once(partial(self.hosts.leave, name))
        try:
            answer = Answer(url, await self._wire(url), self.limits, leave)
        except BaseException:
            leave()
            raise
        try:
            await answer.ask([(b"Host", url.authority.encode()), *headers])
        except BaseException:
            answer.close()
            raise
        return answer, crowded

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._ca_file)
        context.set_alpn_protocols(["http/1.1"])
        return context

    async def _wire(self, url: Url) -> Wire:
        sock = await self._guard.connect(url.host, url.port)
        try:
            async with asyncio.timeout(self.limits.handshake):
                return await wire_over(sock, self._tls if url.scheme == "https" else None, str(url.host))
        except ssl.SSLCertVerificationError as error:
            raise SourceRefused(f"the certificate of {url.host} is not valid: {error.verify_message}") from None
        except (TimeoutError, OSError):
            raise SourceFailed(f"{url.host} does not open a secure connection at port {url.port}") from None


def _once(action: Callable[[], None]) -> Callable[[], None]:
    """`action`, which is done by the first call alone."""
    todo = [action]
    return lambda: todo.pop()() if todo else None
