"""What becomes of each message that arrives: checked (core.telegram.org/mtproto/security_guidelines), then sorted.

As Kurigram's Session.handle_packet, without its changes of threads and its waiting.
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

_AHEAD, _BEHIND = 30, 300
_BAD = (raw.types.BadMsgNotification, raw.types.BadServerSalt)
_DETAILED = (raw.types.MsgDetailedInfo, raw.types.MsgNewDetailedInfo)


def handle_packet(session: Session, packet: memoryview) -> list[Any]:
    """Check a packet and hand each answer in it to the request that waits; what is left are updates.

    SecurityError or ValueError: the packet fails the checks. A message that was seen before, or comes from another
    time, is passed over; after too many of them in a row it is a SecurityError too.
    """
    message = unpack(session, packet)
    if not session.client.server_clock.known:
        session.client.server_clock.learn(message.msg_id)  # it is checked by that clock
    updates = []
    for one in message.body.messages if isinstance(message.body, MsgContainer) else [message]:
        if one.seq_no == 0 and not session.is_cdn:
            session.client._set_server_time(one.msg_id)
        if one.seq_no % 2:
            if one.msg_id in session.pending_acks:
                continue
            session.pending_acks.add(one.msg_id)
        try:
            _check_number(session, one.msg_id)
        except SecurityCheckMismatch as error:
            log.info("a message is passed over: %s", error)
            session.ignore_count += 1
            if session.ignore_count >= session.MAX_CONSECUTIVE_IGNORED:
                raise
            break
        if not _settled(session, one.body):
            updates.append(one.body)
    return updates


def _check_number(session: Session, msg_id: int) -> None:
    """Each number once, none below all that are remembered, none from another time."""
    seen = session.stored_msg_ids
    if len(seen) > session.STORED_MSG_IDS_MAX_SIZE:
        del seen[: session.STORED_MSG_IDS_MAX_SIZE // 2]
    place = bisect.bisect_left(seen, msg_id)
    if seen:
        if place == 0 and msg_id != seen[0]:
            raise SecurityCheckMismatch("the message number is lower than all that are remembered")
        if place < len(seen) and seen[place] == msg_id:
            raise SecurityCheckMismatch("the message number has been seen before")
        if not -_BEHIND <= msg_id / (1 << 32) - session.client.server_time <= _AHEAD:
            raise SecurityCheckMismatch("the message number belongs to another time")
        session.ignore_count = 0
    seen.insert(place, msg_id)


def _settled(session: Session, body: Any) -> bool:
    """Whether a message is an answer, or about messages; False for updates."""
    if isinstance(body, _DETAILED):
        session.pending_acks.add(body.answer_msg_id)
        return True
    if isinstance(body, raw.types.NewSessionCreated):
        return True
    if isinstance(body, _BAD):
        about = body.bad_msg_id
    elif isinstance(body, FutureSalts | raw.types.RpcResult):
        about = body.req_msg_id
    elif isinstance(body, raw.types.Pong):
        about = body.msg_id
    else:
        return isinstance(body, raw.types.MsgsAck)
    waiting = session.results.get(about)
    if waiting is not None:
        waiting.value = getattr(body, "result", body)
        waiting.event.set()
    return True
