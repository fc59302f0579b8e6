"""Follows the updates of channels, and the account's own: each once, in order, gaps filled by Telegram's difference."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pyrogram import raw

from streamvault.errors import FileMissing
from streamvault.telegram.accounts.locations import input_channel
from streamvault.telegram.errors import PtsUnknown
from streamvault.telegram.updates.events import channel_of, events_of, posts
from streamvault.telegram.updates.index_queue import IndexQueue, IndexStep
from streamvault.telegram.updates.state import OWN, AccountState, Index, compare_pts, name_of, stored_state

log = logging.getLogger(__name__)

AT_ONCE = 100_000
"""The most updates of a channel that a bot may ask for (updates.getChannelDifference); more are "too long"."""
HANDLERS = 1000
"""Updates that may wait for Kurigram's handlers before a difference is read on."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One update, with the users and chats that it came with."""

    update: Any
    users: Mapping[int, Any] = field(default_factory=dict)
    chats: Mapping[int, Any] = field(default_factory=dict)


class UpdateSequence:
    """What both followers need. `call` asks Telegram and raises StreamVault's errors."""

    def __init__(self, client: Any, index: Index, steps: IndexQueue, *, call: Callable[[Any], Awaitable[Any]]) -> None:
        self.client, self.index, self.steps, self._telegram = client, index, steps, call

    @property
    def me(self) -> int:
        """The account's own id."""
        return int(self.client.me.id)

    async def call(self, query: Any) -> Any:
        """Telegram's answer."""
        return await self._telegram(query)

    async def ask(self, query: Any) -> Any:
        """A difference; the peers in it are remembered."""
        answer = await self.call(query)
        await self.client.fetch_peers([*getattr(answer, "users", ()), *getattr(answer, "chats", ())])
        return answer

    async def place(self, chat_id: int) -> str | None:
        """The stored place; at first the one that an earlier version has left. Raises CatalogError."""
        name = name_of(chat_id, account=self.me)
        return await self.index.mark(name) or await stored_state(self.client.storage, name)

    def hand_over(self, packet: Packet) -> None:
        """To Kurigram's handlers."""
        self.client.dispatcher.updates_queue.put_nowait((packet.update, dict(packet.users), dict(packet.chats)))

    async def room(self) -> None:
        """Wait while the handlers have more to do than they should."""
        while self.client.dispatcher.updates_queue.qsize() > HANDLERS:  # noqa: ASYNC110 - its queue tells nobody
            await asyncio.sleep(0.05)


class ChannelSequences(UpdateSequence):
    """Follows channels. `watched` tells whether the handlers want to see a channel's update."""

    def __init__(self, *args: Any, watched: Callable[[Any], bool], **options: Any) -> None:
        super().__init__(*args, **options)
        self._watched = watched
        self._pts: dict[int, int] = {}

    async def take(self, packet: Packet) -> None:
        """Deal with one update. Raises SourceError and CatalogError; it may be given again then."""
        update, chat_id = packet.update, channel_of(packet.update)
        if chat_id is None:
            return
        if isinstance(update, raw.types.UpdateChannelTooLong):
            return await self._too_long(chat_id, update.pts)
        pts, count = getattr(update, "pts", None), getattr(update, "pts_count", None)
        if pts is None or count is None:
            return await self._do(packet, None)
        match compare_pts(await self._known(chat_id), pts, count):
            case "next":
                self._pts[chat_id] = pts
                await self._do(packet, (chat_id, pts))
            case "gap":
                await self.catch_up(chat_id)

    async def catch_up(self, chat_id: int) -> None:
        """Do everything that has happened since the place of this channel; nothing where there is none."""
        if await self._known(chat_id) is None:
            return
        channel = await input_channel(self, chat_id)
        while True:
            query = raw.functions.updates.GetChannelDifference(
                channel=channel, filter=raw.types.ChannelMessagesFilterEmpty(), pts=self._pts[chat_id], limit=AT_ONCE,
                force=False,
            )  # fmt: skip
            try:
                answer = await self.ask(query)
            except FileMissing:
                return  # we are in it no more; the place is kept, in case we come back
            except PtsUnknown:
                if self._pts[chat_id] == 1:
                    raise
                self._pts[chat_id] = 1  # everything from the beginning, or that it is too long
                continue
            if isinstance(answer, raw.types.updates.ChannelDifferenceTooLong):
                await self._jump(chat_id, answer)
            elif isinstance(answer, raw.types.updates.ChannelDifference):
                await self._difference(chat_id, answer)
            if answer.final or isinstance(answer, raw.types.updates.ChannelDifferenceEmpty):
                return

    async def _known(self, chat_id: int) -> int | None:
        if chat_id not in self._pts and (stored := await self.place(chat_id)) is not None:
            self._pts[chat_id] = int(stored)
        return self._pts.get(chat_id)

    async def _too_long(self, chat_id: int, pts: int | None) -> None:
        if await self._known(chat_id) is not None:
            await self.catch_up(chat_id)
        elif pts:
            await self.index.missed(chat_id, followed=False)
            self._pts[chat_id] = pts
            await self._keep(chat_id)

    async def _do(self, packet: Packet, place: tuple[int, int] | None) -> None:
        events = events_of(packet.update, chats=packet.chats, me=self.me)
        mark = None if place is None else (name_of(place[0], account=self.me), str(place[1]))
        if events or mark:
            await self.steps.add(IndexStep(events, mark))
        if self._watched(packet.update):
            self.hand_over(packet)

    async def _difference(self, chat_id: int, answer: Any) -> None:
        """New messages first, then the rest, as Telegram sorts them: a deletion of a new one comes after it."""
        users, chats = {user.id: user for user in answer.users}, {chat.id: chat for chat in answer.chats}
        new = [raw.types.UpdateNewChannelMessage(message=one, pts=0, pts_count=0) for one in answer.new_messages]
        for update in (*new, *answer.other_updates):
            await self.room()
            await self._do(Packet(update, users, chats), None)
        self._pts[chat_id] = answer.pts
        await self._keep(chat_id)

    async def _jump(self, chat_id: int, answer: Any) -> None:
        """More has happened than Telegram tells one by one: its newest messages, and the rest by a walk."""
        chats = {chat.id: chat for chat in answer.chats}
        await self.steps.add(IndexStep(posts(answer.messages, chats=chats)))
        await self.index.missed(chat_id, followed=True)
        self._pts[chat_id] = answer.dialog.pts
        await self._keep(chat_id)

    async def _keep(self, chat_id: int) -> None:
        await self.steps.add(IndexStep(mark=(name_of(chat_id, account=self.me), str(self._pts[chat_id]))))


class AccountSequence(UpdateSequence):
    """Follows what is no channel's: private messages for the handlers, memberships for the index.

    `channels` is given the updates of channels that the difference speaks of.
    """

    def __init__(self, *args: Any, channels: Callable[[Iterable[Packet]], None], **options: Any) -> None:
        super().__init__(*args, **options)
        self._channels = channels
        self._place: AccountState | None = None

    async def take(self, packet: Packet) -> None:
        """Deal with one update. Raises SourceError and CatalogError; it may be given again then."""
        update, place = packet.update, await self._known()
        pts, count, qts = (getattr(update, name, None) for name in ("pts", "pts_count", "qts"))
        if pts is not None and count is not None:
            verdict, after = compare_pts(place.pts, pts, count), replace(place, pts=pts)
        elif qts is not None:
            verdict, after = compare_pts(place.qts, qts, 1), replace(place, qts=qts)
        else:
            self.hand_over(packet)
            return
        if verdict == "next":
            self._place = after
            await self._do(packet, keep=True)
        elif verdict == "gap":
            await self.catch_up()

    async def catch_up(self, done: "asyncio.Future[None] | None" = None) -> None:
        """Do everything that has happened since the place; `done` is told when the index has it."""
        while True:
            place = await self._known()
            query = raw.functions.updates.GetDifference(pts=place.pts, date=place.date, qts=place.qts)
            try:
                answer = await self.ask(query)
            except PtsUnknown:
                self._place = await self._begin()
                if self._place.pts == place.pts:
                    raise
                continue
            match answer:
                case raw.types.updates.DifferenceEmpty():
                    self._place = replace(place, date=answer.date)
                case raw.types.updates.DifferenceTooLong():
                    self._place = replace(place, pts=answer.pts)
                    continue
                case raw.types.updates.DifferenceSlice():
                    await self._difference(answer, answer.intermediate_state)
                    if self._place != place:
                        continue
                case _:
                    await self._difference(answer, answer.state)
            break
        await self._keep(done)

    async def _known(self) -> AccountState:
        if self._place is None:
            stored = await self.place(OWN)
            self._place = AccountState.decode(stored) if stored else await self._begin()
        return self._place

    async def _begin(self) -> AccountState:
        """From now on, but with every membership that Telegram still remembers: they tell which chats we are in."""
        state = await self.ask(raw.functions.updates.GetState())
        return AccountState(max(1, state.pts), 0, state.date)

    async def _difference(self, answer: Any, state: Any) -> None:
        users, chats = {user.id: user for user in answer.users}, {chat.id: chat for chat in answer.chats}
        new = [raw.types.UpdateNewMessage(message=one, pts=0, pts_count=0) for one in answer.new_messages]
        for update in (*new, *answer.other_updates):
            await self.room()
            packet = Packet(update, users, chats)
            if channel_of(update) is not None:
                self._channels([packet])
            else:
                await self._do(packet, keep=False)
        self._place = AccountState(state.pts, state.qts, state.date)
        await self._keep(None)

    async def _do(self, packet: Packet, *, keep: bool) -> None:
        """Handlers are not waited for: what they have not finished when the process dies is not given again."""
        events = events_of(packet.update, chats=packet.chats, me=self.me)
        self.hand_over(packet)
        if events or keep:
            await self.steps.add(IndexStep(events, self._mark() if keep else None))

    def _mark(self) -> tuple[str, str] | None:
        return None if self._place is None else (name_of(OWN, account=self.me), self._place.encode())

    async def _keep(self, done: "asyncio.Future[None] | None") -> None:
        await self.steps.add(IndexStep(mark=self._mark(), done=done))
