"""Pages of a chat's history, search in it, and the list of chats: for users only, not for bots."""

from collections.abc import Callable, Iterable
from typing import Any

from pyrogram import raw

from tgemulator.services.access import account, find_message, peer_of, view_for
from tgemulator.services.registry import Call, method
from tgemulator.world.model import Channel, Message, Peer, User
from tgemulator.world.view import View
from tgemulator.world.world import World

MOST = 100


@method(raw.functions.messages.GetHistory, bots=False)
async def get_history(call: Call, query: Any) -> Any:
    """messages.getHistory, newest first (core.telegram.org/api/offsets)."""
    peer = peer_of(call, query.peer)
    messages = [message for message in _history(call, peer) if not message.deleted]
    if query.offset_date:
        messages = [message for message in messages if message.date < query.offset_date]
    if call.server.faults.answers_nothing(call, "messages.getHistory", query):
        messages = []
    return _page(call, peer, messages=messages, query=query)


@method(raw.functions.messages.Search, bots=False)
async def search(call: Call, query: Any) -> Any:
    """messages.search: by text (in message or file name) and by kind of media."""
    peer, text = peer_of(call, query.peer), query.q.lower()
    fits = _FILTERS.get(type(query.filter), _nothing)
    messages = [
        message
        for message in _history(call, peer)
        if not message.deleted
        and message.action is None
        and fits(message)
        and text in f"{message.text} {message.file.name if message.file else ''}".lower()
        and (not query.min_date or message.date > query.min_date)
        and (not query.max_date or message.date < query.max_date)
    ]
    return _page(call, peer, messages=messages, query=query)


@method(raw.functions.messages.GetDialogs, bots=False)
async def get_dialogs(call: Call, query: Any) -> Any:
    """messages.getDialogs: the chats of an account, the one with the newest message first."""
    user, view = account(call), view_for(call)
    newest = _newest(call.server.world, user)
    ordered = sorted(newest.items(), key=lambda item: (item[1].date, item[1].id), reverse=True)
    if query.offset_date:
        ordered = [item for item in ordered if (item[1].date, item[1].id) < (query.offset_date, query.offset_id)]
    page = ordered[: max(1, min(query.limit, MOST))]
    answer = {
        "dialogs": [dialog(view, peer, top=message) for peer, message in page],
        "messages": view.messages([message for _, message in page]),
        "chats": list(view.chats.values()),
        "users": list(view.users.values()),
    }
    if len(page) == len(newest):
        return raw.types.messages.Dialogs(**answer)
    return raw.types.messages.DialogsSlice(count=len(newest), **answer)


@method(raw.functions.messages.GetPeerDialogs, bots=False)
async def get_peer_dialogs(call: Call, query: Any) -> Any:
    """messages.getPeerDialogs."""
    world, user, view = call.server.world, account(call), view_for(call)
    newest = _newest(world, user)
    peers = [peer_of(call, item.peer) for item in query.peers if isinstance(item, raw.types.InputDialogPeer)]
    found = [(peer, newest[peer]) for peer in peers if peer in newest]
    mailbox = world.mailbox(user.id)
    return raw.types.messages.PeerDialogs(
        dialogs=[dialog(view, peer, top=message) for peer, message in found],
        messages=view.messages([message for _, message in found]),
        chats=list(view.chats.values()),
        users=list(view.users.values()),
        state=raw.types.updates.State(
            pts=mailbox.journal.pts, qts=mailbox.events.pts, date=world.now(), seq=1, unread_count=0
        ),
    )


def dialog(view: View, peer: Peer, *, top: Message | None) -> Any:
    """raw.types.Dialog of one chat for the viewer, with the channel's pts where it has one."""
    mailbox = view.state.mailbox(view.viewer.id)
    channel = view.state.channel(peer[1]) if peer[0] == "channel" else None
    last = top.id if top is not None else 0
    source = channel.messages if channel else mailbox.messages
    read = mailbox.read.get(peer, 0)
    unread = sum(
        1
        for number, message in source.items()
        if number > read and message.peer == peer and not message.deleted and message.sender_id != view.viewer.id
    )
    return raw.types.Dialog(
        peer=view.peer(peer),
        top_message=last,
        read_inbox_max_id=read,
        read_outbox_max_id=last,
        unread_count=unread,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        notify_settings=raw.types.PeerNotifySettings(),
        pts=channel.journal.pts if channel else None,
    )


def _newest(world: World, user: User) -> dict[Peer, Message]:
    """The newest message of each chat that the account has."""
    found: dict[Peer, Message] = {}
    for message in world.mailbox(user.id).messages.values():
        if not message.deleted:
            found[message.peer] = message
    for chat in world.chats.values():
        if isinstance(chat, Channel) and user.id in chat.members:
            last = next((item for item in reversed(chat.messages.values()) if not item.deleted), None)
            if last is not None:
                found[chat.peer] = last
    return found


def _history(call: Call, peer: Peer) -> Iterable[Message]:
    """The messages of a chat that the caller may see, newest first."""
    world = call.server.world
    source = world.channel(peer[1]).messages if peer[0] == "channel" else world.mailbox(account(call).id).messages
    for number in reversed(source):
        message = find_message(call, peer, number=number)
        if message is not None:
            yield message


def _page(call: Call, peer: Peer, *, messages: list[Message], query: Any) -> Any:
    """The part of a list (newest first) that offset_id, add_offset, limit, max_id and min_id choose."""
    start = 0
    if query.offset_id:
        start = next((at for at, message in enumerate(messages) if message.id < query.offset_id), len(messages))
    start += query.add_offset
    stop = start + max(0, min(query.limit, MOST))
    page = [
        message
        for message in messages[max(0, start) : max(0, stop)]
        if (not query.max_id or message.id < query.max_id) and (not query.min_id or message.id > query.min_id)
    ]
    view = view_for(call)
    view.peer(peer)
    answer = {
        "messages": view.messages(page),
        "topics": [],
        "chats": list(view.chats.values()),
        "users": list(view.users.values()),
    }
    if peer[0] == "channel":
        pts = call.server.world.channel(peer[1]).journal.pts
        return raw.types.messages.ChannelMessages(pts=pts, count=len(messages), **answer)
    if len(page) == len(messages):
        return raw.types.messages.Messages(**answer)
    return raw.types.messages.MessagesSlice(count=len(messages), **answer)


def _attribute(message: Message, kind: Any) -> Any:
    """The first attribute of that kind of a message's document."""
    attributes = message.file.attributes if message.file is not None and message.file.kind == "document" else []
    return next((item for item in attributes if isinstance(item, kind)), None)


def _nothing(message: Message) -> bool:
    """For filters of media that the emulator does not have."""
    return False


def _is_photo(message: Message) -> bool:
    return message.file is not None and message.file.kind == "photo"


def _is_gif(message: Message) -> bool:
    return _attribute(message, raw.types.DocumentAttributeAnimated) is not None


def _is_video(message: Message) -> bool:
    video = _attribute(message, raw.types.DocumentAttributeVideo)
    return video is not None and not video.round_message and not _is_gif(message)


def _is_round(message: Message) -> bool:
    video = _attribute(message, raw.types.DocumentAttributeVideo)
    return video is not None and bool(video.round_message)


def _is_audio(message: Message, *, voice: bool) -> bool:
    audio = _attribute(message, raw.types.DocumentAttributeAudio)
    return audio is not None and bool(audio.voice) == voice


def _is_document(message: Message) -> bool:
    special = (raw.types.DocumentAttributeVideo, raw.types.DocumentAttributeAudio, raw.types.DocumentAttributeSticker)
    is_document = message.file is not None and message.file.kind == "document"
    return is_document and not _is_gif(message) and _attribute(message, special) is None


_FILTERS: dict[type[Any], Callable[[Message], bool]] = {
    raw.types.InputMessagesFilterEmpty: lambda message: True,
    raw.types.InputMessagesFilterPhotos: _is_photo,
    raw.types.InputMessagesFilterVideo: _is_video,
    raw.types.InputMessagesFilterPhotoVideo: lambda message: _is_photo(message) or _is_video(message),
    raw.types.InputMessagesFilterDocument: _is_document,
    raw.types.InputMessagesFilterGif: _is_gif,
    raw.types.InputMessagesFilterMusic: lambda message: _is_audio(message, voice=False),
    raw.types.InputMessagesFilterVoice: lambda message: _is_audio(message, voice=True),
    raw.types.InputMessagesFilterRoundVideo: _is_round,
    raw.types.InputMessagesFilterRoundVoice: lambda message: _is_round(message) or _is_audio(message, voice=True),
    raw.types.InputMessagesFilterUrl: lambda message: "://" in message.text,
}
