"""The one decision: whether somebody may do something with a resource."""

from dataclasses import dataclass
from typing import Literal

from streamvault.access.identity import Identity, Right
from streamvault.media.model import Origin

Scope = Literal["file", "list", "self", "server"]
"""What a request is about: the file of a path, lists of files, the asking person's own data, the server itself."""

MISSING = "This needs a link from the bot, or a log-in."
WRONG = "This link is not valid here."
NOT_YOURS = "You may not do this: ask an owner of this server."
OTHER_CHAT = "You may not see the files of this channel: ask an owner of this server."
WATCH_ONLY = "This link is for watching only, not for downloading."
DOWNLOAD_ONLY = "This link is for downloading only."
NO_PERSON = "This needs a log-in: a link is no person."
NO_LOGIN = "This needs a log-in: an API token manages sessions and tokens only with the right `people`."


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route needs: one of `rights`, and all of `also`. It is open to everybody where there are none; who asks
    is found out only where `asks` says so: credentials cost look-ups.

    `person`: a logged-in person or an API token of one. `login`: a browser or page that is logged in, or an API token
    with the right `people`, as otherwise a token could make others that outlive it. `media`: the route sends the bytes
    of a file. `ui`: a file of the web UI, which everybody gets, also before the server is ready. `page`: one of its
    pages; a token in the address of one counts the browser as a viewer of a link.
    """

    rights: frozenset[Right] = frozenset()
    scope: Scope = "server"
    person: bool = False
    login: bool = False
    media: bool = False
    ui: bool = False
    page: bool = False
    asks: bool = False
    also: frozenset[Right] = frozenset()


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: the file of the path (None: of no single file), and whether to save rather than to play it."""

    origin: Origin | None = None
    download: bool = False


@dataclass(frozen=True, slots=True)
class Denied:
    """`reason` is a sentence for people; `authenticated`: False where a log-in or a link may help (401), else 403."""

    reason: str
    authenticated: bool


def decide(who: Identity, rule: Rule, asked: Request) -> Denied | None:
    """None if `who` may do it; else why not."""
    if not rule.rights:
        return None
    if not rule.rights & who.can or not rule.also <= who.can:
        if who.via in ("none", "public"):
            return Denied(MISSING, authenticated=False)
        return Denied(NOT_YOURS if who.person else WRONG, authenticated=True)
    if rule.person and who.person is None:
        return Denied(NO_PERSON, authenticated=False)
    if rule.login and not _is_logged_in(who) and "people" not in who.can:
        return Denied(NO_LOGIN, authenticated=True)
    return _of_target(who, rule, asked) or _of_chats(who, asked) or _of_media(who, rule, asked)


def _is_logged_in(who: Identity) -> bool:
    """Whether by a session itself; the tokens in the addresses that a session got name none."""
    return who.via == "session" and bool(who.credential)


def _of_target(who: Identity, rule: Rule, asked: Request) -> Denied | None:
    """A link to one file opens the routes of that file alone. One to a list opens lists, which the routes narrow; the
    files in them are opened by the tokens in their addresses, each for one file."""
    target = who.target
    if target is None:
        return None
    if rule.scope == "file":
        return (
            None if target.origin is not None and target.origin == asked.origin else Denied(WRONG, authenticated=True)
        )
    if target.origin is None and rule.scope == "list":
        return None
    return Denied(WRONG, authenticated=True)


def _of_chats(who: Identity, asked: Request) -> Denied | None:
    if who.chats is None or asked.origin is None or asked.origin.chat_id in who.chats:
        return None
    return Denied(OTHER_CHAT, authenticated=True)


def _of_media(who: Identity, rule: Rule, asked: Request) -> Denied | None:
    if not rule.media or who.media == "both" or (who.media == "download") == asked.download:
        return None
    return Denied(WATCH_ONLY if who.media == "watch" else DOWNLOAD_ONLY, authenticated=True)
