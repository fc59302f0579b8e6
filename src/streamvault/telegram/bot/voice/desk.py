"""What the commands need to know of calls, people and the library."""

from collections.abc import Sequence
from typing import Protocol

from streamvault.access.identity import Person
from streamvault.media.model import MediaFile, Origin
from streamvault.voice.calls import Calls
from streamvault.voice.rights import Control


class VoiceDesk(Protocol):
    """Methods raise CatalogError, and SourceError where it cannot be told now what a person may do."""

    calls: Calls
    control: Control

    def missing(self) -> str:
        """What is missing for playing in calls, as a sentence; "" for nothing."""
        ...

    async def is_granted(self, person: Person) -> bool:
        """Whether a person is an owner, or has the right `voice`."""
        ...

    async def chats(self, person: Person) -> frozenset[int]:
        """The chats of the library that a person may see; empty for strangers."""
        ...

    async def search(self, words: str, chats: frozenset[int], *, limit: int) -> Sequence[MediaFile]:
        """Files that can be played, the best first."""
        ...

    async def file(self, origin: Origin) -> MediaFile | None:
        """The file of a message, if the library has one that can be played."""
        ...
