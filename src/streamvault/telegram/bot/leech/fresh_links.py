"""The button for fresh links under the message about a job that is done: links end with rights, keys and addresses."""

import re
from collections.abc import Awaitable, Callable

from streamvault.errors import JobMissing
from streamvault.leech.model import Job, State
from streamvault.leech.queue import Queue
from streamvault.telegram.bot.leech import wording
from streamvault.telegram.bot.leech.permission import Permission
from streamvault.telegram.bot.presses import Notice, Press
from streamvault.telegram.bot.texts import Answer

_DATA = re.compile(r"links:([0-9a-f]{16})", re.ASCII)

News = Callable[[Job], Awaitable[Answer]]
"""What is told of a job now. Raises CatalogError."""


class FreshLinks:
    """For who asked for a job, and for owners: the message is written anew, with the links as they are now."""

    def __init__(self, queue: Queue, permission: Permission, news: News) -> None:
        self._queue, self._permission, self._news = queue, permission, news

    async def press(self, press: Press) -> Notice:
        """Raises CatalogError."""
        match = _DATA.fullmatch(press.data)
        if not match or not await self._permission.of_press(press):
            return Notice(wording.NOT_YOURS, alert=True)
        try:
            job = await self._queue.get(match[1], person=self._permission.whose(press.person))
        except JobMissing:
            return Notice(wording.NO_LINKS, alert=True)
        if job.state is not State.DONE:
            return Notice(wording.NO_LINKS, alert=True)
        self._permission.replace(press, await self._news(job))
        return Notice(wording.FRESH_LINKS)
