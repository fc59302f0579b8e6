"""Says in the log what was indexed: one line a minute at most, with the number of files; each file at DEBUG."""

import asyncio
import logging
from collections.abc import Sequence

from streamvault.media.model import MediaFile

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two lines."""


class IndexedLog:
    """Counts files. The first ones are said at once, those of the seconds after a line all together."""

    def __init__(self) -> None:
        self._files = 0
        self._chats: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, files: Sequence[MediaFile]) -> None:
        """These files were indexed."""
        for file in files:
            log.debug("indexed %s/%s", file.origin.chat_id, file.origin.message_id)
        self._files += len(files)
        self._chats.update(file.origin.chat_id for file in files)
        if self._timer is None:
            self._say()

    def _say(self) -> None:
        """Say what was counted since the last line, and nothing more for a while."""
        self._timer = None
        if self._files:
            log.info("files indexed: %d, in channels: %d", self._files, len(self._chats))
            self._files = 0
            self._chats.clear()
            self._timer = asyncio.get_running_loop().call_later(EVERY, self._say)
