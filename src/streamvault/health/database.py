"""Waits for the database at the start, and checks it while the server runs; both report to /readyz."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from streamvault.catalog.base import Catalog
from streamvault.errors import CatalogError, DatabaseReplaced
from streamvault.health.conditions import Cause
from streamvault.health.readiness import Readiness
from streamvault.media.model import Origin

log = logging.getLogger(__name__)

REPORT_AFTER = 1.0
"""Seconds without a connection after which /readyz names the database."""
RETRY_EVERY = 1.0
CHECK_EVERY, CHECK_EVERY_AWAY = 5.0, 1.0
"""Seconds between two checks while the database answers, and while it does not."""
_NO_MESSAGE = Origin(0, 0)
_AWAY_AT_START = "the database does not answer: start it, or correct DATABASE_URL; it is tried again until it does"
_REPLACED = "the database's file was deleted or replaced: nothing is stored until it is there again; known files open"
_AWAY = "lists and search wait for the database, and new posts are listed later; known files open: start the database"


async def wait_for_database(connect: Callable[[], Awaitable[None]], readiness: Readiness) -> None:
    """Call `connect` until it succeeds. Raises the ConfigError that it raises."""
    report = asyncio.get_running_loop().call_later(REPORT_AFTER, readiness.waiting, "database")
    try:
        while True:
            try:
                return await connect()
            except CatalogError as error:
                readiness.waiting("database", reason=_AWAY_AT_START, detail=f"{_AWAY_AT_START} ({error})")
                log.debug("the database does not answer: %s", error)
            await asyncio.sleep(RETRY_EVERY)
    finally:
        report.cancel()


async def watch_database(catalog: Catalog, readiness: Readiness) -> None:
    """Check until cancelled whether the database answers, and set /readyz; starts when the server was ready once."""
    conditions = readiness.conditions
    while True:
        away = conditions.holds("database")
        await asyncio.sleep(CHECK_EVERY_AWAY if away else CHECK_EVERY)
        if not (readiness.is_ready or away):
            continue
        try:
            await catalog.get(_NO_MESSAGE)
        except CatalogError as error:
            log.debug("the database does not answer: %s", error)
            lost = isinstance(error, DatabaseReplaced)
            conditions.begin("database", Cause(_REPLACED, detail=str(error)) if lost else Cause(_AWAY))
        else:
            conditions.end("database")
