"""Sends and receives over one connection: packets, messages, acknowledgements, pings.

Replaces the sending and receiving of Kurigram's Session, which switches threads for every message, however small, and
copies each MiB of a file many times.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from pyrogram import raw
from pyrogram.errors import RPCError, SecurityError
from pyrogram.session import Session
from pyrogram.session.session import Result

from streamvault.telegram.errors import transport_error
from streamvault.telegram.mtproto.encryption import Serialized, pack
from streamvault.telegram.mtproto.incoming import handle_packet
from streamvault.telegram.mtproto.keepalive import AnswerDelays, KeepAlive
from streamvault.telegram.network.routes import Network
from streamvault.telegram.network.transport import Transport, transport_over

WRAPPERS = (raw.functions.InvokeWithoutUpdates, raw.functions.InvokeWithTakeout)


class Sender(Session):  # type: ignore[misc]
    """The sending and receiving half of a Connection, which sets `_network` and `connection` and implements `lose`.

    `on_silence_change` is called when `silent` changes; the connections of one account to one data centre share
    `answer_delays`.
    """

    _network: Network
    _transport: Transport

    def __init__(
        self,
        client: Any,
        dc_id: int,
        *,
        key: bytes,
        media: bool,
        answer_delays: AnswerDelays | None,
        on_silence_change: Callable[[], None],
    ) -> None:
        super().__init__(client, dc_id, "", 0, key, False, is_media=media)
        self.failure: Exception | None = None
        self._requests: dict[
            asyncio.Task[Any], tuple[float, int]
        ] = {}  # when it began, the most bytes that the answer, or the part that it carries, may have
        self._received_any = self._acknowledging = False
        self._keepalive = KeepAlive(
            answer_delays or AnswerDelays(),
            oldest_request=lambda: next((began for began, _ in self._requests.values()), None),
            ping=lambda: self._create_tracked_task(self._ping()),
            on_change=on_silence_change,
            on_dead=lambda: self.lose(TimeoutError("the connection is silent")),
            in_flight=lambda: sum(size for _, size in self._requests.values()),
            clock=client.loop.time,
        )

    @property
    def silent(self) -> bool:
        """Whether nothing has come for too long while answers are due; a ping has been sent to decide (KeepAlive)."""
        return self._keepalive.silent

    @property
    def has_received(self) -> bool:
        """Whether a packet has come over this connection since it was opened."""
        return self._received_any

    def lose(self, error: Exception) -> None:
        """Mark the connection as lost."""
        raise NotImplementedError

    async def transmit(self, packet: bytes) -> None:
        """Send one packet that the server will answer. OSError: the connection is closed, and lost now."""
        self._keepalive.expect()
        try:
            await self._transport.send(packet)
        except OSError as error:
            self.lose(error)
            raise

    async def send_message(self, data: Any) -> None:
        """Send a message without waiting for an answer."""
        packet = pack(self, await self.msg_factory.create(data))
        if isinstance(data, raw.types.MsgsAck):
            await self._transport.send(packet)
        else:
            await self.transmit(packet)

    def _start_receiving(self) -> None:
        """Start receiving from `connection`, and sending pings."""
        self._received_any = self._acknowledging = False
        connection = self.connection
        self._transport = transport_over(
            connection,
            on_bytes=self._keepalive.bytes_received,
            on_packet=self._receive,
            on_closed=lambda: self._closed(connection),
        )
        self.recv_task = self.client.loop.create_task(self._transport.run())
        self.ping_task = self.client.loop.create_task(self.ping_worker())

    async def _send_and_wait(self, data: Any, timeout: float | None) -> Any:
        """The server's answer to `data`, which is sent again if the server has changed the salt meanwhile."""
        while True:
            message = await self.msg_factory.create(Serialized(data) if isinstance(data, WRAPPERS) else data)
            msg_id, packet = message.msg_id, [pack(self, message)]
            del message  # a part of a file is large, and its answer may take long
            result = self.results[msg_id] = Result()
            try:
                await self.transmit(packet.pop())
                async with asyncio.timeout(timeout) if timeout else contextlib.nullcontext():
                    await result.event.wait()
            finally:
                self.results.pop(msg_id, None)
            if isinstance(result.value, raw.types.RpcError):
                RPCError.raise_it(result.value, type(data.query if isinstance(data, WRAPPERS) else data))
            if not isinstance(result.value, raw.types.BadServerSalt):
                break
            self.salt = result.value.new_server_salt
        if result.value is None:
            raise TimeoutError("the connection ended before the answer")
        return result.value

    def _receive(self, packet: memoryview) -> None:
        """Handle one packet. One that fails the checks ends the connection."""
        if self.failure is not None:
            return
        if not self._received_any:
            self._received_any = True
            self._network.worked(self.connection)
        if len(packet) == 4:
            return self.lose(transport_error(-int.from_bytes(packet, "little", signed=True)))
        try:
            updates = handle_packet(self, packet)
            for update in [] if self.is_cdn else updates:
                self._create_tracked_task(self.client.handle_updates(update))
        except (SecurityError, OSError, ValueError) as error:
            return self.lose(error)
        if len(self.pending_acks) >= self.ACKS_THRESHOLD and not self._acknowledging:
            self._acknowledging = True
            self._create_tracked_task(self._acknowledge())

    def _closed(self, connection: Any) -> None:
        if connection is not self.connection:
            return  # an earlier one
        if not self._received_any:
            self._network.failed(connection)
        self.lose(ConnectionError("the connection was closed or silent"))

    async def ping_worker(self) -> None:
        """Send pings and acknowledgements; Kurigram sends no acknowledgements below ten."""
        while True:
            await asyncio.sleep(self.PING_INTERVAL)
            await self._acknowledge()
            await self._ping()

    async def _acknowledge(self) -> None:
        acks = list(self.pending_acks)
        try:
            if acks:
                await self.send_message(raw.types.MsgsAck(msg_ids=acks))
        except OSError as error:
            return self.lose(error)
        finally:
            self._acknowledging = False
        self.pending_acks.difference_update(acks)

    async def _ping(self) -> None:
        try:
            ping_id = await self.msg_factory.allocate_message_identity()
            await self.send_message(raw.functions.PingDelayDisconnect(ping_id=ping_id, disconnect_delay=25))
        except OSError as error:
            self.lose(error)
