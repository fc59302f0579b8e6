"""Checks a decrypted message in Telegram's order, then serves it (service messages) or starts a call with it.

Source: core.telegram.org/mtproto/description and core.telegram.org/mtproto/service_messages_about_messages.
"""

from dataclasses import dataclass
from typing import Protocol

from pyrogram import raw

from tgemulator.mtproto import service_messages
from tgemulator.mtproto.session import MtprotoSession
from tgemulator.wire import tl
from tgemulator.wire.checks import Bad, check_parity, check_time
from tgemulator.wire.container import Message, split
from tgemulator.wire.messages import Envelope


class Connection(service_messages.Connection, Protocol):
    """A connection as the receiver uses it."""

    def rejected(self, why: str) -> None:
        """Count a message that a correct client does not send."""
        ...

    def call(self, session: MtprotoSession, message: Message) -> None:
        """Start answering a request."""
        ...


@dataclass(frozen=True, slots=True)
class Receiver:
    """Receives the messages of one session on one connection."""

    session: MtprotoSession
    connection: Connection

    def receive(self, envelope: Envelope) -> None:
        """Check a decrypted message and act on it."""
        message = Message(envelope.msg_id, envelope.seq_no, envelope.body)
        is_container = tl.constructor(envelope.body) == tl.MSG_CONTAINER
        bad = check_time(message.msg_id, self.connection.now()) or self.session.window.check_id(message.msg_id)
        if bad is None and not self._salt_is_good(envelope.salt):
            bad = Bad.SALT
        if bad is None and is_container:
            bad = self._check_container(message)
        if bad is not None:
            self._reject(message, bad)
            return
        self._announce(message)
        if is_container:
            self._split(message)
        else:
            self._handle(message)

    def _salt_is_good(self, salt: int) -> bool:
        schedule = self.session.key.salts(self.connection.salt_lifetime)
        return schedule.accepts(salt, self.connection.now())

    def _check_container(self, message: Message) -> Bad | None:
        if message.msg_id in self.session.window:
            return Bad.CONTAINER_DUPLICATE
        return check_parity(message.seq_no, content=False) or self.session.window.check_seqno(
            message.msg_id, message.seq_no
        )

    def _announce(self, message: Message) -> None:
        """Send new_session_created, once per session."""
        if self.session.announced:
            return
        self.session.announced = True
        now = self.connection.now()
        salt = self.session.key.salts(self.connection.salt_lifetime).current(now)
        created = raw.types.NewSessionCreated(
            first_msg_id=message.msg_id, unique_id=self.session.unique_id, server_salt=salt
        )
        self.session.send_object(created, now=now)

    def _reject(self, message: Message, bad: Bad) -> None:
        """bad_msg_notification, or bad_server_salt with the right one."""
        now = self.connection.now()
        self.connection.rejected(bad.name.lower())
        details = {"bad_msg_id": message.msg_id, "bad_msg_seqno": message.seq_no, "error_code": int(bad)}
        if bad is Bad.SALT:
            salt = self.session.key.salts(self.connection.salt_lifetime).current(now)
            notice = raw.types.BadServerSalt(**details, new_server_salt=salt)
        else:
            notice = raw.types.BadMsgNotification(**details)
        self.session.send_object(notice, now=now, content=False, answers=message.msg_id)

    def _split(self, container: Message) -> None:
        """Handle the messages of a container; they must be older than it and no containers themselves."""
        try:
            messages = split(container.body)
        except tl.TlError:
            self._reject(container, Bad.CONTAINER)
            return
        nested = any(tl.constructor(message.body) == tl.MSG_CONTAINER for message in messages)
        if nested or any(message.msg_id >= container.msg_id for message in messages):
            self._reject(container, Bad.CONTAINER)
            return
        self.session.window.add(container.msg_id, container.seq_no)
        for message in messages:
            bad = Bad.ID_BITS if message.msg_id % 4 else self.session.window.check_id(message.msg_id)
            if bad is None:
                self._handle(message)
            else:
                self._reject(message, bad)

    def _handle(self, message: Message) -> None:
        """Repeat, reject or serve one message that is no container."""
        if message.msg_id in self.session.window:
            self._repeat(message)
            return
        try:
            body = tl.unpack(message.body)
        except tl.TlError:
            body = message.body  # the Answerer refuses it with an rpc_error
        handler = service_messages.HANDLERS.get(tl.constructor(body))
        content = True if handler is None else (False if tl.constructor(body) in service_messages.NOT_CONTENT else None)
        bad = check_parity(message.seq_no, content=content) or self.session.window.check_seqno(
            message.msg_id, message.seq_no
        )
        if bad is not None:
            self._reject(message, bad)
            return
        self.session.window.add(message.msg_id, message.seq_no)
        if handler is None:
            self.connection.call(self.session, Message(message.msg_id, message.seq_no, body))
        else:
            self._serve(Message(message.msg_id, message.seq_no, body))

    def _serve(self, message: Message) -> None:
        try:
            value, _ = tl.read(message.body)
        except tl.TlError:
            self.connection.rejected("service_message")
            body = tl.rpc_error(message.msg_id, code=400, text="INPUT_FETCH_ERROR")
            self.session.send(body, now=self.connection.now(), answers=message.msg_id)
            return
        handler = service_messages.HANDLERS[tl.constructor(message.body)]
        handler(service_messages.ServiceMessage(self.session, self.connection, message.msg_id, value))

    def _repeat(self, message: Message) -> None:
        """A message received before runs no second time: a kept answer is sent again, else the message acknowledged."""
        self.connection.rejected("repeated")
        answer = self.session.outbox.answer_to(message.msg_id)
        if answer is not None:
            self.session.transmit(answer)
        elif message.seq_no % 2:
            ack = raw.types.MsgsAck(msg_ids=[message.msg_id])
            self.session.send_object(ack, now=self.connection.now(), content=False)
