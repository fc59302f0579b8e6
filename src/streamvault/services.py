"""Opens what a server needs, in order, and closes it in reverse; constructors do no I/O."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from streamvault.access.links import LinkSigner
from streamvault.catalog.base import Catalog
from streamvault.catalog.opening import open_catalog
from streamvault.datadir import open_data_dir, secret_key
from streamvault.http.health import Readiness
from streamvault.indexing.finder import FileFinder
from streamvault.metrics import Metrics
from streamvault.settings import Settings
from streamvault.telegram.accounts import Accounts
from streamvault.telegram.messages import TelegramMessages
from streamvault.telegram.source import TelegramSource


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the server's parts share. `accounts` is made here and connected by server.py."""

    settings: Settings
    metrics: Metrics
    readiness: Readiness
    links: LinkSigner
    catalog: Catalog
    accounts: Accounts
    source: TelegramSource
    finder: FileFinder


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """The services of one server. Raises ConfigError before any connection is made."""
    async with AsyncExitStack() as stack:
        locks = settings.session_store == "file"
        settings = settings.model_copy(update={"data_dir": open_data_dir(settings.data_dir, locks=locks)})
        metrics = Metrics()
        links = LinkSigner(secret_key(settings))
        catalog = await stack.enter_async_context(open_catalog(settings))
        accounts = Accounts(settings, metrics)
        finder = FileFinder(settings=settings, catalog=catalog, messages=TelegramMessages(accounts))
        yield Services(
            settings=settings,
            metrics=metrics,
            readiness=Readiness(),
            links=links,
            catalog=catalog,
            accounts=accounts,
            source=TelegramSource(accounts, metrics, origins=catalog),
            finder=finder,
        )
