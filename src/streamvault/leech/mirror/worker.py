"""Takes up mirrors, and keeps each going: what is missing is copied, then changes are followed as they come."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NoReturn

from streamvault.errors import CatalogError, SourceBusy, SourceError, StreamVaultError
from streamvault.leech.mirror.copying import Copying, OnCopied
from streamvault.leech.mirror.following import Following, IsLast, nothing_is_last
from streamvault.leech.mirror.held import LEASE, HeldMirror, LeaseLost, Sleep, claimed
from streamvault.leech.mirror.model import Mirror, State, claimable
from streamvault.leech.mirror.ports import Channels, RightsMissing
from streamvault.leech.mirror.store.base import MirrorStore

log = logging.getLogger(__name__)

LOOK_EVERY = 300.0
"""Seconds after which a source is asked for its newest message without being told of one."""
POLL = 60.0
"""Seconds between two looks for what other processes have made, changed or left; this one tells of its own changes."""
AGAIN = 5.0
"""Seconds before another look for a mirror that could have been taken up."""
CONNECTING = 1.0
"""Seconds between two looks whether Telegram is connected."""
BEAT = LEASE / 3
RETRY_FIRST, RETRY_MOST = 2.0, 300.0
MEND_EVERY = 600.0
"""Seconds after which something that somebody has to mend is tried again."""


async def _copied_nothing(_: object) -> None:
    """The default of OnCopied."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """What others do when copies are made; see Copying and Following. `on_change`: called with each written mirror;
    `on_listed` with all of them, from time to time.
    """

    on_copied: OnCopied = _copied_nothing
    is_last: IsLast = nothing_is_last
    on_change: Callable[[Mirror], None] = lambda _: None
    on_listed: Callable[[Sequence[Mirror]], None] = lambda _: None


class Mirrors:
    """The worker of one process. `name` is unique to it, and begins with `account`, whose mirrors it takes over at once
    when an earlier process of it was killed. `connected` waits until Telegram is.
    """

    def __init__(
        self, store: MirrorStore, channels: Channels, *, name: Callable[[], str], connected: Callable[[], bool],
        hooks: Hooks = Hooks(), clock: Callable[[], float] = time.time, sleep: Sleep = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._store, self._channels, self._name, self._connected = store, channels, name, connected
        self._hooks, self._clock, self._sleep = hooks, clock, sleep
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._woken: dict[str, tuple[int, asyncio.Event]] = {}
        self._look = asyncio.Event()

    def wake(self, source: int) -> None:
        """Something has happened in a source."""
        for where, woken in self._woken.values():
            if where == source:
                woken.set()

    def look(self) -> None:
        """There is a new mirror, or one that was changed."""
        self._look.set()
        for _, woken in self._woken.values():
            woken.set()

    async def run(self) -> NoReturn:
        """Work until cancelled."""
        try:
            while True:
                self._look.clear()
                try:
                    pause = await self._claim()
                except CatalogError as error:
                    log.debug("mirrors cannot be taken up now: %s", error)
                    pause = AGAIN
                await _first(self._look.wait(), self._sleep(pause))
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _claim(self) -> float:
        """Take up every mirror that nobody works at; seconds until there may be more."""
        if not self._connected():
            return CONNECTING
        name, now, mirrors = self._name(), self._clock(), await self._store.listed()
        self._hooks.on_listed(mirrors)
        for mirror in mirrors:
            if mirror.id in self._tasks or not (claimable(mirror, now) or _left_behind(mirror, name, now)):
                continue
            held = await claimed(self._store, mirror, worker=name, clock=self._clock, on_change=self._hooks.on_change)
            if held is not None:
                task = asyncio.create_task(self._keep(held), name=f"mirror {mirror.id}")
                self._tasks[mirror.id] = task
                task.add_done_callback(partial(self._ended, mirror.id))
        return min([POLL, *(self._pause(mirror, now) for mirror in mirrors)])

    def _pause(self, mirror: Mirror, now: float) -> float:
        """Seconds until a mirror may be taken up; POLL for one that this worker has, or that is done."""
        if mirror.id in self._tasks or mirror.state is State.DONE:
            return POLL
        free = 0.0 if mirror.lease is None else mirror.lease.until
        return max(AGAIN, max(free, mirror.due) - now)

    def _ended(self, id: str, _: object) -> None:
        self._tasks.pop(id, None)
        self._woken.pop(id, None)
        self._look.set()

    async def _keep(self, held: HeldMirror) -> None:
        """Work at one mirror until it is done, lost, or has to wait."""
        woken = asyncio.Event()
        self._woken[held.mirror.id] = (held.source, woken)
        beat = asyncio.create_task(self._beat(held))
        work = asyncio.create_task(self._work(held, woken))
        try:
            await asyncio.wait({beat, work}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (beat, work):
                task.cancel()
            results = await asyncio.gather(beat, work, return_exceptions=True)
        for error in results:
            if isinstance(error, Exception) and not isinstance(error, LeaseLost):
                log.error("mirror %s stopped unexpectedly", held.mirror.id, exc_info=error)

    async def _beat(self, held: HeldMirror) -> NoReturn:
        while True:
            await self._sleep(BEAT)
            await held.renew()

    async def _work(self, held: HeldMirror, woken: asyncio.Event) -> None:
        copying = Copying(held, self._channels, on_copied=self._hooks.on_copied, sleep=self._sleep)
        following = Following(
            held, self._channels, copying, on_copied=self._hooks.on_copied, is_last=self._hooks.is_last,
            sleep=self._sleep,
        )  # fmt: skip
        while True:
            try:
                woken.clear()
                pause = await self._catch_up(held, copying, following)
            except LeaseLost:
                raise
            except Exception as error:  # whatever it is, the mirror says so, and others go on
                await self._let_go(held, error)
                return
            if held.mirror.state is State.DONE:
                return
            await _first(woken.wait(), self._sleep(min(LOOK_EVERY, LOOK_EVERY if pause is None else pause)))

    async def _catch_up(self, held: HeldMirror, copying: Copying, following: Following) -> float | None:
        """Copy all there is, and follow all changes; see Following.step for the result."""
        await held.refresh()
        await copying.look()
        while await copying.step():
            pass
        pause = await following.step()
        mirror = held.mirror
        caught_up: dict[str, Any] = {"behind_since": None, "tries": 0, "top": mirror.top, "due": 0.0}
        if mirror.once and pause is None and mirror.state is not State.ASKING:
            await held.write(release=True, state=State.DONE, reason=None, **caught_up)
        elif mirror.asked and not mirror.allowed:
            await held.write(state=State.ASKING, **caught_up)
        elif mirror.state is not State.FOLLOWING:
            await held.write(state=State.FOLLOWING, reason=None, **caught_up)
        return pause

    async def _let_go(self, held: HeldMirror, error: Exception) -> None:
        """Say why it does not go on, and when it is tried again."""
        mirror, now = held.mirror, self._clock()
        tries = mirror.tries + 1
        pause = min(RETRY_MOST, RETRY_FIRST * 2 ** min(tries - 1, 10))
        state, reason = State.WAITING, f"Telegram does not answer as it should: {error}"
        if isinstance(error, SourceBusy):
            pause, reason, tries = error.retry_after, "Telegram demands a wait before more is copied.", mirror.tries
        elif isinstance(error, RightsMissing):
            state, pause, reason = State.FAILED, MEND_EVERY, str(error)
        elif not isinstance(error, SourceError | CatalogError):
            state, pause, reason = State.FAILED, MEND_EVERY, str(error)
            if not isinstance(error, StreamVaultError):
                log.error("mirror %s failed", mirror.id, exc_info=error)
                reason = f"It failed unexpectedly ({type(error).__name__}): the log of the server says how."
        log.info("mirror %s waits for %.0f s: %s", mirror.id, pause, reason)
        await held.write(release=True, state=state, reason=reason, tries=tries, due=now + pause)
        self._wake_at(pause)

    def _wake_at(self, pause: float) -> None:
        """Look again when a mirror is due."""
        asyncio.get_running_loop().call_later(pause, self._look.set)


def _left_behind(mirror: Mirror, name: str, now: float) -> bool:
    """Whether an earlier process of the same account holds it, which has ended: an account runs in one at a time."""
    lease, account = mirror.lease, name.partition(" ")[0]
    mine = lease is not None and lease.worker != name and lease.worker.partition(" ")[0] == account
    return mine and mirror.state is not State.DONE and mirror.due <= now


async def _first(*waits: Awaitable[object]) -> None:
    """Wait for the first of them."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
