"""Reads the credentials of a request: who asks. Everything that is read is kept for a minute (access/cache).

Whoever takes rights away calls `revoked`; all processes notice it within WATCH_SECONDS, and forget what they keep.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from streamvault.access.audit import Audit
from streamvault.access.cache import AGAIN, FRESH, AccessCache
from streamvault.access.identities import ENDED, expiry_of, narrowed, of_person, of_signed
from streamvault.access.identity import NOBODY, OWNER_RIGHTS, PUBLIC, Identity
from streamvault.access.links import Claims, Grant, LinkSigner, is_of_person, person_in
from streamvault.access.people import CREDENTIALS, Membership, NoSuchPerson, People, Standing
from streamvault.access.secrets import digest
from streamvault.access.sessions import SESSION_PREFIX, WebSessions, parse
from streamvault.access.store.base import AccessRecords, Record
from streamvault.access.stored_links import StoredLink, StoredLinks
from streamvault.access.tokens import ApiTokens, is_api_token
from streamvault.access.uses import Uses
from streamvault.errors import AccessDenied, CatalogError
from streamvault.media.model import Origin

log = logging.getLogger(__name__)

T = TypeVar("T")

WATCH_SECONDS = 0.5
"""Seconds between two looks at the epoch."""
CLOSE_SECONDS = 2.0

EXPIRED = "This link has expired."
USED_UP = "As many people as this link is for have opened it already."
LOGGED_OUT = "You are logged out: log in again."


class AccessSettings(Protocol):
    """The settings that access depends on."""

    @property
    def owner_ids(self) -> frozenset[int]: ...

    @property
    def member_ids(self) -> frozenset[int]: ...

    @property
    def public_access(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request brings: a token (path, query or Authorization) and the session cookie.

    `in_header`: the token stood in the Authorization field, where alone the bearer token of a session counts.
    `viewer`: who counts as one viewer of a link; None for a browser that cannot be told from others yet.
    """

    token: str | None = None
    cookie: str | None = None
    in_header: bool = False
    viewer: Callable[[], str | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Found:
    """Who asks. `refused`: why the token of the request does not count.

    `cookie`: a new value for the session cookie. `viewer`: the id that this browser got as a viewer of a link.
    """

    identity: Identity
    refused: AccessDenied | None = None
    cookie: str | None = None
    viewer: str | None = None


class Access:
    """People, sessions, tokens and links over one store. `clock` gives Unix seconds."""

    def __init__(
        self, settings: AccessSettings, records: AccessRecords, signer: LinkSigner, *,
        membership: Membership | None = None, cache: AccessCache | None = None, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._records = records
        self._signer = signer
        self.anybody = PUBLIC if settings.public_access else NOBODY
        self._clock = clock
        self.cache = AccessCache() if cache is None else cache
        self.people = People(
            records, owners=settings.owner_ids, members=settings.member_ids, membership=membership, clock=clock
        )
        self.sessions = WebSessions(records, clock=clock)
        self.tokens = ApiTokens(records, clock=clock)
        self.links = StoredLinks(records, clock=clock)
        self.audit = Audit(records, clock=clock)
        self.uses = Uses(records, clock)
        self.epoch = 0
        self._on_revoked: list[Callable[[], None]] = []

    async def identify(self, given: Credentials, origin: Origin | None) -> Found:
        """Who asks for `origin` (None: no single file).

        Raises CatalogError when the database is needed and does not answer.
        """
        refused: AccessDenied | None = None
        if given.token:
            try:
                return await self._of_token(given, origin)
            except AccessDenied as error:
                refused = error
        found = await self._of_cookie(given.cookie)
        if found is None:
            return Found(self.anybody, refused)
        return replace(found, refused=refused)

    async def _of_token(self, given: Credentials, origin: Origin | None) -> Found:
        text = given.token or ""
        if is_api_token(text):
            record = await self._read("secret", digest(text), lambda: self.tokens.read(text))
            return Found(await self._of_api_token(record))
        if text.startswith(SESSION_PREFIX):
            found = await self._of_session(text) if given.in_header else None
            if found is None:
                raise AccessDenied(LOGGED_OUT, authenticated=True)
            return found
        claims = self._signer.claims(text, origin)
        if claims.grant is None:
            return Found(of_signed(claims))
        return await self._of_grant(claims, claims.grant, given.viewer)

    async def _of_grant(self, claims: Claims, grant: Grant, viewer: Callable[[], str | None]) -> Found:
        fresh = None
        if grant.kind == "person":
            standing = await self.standing(person_in(grant))
            if not is_of_person(grant, standing.person.id, removals=standing.removals):
                raise AccessDenied(ENDED, authenticated=True)
            identity = of_person(standing, via="session", credential="")
        elif grant.kind == "token":
            id = f"{grant.id:016x}"
            identity = await self._of_api_token(await self._read("token", id, lambda: self.tokens.of(id)))
        else:
            identity, fresh = await self._of_link(f"{grant.id:016x}", viewer)
        return Found(narrowed(identity, claims), viewer=fresh)

    async def _of_api_token(self, record: Record | None) -> Identity:
        if record is None or (record.expires is not None and record.expires <= self._clock()):
            raise AccessDenied(ENDED, authenticated=True)
        can = frozenset(record.value.get("can", ()))
        if record.person is None:
            return Identity(
                "owner", can & OWNER_RIGHTS, "token", credential=record.id, expires_at=expiry_of(record), unlimited=True
            )
        found = of_person(await self.standing(record.person), via="token", credential=record.id)
        return replace(found, can=found.can & can, expires_at=expiry_of(record))

    async def _of_link(self, id: str, viewer: Callable[[], str | None]) -> tuple[Identity, str | None]:
        """Who the holder of a link is, and the id of a viewer that got one."""
        link = await self._read("link", id, lambda: self.links.of(id))
        if link is None:
            raise AccessDenied(ENDED, authenticated=True)
        if self.links.ended(link):
            raise AccessDenied(EXPIRED, authenticated=True)
        can, chats = link.can, None
        if link.person is not None:
            standing = await self.standing(link.person)
            if "read" not in standing.can:
                raise AccessDenied(ENDED, authenticated=True)
            can, chats = can & standing.can, standing.chats
        fresh = None if link.most is None else await self._admit(link, viewer())
        identity = Identity(
            "guest", can, "link", credential=link.id, chats=chats,
            target=replace(link.target, person=link.person), media=link.media,
            expires_at=None if link.expires is None else int(link.expires),
        )  # fmt: skip
        return identity, fresh

    async def _admit(self, link: StoredLink, viewer: str | None) -> str | None:
        """Count a viewer of a link; the id of one that had none. Raises AccessDenied where others came first."""
        fresh = None if viewer is not None else secrets.token_hex(16)
        hashed = digest(f"{link.id} {viewer or fresh}")[:24]
        if not await self.cache.get(("viewer", link.id, hashed), lambda: self.links.admit(link, hashed)):
            raise AccessDenied(USED_UP, authenticated=True)
        return fresh

    async def _of_cookie(self, cookie: str | None) -> Found | None:
        return None if cookie is None or cookie.startswith(SESSION_PREFIX) else await self._of_session(cookie)

    async def _of_session(self, value: str) -> Found | None:
        parsed = parse(value)
        if parsed is None:
            return None
        id, secret = parsed
        record = await self._session(id, secret)
        if record is None or record.person is None:
            return None
        if bool(record.value.get("bearer")) != value.startswith(SESSION_PREFIX):
            return None
        standing = await self.standing(record.person)
        if standing.role == "none":
            return None
        identity = of_person(standing, via="session", credential=id)
        return Found(replace(identity, expires_at=expiry_of(record)), cookie=await self._rotated(record, secret))

    async def _session(self, id: str, secret: str) -> Record | None:
        """The record of a session whose secret this is; another process may have exchanged it since it was read."""
        for fresh in (FRESH, AGAIN):
            record = await self.cache.get(("session", id), lambda: self.sessions.read(id), fresh=fresh)
            if record is None or self.sessions.accepts(record.value, secret):
                return record
        return None

    async def _rotated(self, record: Record, secret: str) -> str | None:
        if not self.sessions.is_due(record, secret):
            return None
        self.cache.drop(("session", record.id))
        try:
            return await self.sessions.rotated(record, secret)
        except CatalogError:
            return None  # the present one goes on working; a later request tries again

    async def standing(self, person: int) -> Standing:
        """What a person may do, at most a minute old. Raises CatalogError."""
        return await self.cache.get(("person", person), lambda: self.people.standing(person))

    async def remove(self, person: int) -> None:
        """Remove a member with all that gives access: sessions, tokens, links. Raises as People.remove."""
        try:
            await self.people.remove(person)
        except NoSuchPerson:
            await self._end(person)  # a try before this one may have got no further
            raise
        await self._end(person)

    async def _end(self, person: int) -> None:
        """End everything that was given to a person who has no rights any more."""
        try:
            await self._records.delete_of(person, CREDENTIALS)
        finally:
            await self.revoked()

    async def revoked(self) -> None:
        """To be called after rights were taken away: every process forgets what it keeps. Raises CatalogError."""
        self._forget()
        await self._records.advance()

    def on_revoked(self, call: Callable[[], None]) -> None:
        """Have `call` called whenever rights may have been taken away."""
        self._on_revoked.append(call)

    def _forget(self) -> None:
        self.cache.forget()
        for call in self._on_revoked:
            call()

    async def watch(self, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Notice what other processes revoke, until cancelled."""
        while True:
            try:
                epoch = await self._records.epoch()
                if epoch != self.epoch:
                    self.epoch = epoch
                    self._forget()
            except CatalogError as error:
                log.debug("the epoch of access cannot be read now: %s", error)
            await sleep(WATCH_SECONDS)

    async def close(self) -> None:
        """Write what waits to be written; what the database does not take within CLOSE_SECONDS is lost."""
        with contextlib.suppress(CatalogError, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.audit.flush()
                await self.uses.write()

    async def _read(self, kind: str, id: str, read: Callable[[], Coroutine[Any, Any, T]]) -> T:
        return await self.cache.get((kind, id), read)
