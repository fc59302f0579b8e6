"""Implements leech.mirror.ports.Channels as the bot."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pyrogram import raw, utils

from streamvault.errors import FileMissing, SourceError, SourceUnavailable
from streamvault.leech.mirror.model import Way
from streamvault.leech.mirror.ports import CopyRefused, FoundChannel, Order, Posted, Progress, RightsMissing
from streamvault.leech.mirror.posts import Seen
from streamvault.reading.lanes import Lane
from streamvault.telegram import message_media
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.locations import input_channel
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.accounts.random_ids import random_id_of
from streamvault.telegram.errors import ReferenceExpired
from streamvault.telegram.files.posting import input_peer
from streamvault.telegram.files.upload_refusals import NOT_IN_IT
from streamvault.telegram.history.pages import LaneGate
from streamvault.telegram.history.rights import rights_in
from streamvault.telegram.history.source import TelegramHistory
from streamvault.telegram.mirroring import requests
from streamvault.telegram.mirroring.refusals import judged
from streamvault.telegram.mirroring.seeing import seen
from streamvault.telegram.mirroring.uploading import ReadPart, ReadThumb, Uploading

REQUESTER = "mirror"
"""The name under which requests queue in the limiter's index lane."""


class TelegramChannels:
    """Copies as the main bot of `accounts`. `gate`: the limiter of a data centre, through which reads go."""

    def __init__(
        self, accounts: AccountPool, history: TelegramHistory, *, gate: Callable[[int], LaneGate], read: ReadPart,
        read_thumb: ReadThumb,
    ) -> None:  # fmt: skip
        self._accounts, self._history, self._gate = accounts, history, gate
        self._read, self._read_thumb = read, read_thumb
        self._uploading: tuple[Account, Uploading] | None = None

    async def find(self, chat: int | str) -> FoundChannel | None:
        """See Channels."""
        try:
            found = await self._history.find(chat)
        except FileMissing:
            return None
        rights = await rights_in(self._accounts.main, found.chat_id)
        return FoundChannel(found.chat_id, found.title, reads=rights.reads, posts=rights.posts)

    async def newest(self, chat_id: int) -> int:
        """See Channels. The chat's updates are followed from there on."""
        try:
            return await self._history.newest(chat_id)
        except FileMissing as error:
            raise RightsMissing(NOT_IN_IT) from error

    async def read(self, chat_id: int, ids: Sequence[int]) -> list[Seen]:
        """See Channels."""
        account = self._accounts.main
        query = raw.functions.channels.GetMessages(
            channel=await input_channel(account, chat_id), id=[raw.types.InputMessageID(id=id) for id in ids]
        )
        async with self._gate(account.home_dc).slot(Lane.INDEX, REQUESTER):
            with judged():
                answer = await account.call(query)
        if not isinstance(answer, raw.types.messages.ChannelMessages):
            raise SourceError(f"Telegram answered a read with {type(answer).__name__}")
        if not {message.id for message in answer.messages}.intersection(ids):
            raise SourceUnavailable(f"Telegram says nothing of messages {min(ids)} to {max(ids)}")
        await account.client.fetch_peers([*answer.users, *answer.chats])
        protected = any(
            chat.noforwards
            for chat in answer.chats
            if isinstance(chat, raw.types.Channel) and utils.get_channel_id(chat.id) == chat_id
        )
        messages = (one for one in answer.messages if not isinstance(one, raw.types.MessageEmpty))
        there = {
            message.id: seen(message, protected=protected)
            for message in messages
            if message.id in ids and utils.get_peer_id(message.peer_id) == chat_id
        }
        return [there[id] for id in sorted(there)]

    async def post(self, order: Order) -> list[Posted | None]:
        """See Channels."""
        account = self._accounts.main
        target = await input_peer(account, order.target)
        random_ids = [random_id_of(key) for key in order.keys]
        if order.way == "forward" or any(post.kind not in ("file", "text") for post in order.posts):
            source = await input_peer(account, order.source)
            query = requests.forward(source, target, [post.id for post in order.posts], random_ids)
            return requests.posted(await self._call(query), random_ids)
        try:
            query = await self._sent_anew(order, target, random_ids)
            return requests.posted(await self._call(query), random_ids)
        except ReferenceExpired:
            fresh = await self.read(order.source, [post.id for post in order.posts])
            if len(fresh) < len(order.posts):
                raise CopyRefused("the message was deleted while it was copied") from None
            query = await self._sent_anew(replace(order, posts=tuple(fresh)), target, random_ids)
            return requests.posted(await self._call(query), random_ids)

    async def post_rest(
        self, target: int, post: Seen, way: Way, number: int, *, key: str, answers: int
    ) -> Posted | None:
        """See Channels."""
        peer, random_id = await input_peer(self._accounts.main, target), random_id_of(key)
        query = requests.text(peer, requests.parts(post)[number], random_id=random_id, answers=answers)
        return requests.posted(await self._call(query), [random_id])[0]

    async def edit(self, source: int, target: int, post: Seen, message_id: int) -> Posted:
        """See Channels. An album's member, or a file that comes or goes, may need another message: `album`."""
        [*copies] = await self.read(target, [message_id])
        if not copies:
            raise CopyRefused("its copy was deleted", gone=True)
        copy = copies[0]
        if copy.kind != post.kind or post.kind not in ("file", "text"):
            raise CopyRefused("no edit makes this of it", album=True)
        peer = await input_peer(self._accounts.main, target)
        held = await self._other_file(peer, post, copy)
        query = requests.edit(peer, message_id, requests.parts(post)[0], held=held, post=post)
        try:
            answer = await self._call(query)
        except CopyRefused as refused:
            if "MESSAGE_NOT_MODIFIED" in str(refused):
                return Posted(message_id, copy.file)
            raise
        edited = (getattr(one, "message", None) for one in answer.updates)
        file = next((message_media.describe(one) for one in edited if isinstance(one, raw.types.Message)), None)
        return Posted(message_id, file)

    async def delete(self, target: int, ids: Sequence[int]) -> None:
        """See Channels."""
        channel = await input_channel(self._accounts.main, target)
        if ids:
            await self._call(raw.functions.channels.DeleteMessages(channel=channel, id=list(ids)))

    def texts(self, post: Seen, way: Way) -> Sequence[str]:
        """See Channels."""
        if way == "forward" or post.kind not in ("file", "text"):
            return [post.text]
        return [text for text, _ in requests.parts(post)]

    async def _sent_anew(self, order: Order, target: Any, random_ids: Sequence[int]) -> Any:
        """The request that sends a message, or an album, with files that Telegram has."""
        texts = [requests.parts(post)[0] for post in order.posts]
        first = order.posts[0]
        if first.kind == "text":
            return requests.text(target, texts[0], random_id=random_ids[0], answers=order.answers, post=first)
        held = [await self._held(target, post, order.way, order.progress) for post in order.posts]
        if len(held) == 1:
            return requests.media(target, held[0], texts[0], random_id=random_ids[0], answers=order.answers, post=first)
        return requests.album(target, held, texts, random_ids, order.answers)

    async def _held(self, target: Any, post: Seen, way: Way, progress: Progress | None = None) -> Any:
        """The InputMedia of a message's file."""
        found = message_media.raw_media(post.raw)
        if found is None:
            raise CopyRefused("its file can no longer be seen")
        if way == "upload":
            with judged():
                found = await self._uploads().stored(target, post, progress)
        return requests.stored(found, spoiler=post.raw.media.spoiler)

    async def _other_file(self, target: Any, post: Seen, copy: Seen) -> Any:
        """The InputMedia for a copy whose message has another file now; None where it has not."""
        if post.kind == "text":
            return None
        ours, theirs = message_media.raw_media(copy.raw), message_media.raw_media(post.raw)
        if ours.id == theirs.id or (post.protected and post.signature == copy.signature):
            return None
        return await self._held(target, post, "upload" if post.protected else "send")

    def _uploads(self) -> Uploading:
        """Of the account as it is connected now."""
        account = self._accounts.main
        if self._uploading is None or self._uploading[0] is not account:
            self._uploading = (account, Uploading(account, read=self._read, read_thumb=self._read_thumb))
        return self._uploading[1]

    async def _call(self, query: Any) -> Any:
        with judged():
            return await self._accounts.main.call(query)
