"""The interface of stored mirrors: whole mirrors, changed by compare-and-set, and the copies that they have made."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from streamvault.leech.mirror.model import Change, Copy, Mirror
from streamvault.media.model import Origin

MAX_MIRRORS = 200
"""Mirrors that there can be."""
MAX_COPIED = 100
"""Copies that one call of `copied_after` gives."""
MAX_CHANGES = 1000
"""Changes that one call gives."""


class MirrorStore(Protocol):
    """Every method raises CatalogError when the database fails. What has been written survives a power cut."""

    async def add(self, mirror: Mirror) -> bool:
        """Insert a mirror as version 1; False where there is one with its id, or of its channels."""
        ...

    async def get(self, id: str) -> Mirror | None:
        """The mirror, or None."""
        ...

    async def listed(self) -> Sequence[Mirror]:
        """All of them, up to MAX_MIRRORS, the earliest first."""
        ...

    async def record(self, mirror: Mirror, copies: Sequence[Copy] = ()) -> bool:
        """Write the mirror if the stored one still has its version, which grows by one, and with it the copies; whether
        it was written. Copies may be there although it was not, and are the same when they are written again.
        """
        ...

    async def copies(self, id: str, messages: Collection[int]) -> Mapping[int, Copy]:
        """The copies of these messages of the source, at most a thousand."""
        ...

    async def copied_after(self, id: str, message: int) -> Sequence[Copy]:
        """Up to MAX_COPIED copies of later messages of the source, the earliest first."""
        ...

    async def copies_of(self, origin: Origin) -> Sequence[tuple[Origin, Copy]]:
        """The copies of a message that any mirrors have made, with their places; up to 20."""
        ...

    async def note(self, id: str, changes: Sequence[Change]) -> None:
        """Keep changes of messages until they are settled; of one message the latest, but a deletion stays."""
        ...

    async def changes(self, id: str) -> Sequence[Change]:
        """Up to MAX_CHANGES changes that are not settled, the earliest messages first."""
        ...

    async def settle(self, id: str, changes: Sequence[Change]) -> None:
        """Forget these changes, unless they have been noted anew since."""
        ...

    async def remove(self, id: str) -> bool:
        """Delete a mirror and what is known of its copies; whether it was there."""
        ...
