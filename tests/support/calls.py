"""The store of calls in memory."""

import copy
from collections.abc import Sequence
from dataclasses import replace

from streamvault.errors import CatalogError
from streamvault.voice.model import Call
from streamvault.voice.store.base import MAX_CALLS
from streamvault.voice.store.codec import text_of


class MemoryCalls:
    """A CallStore over a dictionary. `failing` makes every method raise CatalogError without effect."""

    def __init__(self) -> None:
        self.failing = False
        self.stored: dict[int, Call] = {}

    async def add(self, call: Call) -> bool:
        self._check(call)
        if call.chat_id in self.stored:
            return False
        self.stored[call.chat_id] = replace(copy.deepcopy(call), version=1)
        return True

    async def get(self, chat_id: int) -> Call | None:
        self._check()
        return self.stored.get(chat_id)

    async def replace(self, call: Call) -> bool:
        self._check(call)
        known = self.stored.get(call.chat_id)
        if known is None or known.version != call.version:
            return False
        self.stored[call.chat_id] = replace(copy.deepcopy(call), version=call.version + 1)
        return True

    async def free(self, now: float) -> Sequence[int]:
        self._check()
        free = [one for one in self.stored.values() if one.active and (one.lease is None or one.lease.until <= now)]
        return [one.chat_id for one in sorted(free, key=_place)][:MAX_CALLS]

    async def listed(self) -> Sequence[Call]:
        self._check()
        return sorted(self.stored.values(), key=_place, reverse=True)[:MAX_CALLS]

    async def changed(self, since: float) -> Sequence[Call]:
        self._check()
        return sorted((one for one in self.stored.values() if one.updated >= since), key=_place)[:MAX_CALLS]

    async def delete(self, chat_id: int) -> bool:
        self._check()
        return self.stored.pop(chat_id, None) is not None

    def _check(self, call: Call | None = None) -> None:
        if self.failing:
            raise CatalogError("the database is away")
        if call is not None:
            text_of(call)


def _place(call: Call) -> tuple[float, int]:
    return call.updated, call.chat_id
