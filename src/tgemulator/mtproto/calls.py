"""Runs calls as tasks, several at once per connection, and sends each answer to the session that asked."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from tgemulator.errors import RpcError, TransportError
from tgemulator.faults.registry import DropConnection
from tgemulator.mtproto import dispatch
from tgemulator.wire import tl
from tgemulator.wire.container import Message

if TYPE_CHECKING:
    from tgemulator.emulator import Emulator
    from tgemulator.mtproto.connection import Connection
    from tgemulator.mtproto.session import MtprotoSession

log = logging.getLogger(__name__)


class Tasks:
    """Tasks that nobody awaits while they run; close() ends them all."""

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
    """Every call that is being answered, whatever has become of its connection since."""

    def __init__(self, emulator: "Emulator") -> None:
        self._emulator = emulator
        self._running = 0

    async def run(self, session: "MtprotoSession", connection: "Connection", *, message: Message) -> None:
        """Answer one request; the answer goes to the session even if it has moved to another connection."""
        self._running += 1
        self._emulator.counters.peak("in_flight", self._running)
        body = None
        success = False
        try:
            await connection.writable()
            body, success = await self._answer(session, connection, message=message)
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
            session.send(body, now=self._emulator.now(), answers=message.msg_id)

    async def _answer(
        self, session: "MtprotoSession", connection: "Connection", *, message: Message
    ) -> tuple[list[bytes], bool]:
        """rpc_result in pieces, and whether it is one."""
        call = dispatch.Call(
            emulator=self._emulator,
            dc_id=connection.dc_id,
            media_only=connection.media_only,
            key=session.key,
            session=session,
            msg_id=message.msg_id,
            connection=connection,
        )
        try:
            return tl.rpc_result(message.msg_id, await dispatch.answer(call, message.body)), True
        except RpcError as error:
            code, text = error.code, error.text
        except (TransportError, DropConnection):
            raise
        except Exception:  # the edge: a handler's bug is an answer to the client and a traceback for us
            log.exception("%s failed", call.name or "a request")
            code, text = 500, "INTERNAL"
        self._emulator.counters.add("errors", code=code, text=text, method=call.name)
        return tl.rpc_error(message.msg_id, code=code, text=text), False
