"""The queue of leech jobs over the database, as a server and a worker use it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import NoReturn

from streamvault.datadir import old_secret_keys, secret_key
from streamvault.errors import CatalogError, FileGone, FileMissing, StreamVaultError
from streamvault.indexing.finder import FileFinder
from streamvault.leech.addresses import SCHEMES, WITH_TORRENTS
from streamvault.leech.claiming import Bounds
from streamvault.leech.model import Job
from streamvault.leech.queue import Queue
from streamvault.leech.sealing import Sealing
from streamvault.leech.store.base import JobStore
from streamvault.settings import Settings

log = logging.getLogger(__name__)

FORGET_EVERY = 3600.0
"""Seconds between two deletions of old jobs."""
_LOOKED_AT = 10
"""Messages of a job that are looked for ..."""
LOOKING = 5.0
"""... within so many seconds."""


def open_queue(settings: Settings, store: JobStore, finder: FileFinder) -> Queue:
    """The queue over a store that need not be connected yet. Raises ConfigError for wrong keys."""
    transfers = transfers_at_once(settings)
    return Queue(
        store,
        Sealing(secret_key(settings), old=old_secret_keys(settings)),
        # so that others need not wait for the end of somebody's long jobs
        bounds=Bounds(each=max(1, transfers - 1), held=transfers),
        schemes=leech_schemes(settings),
        still_there=partial(_is_there, finder),
    )


def leech_schemes(settings: Settings) -> Collection[str]:
    """Of addresses that can be leeched."""
    return WITH_TORRENTS if settings.leech_torrents else SCHEMES


def transfers_at_once(settings: Settings) -> int:
    """Jobs that are worked at: each reads its source and uploads at the same time."""
    return min(settings.leech_downloads, settings.leech_uploads)


def leech_chat(settings: Settings, finder: FileFinder) -> int | None:
    """The chat of jobs that name none; None where no setting says it, or its number is not known yet."""
    target = settings.leech_target
    return finder.chats.number_of(target) if isinstance(target, str) else target


async def forget_periodically(queue: Queue, *, wait: Callable[[float], Awaitable[object]] = asyncio.sleep) -> NoReturn:
    """Delete jobs that ended long ago, at once and every FORGET_EVERY seconds until cancelled. While the database does
    not answer, the next time makes up for it.
    """
    while True:
        try:
            while await queue.forget_ended():
                continue
        except CatalogError as error:
            log.debug("old leech jobs are not deleted yet: %s", error)
        await wait(FORGET_EVERY)


async def _is_there(finder: FileFinder, job: Job) -> bool:
    """Whether the messages of a job still hold files; so it is taken to be while that cannot be found out."""
    posted = [piece.message_id for piece in job.transfer.pieces if piece.message_id is not None]
    if not posted:  # a list, which may have more entries now
        return False
    try:
        async with asyncio.timeout(LOOKING):
            for message_id in posted[:_LOOKED_AT]:
                await finder.find(job.chat_id, message_id, budgeted=False)
    except (FileMissing, FileGone):
        return False
    except (StreamVaultError, TimeoutError) as error:
        log.debug("whether messages of job %s are still there is not known: %s", job.id, error)
    return True
