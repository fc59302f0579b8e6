"""Accepts connections and keeps each as a bare socket until the head of its first request is complete.

A transport, a protocol and a parser for each connection cost several times what accepting does, and the kernel hands
connections out in their order: whoever comes behind two thousand that never finish a request waits for all of them.
So StreamProtocol (protocol.py, beside this) begins with a complete head, or with what needs its answer: what is no
HTTP, what is long, what is late.
"""

import asyncio
import errno
import logging
import re
import socket
from collections.abc import Callable
from itertools import islice
from typing import Any

import uvicorn

from streamvault.http import protocol
from streamvault.http.addresses import network_of
from streamvault.http.connections import ConnectionTable
from streamvault.http.listening import BACKLOG
from streamvault.http.protocol import Begun, StreamProtocol

log = logging.getLogger(__name__)

AT_ONCE = 64
"""Connections that are accepted, or given up for being late, before others have their turn."""

MOST_UNPARSED = 8 << 10
"""Bytes of a head that are kept here; a longer one is parsed as it comes."""

MOST_PIECES = 16
"""Pieces of a head that are read as they come; from then on once in PIECE_INTERVAL seconds."""

PIECE_INTERVAL = 0.25

RETRY = 1.0
"""Seconds without accepting when the process, or the system, has no open file left."""

_READ = 64 << 10
_NO_RESOURCES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_END = re.compile(rb"\n\r?\n")
_BEGIN = re.compile(rb"[A-Z][A-Z-]{0,31}(?:\Z| [^\r\n]*(?:\r?\Z| HTTP/1\.[01]\r?\n))")
"""A request line, or what can become one."""


class _Arrival:
    """A connection whose first head is not complete: a Closable."""

    __slots__ = ("_reception", "accepted", "address", "data", "pieces", "socket")

    def __init__(self, reception: "Reception", sock: socket.socket, *, address: str, accepted: float) -> None:
        self._reception = reception
        self.socket = sock
        self.address = address
        self.accepted = accepted
        self.data = bytearray()
        self.pieces = 0

    def abort(self) -> None:
        """See Closable."""
        self._reception.forget(self)
        self.socket.close()


class Reception:
    """The connections of one listener; `close` and `wait_closed` are those of asyncio.Server."""

    def __init__(
        self,
        listener: socket.socket,
        make: Callable[[], StreamProtocol],
        *,
        table: ConnectionTable,
        limited: Callable[[str], None],
    ) -> None:
        """`limited` as StreamProtocol's. Every connection has a place in `table`, here and later."""
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._make = make
        self._table = table
        self._limited = limited
        self._waiting: dict[_Arrival, None] = {}  # in the order of their coming
        self._paused: dict[_Arrival, None] = {}
        self._deadline: asyncio.TimerHandle | None = None
        self._resuming: asyncio.TimerHandle | None = None
        self._retrying: asyncio.TimerHandle | None = None
        self._opening: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Listen and accept."""
        self._listener.setblocking(False)
        self._listener.listen(BACKLOG)
        self._loop.add_reader(self._listener.fileno(), self._accept)

    def close(self) -> None:
        """Accept nothing more, and close what has asked for nothing yet."""
        self._loop.remove_reader(self._listener.fileno())
        for timer in (self._deadline, self._resuming, self._retrying):
            if timer is not None:
                timer.cancel()
        for arrival in list(self._waiting):
            self._end(arrival)

    async def wait_closed(self) -> None:
        """Return once no protocol is being started."""
        await asyncio.gather(*self._opening)

    def forget(self, arrival: _Arrival) -> None:
        """Do not read it any more."""
        self._waiting.pop(arrival, None)
        self._paused.pop(arrival, None)
        self._loop.remove_reader(arrival.socket.fileno())

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            try:
                sock, address = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _NO_RESOURCES:
                    raise
                self._table.close_oldest()
                self._loop.remove_reader(self._listener.fileno())
                self._retrying = self._loop.call_later(RETRY, self.start)
                return
            sock.setblocking(False)
            self._begin(_Arrival(self, sock, address=network_of(address[0]), accepted=self._loop.time()))

    def _begin(self, arrival: _Arrival) -> None:
        self._waiting[arrival] = None
        self._read(arrival)
        if arrival not in self._waiting:
            return
        self._loop.add_reader(arrival.socket.fileno(), self._read, arrival)
        self._table.add(arrival)
        if self._deadline is None:
            self._deadline = self._loop.call_later(protocol.HEAD_TIMEOUT, self._give_up)

    def _read(self, arrival: _Arrival) -> None:
        try:
            piece = arrival.socket.recv(_READ)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # the client has reset it
            piece = b""
        if not piece:
            self._end(arrival)
            return
        before = len(arrival.data)
        arrival.data += piece
        arrival.pieces += 1
        if not is_unfinished(arrival.data, before):
            self._hand_over(arrival)
        elif arrival.pieces > MOST_PIECES:
            self._pause(arrival)

    def _pause(self, arrival: _Arrival) -> None:
        self._loop.remove_reader(arrival.socket.fileno())
        self._paused[arrival] = None
        if self._resuming is None:
            self._resuming = self._loop.call_later(PIECE_INTERVAL, self._resume)

    def _resume(self) -> None:
        self._resuming = None
        paused, self._paused = self._paused, {}
        for arrival in paused:
            self._loop.add_reader(arrival.socket.fileno(), self._read, arrival)

    def _give_up(self) -> None:
        """Answer those whose time is over, as StreamProtocol does; who has sent nothing gets no answer."""
        self._deadline = None
        now = self._loop.time()
        for arrival in list(islice(self._waiting, AT_ONCE)):
            if arrival.accepted + protocol.HEAD_TIMEOUT > now:
                break
            if arrival.data:
                self._hand_over(arrival, late=True)
            else:
                self._limited("slow_head")
                self._end(arrival)
        oldest = next(iter(self._waiting), None)
        if oldest is not None:
            self._deadline = self._loop.call_at(oldest.accepted + protocol.HEAD_TIMEOUT, self._give_up)

    def _end(self, arrival: _Arrival) -> None:
        self._table.remove(arrival)
        arrival.abort()

    def _hand_over(self, arrival: _Arrival, *, late: bool = False) -> None:
        self.forget(arrival)
        self._table.busy(arrival)
        waited = self._loop.time() - arrival.accepted
        begun = Begun(bytes(arrival.data), waited=waited, late=late, place=arrival)
        task = self._loop.create_task(self._open(arrival, begun))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _open(self, arrival: _Arrival, begun: Begun) -> None:
        made = self._make()
        made.begun = begun
        try:
            await self._loop.connect_accepted_socket(lambda: made, arrival.socket)
        except OSError as error:
            log.debug("a client was gone before it was answered: %s", error)
            self._end(arrival)


class ReceivingServer(uvicorn.Server):
    """Uvicorn with a Reception for each of its sockets."""

    def __init__(self, config: uvicorn.Config, *, table: ConnectionTable, limited: Callable[[str], None]) -> None:
        """See Reception; `config` has the protocol class of `protocol_class`."""
        super().__init__(config)
        self._table = table
        self._limited = limited

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Called by Uvicorn."""
        await super().startup([])
        servers: list[Any] = self.servers
        for listener in sockets or ():
            reception = Reception(listener, self._make, table=self._table, limited=self._limited)
            reception.start()
            servers.append(reception)

    def _make(self) -> StreamProtocol:
        make: Any = self.config.http_protocol_class
        made: StreamProtocol = make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=None
        )
        return made


def is_unfinished(data: bytearray, before: int) -> bool:
    """Whether more has to come before a parser has anything to say; the first `before` bytes are known to be so."""
    return (
        len(data) < MOST_UNPARSED and _END.search(data, max(0, before - 2)) is None and _BEGIN.match(data) is not None
    )
