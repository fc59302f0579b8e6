"""What all jobs of a process know of web servers: how many connections one takes, and when it may be asked again."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

REMEMBERED = 1000
"""Hosts; those with a connection are remembered beyond that."""


@dataclass(slots=True)
class _Host:
    limit: int
    active: int = 0
    left_at: float = float("-inf")
    closed_until: float = float("-inf")
    free: asyncio.Event = field(default_factory=asyncio.Event)


class Hosts:
    """`limit`: connections to one host at a time, until it refuses the second; `recent`: see Limits; `clock`: seconds,
    of any origin.
    """

    def __init__(self, limit: int, recent: float, clock: Callable[[], float]) -> None:
        self._limit, self._recent, self._clock = limit, recent, clock
        self._hosts: dict[str, _Host] = {}
        self._sizes: dict[str, int] = {}

    async def enter(self, name: str) -> bool:
        """Wait for a connection to a host to be free, and take it. Whether the host may refuse it for being one too
        many: there are others, or the last one was closed a moment ago.
        """
        while True:
            host = self._host(name)
            if host.active < host.limit:
                crowded = host.active > 0 or self._clock() - host.left_at < self._recent
                host.active += 1
                return crowded
            host.free.clear()
            await host.free.wait()

    def leave(self, name: str) -> None:
        """Give a connection back."""
        host = self._host(name)
        host.active -= 1
        host.left_at = self._clock()
        host.free.set()

    def step_down(self, name: str) -> None:
        """From now on, one connection at a time to this host."""
        self._host(name).limit = 1

    def step_up(self, name: str) -> None:
        """Take the last `step_down` back: the host refuses one connection alone just as well."""
        self._host(name).limit = self._limit

    def close_for(self, name: str, seconds: float) -> None:
        """The host asked not to be asked again for so long."""
        self._host(name).closed_until = self._clock() + seconds

    def closed_for(self, name: str) -> float:
        """Seconds until the host may be asked again, 0 for now."""
        return max(0.0, self._host(name).closed_until - self._clock())

    def grows(self, name: str, size: int) -> bool:
        """Note the size of a file that is larger than it was; whether it has another size than when this was asked
        last. `name`: what stands for its address.
        """
        grows = self._sizes.pop(name, None) != size
        self._sizes[name] = size
        if len(self._sizes) > REMEMBERED:
            del self._sizes[next(iter(self._sizes))]
        return grows

    def grew(self, name: str) -> bool:
        """Whether `grows` was asked about the file."""
        return name in self._sizes

    def _host(self, name: str) -> _Host:
        host = self._hosts.pop(name, None) or _Host(self._limit)
        self._hosts[name] = host
        if len(self._hosts) > REMEMBERED:
            idle = next((known for known, held in self._hosts.items() if not held.active and held is not host), None)
            if idle is not None:
                del self._hosts[idle]
        return host
