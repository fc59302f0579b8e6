"""What one child process may do at the proxy, and what it did."""

import secrets
import time
from collections.abc import Callable

from streamvault.errors import LeechError

KEPT = 20
"""Refusals that are remembered."""


class PassExceeded(Exception):
    """The child has used up its bytes."""


class Pass:
    """`most`: bytes in both directions. `secret` names the child at the proxy, and belongs on no command line."""

    def __init__(self, most: int, *, connections: int = 32, clock: Callable[[], float] = time.monotonic) -> None:
        self.secret = secrets.token_urlsafe(24)
        self.connections = connections
        """How many it may have at a time."""
        self.used = 0
        self.exceeded = False
        self.refusals: list[LeechError] = []
        """Why connections were refused or failed, the first ones."""
        self._most = most
        self._clock = clock
        self._active = clock()

    @property
    def idle(self) -> float:
        """Seconds since the last byte."""
        return self._clock() - self._active

    def count(self, size: int) -> None:
        """So many more bytes go through. Raises PassExceeded."""
        self.used += size
        self._active = self._clock()
        if self.used > self._most:
            self.exceeded = True
            raise PassExceeded

    def refuse(self, error: LeechError) -> None:
        """Remember why a connection was not made."""
        if len(self.refusals) < KEPT:
            self.refusals.append(error)
