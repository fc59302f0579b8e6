"""The identities that records and signed tokens stand for."""

from collections.abc import Mapping
from dataclasses import replace

from streamvault.access.identity import GUEST_RIGHTS, SERVER_TOKEN_RIGHTS, Identity, Right, Target, Via
from streamvault.access.links import Claims, Scope
from streamvault.access.people import Standing
from streamvault.access.store.base import Record
from streamvault.errors import AccessDenied

ENDED = "This link is not valid any more."

_RIGHTS: Mapping[Scope, frozenset[Right]] = {
    "file": GUEST_RIGHTS,
    "link": GUEST_RIGHTS,
    "server": SERVER_TOKEN_RIGHTS,
    "index": frozenset({"index"}),
    "leech": frozenset({"leech"}),
}
"""What a signed token can give at most: addresses get into histories, logs and other hands."""


def of_signed(claims: Claims) -> Identity:
    """Who holds a token that nothing is stored of."""
    target = Target(origin=claims.origin) if claims.scope == "file" else None
    return Identity("guest", _RIGHTS[claims.scope], "signed", target=target, expires_at=claims.expires_at)


def narrowed(identity: Identity, claims: Claims) -> Identity:
    """Who holds a token with a grant of `identity`: a guest, with those of its rights that the token's scope gives.

    One for a file is no person, and opens this file alone.
    """
    guest = replace(
        identity, role="guest", can=identity.can & _RIGHTS[claims.scope],
        expires_at=claims.expires_at or (None if claims.scope == "file" else identity.expires_at),
    )  # fmt: skip
    return replace(guest, person=None, target=Target(origin=claims.origin)) if claims.scope == "file" else guest


def of_person(standing: Standing, *, via: Via, credential: str) -> Identity:
    """A person, by one of their credentials. Raises AccessDenied for somebody without rights."""
    if standing.role == "none":
        raise AccessDenied(ENDED, authenticated=True)
    return Identity(
        standing.role, standing.can, via, person=standing.person, credential=credential, chats=standing.chats,
        removals=standing.removals, payer=standing.person.id, unlimited=standing.role == "owner",
    )  # fmt: skip


def expiry_of(record: Record) -> int | None:
    """When a record ends, in whole Unix seconds; None never."""
    return None if record.expires is None else int(record.expires)
