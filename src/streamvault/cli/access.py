"""What the command line does with people, API tokens and stored links, in the database that the server uses.

A running server notices changes within a second.
"""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from streamvault.access.identity import OWNER_RIGHTS, Media, Right, Target
from streamvault.access.links import Grant, LinkSigner
from streamvault.access.people import IsOwner, NoSuchPerson, Unchanged
from streamvault.access.service import Access
from streamvault.access.stored_links import StoredLink
from streamvault.access.tokens import ApiToken
from streamvault.access.urls import Urls
from streamvault.cli.terminal import printable
from streamvault.database import connected_access
from streamvault.datadir import old_secret_keys, open_data_dir, secret_key
from streamvault.errors import ConfigError
from streamvault.media.model import Origin
from streamvault.settings import LocalSettings

LISTED = 500
"""Lines of a list at most."""


@asynccontextmanager
async def open_access(settings: LocalSettings) -> AsyncIterator[tuple[Access, Urls]]:
    """Access as the server has it, and the builder of its links. Raises ConfigError, CatalogError."""
    settings = settings.model_copy(update={"data_dir": open_data_dir(settings.data_dir, locks=False)})
    signer = LinkSigner(secret_key(settings), old=old_secret_keys(settings))
    async with connected_access(settings) as records:
        access = Access(settings, records, signer)
        yield access, Urls(settings, signer)
        await access.audit.flush()


async def list_people(settings: LocalSettings) -> list[str]:
    """A line for each owner and member."""
    async with open_access(settings) as (access, _):
        lines = []
        for one in await access.people.listed():
            chats = "" if one.chats is None else f"  only {', '.join(map(str, sorted(one.chats)))}"
            lines.append(f"{one.person.id:<14} {one.role:7} {printable(one.person.name)}{chats}".rstrip())
    return lines or ["nobody: set OWNER_IDS, or invite somebody with `streamvault people invite ID`"]


async def invite(settings: LocalSettings, person: int, *, name: str, chats: list[int] | Unchanged | None) -> list[str]:
    """Make somebody a member, or change what a member may see (None: all). Raises ConfigError for an owner."""
    if person in settings.owner_ids:
        raise ConfigError(f"{person} is an owner already, by OWNER_IDS")
    async with open_access(settings) as (access, _):
        try:
            await access.people.invite(person, name, chats=chats)
        except NoSuchPerson as error:
            raise ConfigError(str(error)) from error
        await access.revoked()  # there may be fewer chats than before
        access.audit.note("invited", detail=str(person), address="terminal")
    return [f"{person} is a member now, and logs in with /login in the bot, or on the page"]


async def remove(settings: LocalSettings, person: int) -> list[str]:
    """Take all rights from a member. Raises ConfigError for an owner or somebody unknown."""
    async with open_access(settings) as (access, _):
        try:
            await access.remove(person)
        except (NoSuchPerson, IsOwner) as error:
            raise ConfigError(f"{person} cannot be removed: {error}") from error
        access.audit.note("removed", detail=str(person), address="terminal")
    return [f"{person} has no access any more: sessions, tokens and links have ended"]


async def create_token(
    settings: LocalSettings, name: str, *, can: list[Right], person: int | None, hours: float | None
) -> list[str]:
    """The text of a new API token, alone on a line. Raises ConfigError for wrong rights or a wrong name."""
    wrong = sorted(set(can) - OWNER_RIGHTS)
    if wrong:
        raise ConfigError(f"no such right: {', '.join(wrong)}; rights are {', '.join(sorted(OWNER_RIGHTS))}")
    async with open_access(settings) as (access, _):
        if person is not None and (await access.standing(person)).role == "none":
            raise ConfigError(f"{person} is no member: `streamvault people invite {person}` first")
        try:
            token, text = await access.tokens.create(
                person, name, can=can, expires_in=None if hours is None else hours * 3600
            )
        except ValueError as error:
            raise ConfigError(str(error)) from error
        access.audit.note("token made", person=person, detail=token.name, address="terminal")
    return [text]


async def list_tokens(settings: LocalSettings) -> list[str]:
    """A line for each API token."""
    async with open_access(settings) as (access, _):
        found, _ = await access.tokens.listed(None, limit=LISTED)
        return [_token_line(one) for one in found]


async def revoke_token(settings: LocalSettings, id: str) -> list[str]:
    """Revoke an API token. Raises ConfigError if there is none."""
    async with open_access(settings) as (access, _):
        if not await access.tokens.revoke(id, person=None):
            raise ConfigError(f"there is no token {id}: `streamvault token list` shows them")
        await access.revoked()
        access.audit.note("token revoked", detail=id, address="terminal")
    return [f"the token {id} is revoked"]


async def make_link(
    settings: LocalSettings, origin: Origin, *, media: Media, hours: float | None, viewers: int | None
) -> list[str]:
    """The addresses of a new stored link to a file. Raises ConfigError for numbers out of range."""
    async with open_access(settings) as (access, urls):
        try:
            link = await access.links.create(
                None, Target(origin=origin), media=media, expires_in=None if hours is None else hours * 3600,
                viewers=viewers,
            )  # fmt: skip
        except ValueError as error:
            raise ConfigError(str(error)) from error
        access.audit.note("link made", detail=link.id, address="terminal")
        expires = None if link.expires is None else int(link.expires)
        made = urls.links_of(Grant("link", int(link.id, 16)), origin, expires_at=expires)
    lines = [] if media == "download" else [f"watch     {made.watch}"]
    return [
        *lines,
        *([] if media == "watch" else [f"download  {made.download}"]),
        f"revoke    streamvault link revoke {link.id}",
    ]


async def list_links(settings: LocalSettings) -> list[str]:
    """A line for each stored link."""
    async with open_access(settings) as (access, _):
        return [_link_line(one) for one in await access.links.listed(None, limit=LISTED)]


async def revoke_link(settings: LocalSettings, id: str) -> list[str]:
    """Revoke a stored link. Raises ConfigError if there is none."""
    async with open_access(settings) as (access, _):
        if not await access.links.revoke(id, person=None):
            raise ConfigError(f"there is no link {id}: `streamvault link list` shows them")
        await access.revoked()
        access.audit.note("link revoked", detail=id, address="terminal")
    return [f"the link {id} is revoked"]


def _token_line(token: ApiToken) -> str:
    whose = "terminal" if token.person is None else str(token.person)
    return "  ".join(
        (token.id, whose, ",".join(sorted(token.can)), *_times(token.expires, token.last_used), printable(token.name))
    )


def _link_line(link: StoredLink) -> str:
    target = link.target
    origin = target.origin
    what = f"{origin.chat_id}/{origin.message_id}" if origin else f"collection {target.collection}"
    what = f"search {target.query!r}" if target.query is not None else what
    viewers = "" if link.most is None else f"  {link.viewers} of {link.most} viewers"
    ended = "  (ended)" if link.expires is not None and link.expires <= time.time() else ""
    return (
        "  ".join((link.id, what, link.media, f"{link.uses} uses", *_times(link.expires, link.last_used)))
        + viewers
        + ended
    )


def _times(expires: float | None, last_used: float | None) -> Iterator[str]:
    yield "for ever" if expires is None else f"until {_date(expires)}"
    yield "never used" if last_used is None else f"last used {_date(last_used)}"


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
