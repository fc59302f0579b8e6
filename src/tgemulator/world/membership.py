"""Changes the members of chats and their rights, and sends the updates that follow.

Telegram sends updateChannel to the account itself, updateChatParticipants to everybody in a basic group, and, with
old and new state, updateChannelParticipant or updateChatParticipant to bots: the one that is changed and those that
administer the chat (these updates count in qts).
"""

from collections.abc import Callable, Iterable
from typing import Any

from pyrogram import raw

from tgemulator.world.delivery import Delivery
from tgemulator.world.drafts import Draft
from tgemulator.world.model import Channel, Chat, Group, Member, User
from tgemulator.world.participants import banned_participant, channel_participant, chat_participant, chat_participants
from tgemulator.world.pushes import Pushes
from tgemulator.world.state import WorldState
from tgemulator.world.view import View

_Participant = Callable[[View], Any]  # a participant in TL form, for one viewer; None for no member


class Membership:
    """Changes the members of a World's chats."""

    def __init__(self, state: WorldState, delivery: Delivery, pushes: Pushes) -> None:
        self._state = state
        self._delivery = delivery
        self._pushes = pushes
        self.on_removed: Callable[[Chat, User], None] = lambda chat, user: None
        """Called after an account was taken out of a chat, or has left it."""

    def set(
        self,
        chat: Chat,
        user: User,
        *,
        member: Member | None,
        actor: User,
        session: object = None,
        announce: bool = True,
    ) -> None:
        """Make `user` this kind of member of `chat`, or none at all (None).

        `announce`: whether groups get a service message. `session` gets no push of updateChannel.
        """
        old = chat.members.get(user.id)
        before = self._participant(chat, old)
        bot_ids = self._notified_bots(chat, user.id)
        if member is not None:
            chat.members[user.id] = member
        else:
            chat.members.pop(user.id, None)
        if isinstance(chat, Channel):
            chat.former.add(user.id)
        elif isinstance(chat, Group):
            chat.version += 1
        after = (
            self._participant(chat, member) if member or user.id == actor.id else self._removed(chat, user, actor=actor)
        )
        self._notify_bots(chat, user, actor=actor, states=(before, after), bot_ids=bot_ids)
        self._notify_users(chat, user, session=session)
        if old is not None and member is None:
            self.on_removed(chat, user)
        if announce and (old is None) != (member is None):
            self._announce(chat, user, actor=actor, joined=member is not None)

    def _notified_bots(self, chat: Chat, subject_id: int) -> list[int]:
        """The bots that get an update of a change: the subject itself, and those that administer the chat."""
        users = self._state.users
        notified = {subject_id, *(number for number in chat.members if chat.is_admin(number))}
        return [number for number in notified if users[number].is_bot]

    def _participant(self, chat: Chat, member: Member | None) -> _Participant:
        """The member in TL form as of now; the function that is returned renders it for one viewer."""
        if member is None:
            return lambda view: None

        def render(view: View) -> Any:
            for number in (member.user_id, member.inviter_id, member.promoted_by or member.inviter_id):
                view.user(number)
            if isinstance(chat, Channel):
                return channel_participant(chat, member, viewer_id=view.viewer.id)
            return chat_participant(chat, member)

        return render

    def _removed(self, chat: Chat, user: User, *, actor: User) -> _Participant:
        """The TL form of a member whom another one removed: banned in a channel, None in a basic group."""
        if not isinstance(chat, Channel):
            return lambda view: None
        date = self._state.now()
        return lambda view: banned_participant(user.id, by=actor.id, date=date)

    def _notify_bots(
        self,
        chat: Chat,
        user: User,
        *,
        actor: User,
        states: tuple[_Participant, _Participant],
        bot_ids: Iterable[int],
    ) -> None:
        date = self._state.now()
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

        for bot_id in bot_ids:
            event = self._state.mailbox(bot_id).events.record("other", payload=render)
            self._delivery.event_for(bot_id, event)

    def _notify_users(self, chat: Chat, user: User, *, session: object) -> None:
        """Push updateChannel to the subject, or updateChatParticipants to everybody in a basic group."""
        if isinstance(chat, Channel):
            view = View(self._state, user)
            view.chat(chat)
            update = raw.types.UpdateChannel(channel_id=chat.id)
            self._pushes.push(user.id, view.updates([update]), exclude=session)
            return
        for number in {*chat.members, user.id}:
            view = View(self._state, self._state.users[number])
            view.chat(chat)
            for member in chat.members:
                view.user(member)
            self._pushes.push(number, view.updates([self.participants_update(chat)]), exclude=session)

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
            self._delivery.send(actor, chat.peer, drafts=[Draft(action=action)])
