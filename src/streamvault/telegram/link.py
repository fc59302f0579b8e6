"""One MTProto connection: Kurigram's Session with a life cycle of our own.

Kurigram's `start()` may return without being started while `restart()` respawns itself for ever; a -404 dies
inside its receiving task while requests wait 15 s; every start sends help.getConfig, which on a second
connection with the home key is what ends a session (AUTH_KEY_DUPLICATED). Here a connection opens within
a bound or fails, is lost at most once, and says so at once to everybody who waits on it. The first request
introduces the client (initConnection), so that a media connection never sends anything but upload.*.
"""

import asyncio
import contextlib
import math
import os
from collections.abc import Callable, Sequence
from typing import Any

from pyrogram import raw
from pyrogram.errors import FloodPremiumWait, FloodWait, SecurityError
from pyrogram.session import Session
from pyrogram.session.internals import MsgFactory
from pyrogram.session.session import SessionState

from streamvault.errors import SourceBusy, SourceUnavailable
from streamvault.telegram.dc import DcAddress
from streamvault.telegram.envelope import unpack
from streamvault.telegram.errors import LOST_KEY, KeyRejected, translated, transport_error
from streamvault.telegram.floods import Floods, family_of
from streamvault.telegram.introduction import introduced
from streamvault.telegram.network import Network, hang_up
from streamvault.telegram.stored.backend import Backend

OPEN_TIMEOUT = 8.0
CALL_TIMEOUT = 20.0
CLOSE_TIMEOUT = 2.0
_CLOCK_IS_WRONG = (16, 17)
_WRAPPERS = (raw.functions.InvokeWithoutUpdates, raw.functions.InvokeWithTakeout)


class Link(Session):  # type: ignore[misc]
    """A connection to one data centre with one auth key; `media` ones and those without `updates` ask for none.

    `addresses` is asked anew at each opening. `on_lost(link)` is called once per loss, from the event loop, when
    nothing waits on the link any more. A lost link may be opened again. `failure` says why it was lost; KeyRejected
    means that the key is dead. `floods` keeps what Kurigram sends by itself to the account's schedule;
    `lease` is asked before every request whether the session still is ours.
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
        on_lost: Callable[["Link"], None],
        updates: bool = True,
        floods: Floods | None = None,
        lease: Backend | None = None,
    ) -> None:
        super().__init__(client, dc_id, "", 0, key, False, is_media=media)
        self.failure: Exception | None = None
        self._network = network
        self._addresses = addresses
        self._on_lost = on_lost
        self._quiet = media or not updates
        self._floods = floods
        self._lease = lease
        self._requests: set[asyncio.Task[Any]] = set()
        self._introduced = False
        self._fresh_session = False
        self._heard = False
        self._used_at = 0.0

    @property
    def load(self) -> int:
        """Requests in flight."""
        return len(self._requests)

    @property
    def idle(self) -> float:
        """Seconds since the last request began or ended; 0 while one is in flight."""
        return 0.0 if self._requests else float(self.client.loop.time() - self._used_at)

    @property
    def alive(self) -> bool:
        """Open, and not lost since."""
        return bool(self.is_started.is_set())

    async def open(self, *, timeout: float = OPEN_TIMEOUT) -> None:
        """Connect. SourceUnavailable when that fails or takes longer than `timeout` seconds."""
        if self._fresh_session:
            self._begin_session()
        self.failure, self._introduced, self._fresh_session, self._heard = None, False, False, False
        self.stored_msg_ids.clear()
        self.pending_acks.clear()
        with translated():
            self.connection = await self._network.dial(
                self.dc_id, self._addresses(), media=self.is_media, timeout=timeout
            )
        self._used_at = self.client.loop.time()
        loop = self.client.loop
        self.recv_task = loop.create_task(self.recv_worker())
        self.ping_task = loop.create_task(self.ping_worker())
        await self._set_state(SessionState.STARTED)
        self.is_started.set()

    async def call(self, query: Any, *, timeout: float = CALL_TIMEOUT) -> Any:
        """The answer to `query`. The request belongs to the link: cancelling the call abandons only the wait.

        (A request cancelled between encrypting and writing would skew an obfuscated connection's key stream.)
        Raises StreamVault's errors: KeyRejected for a dead key, SourceUnavailable when the link is or gets lost
        otherwise, or when `timeout` seconds pass.
        """
        if self._lease is not None:
            await self._lease.ensure()
        if not self.alive:
            raise self._lost()
        self._used_at = self.client.loop.time()
        task = self.client.loop.create_task(self._exchange(query, timeout))
        self._requests.add(task)
        task.add_done_callback(self._request_done)
        await asyncio.wait((task,))
        if task.cancelled():
            raise self._lost()
        return task.result()

    async def close(self, reason: Exception | None = None) -> None:
        """Close everything within CLOSE_TIMEOUT; what is in flight is told `reason`. `on_lost` is not called."""
        self._on_lost = lambda _: None
        self.lose(reason or ConnectionError("closed"))
        await self.clean_up()

    async def clean_up(self) -> None:
        """After a loss: end what still runs and free the socket, so that `open` can begin anew."""
        tasks = [t for t in (self.recv_task, self.ping_task, *self.pending_tasks, *self._requests) if t is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            done, _ = await asyncio.wait(tasks, timeout=CLOSE_TIMEOUT)
            for task in done:
                _ = task.cancelled() or task.exception()
        self.recv_task = self.ping_task = None
        await self._hang_up()
        await self._set_state(SessionState.STOPPED)

    async def start(self) -> None:
        """Kurigram's name for `open`."""
        await self.open()

    async def stop(self) -> None:
        """Kurigram's name for `close`."""
        await self.close()

    async def restart(self) -> None:
        """What Kurigram calls when something is wrong: the link is lost; its owner decides what comes next."""
        self.lose(ConnectionError("the connection broke"))

    async def invoke(self, query: Any, *args: Any, **options: Any) -> Any:
        """What Kurigram's client sends by itself; refused during a flood wait. Raises Kurigram's errors."""
        inner = query.query if isinstance(query, _WRAPPERS) else query
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
                await self._floods.note(family, error.value)
            raise

    async def send(self, data: Any, wait_response: bool = True, timeout: float = CALL_TIMEOUT) -> Any:
        """Kurigram's send, which waits for a lost main connection to come back and returns results only."""
        if self.failure is not None and asyncio.current_task() in self._requests:
            raise ConnectionError("the connection was lost")  # `wait_for` may swallow the cancelling of a request
        async with asyncio.timeout(timeout):
            await self.is_started.wait()
        for _ in range(2):
            try:
                answer = await super().send(data, wait_response, timeout)
            except LOST_KEY as error:
                self.lose(KeyRejected(str(error)))
                raise
            if not isinstance(answer, raw.types.BadMsgNotification):
                return answer
            if answer.error_code not in _CLOCK_IS_WRONG or self.results:
                break
            self._begin_session()  # Kurigram has just corrected its clock, but never goes back to lower numbers
        self._fresh_session = True
        self.lose(ConnectionError("the server refuses our message numbers"))
        raise ConnectionError("the server refuses our message numbers")

    async def dressed(self, query: Any, *, introduce: bool) -> Any:
        """`query` as this connection sends it: media requests ask for no updates, the first ones say who we are."""
        if self._quiet:
            query = raw.functions.InvokeWithoutUpdates(query=query)
        return await introduced(self.client, query, proxy=self.connection.client_proxy) if introduce else query

    async def recv_worker(self) -> None:
        """Take packets until the connection ends, and say how it ended."""
        while True:
            packet = await self.connection.recv()
            if packet is None:
                if not self._heard:
                    self._network.failed(self.connection)
                return self.lose(ConnectionError("the connection was closed or silent"))
            if not self._heard:
                self._heard = True
                self._network.worked(self.connection)
            if len(packet) == 4:
                return self.lose(transport_error(-int.from_bytes(packet, "little", signed=True)))
            self._create_tracked_task(self.handle_packet(packet))

    async def handle_packet(self, packet: bytes) -> None:
        """Kurigram's, but a packet that fails the security checks ends the connection instead of vanishing."""
        try:
            if not self.client.server_clock.known:
                self.client.server_clock.learn((await unpack(self, packet)).msg_id)  # it is checked by that clock
            await super().handle_packet(packet)
        except (SecurityError, OSError, ValueError) as error:
            self.lose(error)

    async def ping_worker(self) -> None:
        """Keep the connection alive and acknowledge answers, which Kurigram leaves lying below ten."""
        while True:
            await asyncio.sleep(self.PING_INTERVAL)
            try:
                if acks := list(self.pending_acks):
                    await self.send(raw.types.MsgsAck(msg_ids=acks), wait_response=False)
                    self.pending_acks.difference_update(acks)
                ping_id = await self.msg_factory.allocate_message_identity()
                ping = raw.functions.PingDelayDisconnect(ping_id=ping_id, disconnect_delay=25)
                await self.send(ping, wait_response=False)
            except OSError as error:
                return self.lose(error)

    async def _exchange(self, query: Any, timeout: float) -> Any:
        """Send and await one request; a write that hangs beyond its bound ends the connection."""
        introducing = not self._introduced
        clock = self.client.server_clock
        with translated():
            try:
                async with asyncio.timeout(timeout + CLOSE_TIMEOUT), contextlib.AsyncExitStack() as stack:
                    if not clock.known:
                        await stack.enter_async_context(clock.alone)
                    answer = await self.send(await self.dressed(query, introduce=introducing), timeout=timeout)
            except OSError as error:
                if isinstance(error, TimeoutError) and self.connection.protocol.lock.locked():
                    self.lose(TimeoutError("the connection takes no more data"))
                if self.failure is not None:  # woken with nothing, which Kurigram reports as a timeout
                    raise self._lost() from error
                raise
        self._introduced = self._introduced or introducing
        return answer

    def _begin_session(self) -> None:
        """A new MTProto session, whose message numbers begin anew."""
        self.session_id, self.msg_factory = os.urandom(8), MsgFactory(self.client)
        self.stored_msg_ids.clear()
        self.pending_acks.clear()

    def _lost(self) -> Exception:
        """What a request is told that the link cannot serve; each gets an exception of its own."""
        kind = KeyRejected if isinstance(self.failure, KeyRejected) else SourceUnavailable
        return kind(str(self.failure or "the connection is closed"))

    def _request_done(self, task: asyncio.Task[Any]) -> None:
        self._requests.discard(task)
        self._used_at = self.client.loop.time()
        _ = task.cancelled() or task.exception()  # nobody may be waiting for it any more

    def lose(self, error: Exception) -> None:
        """The link is of no use any more. Once per opening: wake everybody who waits, with nothing in their hands."""
        if self.failure is not None:
            return
        self.failure = error
        self.is_started.clear()
        for task in self._requests - {asyncio.current_task()}:
            task.cancel()
        for result in self.results.values():
            result.event.set()
        self._on_lost(self)

    async def _hang_up(self) -> None:
        if self.connection is not None:
            await hang_up(self.connection)
