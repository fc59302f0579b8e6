"""Sends a request that Telegram counts against an account once, even if the connection is lost before the answer.

The same message, under the same msg_id, is sent again over the next connection of the same MTProto session; a server
that has received it before sends the answer that it gave then
(core.telegram.org/mtproto/service_messages_about_messages). The msg_id is stored before the message is sent, so that
the next process can resume the session and send it again as well.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pyrogram import raw
from pyrogram.errors import RPCError
from pyrogram.raw.core import Message
from pyrogram.session.session import Result

from streamvault.errors import SourceUnavailable
from streamvault.telegram.errors import KeyRejected, translated
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.mtproto.encryption import pack
from streamvault.telegram.mtproto.pending import PendingRequest

_MAX_MESSAGE_RATE = 1000  # messages per second; more than any connection sends


def resume_session(connection: Connection, pending: Sequence[PendingRequest]) -> None:
    """Resume the MTProto session in which an earlier process sent `pending`; to be called before the first `open`.

    How many messages that process sent afterwards is unknown, and others may have resumed the session since. The
    sequence numbers of this process therefore begin above the highest that they can have reached.
    """
    newest = max(pending, key=lambda request: request.asked)
    since = max(0.0, time.time() - newest.asked)
    if not connection.client.server_clock.known:  # the first message may be an old answer, whose msg_id is in the past
        connection.client.server_clock.learn(newest.msg_id + int(since * (1 << 32)))
    connection.session_id = newest.session_id
    connection.msg_factory._content_related_messages_sent = newest.seq_no // 2 + int((1 + since) * _MAX_MESSAGE_RATE)
    same_session = (request.msg_id for request in pending if request.session_id == newest.session_id)
    connection.results |= {msg_id: Result() for msg_id in same_session}  # the server sends unacknowledged answers first


async def invoke_once(
    connection: Connection,
    query: Any,
    *,
    timeout: float,
    pending: PendingRequest | None,
    store: Callable[[PendingRequest], Awaitable[None]],
) -> Any:
    """The answer to `query`, waiting at most `timeout` seconds for it and for a lost connection to be opened again.

    `pending`: the message was sent before, in this session. Otherwise `store` is awaited before it is sent. Raises as
    Connection.call does. The owner of the connection has to open it again when it is lost.
    """
    session = connection.session_id
    body = await connection.wrap(query, init=True)
    if pending is None:
        message = await connection.msg_factory.create(body)
        await store(PendingRequest(session, message.msg_id, message.seq_no, time.time()))
    else:
        message = Message(body, pending.msg_id, pending.seq_no, len(body))
    try:
        async with asyncio.timeout(timeout):
            while True:
                result = connection.results.get(message.msg_id)
                if result is None or (result.event.is_set() and result.value is None):
                    result = connection.results[message.msg_id] = Result()  # the next connection may bring the answer
                await connection.is_started.wait()
                if connection.session_id != session:
                    raise SourceUnavailable("a new MTProto session began before the server answered")
                if result.value is None:
                    with contextlib.suppress(OSError):  # the loss of the connection sets the event of every result
                        await connection.transmit(pack(connection, message))
                    await result.event.wait()
                if isinstance(result.value, raw.types.BadServerSalt):
                    connection.salt = result.value.new_server_salt
                    del connection.results[message.msg_id]
                elif result.value is not None:
                    return _checked(connection, query, result.value)
    except TimeoutError as error:
        raise SourceUnavailable("no answer in time") from error
    finally:
        connection.results.pop(message.msg_id, None)


def _checked(connection: Connection, query: Any, answer: Any) -> Any:
    """`answer`, or the error that it stands for, raised."""
    if isinstance(answer, raw.types.BadMsgNotification):
        raise SourceUnavailable(f"the server refused the message (code {answer.error_code})")
    if not isinstance(answer, raw.types.RpcError):
        return answer
    try:
        with translated():
            RPCError.raise_it(answer, type(query))
    except KeyRejected as error:
        connection.lose(error)
        raise
