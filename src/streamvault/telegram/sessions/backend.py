"""The interface of the stores that hold the records of one session.

A session is used by one process at a time. Opening a backend takes the session's lease; every write is refused once
another process has the lease (by a fencing token in databases, by the lock itself for files).
"""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from streamvault.errors import SourceUnavailable

Records = dict[str, bytes]
Changes = Mapping[str, bytes | None]
"""Record name -> its new value, or None to delete it."""


class SessionHeld(SourceUnavailable):
    """Another process holds the lease: try again in `remaining` seconds, or (None) when that process ends."""

    def __init__(self, where: str, *, holder: str = "", remaining: float | None = None) -> None:
        super().__init__(f"{where} is in use by {holder or 'another StreamVault'}")
        self.remaining = remaining


class StoreUnavailable(SourceUnavailable):
    """The database with the sessions does not answer: try again later."""


class Backend(Protocol):
    """The records of one session. `where` names it in messages."""

    @property
    def where(self) -> str: ...

    @property
    def lost(self) -> asyncio.Event:
        """Set once another process was found to have the lease; nothing may be sent to Telegram from then on."""
        ...

    async def open(self) -> Records:
        """Take the lease and read all records.

        Raises SessionHeld (try again later), ConfigError (a store that is damaged or not accessible, left unchanged),
        StoreUnavailable (the database does not answer).
        """
        ...

    async def write(self, changes: Changes) -> None:
        """Apply all changes in one transaction, durable on return. SessionHeld, StoreUnavailable: none was applied."""
        ...

    async def ensure(self) -> None:
        """Called before a request to Telegram: SessionHeld if the lease was lost while this process was suspended."""
        ...

    async def close(self) -> None:
        """Release the lease; does nothing when it is not held."""
        ...

    async def peek(self) -> Records:
        """All records, read without the lease and without any change; empty if nothing is stored."""
        ...

    async def set_aside(self, suffix: str) -> str:
        """Rename what is stored, so that the session can be created anew; returns a name for the new place.

        Raises SessionHeld while it is in use, ConfigError if nothing is stored.
        """
        ...
