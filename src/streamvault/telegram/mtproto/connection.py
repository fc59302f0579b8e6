"""One MTProto connection: Kurigram's Session with its life cycle replaced.

Kurigram's `start()` may return without having started while `restart()` repeats itself for ever; a transport error
-404 ends its receiving task only, so that requests wait 15 s for nothing; and every start sends help.getConfig, which
over a second connection with the key of the home DC ends the session (AUTH_KEY_DUPLICATED). Here a connection opens
within a bound or fails, is lost at most once per opening, and wakes everything that waits on it. The first request is
wrapped in initConnection, so that a media connection never sends anything but upload.*.
"""

import asyncio
import contextlib
import math
import os
from collections.abc import Callable, Sequence
from typing import Any

from pyrogram import raw
from pyrogram.errors import FloodPremiumWait, FloodWait, RandomIdDuplicate
from pyrogram.session.internals import MsgFactory
from pyrogram.session.session import SessionState

from streamvault.errors import SourceBusy, SourceUnavailable
from streamvault.telegram.errors import LOST_KEY, AlreadySent, KeyRejected, MessageIdsRefused, translated
from streamvault.telegram.mtproto.guards import FloodSchedule, Lease
from streamvault.telegram.mtproto.init_connection import with_init_connection
from streamvault.telegram.mtproto.keepalive import AnswerDelays
from streamvault.telegram.mtproto.method_families import family_of
from streamvault.telegram.mtproto.sender import WRAPPERS, Sender
from streamvault.telegram.network.data_centres import DcAddress
from streamvault.telegram.network.routes import Network, close_connection

OPEN_TIMEOUT = 8.0
CALL_TIMEOUT = 20.0
CLOSE_TIMEOUT = 2.0
_MSG_ID_OUT_OF_RANGE = (16, 17)  # error codes of bad_msg_notification: msg_id too low, too high


class Connection(Sender):
    """A connection to one data centre with one auth key.

    `media`, or `updates` False: requests are wrapped in invokeWithoutUpdates. `cdn`: a CDN DC, which is not trusted: it
    gets no description of the device, and its updates and its time are ignored.

    `addresses` is called at each opening. `on_lost(connection)` is called once per loss, from the event loop, when
    nothing waits on the connection any more. A lost connection may be opened again. `failure` says why it was lost;
    KeyRejected means that the auth key is dead. `floods` applies to what Kurigram's client sends by itself; `lease` is
    checked before each request.
    """

    def __init__(
        self,
        client: Any,
        dc_id: int,
        *,
        network: Network,
        addresses: Callable[[], Sequence[DcAddress]],
        key: bytes,
        media: bool,
        cdn: bool = False,
        on_lost: Callable[["Connection"], None],
        on_silence_change: Callable[["Connection"], None] = lambda _: None,
        answer_delays: AnswerDelays | None = None,
        updates: bool = True,
        floods: FloodSchedule | None = None,
        lease: Lease | None = None,
    ) -> None:
        super().__init__(
            client,
            dc_id,
            key=key,
            media=media,
            answer_delays=answer_delays,
            on_silence_change=lambda: on_silence_change(self),
        )
        self.is_cdn = cdn
        self._network = network
        self._addresses = addresses
        self._on_lost = on_lost
        self._without_updates = (media or not updates) and not cdn
        self._floods = floods
        self._lease = lease
        self._initialized = False
        self._fresh_session = False
        self._client_proxy: Any = None
        self._used_at = 0.0

    @property
    def load(self) -> int:
        """Requests in flight."""
        return len(self._requests)

    @property
    def bytes_in_flight(self) -> int:
        """The most bytes that the answers to the requests in flight may have."""
        return sum(size for _, size in self._requests.values())

    @property
    def idle(self) -> float:
        """Seconds since the last request began or ended; 0 while one is in flight."""
        return 0.0 if self._requests else float(self.client.loop.time() - self._used_at)

    @property
    def alive(self) -> bool:
        """Open, and not lost since."""
        return bool(self.is_started.is_set())

    async def open(self, *, timeout: float = OPEN_TIMEOUT) -> None:
        """Connect. SourceUnavailable if that fails or takes longer than `timeout` seconds."""
        if self._fresh_session:
            self._begin_session()
        self.failure, self._initialized, self._fresh_session = None, False, False
        self.stored_msg_ids.clear()
        self.pending_acks.clear()
        with translated():
            self.connection = await self._network.dial(
                self.dc_id, self._addresses(), media=self.is_media, timeout=timeout
            )
        self._used_at = self.client.loop.time()
        self._client_proxy = self.connection.client_proxy
        self._start_receiving()
        await self._set_state(SessionState.STARTED)
        self.is_started.set()

    async def wait_open(self, *, within: float) -> None:
        """Wait until a lost connection is open again. SourceUnavailable if that takes longer than `within` seconds."""
        try:
            async with asyncio.timeout(within):
                await self.is_started.wait()
        except TimeoutError as error:
            raise SourceUnavailable("the account is not connected") from error

    async def call(self, query: Any, *, timeout: float = CALL_TIMEOUT) -> Any:
        """The answer to `query`. The request belongs to the connection: cancelling the call ends the wait only.

        (A request cancelled between encrypting and writing would desynchronise an obfuscated connection's key stream.)
        Raises StreamVault's errors: KeyRejected for a dead key, SourceUnavailable if the connection is or gets lost
        for another reason, or if `timeout` seconds pass.
        """
        if self._lease is not None:
            await self._lease.ensure()
        task = self.send_request(query, timeout=timeout)
        await asyncio.wait((task,))
        return self.outcome(task)

    def send_request(self, query: Any, *, size: int = 0, timeout: float = CALL_TIMEOUT) -> asyncio.Task[Any]:
        """Start a request whose answer has at most `size` bytes; see `outcome`. The caller has checked the lease.

        The task belongs to the connection: do not cancel it.
        """
        if not self.alive:
            raise self._loss_error()
        task: asyncio.Task[Any] = self.client.loop.create_task(self._exchange(query, timeout))
        self._used_at = self.client.loop.time()
        self._requests[task] = self._used_at, size
        task.add_done_callback(self._request_done)
        return task

    def outcome(self, task: asyncio.Task[Any]) -> Any:
        """The answer of a task of `send_request` that is done; raises as `call` does."""
        if task.cancelled():
            raise self._loss_error()
        return task.result()

    async def close(self, reason: Exception | None = None) -> None:
        """Close within CLOSE_TIMEOUT; requests in flight fail with `reason`. `on_lost` is not called."""
        self._on_lost = lambda _: None
        self.lose(reason or ConnectionError("closed"))
        await self.clean_up()

    async def clean_up(self) -> None:
        """After a loss: cancel the tasks and close the socket, so that `open` can be called again."""
        tasks = [t for t in (self.recv_task, self.ping_task, *self.pending_tasks, *self._requests) if t is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            done, _ = await asyncio.wait(tasks, timeout=CLOSE_TIMEOUT)
            for task in done:
                _ = task.cancelled() or task.exception()
        self.recv_task = self.ping_task = None
        self._keepalive.stop()
        await self._close_connection()
        await self._set_state(SessionState.STOPPED)

    async def start(self) -> None:
        """Kurigram's name for `open`."""
        await self.open()

    async def stop(self) -> None:
        """Kurigram's name for `close`."""
        await self.close()

    async def restart(self) -> None:
        """Called by Kurigram after an error: mark the connection as lost; its owner may open it again."""
        self.lose(ConnectionError("the connection broke"))

    async def invoke(self, query: Any, *args: Any, **options: Any) -> Any:
        """Send what Kurigram's client asks for; refused during a flood wait. Raises Kurigram's errors."""
        inner = query.query if isinstance(query, WRAPPERS) else query
        family = family_of(inner)
        if self._lease is not None:
            await self._lease.ensure()
        if self._floods is not None:
            try:
                self._floods.check(family)
            except SourceBusy as busy:
                raise FloodWait(math.ceil(busy.retry_after)) from busy
        try:
            return await super().invoke(query, *args, **options)
        except (FloodWait, FloodPremiumWait) as error:
            if self._floods is not None and isinstance(error.value, int):
                await self._floods.record(family, error.value)
            raise

    async def send(self, data: Any, wait_response: bool = True, timeout: float | None = CALL_TIMEOUT) -> Any:
        """Kurigram's `send`: waits until a lost connection is open again; never returns a bad_msg_notification."""
        if self.failure is not None and asyncio.current_task() in self._requests:
            raise ConnectionError("the connection was lost")  # `wait_for` may swallow the cancellation
        if not self.alive:
            async with asyncio.timeout(timeout):
                await self.is_started.wait()
        if not wait_response:
            return await self.send_message(data)
        for _ in range(2):
            try:
                answer = await self._send_and_wait(data, timeout)
            except LOST_KEY as error:
                self.lose(KeyRejected(str(error)))
                raise
            except RandomIdDuplicate as error:
                raise AlreadySent from error
            if not isinstance(answer, raw.types.BadMsgNotification):
                return answer
            if answer.error_code not in _MSG_ID_OUT_OF_RANGE or self.results:
                break
            self._begin_session()  # the clock has just been corrected, but Kurigram never makes lower msg_ids
        self._fresh_session = True
        self.lose(MessageIdsRefused())
        raise MessageIdsRefused

    async def wrap(self, query: Any, *, init: bool) -> Any:
        """`query` in invokeWithoutUpdates where that applies, and with `init` in initConnection."""
        if self._without_updates:
            query = raw.functions.InvokeWithoutUpdates(query=query)
        if not init:
            return query
        return await with_init_connection(self.client, query, proxy=self._client_proxy, anonymous=self.is_cdn)

    async def _exchange(self, query: Any, timeout: float) -> Any:
        """Send one request and await its answer; a write that is blocked until the timeout ends the connection."""
        init = not self._initialized
        clock = self.client.server_clock
        with translated():
            try:
                async with asyncio.timeout(timeout), contextlib.nullcontext() if clock.known else clock.first_request:
                    answer = await self.send(await self.wrap(query, init=init), timeout=None)
            except OSError as error:
                if isinstance(error, TimeoutError) and self._transport.blocked:
                    self.lose(TimeoutError("the connection takes no more data"))
                if self.failure is not None:  # woken without an answer, which Kurigram reports as a timeout
                    raise self._loss_error() from error
                raise
        self._initialized = self._initialized or init
        return answer

    def _begin_session(self) -> None:
        """Begin a new MTProto session, with a new session_id and sequence numbers from 0."""
        self.session_id, self.msg_factory = os.urandom(8), MsgFactory(self.client)
        self.stored_msg_ids.clear()
        self.pending_acks.clear()

    def _loss_error(self) -> Exception:
        """The error for a request that the connection cannot serve; a new exception each time."""
        kind = KeyRejected if isinstance(self.failure, KeyRejected) else SourceUnavailable
        return kind(str(self.failure or "the connection is closed"))

    def _request_done(self, task: asyncio.Task[Any]) -> None:
        self._requests.pop(task, None)
        self._used_at = self.client.loop.time()
        _ = task.cancelled() or task.exception()  # retrieved, as nobody may be waiting for it any more

    def lose(self, error: Exception) -> None:
        """Mark the connection as lost, once per opening: wake everything that waits, without an answer."""
        if self.failure is not None:
            return
        self.failure = error
        self._keepalive.stop()
        self.is_started.clear()
        for task in self._requests.keys() - {asyncio.current_task()}:
            task.cancel()
        for result in self.results.values():
            result.event.set()
        self._on_lost(self)

    async def _close_connection(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            await close_connection(connection)
