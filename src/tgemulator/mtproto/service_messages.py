"""Service messages: those that MTProto itself defines and answers, not the API.

Source: core.telegram.org/mtproto/service_messages and service_messages_about_messages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pyrogram import raw
from pyrogram.raw.core import Bytes, FutureSalt, FutureSalts

from tgemulator.mtproto.keys import KeyStore
from tgemulator.mtproto.session import MtprotoSession

_ACKNOWLEDGED, _NEEDS_NO_ACK, _RUNNING, _ANSWERED = 8, 16, 32, 64


class Connection(Protocol):
    """A connection as service messages use it; `salt_lifetime` in seconds."""

    @property
    def keys(self) -> KeyStore: ...

    @property
    def salt_lifetime(self) -> float: ...

    def now(self) -> float: ...

    def disconnect_after(self, seconds: int) -> None: ...


@dataclass(frozen=True, slots=True)
class ServiceMessage:
    """A service message with the session and connection that it came over; `value` is its TL object."""

    session: MtprotoSession
    connection: Connection
    msg_id: int
    value: Any

    def reply(self, value: Any, *, content: bool = True) -> None:
        """Answer with a TL object; `content`: whether the client has to acknowledge it."""
        self.session.send_object(value, now=self.connection.now(), content=content, answers=self.msg_id)


def _ping(message: ServiceMessage) -> None:
    message.reply(raw.types.Pong(msg_id=message.msg_id, ping_id=message.value.ping_id), content=False)


def _ping_delay_disconnect(message: ServiceMessage) -> None:
    message.connection.disconnect_after(message.value.disconnect_delay)
    _ping(message)


def _future_salts(message: ServiceMessage) -> None:
    now = message.connection.now()
    schedule = message.session.key.salts(message.connection.salt_lifetime)
    salts = [FutureSalt(salt.since, salt.until, salt.value) for salt in schedule.future(message.value.num, now)]
    message.reply(FutureSalts(message.msg_id, int(now), salts))


def _acknowledge(message: ServiceMessage) -> None:
    for msg_id in message.value.msg_ids:
        message.session.acknowledged(msg_id)


def _state(session: MtprotoSession, msg_id: int) -> int:
    """One byte of msgs_state_info about a message that the client sent."""
    state = session.window.state(msg_id)
    if state != 4:
        return state
    if msg_id in session.running:
        return state | _ACKNOWLEDGED | _RUNNING
    if session.outbox.answer_to(msg_id) is not None or msg_id in session.finished:
        return state | _ACKNOWLEDGED | _ANSWERED
    return state | _NEEDS_NO_ACK


def _state_request(message: ServiceMessage) -> None:
    info = bytes(_state(message.session, msg_id) for msg_id in message.value.msg_ids)
    # written by hand: `info` is a string of bytes, which pyrogram would encode as UTF-8
    head = raw.types.MsgsStateInfo(req_msg_id=message.msg_id, info="").write()[:12]
    now = message.connection.now()
    message.session.send([head, bytes(Bytes(info))], now=now, content=False, answers=message.msg_id)


def _resend(message: ServiceMessage) -> None:
    found = [message.session.outbox.get(msg_id) for msg_id in message.value.msg_ids]
    for sent in found:
        if sent is not None:
            message.session.transmit(sent)
    if None in found:
        _state_request(message)


def _resend_answers(message: ServiceMessage) -> None:
    for msg_id in message.value.msg_ids:
        sent = message.session.outbox.answer_to(msg_id)
        if sent is not None:
            message.session.transmit(sent)


def _drop_answer(message: ServiceMessage) -> None:
    session, query = message.session, message.value.req_msg_id
    sent = session.outbox.answer_to(query)
    answer: Any = raw.types.RpcAnswerUnknown()
    if query in session.running:
        session.dropped.add(query)
        answer = raw.types.RpcAnswerDroppedRunning()
    elif sent is not None:
        session.outbox.remove(sent.msg_id)
        answer = raw.types.RpcAnswerDropped(msg_id=sent.msg_id, seq_no=sent.seq_no, bytes=sent.size)
    message.reply(raw.types.RpcResult(req_msg_id=message.msg_id, result=answer))


def _destroy_session(message: ServiceMessage) -> None:
    session_id = message.value.session_id
    keys, key = message.connection.keys, message.session.key
    found = keys.destroy_session(key, session_id.to_bytes(8, "little", signed=True))
    answer = raw.types.DestroySessionOk if found else raw.types.DestroySessionNone
    message.reply(answer(session_id=session_id))


def _destroy_auth_key(message: ServiceMessage) -> None:
    message.reply(raw.types.DestroyAuthKeyOk())
    message.connection.keys.revoke(message.session.key)


def _nothing(_: ServiceMessage) -> None:
    """Needs no answer: it only informs, or asks for what TCP does already."""


HANDLERS: dict[int, Callable[[ServiceMessage], None]] = {
    raw.functions.Ping.ID: _ping,
    raw.functions.PingDelayDisconnect.ID: _ping_delay_disconnect,
    raw.functions.GetFutureSalts.ID: _future_salts,
    raw.functions.RpcDropAnswer.ID: _drop_answer,
    raw.functions.DestroySession.ID: _destroy_session,
    raw.functions.DestroyAuthKey.ID: _destroy_auth_key,
    raw.types.MsgsAck.ID: _acknowledge,
    raw.types.MsgsStateReq.ID: _state_request,
    raw.types.MsgResendReq.ID: _resend,
    raw.types.MsgResendAnsReq.ID: _resend_answers,
    raw.types.MsgsStateInfo.ID: _nothing,
    raw.types.MsgsAllInfo.ID: _nothing,
    raw.types.HttpWait.ID: _nothing,
}

# msg_ids that must be even: core.telegram.org/mtproto/description#message-sequence-number-msg-seqno
NOT_CONTENT = frozenset({raw.types.MsgsAck.ID, raw.types.HttpWait.ID})
