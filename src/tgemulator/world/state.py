"""The accounts, chats and mailboxes of a world, and look-ups in them; nothing here sends anything."""

from tgemulator.config import EmulatorConfig
from tgemulator.world.call_model import GroupCall
from tgemulator.world.files import FileStore
from tgemulator.world.model import Channel, Chat, Group, Mailbox, Message, PeerKind, User


class WorldState:
    """Users and chats by id, and what follows from them for one account. `files` are those of all messages."""

    def __init__(self, config: EmulatorConfig, files: FileStore) -> None:
        self.config = config
        self.tell_bots_of_deletions = config.tell_bots_of_deletions
        self.tell_of_channels = True
        """Whether a difference tells which channels have changed (updateChannelTooLong)."""
        self.files = files
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.calls_by_id: dict[int, GroupCall] = {}
        self._mailboxes: dict[int, Mailbox] = {}

    def now(self) -> int:
        """Unix seconds."""
        return int(self.config.clock())

    def channel(self, number: int) -> Channel:
        """The channel of that id. KeyError if it is none."""
        chat = self.chats[number]
        if not isinstance(chat, Channel):
            raise KeyError(number)
        return chat

    def group(self, number: int) -> Group:
        """The basic group of that id. KeyError if it is none."""
        chat = self.chats[number]
        if not isinstance(chat, Group):
            raise KeyError(number)
        return chat

    def mailbox(self, user_id: int) -> Mailbox:
        """The private and group messages of one account."""
        return self._mailboxes.setdefault(user_id, Mailbox())

    def find_username(self, username: str) -> User | Channel | None:
        """The user or channel of that username, upper and lower case alike."""
        lowered = username.lower()
        named: list[User | Channel] = [chat for chat in self.chats.values() if isinstance(chat, Channel)]
        named += self.users.values()
        return next((item for item in named if item.username.lower() == lowered), None)

    def access_hash(self, viewer_id: int, kind: PeerKind, *, number: int) -> int:
        """The signed 64-bit access_hash of a user or channel for one account; stable for one folder."""
        mac = self.files.mac("peer", viewer_id, kind, number)
        return int.from_bytes(mac[:8], "big", signed=True)

    def has_written(self, user_id: int, *, to: int) -> bool:
        """Whether this account has ever written to the other one: a bot may then answer."""
        return user_id in self.mailbox(to).writers

    def sees(self, viewer: User, message: Message) -> bool:
        """Whether privacy mode lets this account see a group's message (core.telegram.org/bots/features#privacy-mode).

        A bot that is no administrator sees commands, replies to itself, mentions of itself, its own
        and service messages. Everybody else sees everything.
        """
        chat = self.chats.get(message.peer[1]) if message.peer[0] != "user" else None
        if chat is None or not viewer.is_bot or viewer.reads_all or chat.is_admin(viewer.id):
            return True
        if isinstance(chat, Channel) and not chat.megagroup:
            return True
        if message.sender_id == viewer.id or message.action is not None or message.text.startswith("/"):
            return True
        source = chat.messages if isinstance(chat, Channel) else self.mailbox(viewer.id).messages
        answered = source.get(message.reply_to or 0)
        mention = f"@{viewer.username}".lower()
        return (answered is not None and answered.sender_id == viewer.id) or mention in message.text.lower().split()
