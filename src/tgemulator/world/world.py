"""The world as tests and the demo use it: makes accounts and chats, and acts for them.

Connected clients get the updates of every action at once, exactly as if an account had done it.
The data is in model.py and state.py; delivery.py and membership.py change it.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from pyrogram import raw

from tgemulator.config import EmulatorConfig
from tgemulator.errors import RpcError
from tgemulator.world.callbacks import Callbacks, random_id
from tgemulator.world.calls import Calls
from tgemulator.world.commands import CommandStore, start_text
from tgemulator.world.delivery import Delivery
from tgemulator.world.drafts import Change, Draft
from tgemulator.world.files import FileStore
from tgemulator.world.journal import Journal
from tgemulator.world.limits import MessageLimits
from tgemulator.world.logins import Logins
from tgemulator.world.membership import Membership
from tgemulator.world.model import ADMIN_RIGHTS, Channel, Chat, Group, Member, Message, User
from tgemulator.world.pushes import Pushes, Subscribers
from tgemulator.world.state import WorldState
from tgemulator.world.stored_file import StoredFile

_FIRST_USER = 500_000_001
_FIRST_GROUP = 400_001
_FIRST_CHANNEL = 1_500_000_001


class World(WorldState):
    """Every account and chat of one emulator.

    `message_limits`: None (the default), or the rates at which bots may send, see limits.py.
    `slice_size`: how many events one answer of a difference holds; more come in several.
    Ids are given in order, so the same description builds the same world each time.
    """

    def __init__(self, config: EmulatorConfig, files: FileStore, subscribers: Subscribers) -> None:
        super().__init__(config, files)
        self.message_limits: MessageLimits | None = None
        self.slice_size = 100
        self.pushes = Pushes(self.users, subscribers)
        self.delivery = Delivery(self, self.pushes)
        self.membership = Membership(self, self.delivery, self.pushes)
        self.calls = Calls(self, self.delivery, self.pushes)
        self.membership.on_removed = self.calls.leave_all
        self.callbacks = Callbacks(self, self.delivery, self.pushes)
        self.commands = CommandStore()
        self.logins = Logins()
        self._user_ids = itertools.count(_FIRST_USER)
        self._group_ids = itertools.count(_FIRST_GROUP)
        self._channel_ids = itertools.count(_FIRST_CHANNEL)

    # Accounts and chats

    def add_bot(
        self, token: str, *, name: str = "Vault Bot", username: str | None = None, home_dc: int | None = None
    ) -> User:
        """A bot that logs in with `token`; its id is the number before the colon. ValueError if there is none.

        Without a `username` the first bot is vault_bot, further ones have their id in it.
        """
        digits, colon, secret = token.partition(":")
        if not (digits.isascii() and digits.isdigit() and colon and secret):
            raise ValueError("a bot token is digits, a colon, and a secret")
        if username is None:
            username = "vault_bot" if self.find_username("vault_bot") is None else f"vault_{digits}_bot"
        user = User(int(digits), name, self._home(home_dc), username=username, is_bot=True, token=token)
        return self._add_user(user)

    def add_user(
        self,
        phone: str,
        *,
        first_name: str,
        last_name: str = "",
        username: str = "",
        password: str = "",
        code: str = "12345",
        home_dc: int | None = None,
        id: int | None = None,
    ) -> User:
        """A person who logs in with `phone` (digits, with or without +), `code` and, if set, `password`."""
        user = User(
            id=self._next(self._user_ids, self.users) if id is None else id,
            first_name=first_name,
            home_dc=self._home(home_dc),
            last_name=last_name,
            username=username,
            phone="".join(filter(str.isdigit, phone)),
            password=password,
            code=code,
        )
        return self._add_user(user)

    def add_channel(
        self,
        title: str,
        *,
        creator: User,
        username: str = "",
        megagroup: bool = False,
        forum: bool = False,
        id: int | None = None,
        first_id: int = 1,
    ) -> Channel:
        """A channel or supergroup. As in Telegram, message 1 is the service message of its creation.

        `first_id`: the id of that message instead, as if there had been as many before. ValueError for a forum that is
        no supergroup, for an id that is taken, and for a first_id below 1.
        """
        if first_id < 1:
            raise ValueError("first_id is at least 1")
        if forum and not megagroup:
            raise ValueError("only a supergroup (megagroup) can be a forum")
        number = self._next(self._channel_ids, self.chats) if id is None else id
        channel = Channel(number, title, creator.id, self.now(), username=username, megagroup=megagroup, forum=forum)
        channel.last_id, channel.journal = first_id - 1, Journal(first=first_id)
        self._add_chat(channel, creator)
        action = raw.types.MessageActionChannelCreate(title=title)
        self.delivery.send(creator if megagroup else None, channel.peer, drafts=[Draft(action=action)])
        return channel

    def add_group(self, title: str, *, creator: User, id: int | None = None) -> Group:
        """A basic group with its creator in it."""
        group = Group(self._next(self._group_ids, self.chats) if id is None else id, title, creator.id, self.now())
        self._add_chat(group, creator)
        action = raw.types.MessageActionChatCreate(title=title, users=[creator.id])
        self.delivery.send(creator, group.peer, drafts=[Draft(action=action)])
        return group

    def add_member(
        self,
        chat: Chat,
        user: User,
        *,
        admin: bool = False,
        rights: set[str] | None = None,
        actor: User | None = None,
    ) -> None:
        """Add `user`, or change their rights. `rights` are names of ChatAdminRights and imply `admin`."""
        actor = actor or self.users[chat.creator_id]
        granted = None if not admin and rights is None else frozenset(ADMIN_RIGHTS if rights is None else rights)
        member = Member(user.id, actor.id, self.now(), granted, promoted_by=actor.id if granted is not None else None)
        self.membership.set(chat, user, member=member, actor=actor)

    def remove_member(self, chat: Chat, user: User, *, actor: User | None = None) -> None:
        """Remove `user`, by `actor` (default: the creator; the user itself leaves)."""
        self.membership.set(chat, user, member=None, actor=actor or self.users[chat.creator_id])

    def add_topic(self, forum: Channel, title: str, *, sender: User | None = None) -> Message:
        """A topic of a forum: its first message, whose id is the topic's. ValueError if the chat is no forum."""
        if not forum.forum:
            raise ValueError(f"chat {forum.id} is no forum: only a supergroup that was made as one has topics")
        action = raw.types.MessageActionTopicCreate(title=title, icon_color=0x6FB9F0)
        author = sender or self.users[forum.creator_id]
        made = self.delivery.send(author, forum.peer, drafts=[Draft(action=action)])[0].message
        forum.topics[made.id] = title
        return made

    def migrate(self, group: Group) -> Channel:
        """Make a basic group a supergroup with the same members. ValueError if it is one already."""
        if group.migrated_to is not None:
            raise ValueError(f"group {group.id} was migrated to {group.migrated_to} already")
        creator = self.users[group.creator_id]
        made = Channel(self._next(self._channel_ids, self.chats), group.title, creator.id, self.now(), megagroup=True)
        self._add_chat(made, creator)
        for member in list(group.members.values()):
            if member.user_id != creator.id:
                self.membership.set(made, self.users[member.user_id], member=member, actor=creator, announce=False)
        action = raw.types.MessageActionChatMigrateTo(channel_id=made.id)
        self.delivery.send(creator, group.peer, drafts=[Draft(action=action)])
        group.migrated_to = made.id
        self.calls.move(group, made)
        origin = raw.types.MessageActionChannelMigrateFrom(title=group.title, chat_id=group.id)
        self.delivery.send(creator, made.peer, drafts=[Draft(action=origin)])
        return made

    # Messages

    async def post(
        self,
        chat: Chat,
        *,
        sender: User | None = None,
        text: str = "",
        file: StoredFile | None = None,
        **extra: Any,
    ) -> Message:
        """A message in a channel or group; `extra` are further fields of delivery.Draft.

        Without `sender` a post is in the name of the channel; in a basic group the creator sends it.
        Returns the channel's message, or the sender's copy.
        """
        return self.post_drafts(chat, [Draft(text=text, file=file, **extra)], sender=sender)[0]

    async def post_album(self, chat: Chat, files: list[StoredFile], *, text: str = "") -> list[Message]:
        """Several files under one grouped_id; the first has the caption."""
        grouped_id = self.new_group_id()
        drafts = [Draft("" if i else text, file, grouped_id=grouped_id) for i, file in enumerate(files)]
        return self.post_drafts(chat, drafts)

    def post_drafts(self, chat: Chat, drafts: Sequence[Draft], *, sender: User | None = None) -> list[Message]:
        """Messages that are pushed together; see post."""
        if isinstance(chat, Group):
            sender = sender or self.users[chat.creator_id]
        return [item.message for item in self.delivery.send(sender, chat.peer, drafts=drafts)]

    async def send_private(
        self,
        sender: User,
        recipient: User,
        *,
        text: str = "",
        file: StoredFile | None = None,
        reply_to: Message | None = None,
        **extra: Any,
    ) -> Message:
        """A message from one account to another; returns the recipient's copy. `reply_to`: any copy."""
        original = self.delivery.copy_for(reply_to, sender.id) if reply_to is not None else None
        draft = Draft(text=text, file=file, reply_to=original.id if original else None, **extra)
        return self.send_drafts(sender, recipient, [draft])[0]

    def send_drafts(self, sender: User, recipient: User, drafts: Sequence[Draft]) -> list[Message]:
        """Private messages that are pushed together, as the recipient's copies; `reply_to` in the sender's ids."""
        sent = self.delivery.send(sender, ("user", recipient.id), drafts=drafts)
        return [copy for item in sent if (copy := self.delivery.copy_for(item.message, recipient.id)) is not None]

    async def start_bot(self, user: User, bot: User, parameter: str = "") -> Message:
        """Open t.me/BOT?start=parameter and press "start"; returns the bot's copy of the message.

        RpcError 400 BOT_INVALID, START_PARAM_INVALID.
        """
        if not bot.is_bot:
            raise RpcError(400, "BOT_INVALID")
        return await self.send_private(user, bot, text=start_text(parameter))

    async def edit(
        self, message: Message, *, text: str | None = None, file: StoredFile | None = None, **extra: Any
    ) -> Message:
        """Change text or file of a message, in every copy; fields that are not given stay."""
        change = Change(
            text=message.text if text is None else text,
            file=message.file if file is None else file,
            entities=extra.get("entities", message.entities),
            reply_markup=extra.get("reply_markup", message.reply_markup),
        )
        return self.delivery.edit(message, change, by=None).message

    async def delete(self, messages: Message | list[Message]) -> None:
        """Delete all copies of messages, whichever copy is given."""
        given = [messages] if isinstance(messages, Message) else messages
        self.delivery.delete([copy for message in given for copy in self.delivery.copies(message)])

    async def press(self, user: User, message: Message, data: bytes, *, timeout: float = 10.0) -> Any:
        """Press an inline button under a bot's message; returns the bot's raw.types.messages.BotCallbackAnswer.

        `message`: any copy. RpcError 400 DATA_INVALID, MESSAGE_ID_INVALID; BOT_RESPONSE_TIMEOUT after
        `timeout` seconds.
        """
        return await self.callbacks.press(user, message, data=data, timeout=timeout)

    def new_group_id(self) -> int:
        """A grouped_id for an album."""
        return random_id()

    def _home(self, home_dc: int | None) -> int:
        """The home DC of a new account: `home_dc`, or the first one configured. ValueError if there is no such DC."""
        ids = [dc.id for dc in self.config.dcs if not dc.cdn]
        if home_dc is not None and home_dc not in ids:
            raise ValueError(f"there is no DC {home_dc}")
        return ids[0] if home_dc is None else home_dc

    def _next(self, ids: Iterator[int], taken: dict[int, Any]) -> int:
        return next(number for number in ids if number not in taken)

    def _add_user(self, user: User) -> User:
        if user.id in self.users:
            raise ValueError(f"there is a user {user.id} already")
        if user.username and self.find_username(user.username) is not None:
            raise ValueError(f"the username {user.username} is taken")
        self.users[user.id] = user
        return user

    def _add_chat(self, chat: Chat, creator: User) -> None:
        if chat.id in self.chats:
            raise ValueError(f"there is a chat {chat.id} already")
        self.chats[chat.id] = chat
        chat.members[creator.id] = Member(creator.id, creator.id, self.now())
