"""Named faults, switched on by a test or over the control API, and consulted by the rest of the emulator.

    with emulator.faults.flood_wait(30, method="upload.getFile", times=1):
        ...

Each method that switches a fault on returns its handle: `lift()` ends it, and so does leaving the
`with` block. The dispatcher awaits `before_call`, connections obey their `conditions`, and the file services pass each
chunk through `shape_chunk`.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar, Unpack

from tgemulator.counters import Counters
from tgemulator.errors import RpcError, TransportError
from tgemulator.faults import types
from tgemulator.faults.conditions import Conditions, ConditionsRegistry
from tgemulator.faults.floods import Rate, Thrash, ThrashGuard, Waits
from tgemulator.faults.targets import Call, Key, target_of

_F = TypeVar("_F", bound=types.Fault)


class Keys(Protocol):
    """The auth keys that `dead_key` ends."""

    def all(self) -> Sequence[Key]: ...

    def revoke(self, key: Any) -> None: ...

    def unregister(self, key: Any) -> None: ...


class References(Protocol):
    """The file references that `expire_references` ends."""

    def expire_references(self, file: Any) -> None: ...


class DropConnection(Exception):
    """Raised by before_call and after_call: close the connection without an answer."""


class Faults:
    """All faults of one emulator. Waits and rates are per account; `waits.grace` and `thrash.guard` may be set.

    `clock` returns Unix seconds.
    """

    def __init__(self, clock: Callable[[], float], counters: Counters, *, keys: Keys, references: References) -> None:
        self._clock = clock
        self._keys = keys
        self._references = references
        self._active: dict[int, types.Fault] = {}
        self._conditions = ConditionsRegistry()
        self._made = 0
        self.waits = Waits(clock, counters)
        self.thrash = Thrash(clock, self.waits)
        self._rate = Rate(clock)
        self.on_media_fault: Callable[[], None] = lambda: None
        """Called after a fault of the media server was switched on: connections may end without a packet of theirs."""

    # Switching on and off

    def add(self, fault: _F) -> _F:
        """Switch a fault on; returns it as its own handle."""
        self._made += 1
        fault.id = self._made
        fault.on_lift = self._lifted
        self._active[fault.id] = fault
        self._conditions.apply(self.active())
        if isinstance(fault, types.MediaFault):
            self.on_media_fault()
        return fault

    def active(self) -> list[types.Fault]:
        """The faults that are switched on, oldest first; those whose `times` are used up included."""
        return list(self._active.values())

    def lift(self, handle: int) -> None:
        """Switch one off by its id. KeyError if there is none."""
        self._active[handle].lift()

    def lift_all(self) -> None:
        """Switch everything off and forget flood waits and the thrash guard's counts."""
        for fault in self.active():
            fault.lift()
        self.waits.forget()
        self.thrash.forget()

    def flood_wait(
        self, seconds: float = 30, *, until: float | None = None, premium: bool = False, **scope: Unpack[types.Scope]
    ) -> types.FloodWait:
        """See FloodWait."""
        return self.add(types.FloodWait(seconds=seconds, until=until, premium=premium, **scope))

    def rate_limit(
        self,
        calls: int,
        *,
        per: float = 1.0,
        seconds: float = 3,
        premium: bool = False,
        **scope: Unpack[types.Scope],
    ) -> types.RateLimit:
        """See RateLimit."""
        return self.add(types.RateLimit(calls=calls, per=per, seconds=seconds, premium=premium, **scope))

    def error(self, code: int = -503, text: str = "Timeout", **scope: Unpack[types.Scope]) -> types.CallError:
        """See CallError."""
        return self.add(types.CallError(code=code, text=text, **scope))

    def transport_error(self, code: int, **scope: Unpack[types.Scope]) -> types.TransportFailure:
        """See TransportFailure."""
        return self.add(types.TransportFailure(code=code, **scope))

    def dead_key(self, code: int = -404, text: str = "", **scope: Unpack[types.Scope]) -> types.DeadKey:
        """Invalidate the auth keys of `dc` and `user` that exist now; keys made later are not affected.

        `code` -404: the keys are deleted, so that the transport refuses every packet. 401 with
        AUTH_KEY_UNREGISTERED: they are logged out, and the account may be imported again. Any other `text`
        (401 SESSION_REVOKED, 406 AUTH_KEY_DUPLICATED) is the answer to each call until the fault is lifted.
        """
        keys = [
            key
            for key in self._keys.all()
            if scope.get("dc") in (None, key.dc_id) and scope.get("user") in (None, key.user_id)
        ]
        for key in keys:
            if code == -404:
                self._keys.revoke(key)
            elif text == "AUTH_KEY_UNREGISTERED":
                self._keys.unregister(key)
        fault = types.DeadKey(code=code, text=text, keys=frozenset(key.id.hex() for key in keys), **scope)
        return self.add(fault)

    def drop(self, **scope: Unpack[types.Scope]) -> types.Drop:
        """See Drop; Emulator.drop_connections closes connections at once instead."""
        return self.add(types.Drop(**scope))

    def lost_answer(self, **scope: Unpack[types.Scope]) -> types.LostAnswer:
        """See LostAnswer."""
        return self.add(types.LostAnswer(**scope))

    def old_answer(self, **scope: Unpack[types.Scope]) -> types.OldAnswer:
        """See OldAnswer."""
        return self.add(types.OldAnswer(**scope))

    def slow_answer(self, seconds: float | None = None, **scope: Unpack[types.Scope]) -> types.SlowAnswer:
        """See SlowAnswer."""
        return self.add(types.SlowAnswer(seconds=seconds, **scope))

    def latency(self, seconds: float, **where: Unpack[types.Where]) -> types.NetworkFault:
        """Every packet takes this long, each way."""
        return self.add(types.NetworkFault(latency=seconds, **where))

    def bandwidth(self, rate: float, **where: Unpack[types.Where]) -> types.NetworkFault:
        """Every connection carries at most `rate` bytes/s."""
        return self.add(types.NetworkFault(bandwidth=rate, **where))

    def stall(self, **where: Unpack[types.Where]) -> types.NetworkFault:
        """No packet passes until the fault is lifted; none is lost."""
        return self.add(types.NetworkFault(stalled=True, **where))

    def half_open(self, **where: Unpack[types.Where]) -> types.NetworkFault:
        """Connections stay open, but the server neither reads nor writes on them any more."""
        return self.add(types.NetworkFault(half_open=True, **where))

    def call_silent(self, **scope: Unpack[types.Scope]) -> types.MediaFault:
        """The media server of calls neither hears nor answers."""
        return self.add(types.MediaFault(silent=True, **scope))

    def call_closed(self, **scope: Unpack[types.Scope]) -> types.MediaFault:
        """Connections to the media server end for good, later ones at once after their answer."""
        return self.add(types.MediaFault(closed=True, **scope))

    def call_lossy(self, loss: float, **scope: Unpack[types.Scope]) -> types.MediaFault:
        """A share of the media server's datagrams is lost, each way."""
        return self.add(types.MediaFault(loss=loss, **scope))

    def call_late(self, delay: float, **scope: Unpack[types.Scope]) -> types.MediaFault:
        """The media server's datagrams take so many seconds, each way."""
        return self.add(types.MediaFault(delay=delay, **scope))

    def short_chunk(self, keep: int = 4096, **scope: Unpack[types.Scope]) -> types.ShortChunk:
        """See ShortChunk."""
        return self.add(types.ShortChunk(keep=keep, **scope))

    def empty_chunk(self, **scope: Unpack[types.Scope]) -> types.ShortChunk:
        """upload.getFile returns no bytes, as if the file ended before the offset."""
        return self.add(types.ShortChunk(keep=0, **scope))

    def empty_answer(self, **scope: Unpack[types.Scope]) -> types.EmptyAnswer:
        """See EmptyAnswer."""
        return self.add(types.EmptyAnswer(**scope))

    def wrong_bytes(self, at: int = 0, **scope: Unpack[types.Scope]) -> types.WrongBytes:
        """See WrongBytes."""
        return self.add(types.WrongBytes(at=at, **scope))

    def thrash_guard(self, guard: ThrashGuard | None) -> None:
        """Replace the guard against too many keys, exports and logins; None switches it off."""
        self.thrash.guard = guard
        self.thrash.forget()

    def expire_references(self, file: Any = None) -> None:
        """Expire every file_reference issued so far, of one stored file or of all."""
        self._references.expire_references(file)

    # Consulted by the emulator

    async def before_call(self, call: Call, name: str, query: Any) -> None:
        """Wait, or raise RpcError, TransportError or DropConnection, before `name` is handled."""
        target = target_of(call, name, query)
        self.waits.check(target.user, name, channels=target.channels)
        self.thrash.check(target.user, name)
        for fault in self.active():
            await self._apply(fault, target, key_id=call.key.id.hex())

    def after_call(self, call: Call, name: str, query: Any) -> None:
        """Raise DropConnection after `name` was handled, if its answer is to be lost."""
        for fault in self.active():
            if isinstance(fault, types.LostAnswer) and fault.take(target_of(call, name, query)):
                raise DropConnection

    def answers_as_before(self, call: Call, name: str) -> bool:
        """Whether a call of `name` with a random_id that was used is answered with the message of then."""
        target = types.Target(call.dc_id, call.media_only, name, call.key.user_id, None)
        return any(isinstance(fault, types.OldAnswer) and fault.take(target) for fault in self.active())

    def conditions(self, dc_id: int, *, media_only: bool) -> Conditions:
        """The conditions of a new connection to that address; the object is updated for as long as it is referenced."""
        return self._conditions.make(dc_id, media_only=media_only, active=self.active())

    def of_media(self) -> list[types.MediaFault]:
        """The faults of the media server that are switched on."""
        return [fault for fault in self._active.values() if isinstance(fault, types.MediaFault)]

    def key_made(self, dc_id: int) -> None:
        """Count a new auth key against the thrash guard."""
        self.thrash.key_made(dc_id)

    def answers_nothing(self, call: Call, name: str, query: Any) -> bool:
        """Whether the messages of an answer to `name` are left out."""
        target = target_of(call, name, query)
        return any(isinstance(fault, types.EmptyAnswer) and fault.take(target) for fault in self.active())

    def shape_chunk(self, call: Call, data: bytes, *, file_id: int) -> bytes:
        """The bytes that upload.getFile answers for `data` of a file."""
        if not self._active:
            return data
        target = types.Target(call.dc_id, call.media_only, "upload.getFile", call.key.user_id, file_id)
        for fault in self.active():
            if isinstance(fault, types.ShortChunk) and fault.take(target):
                data = data[: fault.keep]
            elif isinstance(fault, types.WrongBytes) and data and fault.take(target):
                at = fault.at % len(data)
                data = b"".join((data[:at], bytes([data[at] ^ 1]), data[at + 1 :]))
        return data

    async def _apply(self, fault: types.Fault, target: types.Target, *, key_id: str) -> None:
        """Apply one fault to a call, if it is one for calls."""
        match fault:
            case types.FloodWait() if fault.take(target):
                until = fault.until if fault.until is not None else self._clock() + fault.seconds
                raise self._give(fault, target, until=until)
            case types.RateLimit() if fault.matches(target):
                self._check_rate(fault, target)
            case types.CallError() if fault.take(target):
                raise RpcError(fault.code, fault.text)
            case types.TransportFailure() if fault.take(target):
                raise TransportError(fault.code)
            case types.DeadKey() if fault.answers and key_id in fault.keys and fault.take(target):
                raise RpcError(fault.code, fault.text)
            case types.Drop() if fault.take(target):
                raise DropConnection
            case types.SlowAnswer() if fault.take(target):
                await _lifted_or_after(fault.lifted, fault.seconds)
            case _:
                return

    def _check_rate(self, fault: types.RateLimit, target: types.Target) -> None:
        """Count a call, and refuse it if there were too many."""
        count = self._rate.count(fault.id, target.user, target.method, window=fault.per)
        if count > fault.calls and fault.take(target):
            raise self._give(fault, target, until=self._clock() + fault.seconds)

    def _give(self, fault: types.FloodWait | types.RateLimit, target: types.Target, *, until: float) -> RpcError:
        """Remember the wait of a fault and return its error."""
        channel = fault.channel
        return self.waits.give(target.user, target.method, until=until, premium=fault.premium, channel=channel)

    def _lifted(self, fault: types.Fault) -> None:
        """Take a fault off the list."""
        self._active.pop(fault.id, None)
        self._conditions.apply(self.active())


async def _lifted_or_after(lifted: asyncio.Event, seconds: float | None) -> None:
    """Wait until the fault is lifted, at most `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            await lifted.wait()
    except TimeoutError:
        return
