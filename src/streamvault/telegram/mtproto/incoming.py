"""Checks each message that arrives (core.telegram.org/mtproto/security_guidelines) and delivers the answers.

Replaces Kurigram's Session.handle_packet, without its thread switches and waits.
"""

import bisect
import logging
from typing import Any

from pyrogram import raw
from pyrogram.errors import SecurityCheckMismatch
from pyrogram.raw.core import FutureSalts, MsgContainer
from pyrogram.session import Session

from streamvault.telegram.mtproto.encryption import unpack

log = logging.getLogger(__name__)

_MAX_AHEAD, _MAX_BEHIND = 30, 300  # seconds between a msg_id's time and Telegram's
_BAD = (raw.types.BadMsgNotification, raw.types.BadServerSalt)
_DETAILED = (raw.types.MsgDetailedInfo, raw.types.MsgNewDetailedInfo)


def handle_packet(session: Session, packet: memoryview) -> list[Any]:
    """Check a packet, deliver each answer in it to the request that waits for it, and return the updates.

    SecurityError or ValueError: the packet failed the checks. A message whose msg_id was seen before or is out of range
    is ignored; after MAX_CONSECUTIVE_IGNORED of them in a row SecurityError is raised.
    """
    message = unpack(session, packet)
    if not session.client.server_clock.known:
        session.client.server_clock.learn(message.msg_id)  # the check of msg_ids below needs the time
    updates = []
    for one in message.body.messages if isinstance(message.body, MsgContainer) else [message]:
        if one.seq_no == 0 and not session.is_cdn:
            session.client._set_server_time(one.msg_id)
        if one.seq_no % 2:
            if one.msg_id in session.pending_acks:
                continue
            session.pending_acks.add(one.msg_id)
        try:
            _check_msg_id(session, one.msg_id)
        except SecurityCheckMismatch as error:
            log.info("a message is ignored: %s", error)
            session.ignore_count += 1
            if session.ignore_count >= session.MAX_CONSECUTIVE_IGNORED:
                raise
            break
        if not _delivered(session, one.body):
            updates.append(one.body)
    return updates


def _check_msg_id(session: Session, msg_id: int) -> None:
    """Accept each msg_id once, none below all that are remembered, none too far from Telegram's time."""
    seen = session.stored_msg_ids
    if len(seen) > session.STORED_MSG_IDS_MAX_SIZE:
        del seen[: session.STORED_MSG_IDS_MAX_SIZE // 2]
    index = bisect.bisect_left(seen, msg_id)
    if seen:
        if index == 0 and msg_id != seen[0]:
            raise SecurityCheckMismatch("the msg_id is lower than all that are remembered")
        if index < len(seen) and seen[index] == msg_id:
            raise SecurityCheckMismatch("the msg_id has been seen before")
        if not -_MAX_BEHIND <= msg_id / (1 << 32) - session.client.server_time <= _MAX_AHEAD:
            raise SecurityCheckMismatch("the msg_id is too far from the server's time")
        session.ignore_count = 0
    seen.insert(index, msg_id)


def _delivered(session: Session, body: Any) -> bool:
    """Handle an answer or a service message; False if the message is an update."""
    if isinstance(body, _DETAILED):
        session.pending_acks.add(body.answer_msg_id)
        return True
    if isinstance(body, raw.types.NewSessionCreated):
        return True
    if isinstance(body, _BAD):
        req_msg_id = body.bad_msg_id
    elif isinstance(body, FutureSalts | raw.types.RpcResult):
        req_msg_id = body.req_msg_id
    elif isinstance(body, raw.types.Pong):
        req_msg_id = body.msg_id
    else:
        return isinstance(body, raw.types.MsgsAck)
    result = session.results.get(req_msg_id)
    if result is not None:
        result.value = getattr(body, "result", body)
        result.event.set()
    return True
