"""Links to messages of Telegram; pure. What is none of the known forms is refused, never guessed.

Known are t.me/NAME/ID, t.me/c/NUMBER/ID, both with a topic before the ID, NAME.t.me/ID, t.me/s/NAME/ID, the same of
telegram.me and telegram.dog, tg://resolve and tg://privatepost, and what web.telegram.org makes of them. In place of an
ID may stand a range FIRST-LAST.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from streamvault.errors import SourceRefused

MOST = 10_000
"""Message ids of a range."""
_LAST_ID = (1 << 31) - 1
_LAST_CHANNEL = 997_852_516_352
"""Of Telegram's clients (core.telegram.org/api/bots/ids)."""
_CHANNELS = -1_000_000_000_000
_HOST = re.compile(r"(?:www\.)?(?:t\.me|telegram\.(?:me|dog))", re.ASCII)
_SUBDOMAIN = re.compile(r"([A-Za-z][A-Za-z0-9_]{3,31})\.t\.me", re.ASCII)
_WEB = re.compile(r"web[a-z]?\.telegram\.org", re.ASCII)
_NAME = re.compile(r"@?([A-Za-z][A-Za-z0-9_]{3,31})", re.ASCII)
_IDS = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,13}", re.ASCII)
_OTHERS = frozenset(
    {"addemoji", "addlist", "addstickers", "addtheme", "auction", "boost", "confirmphone", "contact", "giftcode"}
    | {"invoice", "joinchat", "login", "nft", "proxy", "setlanguage", "share", "socks"}
)
"""First segments of t.me's paths that are no usernames."""
_OF_PLAYERS = frozenset({"t", "embed", "mode", "tme_mode"})
"""Parameters that change nothing about which message is meant."""
_FORMS = "it has to be like https://t.me/NAME/5, https://t.me/c/1234567890/5, or with a range https://t.me/NAME/5-12"
_INVITATION = "This link is an invitation to a chat, and names no message: copy the link of a message there."
_STORY = "This link is one of a story, which cannot be leeched."


@dataclass(frozen=True, slots=True)
class MessageLink:
    """`chat`: a username in small letters, or a channel's number as clients write it. Messages `first` to `last`.
    `topic`: only those of this topic (or below this post). `alone`: without the rest of its album. `comment`: this
    message of the group is meant in which the post is discussed.
    """

    chat: str | int
    first: int
    last: int
    topic: int | None = None
    alone: bool = False
    comment: int | None = None

    @property
    def is_range(self) -> bool:
        """Whether it names several messages."""
        return self.first != self.last

    @property
    def public(self) -> str:
        """The link in one spelling."""
        place = self.chat if isinstance(self.chat, str) else f"c/{_CHANNELS - self.chat}"
        topic = f"{self.topic}/" if self.topic is not None and self.is_range else ""
        ids = f"{self.first}-{self.last}" if self.is_range else str(self.first)
        given = ["single"] if self.alone and not self.is_range else []
        given += [] if self.comment is None else [f"comment={self.comment}"]
        return f"https://t.me/{place}/{topic}{ids}" + (f"?{'&'.join(given)}" if given else "")


def is_telegram(text: str) -> bool:
    """Whether a text is an address of Telegram, which may be a link to a message."""
    text = _with_scheme(text.strip())
    try:
        scheme, host = urlsplit(text).scheme, urlsplit(text).hostname or ""
    except ValueError:
        return False
    if scheme == "tg":
        return True
    return scheme in ("http", "https") and bool(_HOST.fullmatch(host) or host.endswith(".t.me") or _WEB.fullmatch(host))


def read_link(text: str) -> MessageLink:
    """The messages that a link means. Raises SourceRefused for what is no link to messages."""
    parts = urlsplit(_with_scheme(text.strip()))
    if parts.scheme == "tg":
        return _of_client(parts.netloc or parts.path.strip("/"), _parameters(parts.query))
    host = parts.hostname or ""
    if _WEB.fullmatch(host):
        return _of_web(parts.fragment)
    segments = [segment for segment in parts.path.split("/") if segment]
    if found := _SUBDOMAIN.fullmatch(host.removeprefix("www.")):
        segments.insert(0, found[1])
    elif not _HOST.fullmatch(host):
        raise _unknown()
    return _of_path(segments, _parameters(parts.query))


def _with_scheme(text: str) -> str:
    bare = re.match(r"(?:www\.)?(?:t\.me|telegram\.(?:me|dog))/", text, re.IGNORECASE)
    return f"https://{text}" if bare else text


def _of_path(segments: list[str], given: Mapping[str, str]) -> MessageLink:
    if segments and segments[0].startswith("+"):
        raise SourceRefused(_INVITATION)
    if segments[:1] == ["s"]:
        segments = segments[1:]
    if segments[:1] == ["c"]:
        if len(segments) < 2:
            raise _unknown()
        chat: str | int = _channel(segments[1])
        rest = segments[2:]
    else:
        chat, rest = _username(segments[0] if segments else ""), segments[1:]
    if rest[:1] == ["s"]:
        raise SourceRefused(_STORY)
    if not 1 <= len(rest) <= 2:
        raise _unknown()
    return _link(chat, rest[-1], rest[0] if len(rest) == 2 else None, given)


def _of_client(command: str, given: Mapping[str, str]) -> MessageLink:
    """tg://resolve?domain=NAME&post=ID and tg://privatepost?channel=NUMBER&post=ID."""
    if "story" in given:
        raise SourceRefused(_STORY)
    if command == "join":
        raise SourceRefused(_INVITATION)
    place = {"resolve": "domain", "privatepost": "channel"}.get(command)
    if place is None or place not in given or "post" not in given:
        raise _unknown()
    rest = {name: value for name, value in given.items() if name not in (place, "post")}
    chat = _username(given[place]) if place == "domain" else _channel(given[place])
    return _link(chat, given["post"], None, rest)


def _of_web(fragment: str) -> MessageLink:
    """What follows # in an address of Telegram's web client."""
    path, _, query = fragment.partition("?")
    given = _parameters(query)
    inner = given.get("tgaddr")
    if inner is not None and path.strip("/") in ("", "im"):
        if urlsplit(inner).scheme != "tg":
            raise _unknown()
        return read_link(inner)
    if path.strip("/") == "im" and "p" in given and "post" in given and given["p"].startswith("@"):
        rest = {name: value for name, value in given.items() if name not in ("p", "post")}
        return _link(_username(given["p"]), given["post"], None, rest)
    raise SourceRefused(
        "This address of Telegram's web client names a chat and no message: choose Copy Link in the message's menu."
    )


def _link(chat: str | int, ids: str, topic: str | None, given: Mapping[str, str]) -> MessageLink:
    found = _IDS.fullmatch(ids)
    if found is None:
        raise _unknown()
    first = _id(found[1])
    last = _id(found[2]) if found[2] else first
    first, last = min(first, last), max(first, last)
    if last - first >= MOST:
        raise SourceRefused(f"This range has {last - first + 1:,} messages: ask for at most {MOST:,} at once.")
    if unknown := set(given) - _OF_PLAYERS - {"single", "comment", "thread", "topic"}:
        raise SourceRefused(f"This link has the parameter {min(unknown)[:40]!r}, which is not known: leave it out.")
    if first != last and "comment" in given:
        raise SourceRefused("This link names both a range and a comment: leave out one of them.")
    topics = {_id(one) for one in (topic, given.get("thread"), given.get("topic")) if one is not None}
    if len(topics) > 1:
        raise SourceRefused("This link names two topics: leave out one of them.")
    comment = _id(given["comment"]) if "comment" in given else None
    return MessageLink(chat, first, last, next(iter(topics), None), alone="single" in given, comment=comment)


def _parameters(query: str) -> dict[str, str]:
    try:
        given = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise _unknown() from None
    if len(dict(given)) < len(given):
        raise SourceRefused("This link has a parameter twice: leave out one of them.")
    return dict(given)


def _username(text: str) -> str:
    found = _NAME.fullmatch(unquote(text))
    if found is None or found[1].lower() in _OTHERS:
        raise _unknown()
    return found[1].lower()


def _channel(text: str) -> int:
    if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= _LAST_CHANNEL:
        raise _unknown()
    return _CHANNELS - int(text)


def _id(text: str) -> int:
    if not _IDS.fullmatch(text) or "-" in text or not 1 <= int(text) <= _LAST_ID:
        raise _unknown()
    return int(text)


def _unknown() -> SourceRefused:
    return SourceRefused(f"This link of Telegram names no message: {_FORMS}.")
