"""The database that is away: waited for at the start, watched while the server runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from streamvault.catalog.base import Catalog
from streamvault.errors import CatalogError
from streamvault.http.middleware.readiness import Readiness
from streamvault.media.model import Origin

log = logging.getLogger(__name__)

SLOW = 1.0
"""Seconds after which /readyz says that the database is what the server waits for."""
RETRY = 1.0
EVERY, EVERY_AWAY = 5.0, 1.0
_NOWHERE = Origin(0, 0)


async def reach_database(reach: Callable[[], Awaitable[None]], readiness: Readiness) -> None:
    """Call `reach` until it succeeds. Raises ConfigError as it does."""
    slow = asyncio.get_running_loop().call_later(SLOW, readiness.waiting, "database")
    said = ""
    try:
        while True:
            try:
                return await reach()
            except CatalogError as error:
                readiness.waiting("database")
                if str(error) != said:
                    log.warning("waiting for the database: %s", error)
                    said = str(error)
            await asyncio.sleep(RETRY)
    finally:
        slow.cancel()


async def watch_database(catalog: Catalog, readiness: Readiness) -> None:
    """Say in /readyz whether the database answers, for ever. Nothing is asked before the server is ready once."""
    while True:
        await asyncio.sleep(EVERY_AWAY if readiness.degraded else EVERY)
        if not (readiness.is_ready or readiness.degraded):
            continue
        try:
            await catalog.get(_NOWHERE)
        except CatalogError as error:
            if not readiness.degraded:
                log.warning("the database is away, what needs none goes on: %s", error)
            readiness.lacks("database", away=True)
        else:
            if readiness.degraded:
                log.info("the database is back")
            readiness.lacks("database", away=False)
