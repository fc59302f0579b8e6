"""The routes of the control API; docstrings give path, arguments and answer.

Ids are those of the API, without the -100 prefix of bot libraries. `message_routes`, `chat_routes` and `call_routes`
hold the routes for messages, for accounts and chats, and for group calls.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from tgemulator.control.arguments import Arguments, ControlError, make_fault
from tgemulator.control.call_routes import CALL_ROUTES
from tgemulator.control.chat_routes import CHAT_ROUTES
from tgemulator.control.json_object import DescriptionError
from tgemulator.control.message_routes import MESSAGE_ROUTES
from tgemulator.control.request import Request
from tgemulator.emulator import Emulator
from tgemulator.errors import RpcError
from tgemulator.faults.floods import ThrashGuard

Route = Callable[[Emulator, Arguments, tuple[str, ...]], Awaitable[Any]]


async def answer(emulator: Emulator, request: Request) -> Any:
    """The JSON value for a request. ControlError 400, 404 or 405."""
    known = False
    for method, pattern, route in _ROUTES:
        match = re.fullmatch(pattern, request.path)
        known = known or match is not None
        if match is None or method != request.method:
            continue
        arguments = Arguments.of_query(request.query) if method == "GET" else Arguments(request.json())
        try:
            return await route(emulator, arguments, match.groups())
        except RpcError as error:
            raise ControlError(400, error.text) from None
        except DescriptionError as error:
            raise ControlError(400, str(error)) from None
    raise ControlError(405, "this path takes another method") if known else ControlError(404, "no such path")


async def _counters(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """GET /counters: see Counters.snapshot."""
    return emulator.counters.snapshot()


async def _reset(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /counters/reset"""
    emulator.counters.reset()
    return {}


async def _faults(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """GET /faults: those that are switched on, with their counts."""
    return [fault.describe() for fault in emulator.faults.active()]


async def _add_fault(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /faults {"name", "arguments"?}: the fault, with the `id` that lifts it."""
    name = arguments.take("name", str)
    given = Arguments(arguments.take("arguments", dict, default={}))
    arguments.finish()
    if name in _ACTIONS:
        return _ACTIONS[name](emulator, given)
    return emulator.faults.add(make_fault(name, given)).describe()


async def _lift_fault(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """DELETE /faults/{id}"""
    if int(path[0]) not in {fault.id for fault in emulator.faults.active()}:
        raise ControlError(404, f"no fault has the id {path[0]}")
    emulator.faults.lift(int(path[0]))
    return {}


async def _lift_all(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """DELETE /faults: lifts all of them and ends every flood wait."""
    emulator.faults.lift_all()
    return {}


async def _restart(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /dc/{id}/restart {"down_for"?: seconds}: answers when the DC is up again."""
    down_for = arguments.take("down_for", float, default=0.0)
    arguments.finish()
    if int(path[0]) not in {dc.id for dc in emulator.config.dcs}:
        raise ControlError(404, f"there is no DC {path[0]}")
    if not 0 <= down_for <= 3600:
        raise ControlError(400, "'down_for' must be between 0 and 3600 seconds")
    await emulator.restart_dc(int(path[0]), down_for=down_for)
    return {}


async def _drop(emulator: Emulator, arguments: Arguments, path: tuple[str, ...]) -> Any:
    """POST /drop {"dc"?, "user"?}: closes connections at once; {"dropped": n}"""
    dc_id, user_id = arguments.take("dc", int, default=None), arguments.take("user", int, default=None)
    arguments.finish()
    return {"dropped": await emulator.drop_connections(dc_id, user_id=user_id)}


def _expire_references(emulator: Emulator, arguments: Arguments) -> Any:
    """{"file"?}: see Faults.expire_references."""
    number = arguments.take("file", int, default=None)
    arguments.finish()
    if number is not None and number not in emulator.files.files:
        raise ControlError(404, f"there is no file {number}")
    emulator.faults.expire_references(None if number is None else emulator.files.files[number])
    return {}


def _expire_uploads(emulator: Emulator, arguments: Arguments) -> Any:
    """{}: see UploadStore.expire."""
    arguments.finish()
    emulator.files.uploads.expire()
    return {}


def _dead_key(emulator: Emulator, arguments: Arguments) -> Any:
    """{"code"?, "text"?, "dc"?, "user"?}: see Faults.dead_key."""
    code, text = arguments.take("code", int, default=-404), arguments.take("text", str, default="")
    dc_id, user_id = arguments.take("dc", int, default=None), arguments.take("user", int, default=None)
    arguments.finish()
    return emulator.faults.dead_key(code, text, dc=dc_id, user=user_id).describe()


def _thrash_guard(emulator: Emulator, arguments: Arguments) -> Any:
    """{"keys"?, "exports"?, "logins"?, "window"?, "seconds"?}, or {"off": true}: see ThrashGuard."""
    off = arguments.take("off", bool, default=False)
    guard = ThrashGuard(**arguments.rest(ThrashGuard))
    emulator.faults.thrash_guard(None if off else guard)
    return {}


_ACTIONS: dict[str, Callable[[Emulator, Arguments], Any]] = {
    "expire_references": _expire_references,
    "expire_uploads": _expire_uploads,
    "dead_key": _dead_key,
    "thrash_guard": _thrash_guard,
}
_ROUTES: tuple[tuple[str, str, Route], ...] = (
    ("GET", "/counters", _counters),
    ("POST", "/counters/reset", _reset),
    ("GET", "/faults", _faults),
    ("POST", "/faults", _add_fault),
    ("DELETE", r"/faults/([0-9]{1,9})", _lift_fault),
    ("DELETE", "/faults", _lift_all),
    *MESSAGE_ROUTES,
    *CHAT_ROUTES,
    *CALL_ROUTES,
    ("POST", r"/dc/([0-9]{1,3})/restart", _restart),
    ("POST", "/drop", _drop),
)
