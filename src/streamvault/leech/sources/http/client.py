"""How HTTP sources connect, and what they share."""

import asyncio
import ssl
from collections.abc import Callable
from functools import partial

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.sources.http.exchange import Answer
from streamvault.leech.sources.shared import Shared
from streamvault.leech.sources.urls import Url
from streamvault.leech.sources.wire import Wire, wire_over


class Client(Shared):
    """Asks web servers, one request by each connection."""

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

    async def _wire(self, url: Url) -> Wire:
        sock = await self.guard.connect(url.host, url.port)
        try:
            async with asyncio.timeout(self.limits.handshake):
                return await wire_over(
                    sock, self.tls if url.scheme == "https" else None, str(url.host), count=self.count
                )
        except ssl.SSLCertVerificationError as error:
            raise SourceRefused(f"the certificate of {url.host} is not valid: {error.verify_message}") from None
        except (TimeoutError, OSError):
            raise SourceFailed(f"{url.host} does not open a secure connection at port {url.port}") from None


def _once(action: Callable[[], None]) -> Callable[[], None]:
    """`action`, which is done by the first call alone."""
    todo = [action]
    return lambda: todo.pop()() if todo else None
