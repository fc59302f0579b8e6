"""Sends messages: text, files, albums, forwards and copies."""

from collections.abc import Sequence
from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services import compose
from tgemulator.services.access import account, find_message, peer_of, require, user_of
from tgemulator.services.registry import Call, method
from tgemulator.world.commands import start_text
from tgemulator.world.drafts import Draft
from tgemulator.world.model import Channel, Forward, Message, Peer

MOST_ALBUM = 10
MOST_FORWARDS = 100


@method(raw.functions.messages.SendMessage)
async def send_message(call: Call, query: Any) -> Any:
    """messages.sendMessage."""
    peer = peer_of(call, query.peer)
    text = compose.check_text(query.message)
    draft = _draft(call, query, peer=peer, text=text)
    return _send(call, peer, drafts=[draft], random_ids=[query.random_id])


@method(raw.functions.messages.SendMedia)
async def send_media(call: Call, query: Any) -> Any:
    """messages.sendMedia."""
    peer = peer_of(call, query.peer)
    compose.check_may_write(call, peer, count=0)
    caption = compose.check_caption(query.message)
    before = compose.sent_before(call, [query.random_id])  # whose message has used the upload
    if before is not None:
        return before
    draft = _draft(call, query, peer=peer, text=caption, media=query.media)
    return _send(call, peer, drafts=[draft], random_ids=[query.random_id])


@method(raw.functions.messages.UploadMedia)
async def upload_media(call: Call, query: Any) -> Any:
    """messages.uploadMedia: a file that is sent later, for example by sendMultiMedia."""
    peer_of(call, query.peer)
    file = compose.stored_file(call, query.media)
    return call.server.files.media_for(file, account_id=account(call).id, origin=("upload", file.id))


@method(raw.functions.messages.SendMultiMedia)
async def send_multi_media(call: Call, query: Any) -> Any:
    """messages.sendMultiMedia: an album of files that are uploaded already."""
    peer = peer_of(call, query.peer)
    compose.check_schedule(call, query.schedule_date)
    require(bool(query.multi_media), "MEDIA_EMPTY")
    require(len(query.multi_media) <= MOST_ALBUM, "MULTI_MEDIA_TOO_LONG")
    grouped_id = call.server.world.new_group_id()
    reply_to = compose.reply_id(call, peer, reply_to=query.reply_to)
    drafts = []
    for item in query.multi_media:
        stored = isinstance(item.media, raw.types.InputMediaPhoto | raw.types.InputMediaDocument)
        require(stored, "MEDIA_INVALID")
        text = compose.check_caption(item.message)
        drafts.append(
            Draft(
                text=text,
                file=compose.stored_file(call, item.media),
                entities=compose.check_entities(text, item.entities),
                grouped_id=grouped_id if len(query.multi_media) > 1 else None,
                reply_to=reply_to,
                silent=bool(query.silent),
            )
        )
    require(len({compose.album_kind(draft.file) for draft in drafts}) == 1, "MEDIA_INVALID")
    return _send(call, peer, drafts=drafts, random_ids=[item.random_id for item in query.multi_media])


@method(raw.functions.messages.ForwardMessages)
async def forward_messages(call: Call, query: Any) -> Any:
    """messages.forwardMessages; with drop_author it copies."""
    source, target = peer_of(call, query.from_peer), peer_of(call, query.to_peer)
    compose.check_schedule(call, query.schedule_date)
    require(bool(query.id), "MESSAGE_IDS_EMPTY")
    require(len(query.id) == len(query.random_id), "RANDOM_ID_INVALID")
    require(len(query.id) <= MOST_FORWARDS, "MESSAGE_IDS_INVALID")
    chat = call.server.world.chats.get(source[1]) if source[0] != "user" else None
    require(chat is None or not chat.noforwards, "CHAT_FORWARDS_RESTRICTED")
    pairs = [
        (message, random_id)
        for number, random_id in zip(query.id, query.random_id, strict=True)
        if (message := find_message(call, source, number=number)) is not None and not message.deleted
    ]
    require(bool(pairs), "MESSAGE_ID_INVALID")
    require(not any(message.noforwards for message, _ in pairs), "CHAT_FORWARDS_RESTRICTED")
    require(all(_may_be_copied(message) for message, _ in pairs), "MESSAGE_ID_INVALID")
    groups: dict[int, int] = {}
    for message, _ in pairs:
        if message.grouped_id is not None:
            groups.setdefault(message.grouped_id, call.server.world.new_group_id())
    drafts = [_forward(call, message, query=query, groups=groups) for message, _ in pairs]
    return _send(call, target, drafts=drafts, random_ids=[random_id for _, random_id in pairs])


@method(raw.functions.messages.StartBot, bots=False)
async def start_bot(call: Call, query: Any) -> Any:
    """messages.startBot: "/start parameter" to a bot. RpcError 400 BOT_INVALID, START_PARAM_INVALID."""
    bot = user_of(call, query.bot, error="BOT_INVALID")
    require(bot.is_bot, "BOT_INVALID")
    text = start_text(query.start_param)
    draft = Draft(text=text, entities=compose.check_entities(text, None))
    return _send(call, ("user", bot.id), drafts=[draft], random_ids=[query.random_id])


def _draft(call: Call, query: Any, *, peer: Peer, text: str, media: Any = None) -> Draft:
    """The Draft of sendMessage or sendMedia."""
    compose.check_schedule(call, query.schedule_date)
    return Draft(
        text=text,
        entities=compose.check_entities(text, query.entities),
        reply_markup=compose.check_keyboard(call, query.reply_markup),
        reply_to=compose.reply_id(call, peer, reply_to=query.reply_to),
        silent=bool(query.silent),
        file=compose.stored_file(call, media) if media is not None else None,
    )


def _may_be_copied(message: Message) -> bool:
    """Service messages, paid media, and what can be seen once cannot; nor can a quiz, whose answer is not known."""
    quiz = isinstance(message.other, raw.types.MessageMediaPoll) and bool(message.other.poll.quiz)
    odd = isinstance(message.other, raw.types.MessageMediaInvoice | raw.types.MessageMediaGiveaway)
    return message.action is None and message.paid is None and message.view_once is None and not quiz and not odd


def _forward(call: Call, message: Message, *, query: Any, groups: dict[int, int]) -> Draft:
    """The Draft of a forwarded message, without its origin if drop_author is set."""
    without_text = bool(query.drop_media_captions) and message.file is not None
    return Draft(
        text="" if without_text else message.text,
        entities=() if without_text else list(message.entities),
        file=message.file,
        grouped_id=groups.get(message.grouped_id or 0),
        other=message.other,
        silent=bool(query.silent),
        forward=None if query.drop_author else _forward_of(call, message),
    )


def _forward_of(call: Call, message: Message) -> Forward:
    """The header of a message when it is forwarded: its original sender or channel, message id and date."""
    known = message.forward or Forward()
    origin, post = (known.origin, known.post) if known.origin is not None else _origin(call, message)
    return Forward(origin, post=post, date=known.date or message.date)


def _origin(call: Call, message: Message) -> tuple[Peer, int | None]:
    """The sender of a message that was not forwarded; for a post, its channel and message id."""
    chat = call.server.world.chats.get(message.peer[1]) if message.peer[0] == "channel" else None
    if isinstance(chat, Channel) and (message.sender_id is None or not chat.megagroup):
        return chat.peer, message.id
    assert message.sender_id is not None
    return ("user", message.sender_id), None


def _send(call: Call, peer: Peer, *, drafts: Sequence[Draft], random_ids: list[int]) -> Any:
    """Deliver, and return the updates for the sender's own client."""
    compose.check_may_write(call, peer, count=len(drafts))
    before = compose.sent_before(call, random_ids)
    if before is not None:
        return before
    delivered = call.server.world.delivery.send(account(call), peer, drafts=drafts, session=call.session)
    if not delivered:
        raise RpcError(400, "MESSAGE_EMPTY")
    compose.remember_sent(call, delivered, random_ids=random_ids)
    return compose.sent_updates(call, delivered, random_ids=random_ids)
