"""The leech bot's chat over the database: who may leech, and the links to what was leeched."""

from collections.abc import Callable
from functools import partial

from streamvault.access.audit import Audit, What
from streamvault.access.identity import Person, Role
from streamvault.access.links import Grant, LinkSigner, grant_of_person
from streamvault.access.people import People
from streamvault.access.urls import Links, Urls
from streamvault.catalog.base import Catalog
from streamvault.database import Database
from streamvault.datadir import old_secret_keys, secret_key
from streamvault.errors import SourceError
from streamvault.indexing.finder import FileFinder
from streamvault.leech.feeds.model import Feed
from streamvault.leech.feeds.service import Feeds
from streamvault.leech.model import Job
from streamvault.leech.queue import Queue
from streamvault.leech.unpacking.progress import has_several
from streamvault.media.model import MediaFile, Origin
from streamvault.server.jobs import leech_chat, leech_schemes
from streamvault.server.mirror_requests import RecordedRequests
from streamvault.settings import Settings
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.bot.leech.bot import LeechBot
from streamvault.telegram.bot.leech.reading import read_document
from streamvault.telegram.bot.leech.status import job_name
from streamvault.telegram.history.messages import TelegramMessages


def leech_bot(
    settings: Settings, database: Database, queue: Queue, accounts: AccountPool, finder: FileFinder, audit: Audit,
    feeds: Feeds,
) -> LeechBot:  # fmt: skip
    """The bot that `settings` name as BOT_TOKEN; see leech.bot_settings. Raises ConfigError for wrong keys."""
    # whether somebody is in a channel that MEMBERS names is asked by the server's bot, and read here
    people = People(database.records, owners=settings.owner_ids, members=settings.member_ids)
    target = partial(leech_chat, settings, finder)
    urls = Urls(settings, LinkSigner(secret_key(settings), old=old_secret_keys(settings)))

    def note(job: Job) -> None:
        audit.note("leeched", person=job.person, detail=f"{job.id} {job.source}", address="bot")

    def note_feed(what: str, feed: Feed, person: Person) -> None:
        done: What = "feed added" if what == "feed added" else "feed removed"
        audit.note(done, person=person.id, detail=f"{feed.id} {feed.address}", address="bot")

    return LeechBot(
        queue,
        bot=settings.bot_id,
        target=target,
        chats=finder.chats,
        owners=settings.owner_ids,
        desk=LeechDesk(people, target),
        marks=database.catalog,
        links=partial(job_links, finder, urls, people),
        file=partial(job_file, database.catalog),
        buttons=urls.buttons,
        read=lambda document: read_document(accounts.main, document),
        schemes=leech_schemes(settings),
        on_added=note,
        feeds=feeds,
        on_feed=note_feed,
        mirrors=database.mirrors.listed,
        asked=RecordedRequests(database.records),
    )


def leech_finder(settings: Settings, database: Database, accounts: AccountPool) -> FileFinder:
    """Finds what was posted, and knows the chats of this server."""
    return FileFinder(settings=settings, catalog=database.catalog, messages=TelegramMessages(accounts))


class LeechDesk:
    """See telegram.bot.desk.RoleDesk: a member is who may leech, and see the channel that files go to."""

    def __init__(self, people: People, target: Callable[[], int | None]) -> None:
        self._people = people
        self._target = target

    async def role_of(self, person: Person) -> Role:
        """See RoleDesk."""
        standing = await self._people.standing(person.id)
        if "leech" not in standing.can or (standing.chats is not None and self._target() not in standing.chats):
            return "none"
        return "owner" if standing.role == "owner" else "member"


async def job_file(catalog: Catalog, job: Job) -> MediaFile | None:
    """The file of a job with one message, once the library has it. Raises CatalogError."""
    posted = [piece.message_id for piece in job.transfer.pieces if piece.message_id is not None]
    return await catalog.get(Origin(job.chat_id, posted[0])) if len(posted) == 1 else None


async def job_links(finder: FileFinder, urls: Urls, people: People, job: Job) -> Links | None:
    """The links to a job's file, good for as long as its person may read; None where this server does not serve its
    chat, or the job has posted several files. Raises CatalogError.
    """
    posted = [piece.message_id for piece in job.transfer.pieces if piece.message_id is not None]
    if not posted or job.options.unzip or has_several(job.transfer) or not await finder.chats.holds(job.chat_id):
        return None
    try:
        standing = None if job.person is None else await people.standing(job.person)
    except SourceError:
        return None
    grant: Grant | None = None
    if standing is not None and standing.role != "owner":
        if "read" not in standing.can or (standing.chats is not None and job.chat_id not in standing.chats):
            return None
        grant = grant_of_person(standing.person.id, removals=standing.removals)
    return urls.links_to(Origin(job.chat_id, posted[0]), name=job_name(job), grant=grant)
