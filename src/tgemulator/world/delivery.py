"""Sends, edits and deletes messages: their copies, the events in the journals, and the pushes.

A channel has one copy and one pts; private chats and basic groups have a copy per account. Every
change of a message is made here, so that copies, journals and pushes always agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tgemulator.world.drafts import Change, Draft, discussed, thread_of
from tgemulator.world.journal import Event
from tgemulator.world.model import Channel, Message, Peer, User
from tgemulator.world.pushes import Pushes
from tgemulator.world.state import WorldState
from tgemulator.world.view import View


@dataclass(frozen=True, slots=True)
class Delivered:
    """The acting account's copy, and the event in that account's journal (or the channel's)."""

    message: Message
    event: Event


@dataclass(slots=True)
class Pending:
    """Events to push, per account, in order."""

    events: dict[int, list[Event]] = field(default_factory=dict)

    def add(self, account_id: int, event: Event) -> None:
        """One more event for this account."""
        self.events.setdefault(account_id, []).append(event)


class Delivery:
    """Sends, edits and deletes messages of a World."""

    def __init__(self, state: WorldState, pushes: Pushes) -> None:
        self._state = state
        self._pushes = pushes
        self._uids = 0
        self._copies: dict[int, list[Message]] = {}

    def send(
        self,
        sender: User | None,
        peer: Peer,
        *,
        drafts: Sequence[Draft],
        session: object = None,
    ) -> list[Delivered]:
        """Deliver drafts; the updates of each account are pushed together.

        `sender` None posts in the name of the channel. `session`, an MTProto session, gets no push: its own answer
        contains the updates. Returns the sender's copies, in the order of `drafts`.
        """
        if peer[0] == "channel":
            return self._post(sender, self._state.channel(peer[1]), drafts=drafts, session=session)
        assert sender is not None
        pending = Pending()
        delivered = [self._deliver(sender, peer, draft=draft, pending=pending) for draft in drafts]
        self._push(pending, channel=None, session=session)
        return delivered

    def edit(self, message: Message, change: Change, *, by: User | None, session: object = None) -> Delivered:
        """Replace the content of every copy of a message; returns the copy of `by`, or the given one."""
        pending = Pending()
        channel = self._state.channel(message.peer[1]) if message.peer[0] == "channel" else None
        result: Delivered | None = None
        for copy in self.copies(message):
            copy.text, copy.entities = change.text, list(change.entities)
            copy.file, copy.reply_markup = change.file, change.reply_markup
            copy.edit_date = max(self._state.now(), copy.date)
            event = self._journal(copy).record("edit", copy.id)
            self._address(copy, event, pending=pending)
            if copy.owner_id is None or copy.owner_id == (by.id if by else message.owner_id):
                result = Delivered(copy, event)
        self._push(pending, channel=channel, session=session)
        assert result is not None
        return result

    def delete(self, messages: Sequence[Message], *, session: object = None) -> dict[int, Event]:
        """Delete exactly these copies; they belong to one channel, or to mailboxes.

        Returns the event of each account whose mailbox it was, or of channel id.
        """
        groups: dict[tuple[str, int], list[Message]] = {}
        for message in messages:
            if not message.deleted:
                owner = ("channel", message.peer[1]) if message.owner_id is None else ("user", message.owner_id)
                groups.setdefault(owner, []).append(message)
        result: dict[int, Event] = {}
        for (kind, owner_id), group in groups.items():
            for message in group:
                self._forget(message)
            event = self._journal(group[0]).record("delete", *(message.id for message in group))
            result[owner_id] = event
            pending = Pending()
            self._address(group[0], event, pending=pending)
            channel = self._state.channel(owner_id) if kind == "channel" else None
            self._push(pending, channel=channel, session=session)
        return result

    def copies(self, message: Message) -> list[Message]:
        """Every copy of a message that still exists, itself included; just itself in a channel."""
        if message.owner_id is None:
            return [message]
        return [copy for copy in self._copies.get(message.uid, []) if not copy.deleted]

    def copy_for(self, message: Message, account_id: int) -> Message | None:
        """The copy that this account has; the message itself in a channel."""
        return next((copy for copy in self.copies(message) if copy.owner_id in (None, account_id)), None)

    def event_for(self, account_id: int, event: Event, *, session: object = None) -> None:
        """Push an event of an account's own journals that is not a message."""
        pending = Pending()
        pending.add(account_id, event)
        self._push(pending, channel=None, session=session)

    def _post(
        self, sender: User | None, channel: Channel, *, drafts: Sequence[Draft], session: object
    ) -> list[Delivered]:
        """Messages of a channel: one copy each."""
        pending = Pending()
        delivered: list[Delivered] = []
        for draft in drafts:
            channel.last_id += 1
            message = self._message(draft, sender, peer=channel.peer, number=channel.last_id)
            message.reply_to = draft.reply_to
            message.thread = draft.thread or thread_of(channel.messages.get(draft.reply_to or 0))
            channel.messages[message.id] = message
            event = channel.journal.record("new", message.id)
            self._address(message, event, pending=pending)
            delivered.append(Delivered(message, event))
        self._push(pending, channel=channel, session=session)
        if channel.discussion is not None:
            copies = [discussed(item.message) for item in delivered if item.message.action is None]
            self._post(None, self._state.channel(channel.discussion), drafts=copies, session=None)
        return delivered

    def _deliver(self, sender: User, peer: Peer, *, draft: Draft, pending: Pending) -> Delivered:
        """Put one message into the mailbox of each account in a private chat or basic group; the sender's first."""
        self._uids += 1
        uid = self._uids
        if peer[0] == "user":
            recipients: list[tuple[int, Peer]] = [(sender.id, peer)]
            if peer[1] != sender.id:
                recipients.append((peer[1], ("user", sender.id)))
                self._state.mailbox(peer[1]).writers.add(sender.id)
        else:
            others = [number for number in self._state.group(peer[1]).members if number != sender.id]
            recipients = [(number, peer) for number in (sender.id, *others)]
        delivered: list[Delivered] = []
        for owner_id, seen_as in recipients:
            copy = self._copy(draft, sender, owner_id=owner_id, peer=seen_as, uid=uid)
            if copy is not None:
                event = self._state.mailbox(owner_id).journal.record("new", copy.id)
                pending.add(owner_id, event)
                delivered.append(Delivered(copy, event))
        return delivered[0]

    def _copy(self, draft: Draft, sender: User, *, owner_id: int, peer: Peer, uid: int) -> Message | None:
        """One account's copy; None for a bot whose privacy mode hides the message."""
        mailbox = self._state.mailbox(owner_id)
        message = self._message(draft, sender, peer=peer, number=mailbox.last_id + 1)
        message.owner_id, message.uid = owner_id, uid
        message.reply_to = self._reply_for(draft.reply_to, sender.id, owner_id=owner_id)
        if not self._state.sees(self._state.users[owner_id], message):
            return None
        mailbox.last_id += 1
        mailbox.messages[message.id] = message
        self._copies.setdefault(uid, []).append(message)
        return message

    def _reply_for(self, reply_to: int | None, sender_id: int, *, owner_id: int) -> int | None:
        """The replied-to message under the id that it has for `owner_id`."""
        if reply_to is None or sender_id == owner_id:
            return reply_to
        original = self._state.mailbox(sender_id).messages.get(reply_to)
        copy = self.copy_for(original, owner_id) if original is not None else None
        return copy.id if copy is not None else None

    def _message(self, draft: Draft, sender: User | None, *, peer: Peer, number: int) -> Message:
        return Message(
            id=number,
            peer=peer,
            sender_id=sender.id if sender else None,
            date=draft.date if draft.date is not None else self._state.now(),
            text=draft.text,
            file=draft.file,
            entities=list(draft.entities),
            reply_markup=draft.reply_markup,
            grouped_id=draft.grouped_id,
            action=draft.action,
            silent=draft.silent,
            forward=draft.forward,
            sent_as=draft.sent_as,
            paid=draft.paid,
            noforwards=draft.noforwards,
            other=draft.other,
            view_once=draft.view_once,
        )

    def _forget(self, message: Message) -> None:
        """Mark a copy as deleted and drop its content, so that a long-running emulator does not grow."""
        message.deleted = True
        message.text, message.file, message.entities, message.reply_markup = "", None, [], None
        message.action = message.paid = message.other = None
        rest = self.copies(message) if message.owner_id is not None else []
        if rest:
            self._copies[message.uid] = rest
        else:
            self._copies.pop(message.uid, None)

    def _journal(self, message: Message) -> Any:
        """The journal for events of this copy."""
        if message.owner_id is not None:
            return self._state.mailbox(message.owner_id).journal
        return self._state.channel(message.peer[1]).journal

    def _address(self, message: Message, event: Event, *, pending: Pending) -> None:
        """Add an event of this copy to the pushes of its owner, or of every member of the channel."""
        if message.owner_id is not None:
            pending.add(message.owner_id, event)
            return
        channel = self._state.channel(message.peer[1])
        channel.changed_at = self._state.now()
        for account_id in channel.members:
            pending.add(account_id, event)

    def _push(self, pending: Pending, *, channel: Channel | None, session: object) -> None:
        """Push the pending events to the accounts that are connected."""
        for account_id, events in pending.events.items():
            if not self._pushes.listens(account_id, exclude=session):
                continue
            view = View(self._state, self._state.users[account_id])
            updates = [update for event in events if (update := view.update(event, channel)) is not None]
            if updates:
                self._pushes.push(account_id, view.updates(updates), exclude=session)
