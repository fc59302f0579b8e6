"""How packets travel on each connection at the moment, as the link faults that are switched on will have it."""

import asyncio
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tgemulator.faults.types import Fault, LinkFault, Target


@dataclass(slots=True, weakref_slot=True, eq=False)
class Link:
    """How packets travel on one connection, as it is now.

    `latency`: seconds one way. `bandwidth`: bytes/s, None for no limit. `stalled`: nothing is read or written
    until it ends. `half_open`: the server is gone without a word: packets are read and thrown away, nothing is
    written. `changed` is set, and replaced, whenever one of them changes. `wanted` is there while a fault that
    is limited to some connections looks for one that is in use.
    """

    dc_id: int = 0
    media_only: bool = False
    latency: float = 0.0
    bandwidth: float | None = None
    stalled: bool = False
    half_open: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: Callable[["Link"], None] | None = None

    def carries(self) -> None:
        """A packet comes or goes, which decides whom a limited fault strikes."""
        if self.wanted is not None:
            self.wanted(self)

    async def flowing(self) -> None:
        """Return once the link is not stalled."""
        while self.stalled:
            await self.changed.wait()


class Links:
    """The links of all open connections, kept in line with the faults."""

    def __init__(self) -> None:
        self._links: weakref.WeakSet[Link] = weakref.WeakSet()
        self._faults: list[LinkFault] = []

    def make(self, dc_id: int, *, media_only: bool, active: Sequence[Fault]) -> Link:
        """The link of a new connection."""
        link = Link(dc_id, media_only)
        self._links.add(link)
        self._faults = [fault for fault in active if isinstance(fault, LinkFault)]
        self._refresh(link)
        return link

    def apply(self, active: Sequence[Fault]) -> None:
        """Bring every link's state in line with the faults that are switched on."""
        self._faults = [fault for fault in active if isinstance(fault, LinkFault)]
        for link in list(self._links):
            self._refresh(link)

    def _refresh(self, link: Link) -> None:
        """Latencies add up, the lowest bandwidth counts."""
        found = [fault for fault in self._matching(link) if fault.strikes(link)]
        link.latency = sum(item.latency for item in found)
        link.bandwidth = min((item.bandwidth for item in found if item.bandwidth is not None), default=None)
        link.stalled = any(item.stalled for item in found)
        link.half_open = any(item.half_open for item in found)
        link.wanted = self._strike if any(fault.wants(link) for fault in self._matching(link)) else None
        link.changed.set()
        link.changed = asyncio.Event()

    def _strike(self, link: Link) -> None:
        """A connection is in use: the limited faults that still have room take it."""
        for fault in self._matching(link):
            if fault.wants(link):
                fault.struck.append(link)
                fault.used += 1
        for other in list(self._links):  # for some of them there is no room any more
            self._refresh(other)

    def _matching(self, link: Link) -> list[LinkFault]:
        target = Target(link.dc_id, link.media_only, "", None, None)
        return [fault for fault in self._faults if fault.matches(target)]
