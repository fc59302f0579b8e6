"""Opens what decides who may ask for what: people, log-ins, links, limits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from streamvault.access.limits import Limits
from streamvault.access.links import LinkSigner
from streamvault.access.login import Logins
from streamvault.access.once import OnceTokens, once_links
from streamvault.access.service import Access
from streamvault.access.store.base import AccessRecords
from streamvault.access.usage import Usage
from streamvault.access.users import UserSigner
from streamvault.database import Database
from streamvault.datadir import old_secret_keys, secret_key
from streamvault.settings import Settings


@dataclass(frozen=True, slots=True)
class Admission:
    """`usage` is what `limits` have counted, as the database keeps it."""

    access: Access
    records: AccessRecords
    logins: Logins
    once_links: OnceTokens
    links: LinkSigner
    users: UserSigner
    limits: Limits
    usage: Usage


@asynccontextmanager
async def open_admission(settings: Settings, database: Database) -> AsyncIterator[Admission]:
    """All of it over a database that need not be connected yet. Raises ConfigError for wrong keys."""
    secret, old = secret_key(settings), old_secret_keys(settings)
    records, signer = database.records, LinkSigner(secret, old=old)
    limits = Limits(rate=settings.rate_limit, streams=settings.stream_limit, day=settings.day_limit)
    access = Access(settings, records, signer)
    try:
        yield Admission(
            access=access,
            records=records,
            logins=Logins(records),
            once_links=once_links(records),
            links=signer,
            users=UserSigner(secret, old=old),
            limits=limits,
            usage=Usage(database.usage, limits),
        )
    finally:
        await access.close()
