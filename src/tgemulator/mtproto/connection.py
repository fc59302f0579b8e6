"""One TCP connection: the way from bytes to messages and back, with the line's pace in between."""

import asyncio
import logging
import struct
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pyrogram import raw

from tgemulator.errors import TransportError
from tgemulator.mtproto.calls import Calls, Tasks
from tgemulator.mtproto.inbound import Inbound
from tgemulator.mtproto.keys import KeyStore
from tgemulator.mtproto.pacing import Lane
from tgemulator.mtproto.session import MtprotoSession
from tgemulator.wire import messages
from tgemulator.wire.container import Message
from tgemulator.wire.framing import FramingError
from tgemulator.wire.handshake import Handshake, Setting
from tgemulator.wire.outbox import Sent
from tgemulator.wire.rsa import RsaKey
from tgemulator.wire.transport import ServerTransport

if TYPE_CHECKING:
    from tgemulator.emulator import Emulator

log = logging.getLogger(__name__)

MAX_CALLS = 64  # calls in flight on one connection; beyond, nothing more is read from it
MAX_WAITING = 4 * 1024 * 1024  # bytes under way in one direction before their sender has to wait
IN_THREAD = 128 * 1024  # bytes from which encrypting is worth a change of threads
ACK_AFTER = 1.0  # seconds after which a call that still runs is acknowledged on its own
_PLAIN = bytes(8)  # auth_key_id of an unencrypted message
_UNKNOWN_KEY = -404


@dataclass(frozen=True, slots=True)
class Place:
    """Where connections come in, and what they need; `open` holds those that are open."""

    emulator: "Emulator"
    dc_id: int
    media_only: bool
    cdn: bool
    rsa: RsaKey
    calls: Calls
    tasks: Tasks
    ciphers: Executor
    open: "set[Connection]"


class Connection(asyncio.Protocol):
    """`last_heard` is the loop's time of the last packet; `gone` is done when the socket is closed."""

    def __init__(self, place: Place) -> None:
        emulator = place.emulator
        self._place = place
        self._wire = ServerTransport()
        now, known, schemes = emulator.now, emulator.keys.exists, emulator.config.rsa_schemes
        self._handshake = Handshake(Setting(place.rsa, place.dc_id, now, known, schemes=schemes))
        self._socket: asyncio.Transport | None = None
        self._can_write = asyncio.Event()
        self._paused, self._reading = False, True
        self._sessions: set[MtprotoSession] = set()
        self._unacknowledged: dict[int, MtprotoSession] = {}
        self._running = 0
        self._encrypting = 0
        self._ending: asyncio.TimerHandle | None = None
        self._ack_timer: asyncio.TimerHandle | None = None
        self.dc_id, self.media_only, self.cdn = place.dc_id, place.media_only, place.cdn
        self.salt_lifetime = emulator.config.salt_lifetime
        self.last_heard = 0.0
        self.closed = False
        self.gone = asyncio.get_running_loop().create_future()
        link = emulator.faults.link(place.dc_id, media_only=place.media_only)
        self._in = Lane(link, self._received, close=self.abort, spawn=self._pump)
        self._out = Lane(link, self._written, close=self._hang_up, spawn=self._pump)

    def _pump(self, lane: Lane) -> asyncio.Task[None]:
        return self._place.tasks.spawn(lane.run())

    @property
    def keys(self) -> KeyStore:
        """All keys of the emulator."""
        return self._place.emulator.keys

    def now(self) -> float:
        """Unix seconds on the emulator's clock."""
        return self._place.emulator.now()

    # The socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._socket = transport
        transport.set_write_buffer_limits(high=MAX_WAITING // 4)
        self._place.open.add(self)
        self._can_write.set()
        counters = self._place.emulator.counters
        counters.add("connections", dc=self.dc_id, media=int(self.media_only))
        counters.peak("connections_open", self._place.emulator.connections_open)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self.closed = True
        self._place.open.discard(self)
        self._in.stop()
        self._out.stop()
        self._can_write.set()
        for timer in (self._ending, self._ack_timer):
            if timer is not None:
                timer.cancel()
        for session in self._sessions:
            session.detach(self)
        self.gone.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._in.push(data)
        self._regulate()

    def pause_writing(self) -> None:
        """Called by asyncio: the client does not read as fast as it asks."""
        self._paused = True
        self._regulate()

    def resume_writing(self) -> None:
        """Called by asyncio."""
        self._paused = False
        self._regulate()

    def _regulate(self) -> None:
        """Stop reading while too much is unanswered, and answering while too much is unread."""
        if self.closed or self._socket is None:
            return
        if self._paused or self._out.pending + self._encrypting > MAX_WAITING:
            self._can_write.clear()
        else:
            self._can_write.set()
        reading = self._running < MAX_CALLS and self._in.pending < MAX_WAITING
        if reading != self._reading and not self._socket.is_closing():
            self._reading = reading
            if reading:
                self._socket.resume_reading()
            else:
                self._socket.pause_reading()

    async def writable(self) -> None:
        """Return once the connection takes more bytes (or is closed); of many that wait, only as many as fit go on."""
        while not self._can_write.is_set():
            await self._can_write.wait()

    def _written(self, data: bytes) -> None:
        if self._socket is not None and not self._socket.is_closing():
            self._socket.write(data)
        self._regulate()

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def abort(self) -> None:
        """Break the connection without a word."""
        self.closed = True
        if self._socket is not None:
            self._socket.abort()

    def belongs_to(self, user_id: int | None) -> bool:
        """Whether a session of this account uses the connection; None: whether it is open at all."""
        return user_id is None or any(session.key.user_id == user_id for session in self._sessions)

    def disconnect_after(self, seconds: int) -> None:
        """Hang up then, unless asked again before (ping_delay_disconnect)."""
        if self._ending is not None:
            self._ending.cancel()
        if not self.closed:
            self._ending = asyncio.get_running_loop().call_later(max(seconds, 0), self._hang_up)

    # Packets in

    def _received(self, data: bytes) -> None:
        self.last_heard = asyncio.get_running_loop().time()
        try:
            for packet in self._wire.feed(data):
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
        session = key.session(envelope.session_id)
        session.attach(self)
        Inbound(session, self).receive(envelope)

    def _exchange(self, packet: bytes) -> None:
        answer = self._handshake.receive(packet)
        made, self._handshake.made = self._handshake.made, None
        if made is not None:
            self.keys.add(made, dc_id=self.dc_id, now=self.now())
            self._place.emulator.counters.add("keys_created", dc=self.dc_id)
            self._place.emulator.faults.key_made(self.dc_id)
        self._send(answer)

    def rejected(self, why: str) -> None:
        """Count something that a correct client does not send."""
        self._place.emulator.counters.add("rejected", why=why)

    # Calls

    def call(self, session: MtprotoSession, message: Message) -> None:
        """Start answering a request."""
        session.begin(message.msg_id)
        self._running += 1
        self._unacknowledged[message.msg_id] = session
        if self._ack_timer is None:
            self._ack_timer = asyncio.get_running_loop().call_later(ACK_AFTER, self._acknowledge)
        self._place.tasks.spawn(self._place.calls.run(session, self, message=message))

    def call_ended(self, msg_id: int) -> None:
        """A call of this connection needs no more of it."""
        self._running -= 1
        self._unacknowledged.pop(msg_id, None)
        self._regulate()

    def _acknowledge(self) -> None:
        """Tell the client that its longer calls have arrived."""
        self._ack_timer = None
        waiting, self._unacknowledged = self._unacknowledged, {}
        for session in set(waiting.values()):
            msg_ids = [msg_id for msg_id, owner in waiting.items() if owner is session]
            session.send_object(raw.types.MsgsAck(msg_ids=msg_ids), now=self.now(), content=False)

    # Packets out

    def carry(self, session: MtprotoSession) -> bool:
        """A session speaks over this connection; whether for the first time."""
        first = session not in self._sessions
        self._sessions.add(session)
        return first

    def transmit(self, session: MtprotoSession, sent: Sent) -> None:
        """Encrypt one message and send it; a large one in a thread, so that others need not wait for the cipher."""
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
        self._place.tasks.spawn(self._send_later(encrypt, size=sent.size))

    async def _send_later(self, encrypt: Callable[[], list[bytes]], *, size: int) -> None:
        packet = await asyncio.get_running_loop().run_in_executor(self._place.ciphers, encrypt)
        self._encrypting -= size
        if not self.closed:
            self._send(packet)

    def fail(self, code: int) -> None:
        """A transport error, a bare negative number, and then the end."""
        if self.closed:
            return
        self._place.emulator.counters.add("errors", code=code, text="transport", method="")
        if not self._wire.name:
            self.abort()
            return
        self._send([struct.pack("<i", code)])
        self.closed = True
        self._out.finish()

    def _send(self, packet: Sequence[bytes]) -> None:
        pieces = self._wire.frame(packet)
        self._place.emulator.counters.add("bytes_out", sum(map(len, pieces)), dc=self.dc_id)
        for data in pieces:
            self._out.push(data)
        self._regulate()
