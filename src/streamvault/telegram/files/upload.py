"""Uploads as one account: parts over media connections of its home data centre, and messages that hold them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

from pyrogram import raw

from streamvault.media.uploads import REQUESTS_PER_CONNECTION, Copy, Limits, Post
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.newest import newest_messages
from streamvault.telegram.errors import MigrateError
from streamvault.telegram.files.copying import Copying
from streamvault.telegram.files.post import Posting
from streamvault.telegram.files.posting import input_peer, with_document
from streamvault.telegram.files.upload_limits import UploadLimits
from streamvault.telegram.files.upload_requests import UploadRequests
from streamvault.telegram.files.upload_window import UploadWindow
from streamvault.telegram.flood_wait import Sleep


class AccountUploads:
    """Implements leech.ports.Uploads for one account; all its uploads share connections, waits and the window."""

    def __init__(
        self, account: Account, *, sleep: Sleep = asyncio.sleep, clock: Callable[[], float] = time.monotonic,
        count: Callable[[int], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """`clock` returns seconds; `count` is called with how many bytes Telegram has taken."""
        self._count = count
        self._account = account
        self._limits = UploadLimits(account)
        self._requests = UploadRequests(account.name, sleep=sleep, clock=clock)
        self._window = UploadWindow(account.media_sessions.limit * REQUESTS_PER_CONNECTION, clock=clock)
        self._clock = clock
        self._dc_id: int | None = None

    @property
    def slowed(self) -> float:
        """See Uploads."""
        return self._requests.slowed

    async def limits(self) -> Limits:
        """See Uploads."""
        return await self._requests.answer(self._limits.read)

    async def save(self, file_id: int, part: int, data: bytes, *, total: int | None, big: bool) -> None:
        """See Uploads. Waits for a place in the window first."""
        query: Any
        if big:
            query = raw.functions.upload.SaveBigFilePart(
                file_id=file_id, file_part=part, file_total_parts=-1 if total is None else total, bytes=data
            )
        else:
            query = raw.functions.upload.SaveFilePart(file_id=file_id, file_part=part, bytes=data)
        async with self._window.slot():
            await self._requests.answer(lambda: self._send(query), on_brake=self._window.braked)

    async def post(self, post: Post) -> int:
        """See Uploads."""
        return await Posting(self._account, self._requests, post, save_thumb=self._save_thumb).run()

    async def copy(self, copy: Copy) -> Sequence[int] | None:
        """See leech.messages.ports.Copies."""
        return await Copying(self._account, self._requests, copy).run()

    async def posted(self, chat_id: int, *, name: str, size: int, newest: int = 100) -> Sequence[int]:
        """See Uploads."""
        messages = await self._requests.answer(lambda: newest_messages(self._account, chat_id, newest))
        return [int(message.id) for message in with_document(messages, name=name, size=size)]

    async def delete(self, chat_id: int, ids: Sequence[int]) -> None:
        """See Uploads."""
        if not ids:
            return
        peer = await input_peer(self._account, chat_id)
        query: Any = raw.functions.messages.DeleteMessages(id=list(ids), revoke=True)
        if isinstance(peer, raw.types.InputPeerChannel):
            channel = raw.types.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)
            query = raw.functions.channels.DeleteMessages(channel=channel, id=list(ids))
        await self._requests.answer(lambda: self._account.call(query))

    async def _send(self, query: Any) -> None:
        """Send one part, to another data centre if Telegram says so; later parts go there too."""
        began = self._clock()
        try:
            await self._transfer(query)
        except MigrateError as elsewhere:
            self._dc_id = elsewhere.dc_id
            await self._transfer(query)
        self._window.answered(self._clock() - began)

    async def _transfer(self, query: Any) -> None:
        await self._account.transfer(self._dc_id or self._account.home_dc, query, size=len(query.bytes))
        self._count(len(query.bytes))

    async def _save_thumb(self, file_id: int, data: bytes) -> None:
        await self.save(file_id, 0, data, total=1, big=False)
