"""Latency, bandwidth, stalls and half-open state of each connection, as the network faults that are on demand it."""

import asyncio
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tgemulator.faults.types import Fault, NetworkFault, Target


@dataclass(slots=True, weakref_slot=True, eq=False)
class Conditions:
    """How packets travel on one connection now.

    `latency`: seconds one way. `bandwidth`: bytes/s, None for no limit. `stalled`: nothing is read or written
    until it ends. `half_open`: packets from the client are discarded and nothing is written. `changed` is set, and
    replaced, whenever one of them changes. `on_packet` is set while a fault that is limited to some connections
    still takes more of them.
    """

    dc_id: int = 0
    media_only: bool = False
    latency: float = 0.0
    bandwidth: float | None = None
    stalled: bool = False
    half_open: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    on_packet: Callable[["Conditions"], None] | None = None

    def packet_seen(self) -> None:
        """Record that the connection carries a packet: limited faults take the first connections that do."""
        if self.on_packet is not None:
            self.on_packet(self)

    async def until_flowing(self) -> None:
        """Return once the connection is not stalled."""
        while self.stalled:
            await self.changed.wait()


class ConditionsRegistry:
    """The conditions of all open connections, kept in line with the faults."""

    def __init__(self) -> None:
        self._conditions: weakref.WeakSet[Conditions] = weakref.WeakSet()
        self._faults: list[NetworkFault] = []

    def make(self, dc_id: int, *, media_only: bool, active: Sequence[Fault]) -> Conditions:
        """The conditions of a new connection."""
        made = Conditions(dc_id, media_only)
        self._conditions.add(made)
        self._faults = [fault for fault in active if isinstance(fault, NetworkFault)]
        self._refresh(made)
        return made

    def apply(self, active: Sequence[Fault]) -> None:
        """Bring the conditions of every connection in line with the faults that are switched on."""
        self._faults = [fault for fault in active if isinstance(fault, NetworkFault)]
        for conditions in list(self._conditions):
            self._refresh(conditions)

    def _refresh(self, conditions: Conditions) -> None:
        """Latencies add up, the lowest bandwidth counts."""
        matching = self._matching(conditions)
        found = [fault for fault in matching if fault.affects(conditions)]
        conditions.latency = sum(item.latency for item in found)
        conditions.bandwidth = min((item.bandwidth for item in found if item.bandwidth is not None), default=None)
        conditions.stalled = any(item.stalled for item in found)
        conditions.half_open = any(item.half_open for item in found)
        conditions.on_packet = self._packet_seen if any(fault.takes(conditions) for fault in matching) else None
        conditions.changed.set()
        conditions.changed = asyncio.Event()

    def _packet_seen(self, conditions: Conditions) -> None:
        """Add the connection to the limited faults that take more connections."""
        for fault in self._matching(conditions):
            if fault.takes(conditions):
                fault.affected.append(conditions)
                fault.used += 1
        for other in list(self._conditions):  # a fault may have reached its limit, which concerns the others too
            self._refresh(other)

    def _matching(self, conditions: Conditions) -> list[NetworkFault]:
        target = Target(conditions.dc_id, conditions.media_only, "", None, None)
        return [fault for fault in self._faults if fault.matches(target)]
