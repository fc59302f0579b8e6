"""Telegram's time, derived from msg_ids and from a clock that cannot be set."""

import asyncio
import logging
import time

log = logging.getLogger(__name__)

TOLERANCE = 10.0
"""Seconds by which this machine's clock may differ from Telegram's without a warning."""


def boot_time() -> float:
    """Seconds on a clock that cannot be set and that runs on while the machine is suspended."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class ServerClock:
    """Telegram's time: this machine's until the first answer, and from then on independent of this machine's.

    A msg_id contains it, and a server refuses one that is more than 30 s ahead or 300 s behind
    (core.telegram.org/mtproto/service_messages_about_messages). Until the time is `known`, requests hold the lock
    `first_request`, so that they are sent one by one.
    """

    def __init__(self, *, warn: bool = True) -> None:
        """`warn`: log a warning if this machine's clock turns out to be wrong."""
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
        """Adopt the time in a msg_id that the server has just made. The first one may log that the clock is wrong."""
        self._offset = msg_id / (1 << 32) - boot_time()
        if self._warn and not self.known and abs(self.ahead) > TOLERANCE:
            log.warning(
                "this machine's clock is %.0f s %s Telegram's: corrected for Telegram; set it right (NTP), since links "
                "and logs depend on it", abs(self.ahead), "behind" if self.ahead > 0 else "ahead of"
            )  # fmt: skip
        self.known = True
