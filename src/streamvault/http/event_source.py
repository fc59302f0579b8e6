"""What one who listens to the hub is told: the present state of each topic, then what changes, until an end."""

import asyncio
import hashlib
import json
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from starlette.types import Scope

from streamvault.access.identity import Identity
from streamvault.errors import CatalogError
from streamvault.http.event_hub import EventHub, Listener, Topic
from streamvault.http.middleware.access import identity_of, live_of
from streamvault.http.middleware.live import Live

log = logging.getLogger(__name__)

GATHER = 0.2
"""Seconds in which changes become one event: a walk makes many."""

AGAIN = 1.0
"""Seconds after which the database is asked again that could not tell a state."""

LONGEST = 900.0
"""Seconds after which a stream ends, so that whoever listens is asked again who they are; the next one goes on where
this one ended."""

SAMPLED: frozenset[Topic] = frozenset({"accounts", "streams"})
"""Topics of which each change is a state, as nothing tells of changes themselves."""

Body = dict[str, Any]
Place = Mapping[Topic, int]
"""The number of the last change of each topic that somebody was told of."""


class Teller(Protocol):
    """What topics tell one caller."""

    async def snapshot(self, topic: Topic) -> Body:
        """The present state of a topic. Raises CatalogError."""
        ...

    async def change(self, topic: Topic, changes: Sequence[object]) -> Body | None:
        """Changes as one; None where the caller may see nothing of them. Raises CatalogError."""
        ...


Lines = Callable[[Topic, Body], str]
"""An event as lines, without the empty one at its end; "" for none."""


def named_lines(topic: Topic, body: Body) -> str:
    """An event with the name of its topic."""
    return f"event: {topic}\ndata: {json.dumps(body, separators=(',', ':'))}\n"


class HubSource:
    """See EventSource."""

    def __init__(
        self, hub: EventHub, listener: Listener, teller: Teller, *, wanted: Sequence[Topic], told: Place, stamp: str,
        lines: Lines, live: Live | None,
    ) -> None:  # fmt: skip
        """`stamp` begins each id; "" for events without one. `live`: what may end when rights are taken away."""
        self._hub = hub
        self._listener = listener
        self._teller = teller
        self._wanted = deque(wanted)
        self._told = dict(told)
        self._stamp = stamp
        self._lines = lines
        self._live = live
        self._states: dict[Topic, Body] = {}
        self._text = ""
        self._closed = False
        self.end, self.on_end = listener.end, listener.on_end

    def place(self) -> str:
        """See EventSource."""
        numbers = ",".join(f"{topic}:{number}" for topic, number in self._told.items())
        return f"id: {self._stamp}.{numbers}\n" if self._stamp and self._told else ""

    async def next(self) -> str | None:
        """See EventSource."""
        while not self._ended():
            failed = False
            if not self._text:
                self._listener.changed.clear()
                self._text, failed = await self._first_due()
            if self._live is not None:
                await self._live.settled.wait()
            if self._ended():
                break
            if self._text:
                return self._taken()
            await self._wait(AGAIN if failed else None)
        if self._closed or not self._is_theirs():
            return None
        self._closed = True
        return f"{self._taken()}{self._last_place()}"

    def _ended(self) -> bool:
        return self._listener.ended

    def _taken(self) -> str:
        text, self._text = self._text, ""
        return text

    def _last_place(self) -> str:
        return f"{self.place()}\n" if self.place() else ""

    def _is_theirs(self) -> bool:
        """Whether what is known may be sent: nothing was taken away, as far as it is known."""
        return self._live is None or (self._live.settled.is_set() and not self._live.changed)

    async def _wait(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._listener.changed.wait()
        except TimeoutError:
            return
        if not self._listener.ended:
            await asyncio.sleep(GATHER)

    async def _first_due(self) -> tuple[str, bool]:
        """The event of the first topic that has one, which is asked last the next time; whether the database failed."""
        failed = False
        for topic in list(self._wanted):
            try:
                text = await self._due(topic)
            except CatalogError as error:
                log.debug("the state of %s cannot be told now: %s", topic, error)
                failed = True
                continue
            if text:
                self._wanted.remove(topic)
                self._wanted.append(topic)
                return text, failed
        return "", failed

    async def _due(self, topic: Topic) -> str:
        told, number = self._told.get(topic), self._hub.number(topic)
        if told == number:
            return ""
        changes = None if told is None else self._hub.since(topic, told)
        if changes is None:
            shown: Body | None = await self._teller.snapshot(topic)
        else:
            shown = await self._teller.change(topic, changes)
        self._told[topic] = number
        if shown is None or self._is_told(topic, shown):
            return ""
        text = self._lines(topic, {"snapshot": changes is None} | shown)
        return f"{self.place()}{text}\n" if text else ""

    def _is_told(self, topic: Topic, shown: Body) -> bool:
        """Whether what the caller may see of a state is what was sent last."""
        if topic not in SAMPLED:
            return False
        before, self._states[topic] = self._states.get(topic), shown
        return before == shown


@contextmanager
def hub_source(
    scope: Scope, hub: EventHub, teller: Teller, wanted: Sequence[Topic], *, last_id: str = "", ids: bool = True,
    lines: Lines = named_lines,
) -> Iterator[HubSource]:  # fmt: skip
    """A source as long as the caller of `scope` may listen.

    It ends after LONGEST, with the caller's credential, and when the caller's rights become others. `ids`: events have
    an id, and after the one of `last_id` what was missed is told instead of the present state.
    """
    who, live = identity_of(scope), live_of(scope)
    seconds = LONGEST if who.expires_at is None else min(LONGEST, who.expires_at - time.time())
    stamp = _stamp(hub, who) if ids else ""
    with hub.listening(wanted) as listener:
        later = asyncio.get_running_loop().call_later(max(0.0, seconds), listener.end)
        if live is not None:
            live.on_change(listener.end)
        try:
            yield HubSource(
                hub, listener, teller, wanted=wanted, told=_place(stamp, wanted, last_id), stamp=stamp, lines=lines,
                live=live,
            )  # fmt: skip
        finally:
            later.cancel()


def _stamp(hub: EventHub, who: Identity) -> str:
    """What begins the ids of those who see the same: with other rights, the present state has to be told anew."""
    rights = (sorted(who.can), who.chats if who.chats is None else sorted(who.chats), who.target)
    return hub.epoch + hashlib.blake2s(repr(rights).encode(), digest_size=4).hexdigest()


def _place(stamp: str, topics: Sequence[Topic], id: str) -> Place:
    """What an `id` says that was told of these topics; nothing where it is not of this server since its start."""
    begin, _, place = id.partition(".")
    if not stamp or begin != stamp:
        return {}
    told = dict(one.split(":", 1) for one in place.split(",") if ":" in one)
    return {topic: int(told[topic]) for topic in topics if told.get(topic, "").isdecimal()}
