"""What all sources of a process share."""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from functools import cached_property

from streamvault.leech.egress.guard import Guard
from streamvault.leech.sources.hosts import Hosts
from streamvault.leech.sources.limits import Limits


class Shared:
    """`ca_file`: certificates (PEM) that are trusted instead of the system's. `clock`: seconds of any origin; `wall`:
    Unix seconds, for dates that servers send; `count` is called with how many bytes came.
    """

    def __init__(
        self,
        guard: Guard,
        limits: Limits | None = None,
        *,
        ca_file: str | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        count: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.guard = guard
        self.limits = limits or Limits()
        self.hosts = Hosts(self.limits.connections, self.limits.recent, clock)
        self.clock, self.wall, self.sleep, self.count = clock, wall, sleep, count
        self._ca_file = ca_file

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Certificates and names are verified."""
        context = ssl.create_default_context(cafile=self._ca_file)
        context.set_alpn_protocols(["http/1.1"])
        return context
