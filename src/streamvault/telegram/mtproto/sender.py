"""What goes out and comes in over one connection: packets, messages, acknowledgements, pings.

Kurigram's Session, whose sending and receiving are replaced: its own change threads for every message, however
small, and copy each MiB of a file many times over.
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
from streamvault.telegram.mtproto.encryption import pack
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
    _wire: Transport

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
        self._requests: dict[asyncio.Task[Any], tuple[float, int]] = {}  # when it began, how many bytes it may bring
        self._heard = self._acknowledging = False
        self._pulse = KeepAlive(
            answer_delays or AnswerDelays(),
            oldest=lambda: next((began for began, _ in self._requests.values()), None),
            ping=lambda: self._create_tracked_task(self._ping()),
            changed=on_silence_change,
            dead=lambda: self.lose(TimeoutError("the connection is silent")),
            clock=client.loop.time,
        )

    @property
    def silent(self) -> bool:
        """Whether nothing has come for too long while answers are due; a ping is under way that decides."""
        return self._pulse.silent

    @property
    def has_received(self) -> bool:
        """Whether the server has said anything over this connection."""
        return self._heard

    def lose(self, error: Exception) -> None:
        """The connection is of no use any more."""
        raise NotImplementedError

    async def transmit(self, packet: bytes) -> None:
        """Send one packet, which will be answered. OSError: the connection is closed, and lost."""
        self._pulse.expect()
        try:
            await self._wire.send(packet)
        except OSError as error:
            self.lose(error)
            raise

    async def tell(self, data: Any) -> None:
        """Send a message without a request for an answer."""
        packet = pack(self, await self.msg_factory.create(data))
        if isinstance(data, raw.types.MsgsAck):
            await self._wire.send(packet)
        else:
            await self.transmit(packet)

    def _begin_to_talk(self) -> None:
        """Receive from `connection`, and keep it alive."""
        self._heard = self._acknowledging = False
        connection = self.connection
        self._wire = transport_over(
            connection,
            heard=self._pulse.heard,
            receive=self._receive,
            closed=lambda: self._closed(connection),
        )
        self.recv_task = self.client.loop.create_task(self._wire.run())
        self.ping_task = self.client.loop.create_task(self.ping_worker())

    async def _ask_salted(self, data: Any, timeout: float | None) -> Any:
        """The server's answer to `data`, which is sent again when the salt has changed meanwhile."""
        while True:
            message = await self.msg_factory.create(data)
            result = self.results[message.msg_id] = Result()
            try:
                await self.transmit(pack(self, message))
                async with asyncio.timeout(timeout) if timeout else contextlib.nullcontext():
                    await result.event.wait()
            finally:
                self.results.pop(message.msg_id, None)
            if isinstance(result.value, raw.types.RpcError):
                RPCError.raise_it(result.value, type(data.query if isinstance(data, WRAPPERS) else data))
            if not isinstance(result.value, raw.types.BadServerSalt):
                break
            self.salt = result.value.new_server_salt
        if result.value is None:
            raise TimeoutError("woken by the end of the connection")
        return result.value

    def _receive(self, packet: memoryview) -> None:
        """Take one packet. One that fails the checks ends the connection."""
        if self.failure is not None:
            return
        if not self._heard:
            self._heard = True
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
            return  # an earlier one, which took its time
        if not self._heard:
            self._network.failed(connection)
        self.lose(ConnectionError("the connection was closed or silent"))

    async def ping_worker(self) -> None:
        """Keep the connection alive and acknowledge answers, which Kurigram leaves lying below ten."""
        while True:
            await asyncio.sleep(self.PING_INTERVAL)
            await self._acknowledge()
            await self._ping()

    async def _acknowledge(self) -> None:
        acks = list(self.pending_acks)
        try:
            if acks:
                await self.tell(raw.types.MsgsAck(msg_ids=acks))
        except OSError as error:
            return self.lose(error)
        finally:
            self._acknowledging = False
        self.pending_acks.difference_update(acks)

    async def _ping(self) -> None:
        try:
            ping_id = await self.msg_factory.allocate_message_identity()
            await self.tell(raw.functions.PingDelayDisconnect(ping_id=ping_id, disconnect_delay=25))
        except OSError as error:
            self.lose(error)
