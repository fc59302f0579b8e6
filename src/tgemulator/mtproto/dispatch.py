"""From a TL function to the handler that answers it.

Services register plain coroutine functions:

    @method(raw.functions.help.GetConfig, login=False)
    async def get_config(call: Call, query: raw.functions.help.GetConfig) -> TLObject: ...

A handler answers a TL object, a bool, a list of TL objects, or bytes that are one already serialised (the
fast path of upload.getFile), or raises RpcError.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrogram.raw.all import layer as LAYER

from tgemulator.errors import RpcError
from tgemulator.wire import tl
from tgemulator.wire.query import Query, peel

if TYPE_CHECKING:
    from tgemulator.emulator import Emulator
    from tgemulator.mtproto.connection import Connection
    from tgemulator.mtproto.keys import AuthKey
    from tgemulator.mtproto.session import MtprotoSession
    from tgemulator.world.world import User

log = logging.getLogger(__name__)

Answer = Any  # a pyrogram.raw TLObject, a bool, a list of TLObjects, or bytes
Handler = Callable[["Call", Any], Awaitable[Answer]]

ORDER_TIMEOUT = 30.0  # seconds that invokeAfterMsg waits for its predecessor


@dataclass(slots=True)
class Call:
    """One request as its handler sees it."""

    emulator: "Emulator"
    dc_id: int
    media_only: bool
    key: "AuthKey"
    session: "MtprotoSession"
    msg_id: int
    connection: "Connection"
    layer: int | None = None
    without_updates: bool = False
    name: str = ""

    @property
    def user(self) -> "User":
        """The account that this key is logged in as (or has imported); 401 AUTH_KEY_UNREGISTERED without one."""
        user = None if self.key.user_id is None else self.emulator.world.users.get(self.key.user_id)
        if user is None:
            raise RpcError(401, "AUTH_KEY_UNREGISTERED")
        return user


@dataclass(frozen=True, slots=True)
class Method:
    """A handler with what the dispatcher checks before it; `name` as in "upload.getFile"."""

    handler: Handler
    login: bool
    bots: bool
    users: bool
    on_cdn: bool
    name: str


METHODS: dict[int, Method] = {}


def method(
    *functions: type[Any], login: bool = True, bots: bool = True, users: bool = True, on_cdn: bool = False
) -> Callable[[Handler], Handler]:
    """Register a handler for TL functions.

    `login`: needs an authorised key. `bots`/`users`: which accounts may call it (else
    BOT_METHOD_INVALID, or USER_BOT_REQUIRED for a user). `on_cdn`: may be called on a CDN DC, and there
    without a login.
    """

    def register(handler: Handler) -> Handler:
        for function in functions:
            METHODS[function.ID] = Method(handler, login, bots, users, on_cdn, tl.method_name(function))
        return handler

    return register


# What a connection may send without being its account's main one: files, and what sets a connection up.
_SETUP = frozenset({"help.getConfig", "help.getCdnConfig", "auth.importAuthorization", "auth.bindTempAuthKey"})


def is_main(name: str) -> bool:
    """Whether a method is more than files and the setting up of a connection.

    Only one connection per key may make such calls (exclusive.py).
    """
    return not name.startswith("upload.") and name not in _SETUP


def _subscribes(call: Call) -> bool:
    """Whether the session gets updates from now on: any call but upload.* asks for them unless it says not to."""
    return not (call.name.startswith("upload.") or call.without_updates or call.media_only or call.connection.cdn)


async def answer(call: Call, body: bytes) -> Answer:
    """The result of a serialised request; RpcError for everything that Telegram refuses."""
    try:
        query = peel(body)
    except tl.TlError as error:
        raise RpcError(400, "INPUT_FETCH_ERROR") from error
    await _in_order(call, query)
    _initialise(call, query)
    found = METHODS.get(query.id)
    if found is None:
        raise _unknown(call, query)
    call.name = found.name
    emulator = call.emulator
    emulator.counters.add("calls", method=found.name, user=call.key.user_id or 0)
    _check_place(call, found, query=query)
    _check_account(call, found)
    parsed = _parse(query.body)
    await emulator.faults.before_call(call, found.name, parsed)
    emulator.exclusive.claim(call, found.name)
    if _subscribes(call):
        call.session.subscribed = True
    return await found.handler(call, parsed)


async def _in_order(call: Call, query: Query) -> None:
    """invokeAfterMsg: wait until earlier calls of this session are through; fail if one of them failed."""
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
    """Layer and application are remembered per auth key, so that only its first call has to say them."""
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
    """Nobody answers this function: refused, logged and counted."""
    name = tl.function_name(query.id)
    call.emulator.counters.add("unknown_methods", method=name)
    log.warning("DC%d: unknown method %s", call.dc_id, name)
    return RpcError(400, f"INPUT_METHOD_INVALID_{query.id}")


def _check_place(call: Call, found: Method, *, query: Query) -> None:
    """A CDN DC knows only its own methods, and a media-only address only files and what sets them up."""
    if call.connection.cdn and not found.on_cdn:
        raise RpcError(400, "CDN_METHOD_INVALID")
    if call.media_only and is_main(found.name) and found.login:
        call.emulator.counters.add("rejected", why="media_only")
        log.warning("DC%d: %s on a media-only address", call.dc_id, found.name)
        raise RpcError(400, f"INPUT_METHOD_INVALID_{query.id}")


def _check_account(call: Call, found: Method) -> None:
    if call.key.user_id is None:
        if found.login and not call.connection.cdn:
            waiting = call.emulator.world.logins.waiting_for_password.get(call.key.id, now=call.emulator.now())
            raise RpcError(401, "AUTH_KEY_UNREGISTERED" if waiting is None else "SESSION_PASSWORD_NEEDED")
        return
    user = call.emulator.world.users.get(call.key.user_id)
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
