"""What a connection asks before it sends a request; implemented by sessions/."""

from typing import Protocol


class Lease(Protocol):
    """The right of this process to use a session."""

    async def ensure(self) -> None:
        """Before a request to Telegram: SessionHeld if the lease may have been lost while this process slept."""
        ...


class FloodSchedule(Protocol):
    """Until when each family of methods is closed for an account."""

    def check(self, family: str) -> None:
        """SourceBusy with the remaining seconds while the family is closed."""
        ...

    async def record(self, family: str, seconds: float) -> None:
        """Telegram demands a wait of so many seconds for this family."""
        ...
