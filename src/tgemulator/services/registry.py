"""Where handlers are registered: `method` names the TL functions that a coroutine function answers.

    @method(raw.functions.help.GetConfig, login=False)
    async def get_config(call: Call, query: raw.functions.help.GetConfig) -> TLObject: ...

The function goes into the module of its kind in this package; a new module is imported in `__init__`.

A handler answers a TL object, a bool, a list of TL objects, or bytes that are one already serialised (the
fast path of upload.getFile), or raises RpcError.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tgemulator.config import EmulatorConfig
from tgemulator.counters import Counters
from tgemulator.errors import RpcError
from tgemulator.faults.registry import Faults
from tgemulator.mtproto.auth_key import AuthKey
from tgemulator.mtproto.calls import Connection
from tgemulator.mtproto.data_centres import DataCentres
from tgemulator.mtproto.keys import KeyStore
from tgemulator.mtproto.session import MtprotoSession
from tgemulator.sfu.server import Sfu
from tgemulator.wire import tl
from tgemulator.world.files import FileStore
from tgemulator.world.model import User
from tgemulator.world.world import World

Answer = Any  # a pyrogram.raw TLObject, a bool, a list of TLObjects, or bytes
Handler = Callable[["Call", Any], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Server:
    """The parts of the emulator that handlers use."""

    config: EmulatorConfig
    counters: Counters
    faults: Faults
    keys: KeyStore
    files: FileStore
    world: World
    data_centres: DataCentres
    sfu: Sfu

    def now(self) -> float:
        """Unix seconds on the configured clock."""
        return self.config.clock()


@dataclass(slots=True)
class Call:
    """One request as its handler sees it."""

    server: Server
    dc_id: int
    media_only: bool
    key: AuthKey
    session: MtprotoSession
    msg_id: int
    connection: Connection
    layer: int | None = None
    without_updates: bool = False
    name: str = ""

    @property
    def user(self) -> User:
        """The account that this key is logged in as (or has imported); 401 AUTH_KEY_UNREGISTERED without one."""
        user = None if self.key.user_id is None else self.server.world.users.get(self.key.user_id)
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
"""All methods by the constructor id of their function."""


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
