"""How far an account has followed Telegram's updates (core.telegram.org/api/updates): pts of each channel, and its own.

A place is stored together with what the updates up to it said, so that neither is ever ahead of the other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pyrogram.storage import UpdateState

from streamvault.media.events import Event

Verdict = Literal["next", "old", "gap"]
OWN = 0
"""Kurigram's number for the account's own updates, where channels have their chat_id."""


def compare_pts(known: int | None, pts: int, count: int) -> Verdict:
    """Whether an update that leads to `pts` in `count` steps follows on what is known; None knows nothing yet."""
    if known is None or known + count == pts:
        return "next"
    return "old" if known + count > pts else "gap"


@dataclass(frozen=True, slots=True)
class AccountState:
    """Of the account's own updates; `date` in Unix seconds. Channels have a pts and no more."""

    pts: int
    qts: int
    date: int

    def encode(self) -> str:
        """The text of a mark."""
        return json.dumps([self.pts, self.qts, self.date])

    @classmethod
    def decode(cls, text: str) -> "AccountState":
        """What `encode` gave."""
        return cls(*json.loads(text))


class Index(Protocol):
    """Follows channels and keeps places. Every method raises CatalogError while its database is away."""

    async def apply(self, *events: Event, marks: Mapping[str, str]) -> None:
        """Do what the events ask for, and keep the marks, at once."""
        ...

    async def mark(self, name: str) -> str | None:
        """The mark kept under this name."""
        ...

    async def followed(self) -> frozenset[int]:
        """The chats whose updates matter."""
        ...

    async def missed(self, chat_id: int, *, followed: bool) -> None:
        """Telegram does not tell what happened in this chat for a while; `followed`: it was followed before that."""
        ...


class NoIndex:
    """Places without a catalog: in the account's session, as Kurigram keeps them."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage

    async def apply(self, *events: Event, marks: Mapping[str, str]) -> None:
        """Keeps the marks."""
        for name, text in marks.items():
            chat_id = chat_of(name)
            place = AccountState.decode(text) if chat_id == OWN else AccountState(int(text), 0, 0)
            await self._storage.set_update_state(UpdateState(chat_id, place.pts, place.qts, place.date, 0))

    async def mark(self, name: str) -> str | None:
        """From the session."""
        return await stored_state(self._storage, name)

    async def followed(self) -> frozenset[int]:
        """Every channel that has a place."""
        return frozenset(state.id for state in await self._storage.get_update_states() if state.id != OWN)

    async def missed(self, chat_id: int, *, followed: bool) -> None:
        """Nobody is interested."""


def name_of(chat_id: int, *, account: int) -> str:
    """The mark of a channel's place, or of the account's own (OWN)."""
    return f"updates/{account}" if chat_id == OWN else f"pts/{chat_id}"


def chat_of(name: str) -> int:
    """Whose place a mark is."""
    kind, _, number = name.partition("/")
    return OWN if kind == "updates" else int(number)


async def stored_state(storage: Any, name: str) -> str | None:
    """The place in an account's session, where earlier versions kept all of them."""
    for state in await storage.get_update_states(chat_of(name)):
        if state.pts:
            own = state.id == OWN
            return AccountState(state.pts, state.qts or 0, state.date or 0).encode() if own else str(state.pts)
    return None
