"""Group calls of a world: who is in them, and the updates that follow each change.

updateGroupCall goes to every member of the chat but bots, `min` to all but the account that acts;
updateGroupCallParticipants to those who are in the call. Each update of participants advances the call's version by one
(core.telegram.org/api/group-calls).
"""

import itertools
from collections.abc import Sequence
from typing import Any, Protocol

from pyrogram import raw

from tgemulator.world.call_model import CallParticipant, GroupCall, Video
from tgemulator.world.call_view import call_object, input_call, participant_object
from tgemulator.world.delivery import Delivery
from tgemulator.world.drafts import Draft
from tgemulator.world.model import Chat, Peer, User
from tgemulator.world.pushes import Pushes
from tgemulator.world.state import WorldState
from tgemulator.world.view import View

_FIRST_CALL = 6_000_000_000_000_000_001
_FIRST_SOURCE = 1_900_000_001


class Media(Protocol):
    """The media server, as far as changes of participants concern it."""

    def changed(self, call: GroupCall, participant: CallParticipant) -> None:
        """Whether the participant may speak, or what it shows, may have changed."""
        ...

    def left(self, call: GroupCall, participant: CallParticipant) -> None:
        """The participant is no longer in the call."""
        ...


class Calls:
    """Changes the calls of a World; they are found in WorldState.calls_by_id. `media` is told of those who leave.

    `page`: how many participants an answer holds if the client does not say. `rtmp_url`: where streams for calls are
    sent to.
    """

    def __init__(self, state: WorldState, delivery: Delivery, pushes: Pushes) -> None:
        self.media: Media | None = None
        self.page = 20
        self.rtmp_url = "rtmp://127.0.0.1:1935/s/"
        self._state = state
        self._delivery = delivery
        self._pushes = pushes
        self._ids = itertools.count(_FIRST_CALL)
        self._orders = itertools.count(1)
        self._sources = itertools.count(_FIRST_SOURCE)

    def of_chat(self, chat: Chat) -> GroupCall | None:
        """The call of a chat that has not ended, scheduled or running."""
        return None if chat.call_id is None else self._state.calls_by_id[chat.call_id]

    def create(
        self,
        chat: Chat,
        *,
        by: User | None = None,
        title: str = "",
        schedule_date: int | None = None,
        stream: str | None = None,
        session: object = None,
    ) -> GroupCall:
        """Begin a call, or (`schedule_date`) announce one. ValueError if the chat has one already."""
        if chat.call_id is not None:
            raise ValueError(f"chat {chat.id} has a call already")
        creator = by or self._state.users[chat.creator_id]
        number = next(self._ids)
        mac = self._state.files.mac("call", number)
        call = GroupCall(
            id=number,
            access_hash=int.from_bytes(mac[:8], "big", signed=True),
            peer=chat.peer,
            creator_id=creator.id,
            date=self._state.now(),
            title=title,
            schedule_date=schedule_date,
            stream=stream,
        )
        self._state.calls_by_id[number], chat.call_id = call, number
        self.tell(call, by=creator, session=session)
        self._announce(call, creator)
        return call

    def start(self, call: GroupCall, *, by: User | None = None, session: object = None) -> None:
        """Begin a scheduled call."""
        actor = by or self._state.users[call.creator_id]
        call.schedule_date, call.date = None, self._state.now()
        self.tell(call, by=actor, session=session)
        self._announce(call, actor)

    def discard(self, call: GroupCall, *, by: User | None = None, session: object = None) -> None:
        """End a call; everybody leaves it."""
        actor = by or self._state.users[call.creator_id]
        members = list(call.participants.values())
        call.ended_at = self._state.now()
        self._state.chats[call.peer[1]].call_id = None
        self.tell(call, by=actor, session=session)
        call.participants.clear()
        for one in members:
            self._left(call, one)
        if call.schedule_date is None:
            duration = call.ended_at - call.date
            action = raw.types.MessageActionGroupCall(call=input_call(call), duration=duration)
            self._say(call, actor, action)

    def join(
        self,
        call: GroupCall,
        user: User,
        *,
        peer: Peer | None = None,
        source: int | None = None,
        muted: bool = False,
        may_speak: bool = True,
        camera: Video | None = None,
        filming: bool = False,
        hidden: bool = False,
        session: object = None,
    ) -> CallParticipant:
        """Add an account under its own peer or that of a channel, instead of what it was in the call before.

        Without `source` it is simulated: no client is behind it. `camera` is what it can show; it does so at once if it
        is `filming` and the call has room.
        """
        one = CallParticipant(
            peer=peer or ("user", user.id),
            user_id=user.id,
            source=next(self._sources) if source is None else source,
            date=self._state.now(),
            order=next(self._orders),
            muted=muted or not may_speak,
            may_speak=may_speak,
            camera=camera,
            video=camera if filming and call.videos() < call.video_limit else None,
            hidden=hidden,
            simulated=source is None,
        )
        before = call.of_account(user.id) or call.participants.get(one.peer)
        if before is not None and before.peer != one.peer:
            self.leave(call, before)
        call.participants[one.peer] = one
        self._changed(call, one, joined=True, session=session)
        return one

    def leave(self, call: GroupCall, one: CallParticipant, *, session: object = None) -> None:
        """Take a participant out of a call, whoever wanted that."""
        listeners = self._listeners(call)
        if call.participants.pop(one.peer, None) is None:
            return
        self._left(call, one)
        if not one.hidden:
            call.version += 1
            self._push(call, listeners, one, left=True, session=session)
        self.tell(call, by=None, session=session)

    def leave_all(self, chat: Chat, user: User) -> None:
        """An account that is no longer in a chat is no longer in its call."""
        call = self.of_chat(chat)
        one = None if call is None else call.of_account(user.id)
        if call is not None and one is not None:
            self.leave(call, one)

    def move(self, old: Chat, new: Chat) -> None:
        """The call of a group that has become a supergroup is the supergroup's from now on."""
        call = self.of_chat(old)
        if call is not None:
            old.call_id, new.call_id, call.peer = None, call.id, new.peer
            self.tell(call, by=None)

    def update(self, call: GroupCall, one: CallParticipant, *, session: object = None) -> None:
        """Tell of a participant whose fields were changed."""
        self._changed(call, one, joined=False, session=session)

    def tell(self, call: GroupCall, *, by: User | None, session: object = None) -> None:
        """Push the call as it is now to the members of its chat, and to those in it."""
        chat = self._state.chats[call.peer[1]]
        for number in {*chat.members, *(one.user_id for one in call.participants.values())}:
            user = self._state.users[number]
            if not user.is_bot and self._pushes.listens(number, exclude=session):
                view = View(self._state, user)
                update = self.call_update(view, call, partial=by is None or by.id != number)
                self._pushes.push(number, view.updates([update]), exclude=session)

    def call_update(self, view: View, call: GroupCall, *, partial: bool = False) -> Any:
        """raw.types.UpdateGroupCall for one account."""
        found = call_object(view, call, partial=partial)
        return raw.types.UpdateGroupCall(call=found, peer=view.peer(call.peer))

    def participants_update(
        self, view: View, call: GroupCall, members: Sequence[CallParticipant], *, joined: bool = False
    ) -> Any:
        """raw.types.UpdateGroupCallParticipants for one account, with the version that the call has now."""
        found = [participant_object(view, one, joined=joined, versioned=joined) for one in members]
        return raw.types.UpdateGroupCallParticipants(call=input_call(call), participants=found, version=call.version)

    def invite(self, call: GroupCall, *, by: User, users: Sequence[User]) -> None:
        """The service message that invites accounts to a call."""
        numbers = [user.id for user in users]
        self._say(call, by, raw.types.MessageActionInviteToGroupCall(call=input_call(call), users=numbers))

    def _changed(self, call: GroupCall, one: CallParticipant, *, joined: bool, session: object) -> None:
        """Tell the media server, and everybody in the call, of a participant who is in it."""
        if self.media is not None:
            self.media.changed(call, one)
        if not one.hidden:
            call.version += joined
            self._push(call, self._listeners(call), one, joined=joined, session=session)
        if joined:
            self.tell(call, by=None, session=session)

    def _left(self, call: GroupCall, one: CallParticipant) -> None:
        if self.media is not None:
            self.media.left(call, one)

    def _listeners(self, call: GroupCall) -> set[int]:
        """The accounts that get updates of participants."""
        return {one.user_id for one in call.participants.values()}

    def _push(
        self,
        call: GroupCall,
        listeners: set[int],
        one: CallParticipant,
        *,
        joined: bool = False,
        left: bool = False,
        session: object,
    ) -> None:
        """Push one participant to these accounts."""
        for number in listeners:
            if self._pushes.listens(number, exclude=session):
                view = View(self._state, self._state.users[number])
                found = participant_object(view, one, joined=joined, left=left, versioned=joined or left)
                update = raw.types.UpdateGroupCallParticipants(
                    call=input_call(call), participants=[found], version=call.version
                )
                self._pushes.push(number, view.updates([update]), exclude=session)

    def _announce(self, call: GroupCall, actor: User) -> None:
        """The service message of a call that begins, or is to begin."""
        if call.schedule_date is None:
            self._say(call, actor, raw.types.MessageActionGroupCall(call=input_call(call)))
        else:
            action = raw.types.MessageActionGroupCallScheduled(call=input_call(call), schedule_date=call.schedule_date)
            self._say(call, actor, action)

    def _say(self, call: GroupCall, actor: User, action: Any) -> None:
        """A service message in the chat of a call; in a broadcast channel it has no author."""
        chat = self._state.chats[call.peer[1]]
        post = chat.kind == "channel" and not getattr(chat, "megagroup", False)
        sender = None if post else actor
        self._delivery.send(sender, chat.peer, drafts=[Draft(action=action)])
