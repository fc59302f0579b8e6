"""How far the uploads of a held mirror are, kept with what it has pending."""

from streamvault.leech.mirror.held import HeldMirror
from streamvault.leech.mirror.model import Upload


class HeldProgress:
    """Implements ports.Progress for what a held mirror has pending."""

    def __init__(self, held: HeldMirror) -> None:
        self._held = held

    def upload_of(self, message: int) -> Upload | None:
        """See Progress."""
        pending = self._held.mirror.pending
        return None if pending is None else pending.upload_of(message)

    async def note(self, upload: Upload) -> None:
        """See Progress. Raises LeaseLost."""
        pending = self._held.mirror.pending
        if pending is not None:
            await self._held.write(pending=pending.with_upload(upload))
