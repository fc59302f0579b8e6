"""What Telegram's updates mean for the catalog: posts, deletions, memberships and titles, as media.events."""

from collections.abc import Mapping
from typing import Any

from pyrogram import raw, utils

from streamvault.media.events import Deleted, Event, Membership, Person, Post, Received, SeenChat
from streamvault.media.model import Origin
from streamvault.telegram import message_media

_POSTS = (raw.types.UpdateNewChannelMessage, raw.types.UpdateEditChannelMessage)
_MEMBERS = (
    raw.types.ChatParticipant,
    raw.types.ChatParticipantAdmin,
    raw.types.ChatParticipantCreator,
    raw.types.ChannelParticipant,
    raw.types.ChannelParticipantSelf,
    raw.types.ChannelParticipantAdmin,
    raw.types.ChannelParticipantCreator,
)


def channel_of(update: Any) -> int | None:
    """The chat_id of the channel whose pts an update counts in; None if it counts in no channel's."""
    if isinstance(update, raw.types.UpdateChannelParticipant):
        return None  # counts in the account's qts
    peer = getattr(getattr(update, "message", None), "peer_id", None)
    number = getattr(peer, "channel_id", None) or getattr(update, "channel_id", None)
    return None if number is None else int(utils.get_channel_id(number))


def events_of(update: Any, *, users: Mapping[int, Any], chats: Mapping[int, Any], me: int) -> tuple[Event, ...]:
    """The events of an update; most updates have none. `me` is the account's own user id."""
    if isinstance(update, _POSTS):
        return posts([update.message], chats=chats)
    if isinstance(update, raw.types.UpdateDeleteChannelMessages):
        return (Deleted(utils.get_channel_id(update.channel_id), tuple(update.messages)),)
    if isinstance(update, raw.types.UpdateChannelParticipant):
        chat, new = seen_channel(update.channel_id, chats), update.new_participant
        return (membership(chat, new, users=users, actor=update.actor_id),) if update.user_id == me else ()
    if isinstance(update, raw.types.UpdateChatParticipant):
        title = getattr(chats.get(update.chat_id), "title", None) or ""
        chat, new = SeenChat(-update.chat_id, title), update.new_participant
        return (membership(chat, new, users=users, actor=update.actor_id),) if update.user_id == me else ()
    if isinstance(update, raw.types.UpdateChannel):
        named = isinstance(chats.get(update.channel_id), raw.types.Channel)
        return (seen_channel(update.channel_id, chats),) if named else ()
    return ()


def received_file(update: Any, *, owners: frozenset[int]) -> tuple[Event, ...]:
    """The event of a private message in which one of `owners` (user ids) has sent a file; none of other updates."""
    message = update.message if isinstance(update, raw.types.UpdateNewMessage) else None
    if not isinstance(message, raw.types.Message) or message.out or not isinstance(message.peer_id, raw.types.PeerUser):
        return ()
    if message.peer_id.user_id not in owners or message_media.describe(message) is None:
        return ()
    return (Received(Origin(message.peer_id.user_id, message.id)),)


def membership(chat: SeenChat, participant: Any, *, users: Mapping[int, Any], actor: int | None = None) -> Membership:
    """What the account is in a chat now: a raw participant object, None for no member. `actor`: who changed that."""
    numbers = (actor, getattr(participant, "inviter_id", None), getattr(participant, "promoted_by", None))
    people = dict.fromkeys(number for number in numbers if number)
    by = tuple(Person(number, _name(users.get(number))) for number in people)
    return Membership(chat, member=_is_member(participant), by=by)


def posts(messages: Any, *, chats: Mapping[int, Any]) -> tuple[Post, ...]:
    """Posts for new or edited messages of channels; a service message holds no file."""
    found = []
    for message in messages:
        if isinstance(message, raw.types.Message | raw.types.MessageService):
            file = message_media.describe(message) if isinstance(message, raw.types.Message) else None
            found.append(Post(seen_channel(message.peer_id.channel_id, chats), message.id, file))
    return tuple(found)


def seen_channel(channel_id: int, chats: Mapping[int, Any]) -> SeenChat:
    """The channel as the update describes it; without a title if it does not."""
    chat = chats.get(channel_id)
    usernames = {getattr(chat, "username", None), *(name.username for name in getattr(chat, "usernames", None) or ())}
    return SeenChat(
        utils.get_channel_id(channel_id), getattr(chat, "title", None) or "", tuple(sorted(filter(None, usernames)))
    )


def _name(user: Any) -> str:
    return " ".join(filter(None, (getattr(user, "first_name", None), getattr(user, "last_name", None))))


def _is_member(participant: Any) -> bool:
    if isinstance(participant, raw.types.ChannelParticipantBanned):
        return not participant.left and not participant.banned_rights.view_messages
    return isinstance(participant, _MEMBERS)
