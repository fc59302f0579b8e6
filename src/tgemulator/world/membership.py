"""Who is in a chat and with which rights, and who is told when that changes.

Telegram tells the account itself (updateChannel), everybody in a basic group
(updateChatParticipants), and, with old and new state, bots: those concerned and those that
administer the chat (updateChannelParticipant, updateChatParticipant; these count in qts).
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from pyrogram import raw

from tgemulator.world.delivery import Draft
from tgemulator.world.model import Channel, Chat, Group, Member, User
from tgemulator.world.participants import banned_participant, channel_participant, chat_participant, chat_participants
from tgemulator.world.view import View

if TYPE_CHECKING:
    from tgemulator.mtproto.session import MtprotoSession
    from tgemulator.world.world import World

_State = Callable[[View], Any]  # a participant in TL form, for one viewer; None for no member


class Membership:
    """Changes the members of a World's chats."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def set(
        self,
        chat: Chat,
        user: User,
        *,
        member: Member | None,
        actor: User,
        session: "MtprotoSession | None" = None,
        announce: bool = True,
    ) -> None:
        """Make `user` this kind of member of `chat`, or none at all (None).

        `announce`: whether groups get a service message. `session` gets no push of updateChannel.
        """
        old = chat.members.get(user.id)
        before = self._state(chat, old)
        witnesses = self._witnesses(chat, user.id)
        if member is not None:
            chat.members[user.id] = member
        else:
            chat.members.pop(user.id, None)
        if isinstance(chat, Channel):
            chat.former.add(user.id)
        elif isinstance(chat, Group):
            chat.version += 1
        after = self._state(chat, member) if member or user.id == actor.id else self._kicked(chat, user, actor=actor)
        self._tell_bots(chat, user, actor=actor, states=(before, after), witnesses=witnesses)
        self._tell_people(chat, user, session=session)
        if announce and (old is None) != (member is None):
            self._announce(chat, user, actor=actor, joined=member is not None)

    def _witnesses(self, chat: Chat, subject_id: int) -> list[int]:
        """The bots that hear of a change: the one concerned, and those that administer the chat."""
        users = self._world.users
        told = {subject_id, *(number for number in chat.members if chat.is_admin(number))}
        return [number for number in told if users[number].is_bot]

    def _state(self, chat: Chat, member: Member | None) -> _State:
        """How a member looks now, to be asked later by each viewer."""
        if member is None:
            return lambda view: None

        def render(view: View) -> Any:
            for number in (member.user_id, member.inviter_id, member.promoted_by or member.inviter_id):
                view.user(number)
            if isinstance(chat, Channel):
                return channel_participant(chat, member, viewer_id=view.viewer.id)
            return chat_participant(chat, member)

        return render

    def _kicked(self, chat: Chat, user: User, *, actor: User) -> _State:
        """The state of somebody whom another one removed: banned in a channel, nothing in a basic group."""
        if not isinstance(chat, Channel):
            return lambda view: None
        date = self._world.now()
        return lambda view: banned_participant(user.id, by=actor.id, date=date)

    def _tell_bots(
        self,
        chat: Chat,
        user: User,
        *,
        actor: User,
        states: tuple[_State, _State],
        witnesses: Iterable[int],
    ) -> None:
        date = self._world.now()
        number = {"channel_id" if isinstance(chat, Channel) else "chat_id": chat.id}
        make = raw.types.UpdateChannelParticipant if isinstance(chat, Channel) else raw.types.UpdateChatParticipant

        def render(view: View, qts: int) -> Any:
            view.chat(chat)
            view.user(actor.id)
            view.user(user.id)
            before, after = (state(view) for state in states)
            return make(
                **number,
                date=date,
                actor_id=actor.id,
                user_id=user.id,
                prev_participant=before,
                new_participant=after,
                qts=qts,
            )

        for bot_id in witnesses:
            event = self._world.mailbox(bot_id).events.record("other", payload=render)
            self._world.delivery.event_for(bot_id, event)

    def _tell_people(self, chat: Chat, user: User, *, session: "MtprotoSession | None") -> None:
        """updateChannel to the one concerned; updateChatParticipants to everybody in a basic group."""
        if isinstance(chat, Channel):
            view = View(self._world, user)
            view.chat(chat)
            update = raw.types.UpdateChannel(channel_id=chat.id)
            self._world.push(user.id, view.updates([update]), session=session)
            return
        for number in {*chat.members, user.id}:
            view = View(self._world, self._world.users[number])
            view.chat(chat)
            for member in chat.members:
                view.user(member)
            self._world.push(number, view.updates([self.participants_update(chat)]), session=session)

    def participants_update(self, chat: Chat) -> Any:
        """raw.types.UpdateChatParticipants with everybody who is in a basic group."""
        version = chat.version if isinstance(chat, Group) else 1
        return raw.types.UpdateChatParticipants(participants=chat_participants(chat, version=version))

    def _announce(self, chat: Chat, user: User, *, actor: User, joined: bool) -> None:
        """The service message of a group; broadcast channels have none."""
        if isinstance(chat, Channel) and not chat.megagroup:
            return
        action = (
            raw.types.MessageActionChatAddUser(users=[user.id])
            if joined
            else raw.types.MessageActionChatDeleteUser(user_id=user.id)
        )
        if actor.id in chat.members:
            self._world.delivery.send(actor, chat.peer, drafts=[Draft(action=action)])
