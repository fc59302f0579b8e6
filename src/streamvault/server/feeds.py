"""Feeds over the database, as a server and a worker use them."""

import secrets
from collections.abc import Callable
from dataclasses import replace

from streamvault.access.audit import Audit
from streamvault.access.people import People
from streamvault.database import Database
from streamvault.datadir import old_secret_keys, secret_key
from streamvault.leech.egress.guard import Guard
from streamvault.leech.feeds.choice import HERE, Abilities
from streamvault.leech.feeds.model import Feed
from streamvault.leech.feeds.polling import Poller
from streamvault.leech.feeds.reading import LARGEST, FeedReader, Reader
from streamvault.leech.feeds.service import Feeds
from streamvault.leech.feeds.store.base import FeedStore
from streamvault.leech.model import Job
from streamvault.leech.queue import Queue
from streamvault.leech.sealing import Sealing
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.limits import Limits
from streamvault.settings import Settings


def open_feeds(settings: Settings, store: FeedStore, *, reader: Reader | None = None) -> Feeds:
    """The feeds of a store that need not be connected yet. Raises ConfigError for wrong keys."""
    return Feeds(store, _sealing(settings), reader or _reader(settings), abilities=_abilities(settings))


def feed_poller(
    settings: Settings, database: Database, queue: Queue, audit: Audit, *, on_changed: Callable[[Feed], None]
) -> Poller:
    """The part of a worker that looks at feeds; `on_changed`: see Poller. Raises ConfigError for wrong keys."""
    people = People(database.records, owners=settings.owner_ids, members=settings.member_ids)

    async def may(person: int, chat_id: int) -> bool:
        standing = await people.standing(person)
        return "leech" in standing.can and (standing.chats is None or chat_id in standing.chats)

    def note(job: Job) -> None:
        audit.note("leeched", person=job.person, detail=f"{job.id} {job.source}", address="feed")

    return Poller(
        database.feeds, queue, _sealing(settings), _reader(settings), name=f"feeds/{secrets.token_hex(8)}",
        abilities=_abilities(settings), may=may, on_added=note, on_changed=on_changed,
    )  # fmt: skip


def _reader(settings: Settings) -> Reader:
    # a client of its own: downloads may hold all connections to a host for hours
    return FeedReader(Client(Guard(settings.leech_allow_private), Limits(size=LARGEST)))


def _abilities(settings: Settings) -> Abilities:
    return replace(HERE, torrents=settings.leech_torrents)


def _sealing(settings: Settings) -> Sealing:
    return Sealing(secret_key(settings), old=old_secret_keys(settings))
