"""The calls of chats by Telegram's methods (core.telegram.org/api/group-calls), as one user account.

Nothing is remembered of a call but while the account is in it: each join reads the chat again, as a call may have ended
and another one begun.
"""

import json
import random
from dataclasses import dataclass
from typing import Any

from pyrogram import raw, utils

from streamvault.errors import CallInterrupted, CallRefused
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.dialogs import pages
from streamvault.telegram.calls.refusals import LISTENERS_ONLY, RTMP, SCHEDULED, call_errors
from streamvault.telegram.files.posting import input_peer

CHAT_PAGES = 2
"""Pages of a hundred chats each."""
LOST = "The account that plays is no longer in the call."
_SELF = raw.types.InputPeerSelf


@dataclass(slots=True)
class Joined:
    """A call that the account is in; `ssrc`: the source of its sound there."""

    call: Any
    ssrc: int | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """Who hears us: `listeners` beside us; `muted`: an admin has muted us."""

    listeners: int
    muted: bool


class GroupCalls:
    """Methods raise CallRefused and CallInterrupted."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._joined: dict[int, Joined] = {}

    async def chats(self) -> list[dict[str, Any]]:
        """`chat_id`, `title` and `open` (a call is open) of the chats in whose calls the account can play, of those
        with the newest messages.
        """
        found: dict[int, dict[str, Any]] = {}
        with call_errors():
            async for answer in pages(self._account.call, most=CHAT_PAGES):
                for chat in filter(has_calls, answer.chats):
                    chat_id = _number(chat)
                    found[chat_id] = {"chat_id": chat_id, "title": chat.title, "open": bool(chat.call_active)}
        return list(found.values())

    async def find(self, chat_id: int, *, may_open: bool = True) -> Any:
        """The InputGroupCall of a chat that can be joined now; one is opened where there is none."""
        with call_errors():
            peer = await input_peer(self._account, chat_id)
            full = await self._account.call(_full_chat(peer))
            found = full.full_chat.call
            if found is None and may_open:
                found = await self._open(peer)
            if found is None:
                raise CallInterrupted("There is no call in this chat.")
            state = await self._account.call(raw.functions.phone.GetGroupCall(call=found, limit=1))
        if isinstance(state.call, raw.types.GroupCallDiscarded):
            raise CallInterrupted("The call of this chat has just ended.")
        if state.call.schedule_date is not None:
            raise CallRefused(SCHEDULED)
        if state.call.rtmp_stream:
            raise CallRefused(RTMP)
        self._joined[chat_id] = Joined(found)
        return found

    def joined(self, chat_id: int) -> Any:
        """The InputGroupCall of the call that the account is in, or is joining; None for none."""
        found = self._joined.get(chat_id)
        return None if found is None else found.call

    def forget(self, chat_id: int) -> None:
        """The account is not in the call of a chat any more."""
        self._joined.pop(chat_id, None)

    async def join(self, chat_id: int, payload: str, *, video_stopped: bool, invite_hash: str | None) -> str:
        """Join with what the media library offers, as JSON; the answer of the call's server, as JSON."""
        joined = self._joined[chat_id]
        query = raw.functions.phone.JoinGroupCall(
            call=joined.call, join_as=_SELF(), params=raw.types.DataJSON(data=payload), muted=False,
            video_stopped=video_stopped, invite_hash=invite_hash,
        )  # fmt: skip
        with call_errors():
            answer = await self._account.call(query)
        joined.ssrc = int(json.loads(payload)["ssrc"])
        params = next((one.params.data for one in answer.updates if _is_connection(one)), None)
        if params is None:
            raise CallInterrupted("Telegram did not say how to connect to the call.")
        if json.loads(params).get("stream"):
            raise CallRefused(LISTENERS_ONLY)
        return str(params)

    async def check(self, chat_id: int) -> None:
        """Return if the call's server still hears us. Raises CallInterrupted where it does not."""
        joined = self._joined.get(chat_id)
        if joined is None or joined.ssrc is None:
            raise CallInterrupted(LOST)
        with call_errors():
            there = await self._account.call(
                raw.functions.phone.CheckGroupCall(call=joined.call, sources=[joined.ssrc])
            )
        if joined.ssrc not in there:
            raise CallInterrupted(LOST)

    async def heard(self, chat_id: int) -> Heard:
        """Who hears us."""
        joined = self._joined.get(chat_id)
        if joined is None:
            raise CallInterrupted(LOST)
        phone = raw.functions.phone
        with call_errors():
            state = await self._account.call(phone.GetGroupCall(call=joined.call, limit=1))
            ours = await self._account.call(
                phone.GetGroupParticipants(call=joined.call, ids=[_SELF()], sources=[], offset="", limit=1)
            )
        if isinstance(state.call, raw.types.GroupCallDiscarded):
            raise CallInterrupted("The call has ended.")
        us = [one for one in ours.participants if one.is_self or one.source == joined.ssrc]
        muted = bool(us) and bool(us[0].muted) and not us[0].can_self_unmute
        return Heard(max(0, state.call.participants_count - 1), muted)

    async def edit(self, chat_id: int, **state: bool | None) -> None:
        """Tell others of our state: muted, video_paused, video_stopped, presentation_paused."""
        joined = self._joined.get(chat_id)
        if joined is not None:
            query = raw.functions.phone.EditGroupCallParticipant(call=joined.call, participant=_SELF(), **state)
            with call_errors():
                await self._account.call(query)

    async def leave(self, chat_id: int) -> None:
        """Leave the call of a chat, if the account is in one."""
        joined = self._joined.pop(chat_id, None)
        if joined is not None:
            with call_errors():
                await self._account.call(raw.functions.phone.LeaveGroupCall(call=joined.call, source=joined.ssrc or 0))

    async def _open(self, peer: Any) -> Any:
        """Open a call where there is none."""
        query = raw.functions.phone.CreateGroupCall(peer=peer, random_id=random.randrange(1, 1 << 31))
        answer = await self._account.call(query)
        for update in answer.updates:
            if isinstance(update, raw.types.UpdateGroupCall) and isinstance(update.call, raw.types.GroupCall):
                return raw.types.InputGroupCall(id=update.call.id, access_hash=update.call.access_hash)
        return None


def _full_chat(peer: Any) -> Any:
    if isinstance(peer, raw.types.InputPeerChat):
        return raw.functions.messages.GetFullChat(chat_id=peer.chat_id)
    if not isinstance(peer, raw.types.InputPeerChannel):
        raise CallRefused("Calls are played in groups and channels only.")
    channel = raw.types.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)
    return raw.functions.channels.GetFullChannel(channel=channel)


def has_calls(chat: Any) -> bool:
    """Whether the account may play in calls of a raw chat: groups, and channels where there is a call or it may open
    one.
    """
    types = raw.types
    if isinstance(chat, types.Chat):
        return not (chat.left or chat.deactivated or chat.migrated_to)
    if not isinstance(chat, types.Channel) or chat.left:
        return False
    rights = chat.admin_rights
    return bool(chat.megagroup or chat.call_active or chat.creator or (rights and rights.manage_call))


def _number(chat: Any) -> int:
    """The number of a raw chat, as clients write it."""
    return -int(chat.id) if isinstance(chat, raw.types.Chat) else int(utils.get_channel_id(chat.id))


def _is_connection(update: Any) -> bool:
    return isinstance(update, raw.types.UpdateGroupCallConnection) and not update.presentation


def chat_of(peer: Any) -> int:
    """The number of a peer, as clients write it."""
    return int(utils.get_peer_id(peer))
