"""Who asks, and what they may do: the outcome of reading a request's credentials."""

from dataclasses import dataclass
from typing import Literal

from streamvault.media.model import Origin

Role = Literal["owner", "member", "guest", "none"]
Right = Literal["read", "index", "links", "people", "leech", "voice", "playback"]
MemberRight = Literal["read", "links", "playback", "leech", "voice"]
Via = Literal["session", "token", "link", "signed", "public", "none"]
"""Which credential was used: a web session, an API token, a stored link, a signed token alone, none (PUBLIC_ACCESS)."""
Media = Literal["watch", "download", "both"]

OWNER_RIGHTS: frozenset[Right] = frozenset({"read", "index", "links", "people", "leech", "voice", "playback"})
MEMBER_RIGHTS: frozenset[Right] = frozenset({"read", "links", "playback"})
GRANTED_RIGHTS: frozenset[Right] = MEMBER_RIGHTS | {"leech", "voice"}
"""What a member can have, by an owner's word; MEMBER_RIGHTS are those of a member of whom nothing is said."""
GUEST_RIGHTS: frozenset[Right] = frozenset({"read", "playback"})
SERVER_TOKEN_RIGHTS: frozenset[Right] = frozenset({"read", "index", "playback"})
"""Of a token for the whole server, as `streamvault link --everything` prints it."""


@dataclass(frozen=True, slots=True)
class Person:
    """A Telegram user: the numeric id, and the name that was last seen."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Target:
    """What a link opens, where that is not everything: one file, a collection of `person`, or the files of a search."""

    origin: Origin | None = None
    collection: int | None = None
    query: str | None = None
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """`can` are the rights; `chats` the only chats whose files may be seen (None: all that are served); `target` what a
    link is bound to (None: everything). `credential` is the id of the session, token or link. `expires_at`: Unix
    seconds, None without end. `removals`: how often the person was removed before. `payer`: the person whose limits the
    request counts for, also where the rights are those of a single file; `unlimited`: an owner's, which has no limits.
    """

    role: Role
    can: frozenset[Right] = frozenset()
    via: Via = "none"
    person: Person | None = None
    credential: str = ""
    chats: frozenset[int] | None = None
    target: Target | None = None
    media: Media = "both"
    expires_at: int | None = None
    removals: int = 0
    payer: int | None = None
    unlimited: bool = False


NOBODY = Identity("none")
PUBLIC = Identity("none", GUEST_RIGHTS, "public")
