"""The sequence of updates of the account itself, ordered by pts and qts (updates.getDifference)."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from pyrogram import raw

from streamvault.telegram.errors import PtsUnknown
from streamvault.telegram.updates.events import channel_of, events_of, received_file
from streamvault.telegram.updates.index_queue import IndexWrite
from streamvault.telegram.updates.sequence import ReceivedUpdate, UpdateSequence
from streamvault.telegram.updates.state import ACCOUNT, AccountState, compare_pts, mark_name


class AccountSequence(UpdateSequence):
    """The account's own sequence: private messages for the handlers, memberships and received files for the index.

    `channel_updates` takes the updates of channels that its difference holds. `owners`: user ids of those whose files
    are received.
    """

    def __init__(
        self, *args: Any, channel_updates: Callable[[Iterable[ReceivedUpdate]], None],
        owners: frozenset[int] = frozenset(), **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        self._owners = owners
        self._channel_updates = channel_updates
        self._state: AccountState | None = None

    async def handle(self, received: ReceivedUpdate) -> bool:
        """Apply or ignore one update; False if there is a gap before it. May be repeated after SourceError or
        CatalogError.
        """
        update, state = received.update, await self._local_state()
        pts, count, qts = (getattr(update, name, None) for name in ("pts", "pts_count", "qts"))
        if pts is not None and count is not None:
            check, after = compare_pts(state.pts, pts, count), replace(state, pts=pts)
        elif qts is not None:
            check, after = compare_pts(state.qts, qts, 1), replace(state, qts=qts)
        else:
            self.dispatch(received)
            return True
        if check == "apply":
            self._state = after
            await self._apply(received, store=True)
        return check != "gap"

    async def catch_up(self, done: "asyncio.Future[None] | None" = None) -> None:
        """Apply the difference since the local state; `done` is resolved once it is stored."""
        while True:
            state = await self._local_state()
            query = raw.functions.updates.GetDifference(pts=state.pts, date=state.date, qts=state.qts)
            try:
                answer = await self.fetch(query)
            except PtsUnknown:
                self._state = await self._initial_state()
                if self._state.pts == state.pts:
                    raise
                continue
            match answer:
                case raw.types.updates.DifferenceEmpty():
                    self._state = replace(state, date=answer.date)
                case raw.types.updates.DifferenceTooLong():
                    self._state = replace(state, pts=answer.pts)
                    continue
                case raw.types.updates.DifferenceSlice():
                    await self._apply_difference(answer, answer.intermediate_state)
                    if self._state != state:
                        continue
                case _:
                    await self._apply_difference(answer, answer.state)
            break
        await self._store_state(done)

    async def _local_state(self) -> AccountState:
        if self._state is None:
            stored = await self.stored(ACCOUNT)
            self._state = AccountState.decode(stored) if stored else await self._initial_state()
        return self._state

    async def _initial_state(self) -> AccountState:
        """The server's state with a qts of 0: the difference then holds every membership that Telegram still has."""
        state = await self.fetch(raw.functions.updates.GetState())
        return AccountState(max(1, state.pts), 0, state.date)

    async def _apply_difference(self, answer: Any, state: Any) -> None:
        """Apply the updates of a difference, then store `state`, an updates.state, as the state after them."""
        users, chats = {user.id: user for user in answer.users}, {chat.id: chat for chat in answer.chats}
        new = [raw.types.UpdateNewMessage(message=one, pts=0, pts_count=0) for one in answer.new_messages]
        for update in (*new, *answer.other_updates):
            await self.handlers_ready()
            received = ReceivedUpdate(update, users, chats)
            if channel_of(update) is not None:
                self._channel_updates([received])
            else:
                await self._apply(received, store=False)
        self._state = AccountState(state.pts, state.qts, state.date)
        await self._store_state(None)

    async def _apply(self, received: ReceivedUpdate, *, store: bool) -> None:
        """Dispatch an update and queue its events. Handlers are not waited for: what they have not finished when the
        process ends is not dispatched again, but files of owners are stored as received.
        """
        events = events_of(received.update, users=received.users, chats=received.chats, me=self.me)
        events += received_file(received.update, owners=self._owners)
        self.dispatch(received)
        if events or store:
            await self.queue.add(IndexWrite(events, self._mark() if store else None))

    def _mark(self) -> tuple[str, str] | None:
        return None if self._state is None else (mark_name(ACCOUNT, account=self.me), self._state.encode())

    async def _store_state(self, done: "asyncio.Future[None] | None") -> None:
        await self.queue.add(IndexWrite(mark=self._mark(), done=done))
