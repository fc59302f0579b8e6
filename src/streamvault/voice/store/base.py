"""The interface of stored calls: whole calls, changed by compare-and-set."""

from collections.abc import Sequence
from typing import Protocol

from streamvault.voice.model import Call

MAX_CALLS = 1000
"""Calls that one method gives."""


class CallStore(Protocol):
    """Every method raises CatalogError when the database fails, or cannot hold a value. What has been written survives
    a power cut.
    """

    async def add(self, call: Call) -> bool:
        """Insert a call as version 1, whatever its own is; False where there is one of its chat."""
        ...

    async def get(self, chat_id: int) -> Call | None:
        """The call of a chat, or None."""
        ...

    async def replace(self, call: Call) -> bool:
        """Write all of a call if the stored one still has its version, which grows by one; whether it was written."""
        ...

    async def free(self, now: float) -> Sequence[int]:
        """The chats of up to MAX_CALLS calls that are active and without a lease, or with one that ended by `now`;
        those that were changed first come first.
        """
        ...

    async def listed(self) -> Sequence[Call]:
        """Up to MAX_CALLS calls, those that were changed last first."""
        ...

    async def changed(self, since: float) -> Sequence[Call]:
        """Up to MAX_CALLS calls whose `updated` is not before `since`, the earliest first."""
        ...

    async def delete(self, chat_id: int) -> bool:
        """Delete the call of a chat, whoever holds it; whether it was there."""
        ...
