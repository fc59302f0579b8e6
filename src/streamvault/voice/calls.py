"""The calls of a server: what people and workers do with the stored ones."""

import asyncio
import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from streamvault.errors import CatalogError
from streamvault.voice import transitions
from streamvault.voice.model import Call
from streamvault.voice.store.base import CallStore

Change = Callable[[Call, float], Call]
"""What a call becomes at a time in Unix seconds."""
_TRIES = 50
"""Of a change that others may get in the way of: one of them succeeds each time."""


class LeaseLost(Exception):
    """Another worker may hold the call: nothing more may be done for it."""


class Calls:
    """Calls of a CallStore. Methods raise CatalogError when the database fails. `clock` gives Unix seconds.

    `on_change`: called with each call that was changed through this object.
    """

    def __init__(self, store: CallStore, *, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self.clock = clock
        self.on_change: Callable[[Call], None] = lambda _: None

    async def get(self, chat_id: int) -> Call:
        """The call of a chat; an idle one where nothing is stored."""
        return await self._store.get(chat_id) or Call(chat_id)

    async def listed(self) -> Sequence[Call]:
        """The calls that play, wait or failed, those that changed last first."""
        return [call for call in await self._store.listed() if call.item is not None]

    async def changed(self, since: float) -> Sequence[Call]:
        """See CallStore."""
        return await self._store.changed(since)

    async def change(self, chat_id: int, change: Change) -> Call:
        """What the call of a chat has become. Raises what `change` raises, a VoiceError."""
        for _ in range(_TRIES):
            call = await self.get(chat_id)
            wanted = change(call, self.clock())
            if wanted == call:
                return call
            if await self._written(wanted):
                return self._told(wanted)
            await asyncio.sleep(random.uniform(0.0, 0.01))
        raise CatalogError(f"the call of {chat_id} is changed by others all the time")

    async def claim(self, worker: str, *, node: str) -> Call | None:
        """A call that nobody holds, held by this worker from now on; None where there is none."""
        for chat_id in await self._store.free(self.clock()):
            call, now = await self._store.get(chat_id), self.clock()
            if call is None or call.item is None or not transitions.claimable(call, now):
                continue
            wanted = transitions.claimed(call, worker, node=node, now=now)
            if await self._written(wanted):
                return self._told(wanted)
        return None

    async def change_held(self, held: Call, change: Change) -> Call:
        """The same for a call that a worker holds. Raises LeaseLost."""

        def changed(call: Call, now: float) -> Call:
            if call.lease is None or held.lease is None or call.lease.fence != held.lease.fence:
                raise LeaseLost
            return change(call, now)

        return await self.change(held.chat_id, changed)

    async def take_over(self, account: str) -> int:
        """Free the calls of workers whose names begin with `account`, which have ended; how many."""
        count = 0
        for call in await self._store.listed():
            if call.lease is not None and call.lease.worker.startswith(f"{account}/"):
                count += await self._store.replace(replace(call, lease=None))
        return count

    async def _written(self, call: Call) -> bool:
        return await (self._store.replace(call) if call.version else self._store.add(call))

    def _told(self, call: Call) -> Call:
        call = replace(call, version=call.version + 1)
        self.on_change(call)
        return call


def new_entry_id() -> str:
    """The id of an entry of a queue."""
    return secrets.token_hex(8)


def worker_name(account: int, process: str) -> str:
    """The name of a worker; `process` is unique among all."""
    return f"{account}/{process}"
