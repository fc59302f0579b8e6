"""One MTProto session: the messages received and sent, and the connection that it uses now.

A session survives its connections. Messages that the client has not acknowledged are kept, within bounds, and sent
again before anything else over the next connection that the session uses.
"""

import asyncio
import os
from typing import Any, Protocol

from pyrogram import raw

from tgemulator.mtproto.auth_key import AuthKey
from tgemulator.wire.checks import Window
from tgemulator.wire.outbox import Outbox, Sent

MAX_UPDATES = 512  # unacknowledged updates; beyond, updatesTooLong tells the client to fetch the difference
RESENT_WHOLE = 64 * 1024  # a larger answer is only announced after a reconnection (msg_detailed_info)
RESENT_FOR = 120.0  # seconds after which clients would find a message too old to accept


class Connection(Protocol):
    """A connection as its sessions use it."""

    def add_session(self, session: "MtprotoSession") -> bool:
        """Note that the session uses the connection; whether for the first time."""
        ...

    def transmit(self, session: "MtprotoSession", sent: Sent) -> None:
        """Encrypt one message and send it."""
        ...

    def now(self) -> float:
        """Unix seconds."""
        ...


class MtprotoSession:
    """`id` is 8 bytes, chosen by the client; `subscribed`: whether updates are pushed to it.

    `announced`: whether new_session_created was sent. `running`, `finished` and `dropped` are the calls of the
    session by msg_id.
    """

    def __init__(self, session_id: bytes, key: AuthKey) -> None:
        self.id = session_id
        self.key = key
        self.window = Window()
        self.outbox = Outbox()
        self.connection: Connection | None = None
        self.subscribed = False
        self.announced = False
        self.unique_id = int.from_bytes(os.urandom(8), "little", signed=True)
        self.running: dict[int, asyncio.Future[bool]] = {}
        self.finished: dict[int, bool] = {}
        self.dropped: set[int] = set()
        self._last_msg_id = 0
        self._content_sent = 0
        self._updates_lost = 0  # msg_id of the updatesTooLong that is not acknowledged yet

    def attach(self, connection: Connection) -> None:
        """Use this connection from now on, and first send again what was not acknowledged."""
        if self.connection is connection:
            return
        self.connection = connection
        if connection.add_session(self):
            self._resend(connection.now())

    def detach(self, connection: Connection) -> None:
        """The connection has closed."""
        if self.connection is connection:
            self.connection = None

    def _resend(self, now: float) -> None:
        oldest = int((now - RESENT_FOR) * (1 << 32))
        for sent in self.outbox.all():
            if sent.msg_id < oldest:
                self.outbox.remove(sent.msg_id)
            elif sent.answers is not None and sent.size > RESENT_WHOLE:
                self.send_object(
                    raw.types.MsgDetailedInfo(
                        msg_id=sent.answers, answer_msg_id=sent.msg_id, bytes=sent.size, status=0
                    ),
                    now=now,
                    content=False,
                )
            else:
                self.transmit(sent)

    def _next(self, now: float, *, content: bool, answering: bool) -> tuple[int, int]:
        """A fresh msg_id (1 modulo 4 for an answer, else 3) and its seqno."""
        msg_id = int(now * (1 << 32)) & ~3
        if msg_id <= self._last_msg_id:
            msg_id = (self._last_msg_id & ~3) + 4
        self._last_msg_id = msg_id = msg_id | (1 if answering else 3)
        seq_no = self._content_sent * 2 + content
        self._content_sent += content
        return msg_id, seq_no

    def send(
        self,
        body: list[bytes],
        *,
        now: float,
        content: bool = True,
        answers: int | None = None,
        update: bool = False,
    ) -> int:
        """Send a serialised object; content-related ones are kept until acknowledged. Returns its msg_id."""
        msg_id, seq_no = self._next(now, content=content, answering=answers is not None)
        sent = Sent(msg_id, seq_no, tuple(body), sum(map(len, body)), answers, update)
        if content:
            self.outbox.add(sent)
        self.transmit(sent)
        return msg_id

    def send_object(self, value: Any, *, now: float, content: bool = True, answers: int | None = None) -> int:
        """send() for a TL object."""
        return self.send([value.write()], now=now, content=content, answers=answers)

    def transmit(self, sent: Sent) -> None:
        """Send a message over the connection, if the session has one."""
        if self.connection is not None:
            self.connection.transmit(self, sent)

    def acknowledged(self, msg_id: int) -> None:
        """The client has acknowledged a message."""
        self.outbox.remove(msg_id)
        if msg_id == self._updates_lost:
            self._updates_lost = 0

    def push(self, updates: bytes, *, now: float) -> None:
        """Send updates; too many unacknowledged ones are replaced by one updatesTooLong."""
        if self._updates_lost and self.outbox.get(self._updates_lost) is not None:
            return
        if self.outbox.updates < MAX_UPDATES:
            self.send([updates], now=now, update=True)
            return
        self.outbox.drop_updates()
        self._updates_lost = self.send_object(raw.types.UpdatesTooLong(), now=now)

    def begin(self, msg_id: int) -> asyncio.Future[bool]:
        """A call starts; the future's result is whether it succeeded."""
        future = self.running[msg_id] = asyncio.get_running_loop().create_future()
        return future

    def finish(self, msg_id: int, *, success: bool) -> None:
        """A call has ended."""
        future = self.running.pop(msg_id, None)
        if future is not None and not future.done():
            future.set_result(success)
        self.finished[msg_id] = success
        if len(self.finished) > 1024:
            del self.finished[next(iter(self.finished))]
