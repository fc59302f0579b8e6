"""Unwraps a request, applies the checks that hold for all methods, and calls the handler."""

import asyncio
import logging
from typing import Any

from pyrogram.raw.all import layer as LAYER

from tgemulator.errors import RpcError, TransportError
from tgemulator.faults.registry import DropConnection
from tgemulator.mtproto.calls import Connection
from tgemulator.mtproto.key_ownership import KeyOwnership, is_main
from tgemulator.mtproto.session import MtprotoSession
from tgemulator.services.registry import METHODS, Answer, Call, Method, Server
from tgemulator.wire import tl
from tgemulator.wire.container import Message
from tgemulator.wire.query import Query, unwrap

log = logging.getLogger(__name__)

ORDER_TIMEOUT = 30.0  # seconds that invokeAfterMsg waits for its predecessor


class Dispatcher:
    """Answers the requests of all connections; implements mtproto.calls.Answerer."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ownership = KeyOwnership(server.keys)

    async def answer(
        self, session: MtprotoSession, connection: Connection, *, message: Message
    ) -> tuple[list[bytes], bool]:
        """rpc_result in pieces, and whether it is a result and no rpc_error. See mtproto.calls.Answerer."""
        call = Call(
            server=self._server,
            dc_id=connection.dc_id,
            media_only=connection.media_only,
            key=session.key,
            session=session,
            msg_id=message.msg_id,
            connection=connection,
        )
        try:
            return tl.rpc_result(message.msg_id, await self._result(call, message.body)), True
        except RpcError as error:
            code, text = error.code, error.text
        except (TransportError, DropConnection):
            raise
        except Exception:  # a bug in a handler is an rpc_error for the client and a traceback in the log
            log.exception("%s failed", call.name or "a request")
            code, text = 500, "INTERNAL"
        self._server.counters.add("errors", code=code, text=text, method=call.name)
        return tl.rpc_error(message.msg_id, code=code, text=text), False

    async def _result(self, call: Call, body: bytes) -> Answer:
        """The result of a serialised request; RpcError for everything that Telegram refuses."""
        try:
            query = unwrap(body)
        except tl.TlError as error:
            raise RpcError(400, "INPUT_FETCH_ERROR") from error
        await _in_order(call, query)
        _initialise(call, query)
        found = METHODS.get(query.id)
        if found is None:
            raise _unknown(call, query)
        call.name = found.name
        self._server.counters.add("calls", method=found.name, user=call.key.user_id or 0)
        _check_address(call, found, query=query)
        _check_account(call, found)
        parsed = _parse(query.body)
        await self._server.faults.before_call(call, found.name, parsed)
        self._ownership.claim(call.key, call.session, call.connection, method=found.name)
        if _subscribes(call):
            call.session.subscribed = True
        try:
            return await found.handler(call, parsed)
        finally:
            self._server.faults.after_call(call, found.name, parsed)


def _subscribes(call: Call) -> bool:
    """Whether the call subscribes its session to updates: all do but upload.* and those in invokeWithoutUpdates."""
    return not (call.name.startswith("upload.") or call.without_updates or call.media_only or call.connection.cdn)


async def _in_order(call: Call, query: Query) -> None:
    """invokeAfterMsg: wait until earlier calls of this session have ended; fail if one of them failed."""
    for msg_id in query.after:
        future = call.session.running.get(msg_id)
        success = call.session.finished.get(msg_id, True)
        if future is not None and msg_id != call.msg_id:
            try:
                async with asyncio.timeout(ORDER_TIMEOUT):
                    success = await asyncio.shield(future)
            except TimeoutError:
                raise RpcError(400, "MSG_WAIT_TIMEOUT") from None
        if not success:
            raise RpcError(400, "MSG_WAIT_FAILED")


def _initialise(call: Call, query: Query) -> None:
    """Remember layer and application per auth key, so that only its first call has to give them."""
    if query.layer is not None and not 0 < query.layer <= LAYER:
        raise RpcError(400, "CONNECTION_LAYER_INVALID")
    if query.api_id is not None:
        if query.api_id <= 0:
            raise RpcError(400, "CONNECTION_API_ID_INVALID")
        call.key.initialise(layer=query.layer or call.key.layer or LAYER, api_id=query.api_id)
    if call.key.layer is None and not call.connection.cdn:
        raise RpcError(400, "CONNECTION_NOT_INITED")
    call.layer = query.layer or call.key.layer
    call.without_updates = query.without_updates


def _unknown(call: Call, query: Query) -> RpcError:
    """The error for a function without a handler, which is logged and counted."""
    name = tl.function_name(query.id)
    call.server.counters.add("unknown_methods", method=name)
    log.warning("DC%d: unknown method %s", call.dc_id, name)
    return RpcError(400, f"INPUT_METHOD_INVALID_{query.id}")


def _check_address(call: Call, found: Method, *, query: Query) -> None:
    """A CDN DC has only its own methods, and a media-only address only files and the setting up of a connection."""
    if call.connection.cdn and not found.on_cdn:
        raise RpcError(400, "CDN_METHOD_INVALID")
    if call.media_only and is_main(found.name) and found.login:
        call.server.counters.add("rejected", why="media_only")
        log.warning("DC%d: %s on a media-only address", call.dc_id, found.name)
        raise RpcError(400, f"INPUT_METHOD_INVALID_{query.id}")


def _check_account(call: Call, found: Method) -> None:
    """RpcError 401 without the login that the method needs, 400 if it is not for bots, or not for users."""
    world = call.server.world
    if call.key.user_id is None:
        if found.login and not call.connection.cdn:
            waiting = world.logins.waiting_for_password.get(call.key.id, now=call.server.now())
            raise RpcError(401, "AUTH_KEY_UNREGISTERED" if waiting is None else "SESSION_PASSWORD_NEEDED")
        return
    user = world.users.get(call.key.user_id)
    if user is None:
        if found.login:
            raise RpcError(401, "AUTH_KEY_UNREGISTERED")
        return
    if user.is_bot and not found.bots:
        log.warning("%s is not for bots", found.name)
        raise RpcError(400, "BOT_METHOD_INVALID")
    if not user.is_bot and not found.users:
        raise RpcError(400, "USER_BOT_REQUIRED")


def _parse(body: bytes) -> Any:
    try:
        return tl.read(body)[0]
    except tl.TlError as error:
        if error.unknown is not None:
            raise RpcError(400, f"INPUT_CONSTRUCTOR_INVALID_{error.unknown}") from error
        raise RpcError(400, "INPUT_FETCH_ERROR") from error
