"""Deletes the access records that nobody needs any more."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import NoReturn

from streamvault.access.store.base import AccessRecords
from streamvault.errors import CatalogError

log = logging.getLogger(__name__)

INTERVAL = 600.0
"""Seconds from one time to the next."""
MAX_AUDIT = 10_000
"""Audit records that are kept, the latest ones."""


async def purge_periodically(
    records: AccessRecords,
    *,
    clock: Callable[[], float] = time.time,
    wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> NoReturn:
    """Delete expired records, and audit records beyond MAX_AUDIT, at once and every INTERVAL seconds until cancelled.

    While the database does not answer, the next time makes up for it. `clock` gives Unix seconds, `wait` waits for
    seconds.
    """
    while True:
        try:
            purged = await records.purge(clock())
            await records.trim("audit", keep=MAX_AUDIT)
        except CatalogError as error:
            log.debug("old access records are not deleted yet: %s", error)
        else:
            log.debug("%d expired access records deleted", purged)
        await wait(INTERVAL)
