"""Server-sent events (WHATWG HTML section 9.2): the answer that sends what a source has, until one side ends."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from fastapi import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from streamvault.http.addresses import viewer_address
from streamvault.http.disconnect import until_disconnected
from streamvault.http.protocol import abort_of
from streamvault.http.slots import NoFreeSlot, SharedSlots

EVENTS = "text/event-stream"

HEARTBEAT = 15.0
"""Seconds without an event after which a comment is sent, so that no proxy closes the connection as idle."""

GRACE = 1.0
"""Seconds from the end of a source within which the client has to take what was sent; then its connection is cut."""

RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "Server-sent events, the present state first", "content": {EVENTS: {}}},
    429: {"description": "Too many streams of one address; Retry-After says when to come back"},
}


class EventSource(Protocol):
    """What one client is told."""

    async def next(self) -> str | None:
        """Wait for the next events, as the lines to send; None at the end. Cancelling loses nothing."""
        ...

    def place(self) -> str:
        """The line with the `id` of all that was told, also of what the client may not see; "" for none."""
        ...

    def end(self) -> None:
        """No more events follow: the place is given to another client, or the caller may not listen any more."""
        ...

    def on_end(self, call: Callable[[], None] | None) -> None:
        """Have `call` called at the end; at once if it has ended."""
        ...


class EventStream(Response):
    """The answer ends when the client disconnects, its slot is given away, or the source ends.

    A client that does not read cannot outlive that: its connection is cut after GRACE.
    """

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
                    await until_disconnected(self._send_events(source, send, cut=abort_of(scope)), receive)
            except NoFreeSlot as error:
                whose = "from your address" if error.own else "on this server"
                detail = f"Too many event streams {whose}: close some, or come back later."
                raise HTTPException(429 if error.own else 503, detail, {"Retry-After": "30"}) from error

    async def _send_events(self, source: EventSource, send: Send, *, cut: Callable[[], None]) -> None:
        with _calls_after_end(source, cut):
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            text: str | None = self._first
            while text is not None:
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
                text = await _next_lines(source)
            await send({"type": "http.response.body", "body": b"", "more_body": False})


@contextmanager
def _calls_after_end(source: EventSource, cut: Callable[[], None]) -> Iterator[None]:
    """Calls `cut` when the source has ended GRACE seconds ago and the context still lasts."""
    timers: list[asyncio.TimerHandle] = []
    loop = asyncio.get_running_loop()
    source.on_end(lambda: timers.append(loop.call_later(GRACE, cut)))
    try:
        yield
    finally:
        source.on_end(None)
        for timer in timers:
            timer.cancel()


async def _next_lines(source: EventSource) -> str | None:
    try:
        async with asyncio.timeout(HEARTBEAT):
            return await source.next()
    except TimeoutError:
        return f": still here\n{source.place()}\n"
