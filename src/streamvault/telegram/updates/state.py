"""The update state of an account: pts of each channel; pts, qts and date of its own updates.

Each state is stored as the text of a mark, in the same transaction as what the updates up to it say.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pyrogram.storage import UpdateState

from streamvault.media.events import Event, SeenChat, Standing

PtsCheck = Literal["apply", "ignore", "gap"]
ACCOUNT = 0
"""The account's own updates, where those of a channel have its chat_id; Kurigram uses the same number."""


def compare_pts(local: int | None, pts: int, pts_count: int) -> PtsCheck:
    """What to do with an update, by the local pts (core.telegram.org/api/updates).

    A `local` of None accepts any update as the first one.
    """
    if local is None or local + pts_count == pts:
        return "apply"
    return "ignore" if local + pts_count > pts else "gap"


@dataclass(frozen=True, slots=True)
class AccountState:
    """The state of the account's own updates; `date` in Unix seconds. A channel has a pts only."""

    pts: int
    qts: int
    date: int

    def encode(self) -> str:
        """As the text of a mark."""
        return json.dumps([self.pts, self.qts, self.date])

    @classmethod
    def decode(cls, text: str) -> "AccountState":
        """The state that `encode` was called on."""
        return cls(*json.loads(text))


class Index(Protocol):
    """Applies events and stores marks. Every method raises CatalogError while the database is away."""

    async def apply(self, *events: Event, marks: Mapping[str, str]) -> None:
        """Apply the events, in order, and store the marks, in one transaction."""
        ...

    async def mark(self, name: str) -> str | None:
        """The text of the mark with this name; None if there is none."""
        ...

    async def followed(self) -> frozenset[int]:
        """The chats whose updates are indexed."""
        ...

    async def standing(self, chat: SeenChat) -> Standing:
        """Whether the updates of this channel are indexed."""
        ...

    async def missed(self, chat_id: int, *, followed: bool) -> None:
        """Updates of this chat are lost for good, so that its history has to be walked.

        `followed`: there was a stored pts before them.
        """
        ...


class NoIndex:
    """Stores state without a catalog: in the account's stored session, as Kurigram does."""

    def __init__(self, storage: Any) -> None:
        self._storage = storage

    async def apply(self, *events: Event, marks: Mapping[str, str]) -> None:
        """Stores the marks; there is nothing to apply the events to."""
        for name, text in marks.items():
            chat_id = mark_chat_id(name)
            state = AccountState.decode(text) if chat_id == ACCOUNT else AccountState(int(text), 0, 0)
            await self._storage.set_update_state(UpdateState(chat_id, state.pts, state.qts, state.date, 0))

    async def mark(self, name: str) -> str | None:
        """From the stored session."""
        return await stored_state(self._storage, name)

    async def followed(self) -> frozenset[int]:
        """Every channel with a stored pts."""
        return frozenset(state.id for state in await self._storage.get_update_states() if state.id != ACCOUNT)

    async def standing(self, chat: SeenChat) -> Standing:
        """Every channel's updates are counted."""
        return "ours"

    async def missed(self, chat_id: int, *, followed: bool) -> None:
        """Does nothing: no history is indexed."""


def mark_name(chat_id: int, *, account: int) -> str:
    """The name of the mark that holds a channel's pts, or with ACCOUNT the account's state."""
    return f"updates/{account}" if chat_id == ACCOUNT else f"pts/{chat_id}"


def mark_chat_id(name: str) -> int:
    """The chat whose pts a mark holds; ACCOUNT for the account's state."""
    kind, _, number = name.partition("/")
    return ACCOUNT if kind == "updates" else int(number)


async def stored_state(storage: Any, name: str) -> str | None:
    """The text of a mark from the account's stored session, where earlier versions kept all state."""
    for state in await storage.get_update_states(mark_chat_id(name)):
        if state.pts:
            is_account = state.id == ACCOUNT
            return AccountState(state.pts, state.qts or 0, state.date or 0).encode() if is_account else str(state.pts)
    return None
