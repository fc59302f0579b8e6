"""Accounts, chats and messages as plain data; delivery.py, membership.py, world.py and services change them."""

from dataclasses import dataclass, field
from typing import Any, Literal

from tgemulator.world.journal import Event, Journal
from tgemulator.world.stored_file import StoredFile

PeerKind = Literal["user", "chat", "channel"]
Peer = tuple[PeerKind, int]

ADMIN_RIGHTS = frozenset(
    {
        "change_info",
        "post_messages",
        "edit_messages",
        "delete_messages",
        "ban_users",
        "invite_users",
        "pin_messages",
        "manage_call",
        "other",
    }
)
"""The default rights of an administrator: names of raw.types.ChatAdminRights."""
CREATOR_RIGHTS = ADMIN_RIGHTS | {"add_admins"}


@dataclass(slots=True)
class User:
    """A person or a bot; `home_dc` is the account's DC, `token` or `phone` what it logs in with.

    `code` is the login code that every auth.sendCode for this phone "sends". `reads_all`: a bot
    without privacy mode, which gets every message in groups. `blocked`: ids of users that this
    account has blocked.
    """

    id: int
    first_name: str
    home_dc: int
    last_name: str = ""
    username: str = ""
    phone: str = ""
    password: str = ""
    code: str = "12345"
    is_bot: bool = False
    token: str = ""
    reads_all: bool = False
    blocked: set[int] = field(default_factory=set)
    api_limits: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PaidMedia:
    """Photos and videos that cost `stars` to see; until they are `bought`, accounts get previews without files."""

    stars: int
    files: tuple[StoredFile, ...]
    bought: bool = False


@dataclass(frozen=True, slots=True)
class Forward:
    """Where a message was forwarded from, see raw.types.MessageFwdHeader.

    `origin` is the author or the channel; None if the author hides the account and only the `name` is shown. `post` is
    the id of the message in the channel `origin`, `date` None the date of the forwarded message itself. `saved_from`:
    the post that the message is the automatic copy of, in a discussion group.
    """

    origin: Peer | None = None
    name: str = ""
    post: int | None = None
    date: int | None = None
    saved_from: tuple[Peer, int] | None = None


@dataclass(slots=True)
class Message:
    """One message; `peer` is a kind and a number: ("user", id), ("chat", id), ("channel", id).

    Private chats and basic groups keep one copy per account, each with an id of its own, so `peer`
    is the other side as the account `owner_id` sees it; copies of one message share `uid`. In a
    channel there is one copy and `owner_id` is None. `action` is a raw.types.MessageAction* of a
    service message. `sent_as`: the chat in whose name a message of a supergroup was sent. `forward` is None for
    messages that were not forwarded. `thread`: id of the topic, or of the post that is commented on. `noforwards`: this
    message alone may not be copied. `other`: a raw.types.MessageMedia* that holds no file, such as a poll. `view_once`:
    its file can be seen for so many seconds.
    """

    id: int
    peer: Peer
    sender_id: int | None
    date: int
    text: str = ""
    file: StoredFile | None = None
    edit_date: int | None = None
    grouped_id: int | None = None
    reply_to: int | None = None
    reply_markup: Any = None
    entities: list[Any] = field(default_factory=list)
    forward: Forward | None = None
    sent_as: Peer | None = None
    thread: int | None = None
    paid: PaidMedia | None = None
    deleted: bool = False
    uid: int = 0
    owner_id: int | None = None
    action: Any = None
    silent: bool = False
    noforwards: bool = False
    other: Any = None
    view_once: int | None = None


@dataclass(slots=True)
class Member:
    """A member of a chat. `rights`: names of raw.types.ChatAdminRights fields; None is no administrator.

    `muted_by`: who told the member to be silent in a channel.
    """

    user_id: int
    inviter_id: int
    date: int
    rights: frozenset[str] | None = None
    promoted_by: int | None = None
    rank: str = ""
    muted_by: int | None = None


@dataclass(slots=True)
class Chat:
    """What basic groups and channels share. `members` by user id; `creator_id` is one of them.

    `call_id`: the group call that runs or is scheduled. `join_as`: under which peer an account joins calls by
    default. `stream_key`: that of its RTMP stream, once it was asked for.
    """

    id: int
    title: str
    creator_id: int
    date: int
    members: dict[int, Member] = field(default_factory=dict)
    noforwards: bool = False
    about: str = ""
    call_id: int | None = None
    join_as: dict[int, Peer] = field(default_factory=dict)
    stream_key: str = ""

    @property
    def kind(self) -> PeerKind:
        """ "chat" for a basic group, "channel" for channels and supergroups."""
        return "chat"

    @property
    def peer(self) -> Peer:
        """How messages name this chat."""
        return (self.kind, self.id)

    def is_admin(self, user_id: int) -> bool:
        """Whether this user administers the chat."""
        member = self.members.get(user_id)
        return member is not None and (user_id == self.creator_id or member.rights is not None)

    def may(self, user_id: int, right: str) -> bool:
        """Whether this user has the administrator's right of that name."""
        member = self.members.get(user_id)
        if member is None:
            return False
        return user_id == self.creator_id or right in (member.rights or ())


@dataclass(slots=True)
class Group(Chat):
    """A basic group: its messages are in the mailboxes of its members. `version` counts member changes.

    `migrated_to`: id of the supergroup that it has become; nobody can write in it since then.
    """

    version: int = 1
    migrated_to: int | None = None


@dataclass(slots=True)
class Channel(Chat):
    """A broadcast channel, or a supergroup (`megagroup`), with its own messages, ids and pts.

    `former`: users that are or were members; without access they get CHANNEL_PRIVATE, other users CHANNEL_INVALID.
    `changed_at`: when an event was last recorded in the journal. `forum`: a supergroup with `topics`, titles by the
    id of their first message. `discussion`: id of the supergroup that gets a copy of each post, to be commented on.
    """

    megagroup: bool = False
    forum: bool = False
    topics: dict[int, str] = field(default_factory=dict)
    discussion: int | None = None
    username: str = ""
    messages: dict[int, Message] = field(default_factory=dict)
    last_id: int = 0
    journal: Journal = field(default_factory=Journal)
    former: set[int] = field(default_factory=set)
    changed_at: int = 0

    @property
    def kind(self) -> PeerKind:
        """Always "channel", as on the wire."""
        return "channel"


@dataclass(slots=True)
class Mailbox:
    """The messages of one account in private chats and basic groups, under one id sequence and one pts.

    `events` holds updates that count in qts (changes of membership, for bots). `read` and `read_out`:
    newest message id read by this account, and by the other side, per peer. `writers`: users that
    have ever sent this account a private message. `random_ids`: those that the account has used, with what they sent.
    """

    messages: dict[int, Message] = field(default_factory=dict)
    last_id: int = 0
    journal: Journal = field(default_factory=Journal)
    events: Journal = field(default_factory=lambda: Journal(first=0, limit=1000))
    read: dict[Peer, int] = field(default_factory=dict)
    read_out: dict[Peer, int] = field(default_factory=dict)
    random_ids: dict[int, tuple[Message, Event]] = field(default_factory=dict)
    writers: set[int] = field(default_factory=set)
