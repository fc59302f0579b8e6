"""Runs calls as tasks, several at once per connection, and sends each answer to the session of its request."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from tgemulator.counters import Counters
from tgemulator.errors import TransportError
from tgemulator.faults.registry import DropConnection
from tgemulator.mtproto import key_ownership
from tgemulator.mtproto.session import MtprotoSession
from tgemulator.wire.container import Message


class Connection(key_ownership.Connection, Protocol):
    """The connection that a request came over."""

    async def writable(self) -> None:
        """Return once the connection takes more bytes, or is closed."""
        ...

    def fail(self, code: int) -> None:
        """Send a transport error and close."""
        ...

    def abort(self) -> None:
        """Close at once, without sending anything."""
        ...

    def call_ended(self, msg_id: int) -> None:
        """Count a call as ended."""
        ...


class Answerer(Protocol):
    """Answers requests; services/dispatcher.py implements it."""

    async def answer(
        self, session: MtprotoSession, connection: Connection, *, message: Message
    ) -> tuple[list[bytes], bool]:
        """The rpc_result of a request, serialised in pieces, and whether it is a result and no rpc_error.

        Raises TransportError, or DropConnection to close the connection without an answer.
        """
        ...


class Tasks:
    """Tasks that are not awaited while they run; close() ends them all."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start one, and keep it from being collected."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Cancel what runs and wait until it has ended."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Calls:
    """Every call in progress; a call goes on when its connection closes. `clock` returns Unix seconds."""

    def __init__(self, answerer: Answerer, counters: Counters, clock: Callable[[], float]) -> None:
        self._answerer = answerer
        self._counters = counters
        self._clock = clock
        self._running = 0

    async def run(self, session: MtprotoSession, connection: Connection, *, message: Message) -> None:
        """Answer one request; the answer goes to the session even if it has moved to another connection."""
        self._running += 1
        self._counters.peak("in_flight", self._running)
        body = None
        success = False
        try:
            await connection.writable()
            body, success = await self._answerer.answer(session, connection, message=message)
        except TransportError as error:
            connection.fail(error.code)
        except DropConnection:
            connection.abort()
        finally:
            self._running -= 1
            session.finish(message.msg_id, success=success)
            connection.call_ended(message.msg_id)
        if message.msg_id in session.dropped:
            session.dropped.discard(message.msg_id)
        elif body is not None:
            session.send(body, now=self._clock(), answers=message.msg_id)
