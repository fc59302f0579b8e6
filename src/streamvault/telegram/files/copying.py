"""Messages of another chat sent anew without their sender, once, as Telegram lets them be forwarded.

The random_ids follow from Copy.keys; see post.py for what becomes of a lost answer.
"""

import time
from collections.abc import Sequence
from typing import Any

from streamvault.errors import FileMissing, SourceError, SourceUnavailable, UploadFailed
from streamvault.media.uploads import Copy
from streamvault.telegram import message_media
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.newest import newest_messages
from streamvault.telegram.accounts.random_ids import random_id_of
from streamvault.telegram.files import posting
from streamvault.telegram.files.post import FIND_PAUSES, NEWEST, TOLERANCE
from streamvault.telegram.files.upload_refusals import GONE, already_sent, not_copied
from streamvault.telegram.files.upload_requests import UploadRequests

_BEFORE: Any = object()
"""In place of an answer: Telegram says that it has sent the messages."""


class Copying:
    """One call of AccountUploads.copy."""

    def __init__(self, account: Account, requests: UploadRequests, copy: Copy) -> None:
        self._account, self._requests, self._copy = account, requests, copy
        self._random_ids = [random_id_of(key) for key in copy.keys]
        self._began = time.time()
        self._unanswered = False

    async def run(self) -> Sequence[int] | None:
        """The ids of the copies, without those of messages that were deleted meanwhile; None where Telegram does not
        let them be copied. Raises UploadFailed, SourceError.
        """
        copy, account = self._copy, self._account
        source = await self._requests.answer(lambda: posting.input_peer(account, copy.source))
        target = await self._requests.answer(lambda: posting.input_peer(account, copy.chat_id))
        query = posting.forward(source, target, copy.ids, self._random_ids)
        answer = await self._requests.answer(lambda: self._send(query), private=copy.chat_id > 0)
        if answer is None:
            return None
        found = [] if answer is _BEFORE else [posting.sent_id(answer, one) for one in self._random_ids]
        return [one for one in found if one is not None] or await self._sent_before()

    async def _send(self, query: Any) -> Any:
        """The answer to one request; None where Telegram does not let the messages be copied."""
        try:
            return await self._account.call(query)
        except SourceUnavailable:
            self._unanswered = True
            raise
        except (SourceError, FileMissing) as error:
            if already_sent(error):
                return _BEFORE
            if not_copied(error):
                return None
            raise

    async def _sent_before(self) -> Sequence[int]:
        """The ids of the messages that Telegram says it has sent; a read may show them late. Raises UploadFailed."""
        for pause in FIND_PAUSES:
            await self._requests.sleep(pause)
            if found := await self._find():
                return found
        raise UploadFailed(GONE)

    async def _find(self) -> Sequence[int]:
        """The newest messages with these files, in their order; a copy of a file is the same file."""
        copy = self._copy
        began = copy.since or (self._began if self._unanswered else 0.0)
        since = began + self._account.client.server_clock.ahead - TOLERANCE
        ids = dict[str, int]()
        for message in await self._requests.answer(lambda: newest_messages(self._account, copy.chat_id, NEWEST)):
            media = message_media.raw_media(message)
            if media is not None and message.date >= since and (message.out or message.post):
                ids.setdefault(message_media.unique_id(media), int(message.id))
        return sorted({ids[one] for one in copy.files if one in ids})
