"""Opens what a server needs, in order, and closes it in reverse; constructors do no I/O."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from streamvault.access.links import LinkSigner
from streamvault.catalog.base import Catalog
from streamvault.catalog.opening import open_database
from streamvault.catalog.personal import Personal
from streamvault.datadir import open_data_dir, secret_key
from streamvault.http.health import Readiness
from streamvault.indexing.finder import FileFinder
from streamvault.media.chunks import WINDOW
from streamvault.metrics import Metrics
from streamvault.reading.cache.disk import DiskCells
from streamvault.reading.cache.memory import MemoryCells
from streamvault.reading.cells import Cells
from streamvault.reading.prewarm import Prewarm
from streamvault.settings import Settings
from streamvault.telegram.accounts import Accounts
from streamvault.telegram.messages import TelegramMessages
from streamvault.telegram.source import TelegramSource

REQUESTS_PER_CONNECTION = 6
"""Requests in flight on one connection at once, so that neither side of it ever waits for the other."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the server's parts share. `accounts` is made here and connected by server.py, and so is the
    database by `reach` (see catalog.opening.Database).
    """

    settings: Settings
    metrics: Metrics
    readiness: Readiness
    links: LinkSigner
    catalog: Catalog
    personal: Personal
    reach: Callable[[], Awaitable[None]]
    accounts: Accounts
    source: TelegramSource
    cells: Cells
    prewarm: Prewarm
    finder: FileFinder


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """The services of one server. Raises ConfigError before any connection is made."""
    async with AsyncExitStack() as stack:
        locks = settings.session_store == "file"
        settings = settings.model_copy(update={"data_dir": open_data_dir(settings.data_dir, locks=locks)})
        metrics = Metrics()
        links = LinkSigner(secret_key(settings))
        database = await stack.enter_async_context(open_database(settings))
        catalog = database.catalog
        accounts = Accounts(settings, metrics)
        finder = FileFinder(settings=settings, catalog=catalog, messages=TelegramMessages(accounts))
        source = TelegramSource(accounts, metrics, origins=catalog)
        cells = await stack.enter_async_context(_open_cells(settings, source, accounts))
        cached = bool(settings.cache_memory or settings.cache_disk)
        _show(cells, metrics)
        yield Services(
            settings=settings,
            metrics=metrics,
            readiness=Readiness(),
            links=links,
            catalog=catalog,
            personal=database.personal,
            reach=database.reach,
            accounts=accounts,
            source=source,
            cells=cells,
            prewarm=await stack.enter_async_context(Prewarm(cells, cached=cached)),
            finder=finder,
        )


def _show(cells: Cells, metrics: Metrics) -> None:
    """The engine's own counts in /metrics."""
    counts = cells.counts
    metrics.count(
        "cells", "Cells of 128 KiB that readers took, by where they were found", label="tier",
        values=lambda: {"memory": counts.memory, "disk": counts.disk, "telegram": counts.telegram},
    )  # fmt: skip
    metrics.count(
        "shared_reads", "Cells on their way that another reader took too, was promoted to, or gave up", label="what",
        values=lambda: {
            "coalesced": counts.coalesced, "promoted": counts.promoted, "cancelled": counts.cancelled,
        },
    )  # fmt: skip
    metrics.gauge("requests_in_flight", "Requests that wait for Telegram's answer", lambda: cells.in_flight)
    metrics.gauge("tasks", "Tasks of the event loop", lambda: len(asyncio.all_tasks()))
    metrics.gauge("requests_waiting", "Requests that wait for their turn", lambda: cells.waiting)


@asynccontextmanager
async def _open_cells(settings: Settings, source: TelegramSource, accounts: Accounts) -> AsyncIterator[Cells]:
    """The caches, and what all readers share on top of them."""
    async with AsyncExitStack() as stack:
        disk = None
        if settings.cache_disk:
            disk = await stack.enter_async_context(DiskCells(settings.data_dir / "cache", settings.cache_disk))
        yield await stack.enter_async_context(
            Cells(
                source,
                memory=MemoryCells(settings.cache_memory),
                disk=disk,
                capacity=lambda: len(accounts.all) * settings.connections_per_dc * REQUESTS_PER_CONNECTION,
                ahead=settings.readahead * WINDOW,
            )
        )
