"""Bounds of what a server may do to a job."""

from dataclasses import dataclass

GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """`size`: bytes of the largest file, 0 for any; `endless`: bytes of a file whose server does not tell its size,
    where `size` is 0. Seconds: `handshake` for TLS, `headers` for an answer to begin, `passive` for the answer to
    EPSV, `silence` without a byte. A server that sends less than `slowest` bytes a second over `slow_window` seconds
    of waiting has failed. After `idle` seconds in all in which nobody read, a connection that the server closed is
    opened again without counting as a failure. `tries`: wrong answers in a row; `pause`: seconds after the first of
    them, then doubled. `redirects`: how many are followed. `connections`: to one host at a time; `recent`: seconds
    after a connection in which a host may refuse the next for being one too many.
    """

    size: int = 0
    endless: int = 64 * GIB
    handshake: float = 20.0
    headers: float = 60.0
    passive: float = 10.0
    silence: float = 60.0
    slowest: int = 64
    slow_window: float = 120.0
    idle: float = 5.0
    tries: int = 4
    pause: float = 1.0
    redirects: int = 20
    connections: int = 4
    recent: float = 10.0

    @property
    def largest(self) -> int:
        """Bytes of the largest file whose size is unknown."""
        return self.size or self.endless
