"""The limits of a person, link or address (access/limits.py), behind the access check, which says who asks.

A stream is a response of file bytes to a GET, from its request to its end; a viewer's player has a few open at once.
What a player asks of one film's HLS at the same time is one stream. Its body counts for the day, as that of subtitles
does, which are no stream: a player fetches them beside the film. When the day's bytes
run out in the middle of a file, the answer ends short of its Content-Length, as it does when Telegram fails.
"""

import asyncio
import logging
import re
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamvault.access.limits import LimitReached, Limits, key_of
from streamvault.http.addresses import client_of, is_by_proxy
from streamvault.http.middleware.readiness import PROBE_PATHS

log = logging.getLogger(__name__)

_FILES = re.compile(r"/(?:stream|hls|dav)/")
_SUBTITLES = re.compile(r"/subtitles/.*\.vtt$")
_HLS = re.compile(r"/hls/([^/]+/[^/]+)/")
_SMALL = ("/thumb/", "/assets/")
"""What a page loads many of: pictures, and files of the web UI."""


class RateLimits:
    """Raises HTTPException 429 with Retry-After. `limited(why)` is called for each refusal and each stream cut short.

    `state.identity` is who asks; without one the address counts. Health checks and owners have no limits. Nor has, with
    `spare_proxies`, an address of this machine, or a proxy nearby that nobody has named: all that it passes on would
    count as one.
    """

    def __init__(
        self, app: ASGIApp, limits: Limits, limited: Callable[[str], None], *, spare_proxies: bool = False
    ) -> None:
        self._app = app
        self._spare_proxies = spare_proxies
        self._limits = limits
        self._limited = limited

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = self._key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        try:
            self._limits.request(key, picture=path.startswith(_SMALL))
            if scope["method"] == "GET" and _FILES.match(path) is not None:
                async with self._limits.stream(key, film=_film_of(path)):
                    await self._stream(key, scope, receive, send)
            elif scope["method"] == "GET" and _SUBTITLES.match(path) is not None:
                self._limits.check_day(key)
                await self._stream(key, scope, receive, send)
            else:
                await self._app(scope, receive, send)
        except LimitReached as error:
            self._limited(error.why)
            raise too_many(error) from None

    def _key(self, scope: Scope) -> str | None:
        if scope["type"] != "http" or scope["path"] in PROBE_PATHS:
            return None
        address = client_of(scope)
        key = key_of(scope.get("state", {}).get("identity"), address)
        if self._spare_proxies and key == f"address:{address}" and is_by_proxy(scope):
            return None
        return key

    async def _stream(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the bytes; the application sees a viewer that has gone when those of the day are used up."""
        if not self._limits.counts_bytes:
            await self._app(scope, receive, send)
            return
        used_up = asyncio.Event()

        async def send_counted(message: Message) -> None:
            if used_up.is_set():
                return
            await send(message)
            if message["type"] == "http.response.body" and not self._limits.sent(key, len(message.get("body", b""))):
                used_up.set()
                self._limited("day")
                log.info("a stream of %s ends: its bytes of the day are used up", key)

        async def receive_until_used_up() -> Message:
            ended, next_message = asyncio.ensure_future(used_up.wait()), asyncio.ensure_future(receive())
            try:
                await asyncio.wait((ended, next_message), return_when=asyncio.FIRST_COMPLETED)
                return {"type": "http.disconnect"} if used_up.is_set() else next_message.result()
            finally:
                ended.cancel()
                next_message.cancel()

        await self._app(scope, receive_until_used_up, send_counted)


def _film_of(path: str) -> str:
    """The film of a path of HLS, whose requests at one time are one stream; "" of other paths."""
    match = _HLS.match(path)
    return match[1] if match is not None else ""


def too_many(error: LimitReached) -> HTTPException:
    """The answer to a request beyond a limit."""
    return HTTPException(429, str(error), {"Retry-After": str(error.retry_after)})
