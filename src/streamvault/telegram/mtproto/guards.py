"""What a connection checks before it sends a request; sessions/ implements these protocols."""

from typing import Protocol


class Lease(Protocol):
    """The right of this process to use a stored session: one holder at a time."""

    async def ensure(self) -> None:
        """Before a request to Telegram: SessionHeld if the lease may have been lost while this process slept."""
        ...


class FloodSchedule(Protocol):
    """Until when each family of methods is closed for an account, after a FLOOD_WAIT."""

    def check(self, family: str) -> None:
        """SourceBusy with the remaining seconds while the family is closed."""
        ...

    async def record(self, family: str, seconds: float) -> None:
        """Record that Telegram demands a wait of `seconds` for this family."""
        ...
