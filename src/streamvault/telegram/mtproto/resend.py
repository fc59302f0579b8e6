"""Requests that Telegram counts against an account: asked once, even if the connection breaks before the answer comes.

The same message, under the same number, goes out again over the next connection of the same MTProto session; a server
that has seen it sends the answer that it gave (core.telegram.org/mtproto/service_messages_about_messages). Its number
is written down before it is sent, so that this holds for the next process, too, which takes the session up.
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

_FASTEST = 1000  # messages a second that a connection never reaches


def take_up(link: Connection, questions: Sequence[PendingRequest]) -> None:
    """Before its first opening: go on with the session in which an earlier process asked these.

    What it has sent since is not known, nor who else took the session up: the numbers of this process begin above what
    all of them can have reached by now.
    """
    newest = max(questions, key=lambda question: question.asked)
    since = max(0.0, time.time() - newest.asked)
    if not link.client.server_clock.known:  # what comes first may be an answer of that time, whose number tells none
        link.client.server_clock.learn(newest.msg_id + int(since * (1 << 32)))
    link.session_id = newest.session_id
    link.msg_factory._content_related_messages_sent = newest.seq_no // 2 + int((1 + since) * _FASTEST)
    same = (question.msg_id for question in questions if question.session_id == newest.session_id)
    link.results |= {msg_id: Result() for msg_id in same}  # what is not acknowledged comes first of all


async def invoke_once(
    link: Connection,
    query: Any,
    *,
    timeout: float,
    asked: PendingRequest | None,
    asking: Callable[[PendingRequest], Awaitable[None]],
) -> Any:
    """The answer to `query`, waiting at most `timeout` seconds for it, and for lost connections to come back.

    `asked`: the message was sent before, in this session. Else `asking` is told before it is. Raises as Connection.call
    does. The link must be one that its owner opens again.
    """
    session = link.session_id
    body = await link.wrapped(query, introduce=True)
    if asked is None:
        message = await link.msg_factory.create(body)
        await asking(PendingRequest(session, message.msg_id, message.seq_no, time.time()))
    else:
        message = Message(body, asked.msg_id, asked.seq_no, len(body))
    try:
        async with asyncio.timeout(timeout):
            while True:
                waiting = link.results.get(message.msg_id)
                if waiting is None or (waiting.event.is_set() and waiting.value is None):
                    waiting = link.results[message.msg_id] = Result()  # an answer may come with the new connection
                await link.is_started.wait()
                if link.session_id != session:
                    raise SourceUnavailable("the server took up a new session before it had answered")
                if waiting.value is None:
                    with contextlib.suppress(OSError):  # everybody who waits on the link is woken by its loss
                        await link.transmit(pack(link, message))
                    await waiting.event.wait()
                if isinstance(waiting.value, raw.types.BadServerSalt):
                    link.salt = waiting.value.new_server_salt
                    del link.results[message.msg_id]
                elif waiting.value is not None:
                    return _checked(link, query, waiting.value)
    except TimeoutError as error:
        raise SourceUnavailable("no answer in time") from error
    finally:
        link.results.pop(message.msg_id, None)


def _checked(link: Connection, query: Any, answer: Any) -> Any:
    """The answer, or the error that it is."""
    if isinstance(answer, raw.types.BadMsgNotification):
        raise SourceUnavailable(f"the server refused the message (code {answer.error_code})")
    if not isinstance(answer, raw.types.RpcError):
        return answer
    try:
        with translated():
            RPCError.raise_it(answer, type(query))
    except KeyRejected as error:
        link.lose(error)
        raise
