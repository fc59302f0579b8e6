"""Server-sent events (WHATWG HTML section 9.2): the answer that sends what a source has, until one side ends."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from fastapi import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from streamvault.http.addresses import viewer_address
from streamvault.http.disconnect import until_disconnected
from streamvault.http.slots import NoFreeSlot, SharedSlots

EVENTS = "text/event-stream"

HEARTBEAT = 15.0
"""Seconds without an event after which a comment is sent, so that no proxy closes the connection as idle."""

RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "Server-sent events, the present state first", "content": {EVENTS: {}}},
    429: {"description": "Too many streams of one address; Retry-After says when to come back"},
}


class EventSource(Protocol):
    """What one client is told."""

    async def next(self) -> str | None:
        """Wait for the next events, as the lines to send; None at the end. Cancelling loses nothing."""
        ...

    def end(self) -> None:
        """No more events follow: the place is given to another client."""
        ...


class EventStream(Response):
    """The answer ends when the client disconnects, its slot is given away, or the source ends."""

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[EventSource]],
        slots: SharedSlots,
        *,
        first: str,
        head_only: bool,
    ) -> None:
        """`opened` is a source as long as the client listens. `first`: what is sent at once. `head_only`: no events."""
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}, media_type=EVENTS)
        del self.headers["Content-Length"]
        self._opened = opened
        self._slots = slots
        self._first = first
        self._head_only = head_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._head_only:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": b""})
            return
        with self._opened() as source:
            try:
                with self._slots.slot(viewer_address(scope), source.end):
                    await until_disconnected(self._send_events(source, send), receive)
            except NoFreeSlot as error:
                whose = "from your address" if error.own else "on this server"
                detail = f"Too many event streams {whose}: close some, or come back later."
                raise HTTPException(429 if error.own else 503, detail, {"Retry-After": "30"}) from error

    async def _send_events(self, source: EventSource, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        text: str | None = self._first
        while text is not None:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
            text = await _next_lines(source)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _next_lines(source: EventSource) -> str | None:
    try:
        async with asyncio.timeout(HEARTBEAT):
            return await source.next()
    except TimeoutError:
        return ": still here\n\n"
