"""Telegram's time, and a clock that nobody can set."""

import asyncio
import logging
import time

log = logging.getLogger(__name__)

TOLERANCE = 10.0
"""Seconds between our clock and Telegram's that nobody needs to know of."""


def boot_time() -> float:
    """Seconds on a clock that cannot be set, and goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ServerClock:
    """Telegram's time: the machine's until the first answer tells it, and from then on independent of the machine's.

    Message numbers are made of it, and a server refuses those that are more than 30 s ahead or 300 s behind
    (core.telegram.org/mtproto/service_messages_about_messages). Until it is `known`, requests go `alone`, one by one.
    """

    def __init__(self, *, warn: bool = True) -> None:
        """`warn`: log a warning if the machine's clock turns out to be wrong."""
        self._warn = warn
        self.known = False
        self.first_request = asyncio.Lock()
        self._offset = time.time() - boot_time()

    def now(self) -> float:
        """Unix seconds."""
        return boot_time() + self._offset

    @property
    def ahead(self) -> float:
        """Seconds by which Telegram's clock is ahead of this machine's."""
        return self.now() - time.time()

    def learn(self, msg_id: int) -> None:
        """Take over the time in a number that the server has just made. The first one warns of a wrong clock."""
        self._offset = msg_id / (1 << 32) - boot_time()
        if self._warn and not self.known and abs(self.ahead) > TOLERANCE:
            log.warning(
                "this machine's clock is %.0f s %s Telegram's: corrected for Telegram; set it right (NTP), since links "
                "and logs depend on it", abs(self.ahead), "behind" if self.ahead > 0 else "ahead of"
            )  # fmt: skip
        self.known = True
