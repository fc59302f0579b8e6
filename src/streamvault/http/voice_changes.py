"""Changes of calls for those who listen: made through this process, and found in the database, where workers make
them.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from streamvault.errors import CatalogError
from streamvault.http.event_hub import EventHub
from streamvault.voice.calls import Calls
from streamvault.voice.model import Call

log = logging.getLogger(__name__)

OVERLAP = 30.0
"""Seconds by which the clocks of workers may differ from this one's."""
_REMEMBERED = 2000


class CallChanges:
    """Publishes each change once. `look` is called from time to time while somebody listens."""

    def __init__(self, calls: Calls, hub: EventHub, *, clock: Callable[[], float] = time.time) -> None:
        self._calls = calls
        self._hub = hub
        self._clock = clock
        self._since = clock()
        self._told: dict[int, int] = {}
        self._looking: asyncio.Task[None] | None = None

    def tell(self, call: Call) -> None:
        """Publish a call, unless this or a later version was told."""
        if self._told.get(call.chat_id, 0) >= call.version:
            return
        if len(self._told) >= _REMEMBERED:
            self._told.clear()
        self._told[call.chat_id] = call.version
        self._hub.publish("voice", call)

    def look(self) -> None:
        """Have the database asked, unless it is being asked."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self.ask())

    async def ask(self) -> None:
        """Publish what has changed in the database since it was asked last."""
        try:
            for call in await self._calls.changed(self._since):
                self.tell(call)
            self._since = max(self._since, self._clock() - OVERLAP)
        except CatalogError as error:
            log.debug("changes of calls cannot be told now: %s", error)
