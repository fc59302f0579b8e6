"""Messages that links name, in chats that this server need not serve, as the account reads them."""

from collections.abc import Sequence
from typing import Any

from pyrogram import raw, utils

from streamvault.errors import FileMissing, SourceError
from streamvault.media.linked import Holds, LinkedChat, LinkedMessage
from streamvault.media.uploads import Original
from streamvault.telegram import message_media
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.locations import input_channel, location_of, read_messages
from streamvault.telegram.files.posting import input_peer

_types = raw.types
_EXPIRED = (_types.MessageMediaPhoto, _types.MessageMediaDocument)


class AccountLinks:
    """Implements leech.messages.ports.Messages as one account. What usernames mean is remembered for as long."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._named: dict[str, int] = {}

    @property
    def name(self) -> str:
        """See Messages."""
        me = self._account.client.me
        return "" if me is None or not me.username else f"@{me.username}"

    async def find(self, chat: str | int) -> LinkedChat | None:
        """See Messages."""
        if isinstance(chat, int):
            return await self._channel(chat)
        if chat in self._named:
            found = await self._raw(self._named[chat])
            if found is not None and chat in _usernames(found):
                return _chat(found)
        return await self._resolve(chat)

    async def discussion(self, chat: LinkedChat) -> LinkedChat | None:
        """See Messages."""
        channel = await input_channel(self._account, chat.chat_id)
        try:
            full = await self._account.call(raw.functions.channels.GetFullChannel(channel=channel))
        except FileMissing:
            return None
        number = full.full_chat.linked_chat_id
        if number is None:
            return None
        await self._account.client.fetch_peers(full.chats)
        return await self._channel(int(utils.get_channel_id(number)))

    async def read(self, chat: LinkedChat, ids: Sequence[int]) -> dict[int, LinkedMessage] | None:
        """See Messages."""
        try:
            found = await read_messages(self._account, chat.chat_id, ids)
        except FileMissing:
            return None
        return {message.id: self._linked(message, chat) for message in found}

    async def is_member(self, chat: LinkedChat, person: int) -> bool:
        """See Messages."""
        channel = await input_channel(self._account, chat.chat_id)
        query = raw.functions.channels.GetParticipant(
            channel=channel, participant=await input_peer(self._account, person)
        )
        try:
            answer = await self._account.call(query)
        except (FileMissing, SourceError) as error:
            if getattr(error.__cause__, "CODE", None) in (400, 403, 406):
                return False
            raise
        gone = (_types.ChannelParticipantBanned, _types.ChannelParticipantLeft)
        return not isinstance(answer.participant, gone)

    async def _resolve(self, name: str) -> LinkedChat | None:
        try:
            answer = await self._account.call(raw.functions.contacts.ResolveUsername(username=name))
        except FileMissing:
            return None
        if not isinstance(answer.peer, _types.PeerChannel):
            return None
        await self._account.client.fetch_peers(answer.chats)
        found = _channel_in(answer.chats, int(utils.get_channel_id(answer.peer.channel_id)))
        if found is None:
            return None
        self._named[name] = int(utils.get_channel_id(found.id))
        return _chat(found)

    async def _channel(self, chat_id: int) -> LinkedChat | None:
        found = await self._raw(chat_id)
        return None if found is None else _chat(found)

    async def _raw(self, chat_id: int) -> Any:
        """The raw Channel; None where the account sees none."""
        query = raw.functions.channels.GetChannels(id=[await input_channel(self._account, chat_id)])
        try:
            answer = await self._account.call(query)
        except FileMissing:
            return None
        await self._account.client.fetch_peers([one for one in answer.chats if isinstance(one, _types.Channel)])
        return _channel_in(answer.chats, chat_id)

    def _linked(self, message: Any, chat: LinkedChat) -> LinkedMessage:
        """What a raw message holds; where its file is is kept, so that reading it begins at once."""
        holds = _holds(message)
        file = message_media.describe(message) if holds == "file" else None
        if file is not None:
            self._account.messages.locations.put(file.origin, file.key, location_of(message, file.key, file=file))
        protected = chat.protected or bool(message.noforwards)
        return LinkedMessage(message.id, holds, file, _topic(message, chat), protected, _original(message))


def _channel_in(chats: Sequence[Any], chat_id: int) -> Any:
    channels = (chat for chat in chats if isinstance(chat, _types.Channel))
    return next((chat for chat in channels if utils.get_channel_id(chat.id) == chat_id), None)


def _usernames(chat: Any) -> set[str]:
    """In small letters."""
    others = [one.username for one in chat.usernames or () if one.active]
    return {name.lower() for name in [chat.username, *others] if name}


def _chat(chat: Any) -> LinkedChat:
    return LinkedChat(
        int(utils.get_channel_id(chat.id)),
        chat.title,
        public=bool(_usernames(chat)),
        forum=bool(chat.forum),
        protected=bool(chat.noforwards),
        sees_all=bool(chat.broadcast or chat.admin_rights or chat.creator),
    )


def _holds(message: Any) -> Holds:
    media = message.media
    if isinstance(media, _types.MessageMediaPaidMedia | _types.MessageMediaInvoice):
        return "paid"
    if isinstance(media, _EXPIRED) and media.ttl_seconds:
        return "once"
    if message_media.raw_media(message) is not None:
        return "file"
    return "nothing" if isinstance(media, _EXPIRED) else "text"


def _topic(message: Any, chat: LinkedChat) -> int:
    """See LinkedMessage; an answer in a forum's first topic names none."""
    header = message.reply_to
    if not isinstance(header, _types.MessageReplyHeader) or (chat.forum and not header.forum_topic):
        return 1
    return int(header.reply_to_top_id or header.reply_to_msg_id or 1)


def _original(message: Any) -> Original:
    found, media = message_media.raw_media(message), message.media
    attributes = tuple(found.attributes) if isinstance(found, _types.Document) else None
    mentions = _types.MessageEntityMentionName  # of people whom the account need not know
    entities = tuple(one for one in message.entities or () if not isinstance(one, mentions))
    spoiler = bool(getattr(media, "spoiler", False))
    return Original(attributes, entities, spoiler=spoiler, caption_above=bool(message.invert_media))
