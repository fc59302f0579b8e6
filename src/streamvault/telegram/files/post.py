"""The message of an uploaded file, posted once.

Its random_id follows from Post.key, so that Telegram does not send it a second time. Where an answer is lost, the
request is repeated: Telegram answers with the message that it has sent, or with RANDOM_ID_DUPLICATE, or says that the
parts are gone, which that message has used. The message is then looked for in the chat.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from pyrogram import raw

from streamvault.errors import PartsLost, SourceError, SourceUnavailable, UploadFailed
from streamvault.media.uploads import Photo, Post
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.newest import newest_messages
from streamvault.telegram.accounts.random_ids import random_id_of
from streamvault.telegram.files import posting
from streamvault.telegram.files.upload_refusals import GONE, already_sent, no_photo
from streamvault.telegram.files.upload_requests import UploadRequests

NEWEST = 1000
"""Message ids of a chat among which a message is looked for that was sent before."""
FIND_PAUSES = (0.0, 0.5, 1.0, 2.0)
"""Seconds before each look for a message that Telegram says it has sent: a read may be empty for a moment."""
TOLERANCE = 60.0
"""Seconds by which a message may seem to be older than its upload: whole seconds, and clocks that were corrected."""

SaveThumb = Callable[[int, bytes], Awaitable[None]]
"""Uploads the only part of a file with an id."""


class Posting:
    """One call of AccountUploads.post."""

    def __init__(self, account: Account, requests: UploadRequests, post: Post, *, save_thumb: SaveThumb) -> None:
        self._account, self._requests, self._post = account, requests, post
        self._save_thumb = save_thumb
        self._random_id = random_id_of(post.key)
        self._began = time.time()
        self._peer: Any = None
        self._unanswered = False

    async def run(self) -> int:
        """The id of the message. Raises PartsLost, UploadFailed, SourceUnavailable, SourceError."""
        post = self._post
        self._peer = await self._requests.answer(lambda: posting.input_peer(self._account, post.chat_id))
        try:
            answer = await self._requests.answer(self._send, private=post.chat_id > 0)
        except PartsLost:
            found = await self._find() if self._unanswered or post.since else None
            if found is None:
                raise
            return found
        return posting.sent_id(answer, self._random_id) or await self._sent_before()

    async def _sent_before(self) -> int:
        """The id of the message that Telegram says it has sent, and which a read may show late. Raises UploadFailed."""
        for pause in FIND_PAUSES:
            await self._requests.sleep(pause)
            number = await self._find()
            if number is not None:
                return number
        raise UploadFailed(GONE)

    async def _send(self) -> Any:
        """The answer to one request; None where Telegram says that it has sent the message before."""
        query = posting.request(self._post, self._peer, random_id=self._random_id, thumb=await self._thumb())
        try:
            return await self._account.call(query)
        except SourceUnavailable:
            self._unanswered = True
            raise
        except SourceError as error:
            if already_sent(error):
                return None
            if not isinstance(self._post.shown_as, Photo) or not no_photo(error):
                raise
        self._post = replace(self._post, shown_as=None)
        return await self._send()

    async def _thumb(self) -> Any:
        """The InputFile of the thumbnail, uploaded for each request: the one before may have used it."""
        thumb = self._post.thumb
        if thumb is None or isinstance(self._post.shown_as, Photo) or not posting.fits(thumb):
            return None
        file_id = random_id_of(f"{self._post.key} thumbnail")
        try:
            await self._save_thumb(file_id, thumb)
        except PartsLost:
            return None
        return raw.types.InputFile(id=file_id, parts=1, name="thumb.jpg", md5_checksum="")

    async def _find(self) -> int | None:
        """The id of the message that an earlier request sent; the newest one that looks like it."""
        post = self._post
        began = post.since or (self._began if self._unanswered else 0.0)
        since = began + self._account.client.server_clock.ahead - TOLERANCE
        messages = await self._requests.answer(lambda: newest_messages(self._account, post.chat_id, NEWEST))
        found = posting.with_document(messages, name=post.name, size=post.size)
        if isinstance(post.shown_as, Photo):
            found += posting.with_photo(messages, post.shown_as, caption=post.caption)
        alike = [message for message in found if message.date >= since]
        same_caption = [one for one in alike if one.message.strip() == posting.whole_characters(post.caption).strip()]
        return next((int(one.id) for one in same_caption or alike), None)
