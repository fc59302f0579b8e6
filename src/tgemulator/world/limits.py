"""The rates at which a bot may send messages; off unless World.message_limits is set.

Source of the numbers: core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this.
"""

import math
from collections import deque
from dataclasses import dataclass, field

from tgemulator.errors import RpcError
from tgemulator.world.model import Peer

_MOST_CHATS = 10_000


@dataclass(slots=True)
class MessageLimits:
    """About `per_second` messages a second in all, `per_chat` a second to one chat, `per_group` a minute to one group.

    `burst`: messages that one chat accepts at once before `per_chat` applies.
    """

    per_second: int = 30
    per_chat: int = 1
    per_group: int = 20
    burst: int = 3
    _sent: dict[tuple[object, ...], deque[float]] = field(default_factory=dict)

    def check(self, bot_id: int, peer: Peer, *, now: float, count: int = 1) -> None:
        """Count `count` messages at `now` (Unix seconds), or RpcError 420 FLOOD_WAIT_X."""
        windows: list[tuple[tuple[object, ...], int, float]] = [
            ((bot_id,), self.per_second, 1.0),
            ((bot_id, peer, "s"), self.per_chat * self.burst, float(self.burst)),
        ]
        if peer[0] != "user":
            windows.append(((bot_id, peer, "m"), self.per_group, 60.0))
        wait = max(self._wait(key, most=most, span=span, now=now) for key, most, span in windows)
        if wait > 0:
            raise RpcError(420, f"FLOOD_WAIT_{math.ceil(wait)}")
        if len(self._sent) > _MOST_CHATS:
            self._sent = {key: times for key, times in self._sent.items() if times[-1] > now - 60}
        for key, most, _ in windows:
            times = self._sent.setdefault(key, deque(maxlen=most))
            times.extend([now] * min(count, most))

    def _wait(self, key: tuple[object, ...], *, most: int, span: float, now: float) -> float:
        """Seconds until one more message fits; 0 if it fits now."""
        times = self._sent.get(key)
        if times is None or len(times) < most:
            return 0.0
        return max(0.0, times[0] + span - now)
