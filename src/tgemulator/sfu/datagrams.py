"""A UDP socket on the event loop that knows when the kernel took each datagram in.

So a busy emulator does not make what it hears late. Where the system gives no times, they are those of reading.
"""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import Callable

Address = tuple[str, int]
Receiver = Callable[[bytes, Address, float], None]

_TIMESTAMPS = 35  # SO_TIMESTAMPNS of Linux, which the socket module does not name
_TIMESPEC = struct.Struct("@qq")
_DATAGRAM, _AT_ONCE = 2048, 256
_BUFFER = 1 << 20


class DatagramSocket:
    """A bound socket; `receiver` is called with each datagram, its sender and its time of arrival (Unix seconds)."""

    def __init__(self, host: str, receiver: Receiver) -> None:
        self._receiver = receiver
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((host, 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.SOL_SOCKET, _TIMESTAMPS, 1)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._readable)

    @property
    def address(self) -> Address:
        """Where it listens."""
        host, port = self._socket.getsockname()
        return host, port

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._socket.fileno() < 0

    def send(self, datagram: bytes, address: Address) -> None:
        """Send a datagram; one that the kernel cannot take now, or whose receiver is gone, is lost."""
        if not self.closed:
            with contextlib.suppress(OSError):
                self._socket.sendto(datagram, address)

    def close(self) -> None:
        """Close the socket; may be called again."""
        if not self.closed:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _readable(self) -> None:
        for _ in range(_AT_ONCE):
            if self.closed:
                return
            try:
                data, ancillary, _, address = self._socket.recvmsg(_DATAGRAM, socket.CMSG_SPACE(_TIMESPEC.size))
            except BlockingIOError:
                return
            except ConnectionError:  # an earlier datagram found nobody
                continue
            self._receiver(data, address, _arrival(ancillary))


def _arrival(ancillary: list[tuple[int, int, bytes]]) -> float:
    """When the kernel took the datagram in, or now."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _TIMESTAMPS and len(data) == _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            return float(seconds + nanoseconds / 1e9)
    return time.time()
