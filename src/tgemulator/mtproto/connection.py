"""One TCP connection: bytes to packets to messages and back, with latency and bandwidth as the faults demand."""

import asyncio
import logging
import struct
from collections.abc import Callable, Sequence
from functools import partial

from pyrogram import raw

from tgemulator.errors import TransportError
from tgemulator.mtproto.endpoint import Endpoint
from tgemulator.mtproto.incoming import Receiver
from tgemulator.mtproto.pacing import PacedStream
from tgemulator.mtproto.session import MtprotoSession
from tgemulator.wire import messages
from tgemulator.wire.container import Message
from tgemulator.wire.framing import FramingError
from tgemulator.wire.handshake import Handshake, Setting
from tgemulator.wire.outbox import Sent
from tgemulator.wire.transport import ServerTransport

log = logging.getLogger(__name__)

MAX_CALLS = 64  # calls in flight on one connection; beyond, nothing more is read from it
MAX_PENDING = 4 * 1024 * 1024  # bytes not delivered in one direction before their sender has to wait
IN_THREAD = 128 * 1024  # bytes from which encrypting in a thread is faster
ACK_AFTER = 1.0  # seconds after which a call that still runs is acknowledged on its own
_PLAIN = bytes(8)  # auth_key_id of an unencrypted message
_UNKNOWN_KEY = -404


class Connection(asyncio.Protocol):
    """In `connections` while it is open.

    `last_packet_at` is the loop's time of the last packet; `disconnected` is done when the socket is closed.
    """

    def __init__(self, endpoint: Endpoint, connections: "set[Connection]") -> None:
        shared = endpoint.shared
        config = shared.config
        self._open = connections
        self._shared = shared
        self._transport = ServerTransport()
        setting = Setting(endpoint.rsa, endpoint.dc_id, config.clock, shared.keys.exists, schemes=config.rsa_schemes)
        self._handshake = Handshake(setting)
        self._socket: asyncio.Transport | None = None
        self._can_write = asyncio.Event()
        self._paused, self._reading = False, True
        self._sessions: set[MtprotoSession] = set()
        self._unacknowledged: dict[int, MtprotoSession] = {}
        self._running = 0
        self._encrypting = 0
        self._disconnect_timer: asyncio.TimerHandle | None = None
        self._ack_timer: asyncio.TimerHandle | None = None
        self.dc_id, self.media_only, self.cdn = endpoint.dc_id, endpoint.media_only, endpoint.cdn
        self.keys = shared.keys
        self.salt_lifetime = config.salt_lifetime
        self.now = config.clock
        self.last_packet_at = 0.0
        self.closed = False
        self.disconnected = asyncio.get_running_loop().create_future()
        conditions = shared.faults.conditions(endpoint.dc_id, media_only=endpoint.media_only)
        self._in = PacedStream(conditions, self._received, close=self.abort, spawn=self._spawn)
        self._out = PacedStream(conditions, self._write, close=self._close, spawn=self._spawn)

    def _spawn(self, stream: PacedStream) -> asyncio.Task[None]:
        return self._shared.tasks.spawn(stream.run())

    # The socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._socket = transport
        transport.set_write_buffer_limits(high=MAX_PENDING // 4)
        self._open.add(self)
        self._can_write.set()
        counters = self._shared.counters
        counters.add("connections", dc=self.dc_id, media=int(self.media_only))
        counters.peak("connections_open", self._shared.connections_open())

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self.closed = True
        self._open.discard(self)
        self._in.stop()
        self._out.stop()
        self._can_write.set()
        for timer in (self._disconnect_timer, self._ack_timer):
            if timer is not None:
                timer.cancel()
        for session in self._sessions:
            session.detach(self)
        self.disconnected.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._in.push(data)
        self._regulate()

    def pause_writing(self) -> None:
        """Called by asyncio: the client reads more slowly than it sends requests."""
        self._paused = True
        self._regulate()

    def resume_writing(self) -> None:
        """Called by asyncio."""
        self._paused = False
        self._regulate()

    def _regulate(self) -> None:
        """Pause reading while too many calls are in progress, and answering while too much is not delivered."""
        if self.closed or self._socket is None:
            return
        if self._paused or self._out.pending + self._encrypting > MAX_PENDING:
            self._can_write.clear()
        else:
            self._can_write.set()
        reading = self._running < MAX_CALLS and self._in.pending < MAX_PENDING
        if reading != self._reading and not self._socket.is_closing():
            self._reading = reading
            if reading:
                self._socket.resume_reading()
            else:
                self._socket.pause_reading()

    async def writable(self) -> None:
        """Return once the connection takes more bytes, or is closed; checked again for each of several that wait."""
        while not self._can_write.is_set():
            await self._can_write.wait()

    def _write(self, data: bytes) -> None:
        if self._socket is not None and not self._socket.is_closing():
            self._socket.write(data)
        self._regulate()

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def abort(self) -> None:
        """Close at once, without sending anything."""
        self.closed = True
        if self._socket is not None:
            self._socket.abort()

    def belongs_to(self, user_id: int | None) -> bool:
        """Whether a session of this account uses the connection; always true for None."""
        return user_id is None or any(session.key.user_id == user_id for session in self._sessions)

    def disconnect_after(self, seconds: int) -> None:
        """Close after `seconds`, unless called again before (ping_delay_disconnect)."""
        if self._disconnect_timer is not None:
            self._disconnect_timer.cancel()
        if not self.closed:
            self._disconnect_timer = asyncio.get_running_loop().call_later(max(seconds, 0), self._close)

    # Packets in

    def _received(self, data: bytes) -> None:
        self.last_packet_at = asyncio.get_running_loop().time()
        try:
            for packet in self._transport.feed(data):
                if self.closed:
                    return
                self._packet(packet)
        except FramingError as error:
            log.info("DC%d: closed a connection: %s", self.dc_id, error)
            self.rejected("framing")
            self.abort()
        except messages.MessageError as error:
            self.rejected(f"message: {error}")
            self.fail(_UNKNOWN_KEY)
        except TransportError as error:
            self.fail(error.code)

    def _packet(self, packet: bytes) -> None:
        if packet[:8] == _PLAIN:
            self._exchange(packet)
            return
        key = self.keys.get(packet[:8], dc_id=self.dc_id, now=self.now())
        if key is None:
            self.rejected("unknown_key")
            raise TransportError(_UNKNOWN_KEY)
        envelope = messages.decrypt(key.key, packet)
        session = self.keys.session(key, envelope.session_id)
        session.attach(self)
        Receiver(session, self).receive(envelope)

    def _exchange(self, packet: bytes) -> None:
        answer = self._handshake.receive(packet)
        made, self._handshake.made = self._handshake.made, None
        if made is not None:
            self.keys.add(made, dc_id=self.dc_id, now=self.now())
            self._shared.counters.add("keys_created", dc=self.dc_id)
            self._shared.faults.key_made(self.dc_id)
        self._send(answer)

    def rejected(self, why: str) -> None:
        """Count a packet or message that a correct client does not send."""
        self._shared.counters.add("rejected", why=why)

    # Calls

    def call(self, session: MtprotoSession, message: Message) -> None:
        """Start answering a request."""
        session.begin(message.msg_id)
        self._running += 1
        self._unacknowledged[message.msg_id] = session
        if self._ack_timer is None:
            self._ack_timer = asyncio.get_running_loop().call_later(ACK_AFTER, self._acknowledge)
        self._shared.tasks.spawn(self._shared.calls.run(session, self, message=message))

    def call_ended(self, msg_id: int) -> None:
        """Count a call of this connection as ended."""
        self._running -= 1
        self._unacknowledged.pop(msg_id, None)
        self._regulate()

    def _acknowledge(self) -> None:
        """Acknowledge the calls that still run."""
        self._ack_timer = None
        waiting, self._unacknowledged = self._unacknowledged, {}
        for session in set(waiting.values()):
            msg_ids = [msg_id for msg_id, owner in waiting.items() if owner is session]
            session.send_object(raw.types.MsgsAck(msg_ids=msg_ids), now=self.now(), content=False)

    # Packets out

    def add_session(self, session: MtprotoSession) -> bool:
        """Note that a session uses this connection; whether for the first time."""
        first = session not in self._sessions
        self._sessions.add(session)
        return first

    def transmit(self, session: MtprotoSession, sent: Sent) -> None:
        """Encrypt one message and send it; a large one is encrypted in a thread, so that others do not wait for it."""
        if self.closed:
            return
        key = session.key
        salt = key.salts(self.salt_lifetime).current(self.now())
        header = messages.Header(salt, session.id, sent.msg_id, sent.seq_no)
        encrypt = partial(messages.encrypt, key.key, header, key_id=key.id, body=sent.body)
        if sent.size < IN_THREAD:
            self._send(encrypt())
            return
        self._encrypting += sent.size
        self._regulate()
        self._shared.tasks.spawn(self._send_later(encrypt, size=sent.size))

    async def _send_later(self, encrypt: Callable[[], list[bytes]], *, size: int) -> None:
        packet = await asyncio.get_running_loop().run_in_executor(self._shared.ciphers, encrypt)
        self._encrypting -= size
        if not self.closed:
            self._send(packet)

    def fail(self, code: int) -> None:
        """Send a transport error, a bare negative number, and close."""
        if self.closed:
            return
        self._shared.counters.add("errors", code=code, text="transport", method="")
        if not self._transport.name:
            self.abort()
            return
        self._send([struct.pack("<i", code)])
        self.closed = True
        self._out.finish()

    def _send(self, packet: Sequence[bytes]) -> None:
        pieces = self._transport.frame(packet)
        self._shared.counters.add("bytes_out", sum(map(len, pieces)), dc=self.dc_id)
        for data in pieces:
            self._out.push(data)
        self._regulate()
