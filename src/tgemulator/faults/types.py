"""The faults that can be switched on, one small class each; registry.py applies them.

Every fault has a scope (the calls or connections that it acts on), skips the first `after` matches and
ends after `times` more. Lifting a fault ends every wait that it caused.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from types import TracebackType
from typing import Any, ClassVar, Self, TypedDict


class Scope(TypedDict, total=False):
    """Keyword arguments that every fault takes; None, or absent, matches anything.

    `dc`: data centre; `media`: only (not) its media-only address; `method`: TL name such as
    "upload.getFile", or a prefix such as "auth."; `user`: account id; `file`: file id; `channel`: id of a channel or
    supergroup that the call names.
    """

    dc: int | None
    media: bool | None
    method: str | None
    user: int | None
    file: int | None
    channel: int | None
    after: int
    times: int | None


class Where(TypedDict, total=False):
    """Keyword arguments of network faults: `dc` and `media` as in Scope, and NetworkFault's `connections`."""

    dc: int | None
    media: bool | None
    connections: int | None


@dataclass(frozen=True, slots=True)
class Target:
    """One call (or chunk) as scopes see it."""

    dc: int
    media: bool
    method: str
    user: int | None
    file: int | None
    channels: frozenset[int] = frozenset()


@dataclass(slots=True, kw_only=True, eq=False)
class Fault:
    """What all faults share: scope, counts and lifting. `id` is its handle in the control API.

    Also a context manager that lifts the fault at the end.
    """

    name: ClassVar[str] = ""

    dc: int | None = None
    media: bool | None = None
    method: str | None = None
    user: int | None = None
    file: int | None = None
    channel: int | None = None
    after: int = 0
    times: int | None = None
    id: int = field(default=0, init=False)
    seen: int = field(default=0, init=False)
    used: int = field(default=0, init=False)
    lifted: asyncio.Event = field(default_factory=asyncio.Event, init=False, repr=False)
    on_lift: Callable[["Fault"], None] | None = field(default=None, init=False, repr=False)

    def matches(self, target: Target) -> bool:
        """Whether the target is in scope."""
        return (
            self.dc in (None, target.dc)
            and self.media in (None, target.media)
            and self.user in (None, target.user)
            and self.file in (None, target.file)
            and (self.channel is None or self.channel in target.channels)
            and (self.method is None or target.method == self.method or _is_prefix(self.method, target.method))
        )

    def take(self, target: Target) -> bool:
        """Count a match and return whether the fault acts on it."""
        if not self.matches(target):
            return False
        self.seen += 1
        if self.seen <= self.after or (self.times is not None and self.used >= self.times):
            return False
        self.used += 1
        return True

    def lift(self) -> None:
        """Switch the fault off; waits that it caused end at once. May be called again."""
        self.lifted.set()
        if self.on_lift is not None:
            self.on_lift(self)

    def describe(self) -> dict[str, Any]:
        """The fault as JSON: its name, its arguments that differ from None, how often it matched and acted."""
        hidden = {"lifted", "on_lift", "affected", "spared"}
        values = {item.name: getattr(self, item.name) for item in fields(self) if item.name not in hidden}
        return {"name": self.name, **{key: value for key, value in values.items() if value is not None}}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lift()


@dataclass(slots=True, kw_only=True, eq=False)
class FloodWait(Fault):
    """420 FLOOD_WAIT_`seconds` (or FLOOD_PREMIUM_WAIT), remembered per account and method (and `channel`, if given).

    `until`, a Unix time, replaces `seconds`.
    """

    name = "flood_wait"
    seconds: float = 30
    until: float | None = None
    premium: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class RateLimit(Fault):
    """More than `calls` calls of one account and method within `per` seconds: a flood wait of `seconds`."""

    name = "rate_limit"
    calls: int = 20
    per: float = 1.0
    seconds: float = 3
    premium: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class CallError(Fault):
    """An rpc_error instead of the answer; by default Telegram's own time-out, -503 Timeout."""

    name = "error"
    code: int = -503
    text: str = "Timeout"


@dataclass(slots=True, kw_only=True, eq=False)
class TransportFailure(Fault):
    """A transport error (-404, -429, -444) instead of the answer; the connection closes."""

    name = "transport_error"
    code: int = -429


@dataclass(slots=True, kw_only=True, eq=False)
class DeadKey(Fault):
    """The auth keys in `keys` (hexadecimal auth_key_id) are invalid: see Faults.dead_key."""

    name = "dead_key"
    keys: frozenset[str] = frozenset()
    code: int = -404
    text: str = ""

    @property
    def answers(self) -> bool:
        """Whether the fault itself refuses calls; otherwise the keys were deleted or logged out, which is enough."""
        return self.text not in ("", "AUTH_KEY_UNREGISTERED")

    def describe(self) -> dict[str, Any]:
        """See Fault.describe."""
        return {**Fault.describe(self), "keys": sorted(self.keys)}


@dataclass(slots=True, kw_only=True, eq=False)
class Drop(Fault):
    """The connection closes instead of an answer."""

    name = "drop"


@dataclass(slots=True, kw_only=True, eq=False)
class SlowAnswer(Fault):
    """The answer is delayed by `seconds`; None: until the fault is lifted."""

    name = "slow_answer"
    seconds: float | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class LostAnswer(Fault):
    """The call takes effect, or is refused, and the connection closes instead of the answer."""

    name = "lost_answer"


@dataclass(slots=True, kw_only=True, eq=False)
class OldAnswer(Fault):
    """A used random_id is answered with the message that it sent, instead of 500 RANDOM_ID_DUPLICATE."""

    name = "old_answer"


@dataclass(slots=True, kw_only=True, eq=False)
class NetworkFault(Fault):
    """How packets travel on connections of `dc` (and `media`), see conditions.py; the rest of the scope is unused.

    `connections`: only on so many of them, the first that carry a packet from now on; they are not replaced
    when they close. The control API calls this fault "link".
    """

    name = "link"
    latency: float = 0.0
    bandwidth: float | None = None
    stalled: bool = False
    half_open: bool = False
    connections: int | None = None
    affected: list[object] = field(default_factory=list, init=False, repr=False)

    def affects(self, connection: object) -> bool:
        """Whether it acts on this connection."""
        return self.connections is None or connection in self.affected

    def takes(self, connection: object) -> bool:
        """Whether it will act on this connection from the next packet on."""
        limited = self.connections is not None and len(self.affected) < self.connections
        return limited and connection not in self.affected


@dataclass(slots=True, kw_only=True, eq=False)
class MediaFault(Fault):
    """How connections to the media server of calls fare, those that exist and later ones; `channel` is a call's chat.

    `silent`: no datagram passes. `closed`: they end for good. `loss`: a share of the datagrams, each way. `delay`: in
    seconds, each way. `times` counts connections.
    """

    name = "call"
    silent: bool = False
    closed: bool = False
    loss: float = 0.0
    delay: float = 0.0
    affected: list[object] = field(default_factory=list, init=False, repr=False)
    spared: list[object] = field(default_factory=list, init=False, repr=False)

    def acts_on(self, connection: object, target: Target) -> bool:
        """Whether it acts on this connection, which it decides once for each."""
        if connection not in self.affected and connection not in self.spared:
            (self.affected if self.take(target) else self.spared).append(connection)
        return connection in self.affected


@dataclass(slots=True, kw_only=True, eq=False)
class ShortChunk(Fault):
    """upload.getFile returns only the first `keep` bytes of the chunk; 0 makes it empty."""

    name = "short_chunk"
    keep: int = 4096


@dataclass(slots=True, kw_only=True, eq=False)
class EmptyAnswer(Fault):
    """channels.getMessages and messages.getHistory answer with no messages at all, not even empty ones."""

    name = "empty_answer"


@dataclass(slots=True, kw_only=True, eq=False)
class WrongBytes(Fault):
    """upload.getFile returns the chunk with one bit wrong at byte `at` (modulo the length)."""

    name = "wrong_bytes"
    at: int = 0


def _is_prefix(namespace: str, method: str) -> bool:
    """Whether `namespace` is one such as "auth." and holds the method."""
    return namespace.endswith(".") and method.startswith(namespace)
