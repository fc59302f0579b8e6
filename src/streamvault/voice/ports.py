"""What the worker needs of others: something that plays in calls, and addresses of files for ffmpeg."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from streamvault.voice.command import Picture


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears us: `listeners` beside us; `muted`: an admin has muted us."""

    listeners: int
    muted: bool


class Player(Protocol):
    """Plays in calls of chats. Methods raise CallRefused and CallInterrupted."""

    @property
    def generation(self) -> int:
        """Grows each time when everything that played has ended, as its process did."""
        ...

    async def play(self, chat_id: int, stream: int, sound: str, picture: tuple[str, Picture] | None) -> None:
        """Send what these commands write; the call is joined where it is not, and what played before replaced."""
        ...

    async def pause(self, chat_id: int) -> None:
        """Send silence until `play`."""
        ...

    async def leave(self, chat_id: int) -> None:
        """Leave the call; nothing happens where the account is in none."""
        ...

    async def check(self, chat_id: int) -> None:
        """Return if the call hears us. Raises CallInterrupted where it does not."""
        ...

    async def heard(self, chat_id: int) -> Audience:
        """Who hears us."""
        ...


class Links(Protocol):
    """Gives files addresses on loopback."""

    def link(self, chat_id: int, message_id: int) -> AbstractContextManager[str]:
        """An address of the file of a message, good within the context."""
        ...
