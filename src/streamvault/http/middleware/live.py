"""The answers that are being sent, so that those whose rights are taken away end within a second or two."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from streamvault.access.identity import Identity
from streamvault.errors import CatalogError, SourceError

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
AT_ONCE = 32
"""Answers that are looked at together."""

Check = Callable[[], Awaitable[Identity | None]]
"""Who asks, as it is now; None where what is being sent is not allowed any more. Raises CatalogError, SourceError."""


class Live:
    """One answer under way, to `identity`.

    `revoked` once its sending must end, `changed` once the rights of who asked are others. `settled` is set but while
    something was taken away and it is not known yet whether from this one.
    """

    __slots__ = ("_call", "changed", "check", "identity", "revoked", "settled")

    def __init__(self, check: Check, identity: Identity) -> None:
        self.check = check
        self.identity = identity
        self.revoked = self.changed = False
        self.settled = asyncio.Event()
        self.settled.set()
        self._call: Callable[[], None] | None = None

    def on_change(self, call: Callable[[], None]) -> None:
        """Have `call` called once the rights are others than those of `identity`; at once if they are by now."""
        self._call = call
        if self.changed:
            call()

    def found(self, identity: Identity | None) -> None:
        """Who asks is this now; None: one who may not have the answer."""
        self.revoked = identity is None
        if identity != self.identity and not self.changed:
            self.changed = True
            self.settled.set()
            if self._call is not None:
                self._call()


class LiveRequests:
    """All answers under way that depend on something revocable; `recheck` looks at each again."""

    def __init__(self) -> None:
        self._live: set[Live] = set()
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def __len__(self) -> int:
        return len(self._live)

    def add(self, check: Check, identity: Identity) -> Live:
        """Track an answer until `remove`."""
        live = Live(check, identity)
        self._live.add(live)
        return live

    def remove(self, live: Live) -> None:
        """It has been sent."""
        self._live.discard(live)

    def recheck(self) -> None:
        """Look at all of them again, in the background."""
        self._again = True
        for live in self._live:
            if not live.changed:
                live.settled.clear()
        if self._live and (self._task is None or self._task.done()):
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        while self._again:
            self._again = False
            under_way = [live for live in self._live if not live.revoked]
            for begin in range(0, len(under_way), AT_ONCE):
                await asyncio.gather(*(self._look(live) for live in under_way[begin : begin + AT_ONCE]))
            if self._again:
                await asyncio.sleep(RETRY_SECONDS)

    async def _look(self, live: Live) -> None:
        try:
            live.found(await live.check())
            if not self._again:
                live.settled.set()
        except (CatalogError, SourceError) as error:
            log.debug("whether an answer may go on cannot be told now: %s", error)
            self._again = True
