"""Where the records of one stored session lie, and who may use them.

A session is used by one process at a time. Opening a backend takes the session's lease; every write is refused
once the lease is somebody else's (a fencing token in databases, the lock itself for files).
"""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from streamvault.errors import SourceUnavailable

Records = dict[str, bytes]
Changes = Mapping[str, bytes | None]
"""Record name -> its new value, or None to delete it."""


class SessionHeld(SourceUnavailable):
    """Another process holds the session's lease, for `remaining` seconds at least (None: until it ends)."""

    def __init__(self, where: str, *, holder: str = "", remaining: float | None = None) -> None:
        super().__init__(f"{where} is in use by {holder or 'another StreamVault'}")
        self.remaining = remaining


class StoreUnavailable(SourceUnavailable):
    """The database that holds the sessions does not answer; ask again a little later."""


class Backend(Protocol):
    """The records of one session. `where` names it in sentences for people."""

    @property
    def where(self) -> str: ...

    @property
    def lost(self) -> asyncio.Event:
        """Set once the lease was found to be somebody else's; nothing may be sent to Telegram from then on."""
        ...

    async def open(self) -> Records:
        """Take the lease and read everything.

        Raises SessionHeld (try again later), ConfigError (a damaged or forbidden store, left as it is),
        StoreUnavailable (the database does not answer).
        """
        ...

    async def write(self, changes: Changes) -> None:
        """Apply all changes at once; they are durable on return. SessionHeld, StoreUnavailable: none was applied."""
        ...

    async def ensure(self) -> None:
        """Before a request to Telegram: SessionHeld if the lease may have been lost while this process slept."""
        ...

    async def close(self) -> None:
        """Give the lease back; harmless when it is not held."""
        ...

    async def peek(self) -> Records:
        """Everything, without the lease and without changing anything; empty when nothing is stored."""
        ...

    async def set_aside(self, suffix: str) -> str:
        """Keep what is stored under another name, so that the session can begin anew; says where it is now.

        Raises SessionHeld while it is in use, ConfigError when there is nothing.
        """
        ...
