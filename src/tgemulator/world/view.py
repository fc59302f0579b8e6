"""Users, chats, messages and updates in TL form for one account.

A View collects every user and chat that it has used, because an answer has to contain them beside the messages:
clients cannot use a peer that no answer has described.
"""

from typing import Any

from pyrogram import raw

from tgemulator.world.journal import Event
from tgemulator.world.media import paid_preview
from tgemulator.world.model import Channel, Chat, Group, Message, Peer, User
from tgemulator.world.participants import admin_rights
from tgemulator.world.state import WorldState

_FOREVER = 0x7FFFFFFF


class View:
    """TL objects for `viewer`; `users` and `chats` are those used so far, by id."""

    def __init__(self, state: WorldState, viewer: User) -> None:
        self.state = state
        self.viewer = viewer
        self.users: dict[int, Any] = {}
        self.chats: dict[int, Any] = {}

    def user(self, user_id: int) -> Any:
        """raw.types.User, or UserEmpty for an unknown id; remembered in `users`."""
        user = self.state.users.get(user_id)
        if user is None:
            return raw.types.UserEmpty(id=user_id)
        if user_id not in self.users:
            self.users[user_id] = self._user(user)
        return self.users[user_id]

    def chat(self, chat: Chat) -> Any:
        """raw.types.Chat, Channel, or their Forbidden forms; remembered in `chats`."""
        if chat.id not in self.chats:
            self.chats[chat.id] = self._channel(chat) if isinstance(chat, Channel) else self._group(chat)
        return self.chats[chat.id]

    def peer(self, peer: Peer) -> Any:
        """raw.types.Peer*; its user or chat is remembered."""
        kind, number = peer
        if kind == "user":
            self.user(number)
            return raw.types.PeerUser(user_id=number)
        chat = self.state.chats.get(number)
        if chat is not None:
            self.chat(chat)
        return raw.types.PeerChannel(channel_id=number) if kind == "channel" else raw.types.PeerChat(chat_id=number)

    def message(self, message: Message) -> Any:
        """raw.types.Message, MessageService, or MessageEmpty for a deleted one."""
        if message.deleted:
            return raw.types.MessageEmpty(id=message.id, peer_id=self.peer(message.peer))
        if message.action is not None:
            return self._service_message(message)
        post = self._is_post(message)
        return raw.types.Message(
            **self._common(message),
            message=message.text,
            media=self._media(message),
            entities=list(message.entities) or None,
            reply_markup=message.reply_markup,
            fwd_from=self._forward_header(message),
            edit_date=message.edit_date,
            grouped_id=message.grouped_id,
            views=1 if post else None,
            forwards=0 if post else None,
            noforwards=self._noforwards(message) or None,
        )

    def _media(self, message: Message) -> Any:
        """raw.types.MessageMedia* of a message, None if it has none."""
        files, origin = self.state.files, (*message.peer, message.id)
        if message.paid is not None:
            held = [
                raw.types.MessageExtendedMedia(media=files.media_for(file, account_id=self.viewer.id, origin=origin))
                if message.paid.bought
                else paid_preview(file)
                for file in message.paid.files
            ]
            return raw.types.MessageMediaPaidMedia(stars_amount=message.paid.stars, extended_media=held)
        if message.file is None:
            return message.other
        media = files.media_for(message.file, account_id=self.viewer.id, origin=origin)
        media.ttl_seconds = message.view_once
        return media

    def messages(self, messages: list[Message]) -> list[Any]:
        """Each message in TL form."""
        return [self.message(message) for message in messages]

    def update(self, event: Event, channel: Channel | None) -> Any:
        """The update for one event of a channel's journal, or of the viewer's own (`channel` None).

        None if the viewer does not get the event.
        """
        if event.kind == "other":
            return event.payload(self, event.pts)
        if event.kind == "delete":
            return self._deletion(event, channel)
        messages = channel.messages if channel else self.state.mailbox(self.viewer.id).messages
        message = messages[event.ids[0]]
        if message.deleted or not self.state.sees(self.viewer, message):
            return None
        edited = event.kind == "edit"
        if channel is not None:
            make = raw.types.UpdateEditChannelMessage if edited else raw.types.UpdateNewChannelMessage
        else:
            make = raw.types.UpdateEditMessage if edited else raw.types.UpdateNewMessage
        return make(message=self.message(message), pts=event.pts, pts_count=event.count)

    def updates(self, updates: list[Any]) -> Any:
        """raw.types.Updates around these; seq 0, for what is ordered by pts or not at all."""
        return raw.types.Updates(
            updates=updates,
            users=list(self.users.values()),
            chats=list(self.chats.values()),
            date=self.state.now(),
            seq=0,
        )

    def _deletion(self, event: Event, channel: Channel | None) -> Any:
        """The update for a deletion; None for bots unless WorldState.tell_bots_of_deletions."""
        if self.viewer.is_bot and not self.state.tell_bots_of_deletions:
            return None
        ids = list(event.ids)
        if channel is None:
            return raw.types.UpdateDeleteMessages(messages=ids, pts=event.pts, pts_count=event.count)
        self.chat(channel)
        return raw.types.UpdateDeleteChannelMessages(
            channel_id=channel.id, messages=ids, pts=event.pts, pts_count=event.count
        )

    def _is_post(self, message: Message) -> bool:
        """Whether the message is a post of a broadcast channel."""
        chat = self.state.chats.get(message.peer[1])
        return isinstance(chat, Channel) and not chat.megagroup

    def _noforwards(self, message: Message) -> bool:
        """Whether the message, or its chat, forbids forwarding."""
        if message.noforwards:
            return True
        chat = self.state.chats.get(message.peer[1]) if message.peer[0] != "user" else None
        return chat is not None and chat.noforwards

    def _common(self, message: Message) -> dict[str, Any]:
        """The fields that messages and service messages share."""
        out = message.sender_id == self.viewer.id
        self.user(self.viewer.id)
        incoming_private = message.peer[0] == "user" and not out
        sender = self.peer(message.sent_as) if message.sent_as is not None else None
        if sender is None and message.sender_id is not None and not self._is_post(message) and not incoming_private:
            sender = self.peer(("user", message.sender_id))
        return {
            "id": message.id,
            "peer_id": self.peer(message.peer),
            "date": message.date,
            "out": out or None,
            "post": self._is_post(message) or None,
            "silent": message.silent or None,
            "from_id": sender,
            "reply_to": self._reply_header(message),
        }

    def _reply_header(self, message: Message) -> Any:
        """raw.types.MessageReplyHeader of a reply, or of a message in a topic; None for others."""
        replied = message.reply_to or message.thread
        if replied is None:
            return None
        chat = self.state.chats.get(message.peer[1]) if message.peer[0] == "channel" else None
        in_topic = isinstance(chat, Channel) and message.thread in chat.topics
        return raw.types.MessageReplyHeader(
            forum_topic=in_topic or None,
            reply_to_msg_id=replied,
            reply_to_top_id=message.thread if message.thread != replied else None,
        )

    def _service_message(self, message: Message) -> Any:
        """raw.types.MessageService; the users that its action names are remembered."""
        for user_id in getattr(message.action, "users", None) or [getattr(message.action, "user_id", None)]:
            if user_id is not None:
                self.user(user_id)
        return raw.types.MessageService(**self._common(message), action=message.action)

    def _forward_header(self, message: Message) -> Any:
        """raw.types.MessageFwdHeader of a forwarded message, None for others."""
        forward = message.forward
        if forward is None or (forward.origin is None and not forward.name):
            return None
        source, (saved, number) = forward.origin, forward.saved_from or (None, None)
        from_channel = source is not None and source[0] == "channel"
        return raw.types.MessageFwdHeader(
            date=forward.date or message.date,
            from_id=self.peer(source) if source is not None else None,
            from_name=forward.name or None,
            channel_post=forward.post if from_channel else None,
            saved_from_peer=self.peer(saved) if saved is not None else None,
            saved_from_msg_id=number,
        )

    def _user(self, user: User) -> Any:
        return raw.types.User(
            id=user.id,
            is_self=user.id == self.viewer.id or None,
            bot=user.is_bot or None,
            bot_chat_history=user.reads_all or None,
            bot_info_version=1 if user.is_bot else None,
            premium=bool(user.api_limits.get("premium")) or None,
            access_hash=self.state.access_hash(self.viewer.id, "user", number=user.id),
            first_name=user.first_name,
            last_name=user.last_name or None,
            username=user.username or None,
            phone=user.phone or None if user.id == self.viewer.id else None,
            status=None if user.is_bot else raw.types.UserStatusRecently(),
        )

    def _channel(self, channel: Channel) -> Any:
        member = channel.members.get(self.viewer.id)
        access_hash = self.state.access_hash(self.viewer.id, "channel", number=channel.id)
        if member is None and not channel.username:
            return raw.types.ChannelForbidden(
                id=channel.id,
                access_hash=access_hash,
                title=channel.title,
                broadcast=not channel.megagroup or None,
                megagroup=channel.megagroup or None,
            )
        return raw.types.Channel(
            id=channel.id,
            title=channel.title,
            photo=raw.types.ChatPhotoEmpty(),
            date=member.date if member else channel.date,
            creator=channel.creator_id == self.viewer.id or None,
            left=member is None or None,
            broadcast=not channel.megagroup or None,
            megagroup=channel.megagroup or None,
            forum=channel.forum or None,
            has_link=channel.discussion is not None or None,
            noforwards=channel.noforwards or None,
            access_hash=access_hash,
            username=channel.username or None,
            admin_rights=admin_rights(channel, self.viewer.id),
            default_banned_rights=raw.types.ChatBannedRights(until_date=_FOREVER) if channel.megagroup else None,
            **self._call_flags(channel),
            participants_count=len(channel.members),
        )

    def _group(self, group: Chat) -> Any:
        member = group.members.get(self.viewer.id)
        if member is None:
            return raw.types.ChatForbidden(id=group.id, title=group.title)
        migrated_to = None
        if isinstance(group, Group) and group.migrated_to is not None:
            hash_ = self.state.access_hash(self.viewer.id, "channel", number=group.migrated_to)
            migrated_to = raw.types.InputChannel(channel_id=group.migrated_to, access_hash=hash_)
        return raw.types.Chat(
            id=group.id,
            title=group.title,
            photo=raw.types.ChatPhotoEmpty(),
            participants_count=len(group.members),
            date=group.date,
            version=group.version if isinstance(group, Group) else 1,
            creator=group.creator_id == self.viewer.id or None,
            noforwards=group.noforwards or None,
            deactivated=migrated_to is not None or None,
            migrated_to=migrated_to,
            admin_rights=admin_rights(group, self.viewer.id),
            default_banned_rights=raw.types.ChatBannedRights(until_date=_FOREVER),
            **self._call_flags(group),
        )

    def _call_flags(self, chat: Chat) -> dict[str, bool]:
        """Whether the chat has a call, and somebody is in it."""
        if chat.call_id is None:
            return {}
        participants = self.state.calls_by_id[chat.call_id].participants
        return {"call_active": True, **({"call_not_empty": True} if participants else {})}
