"""The leech worker: a process of its own with a bot of its own, which shares the database with the server.

It takes up jobs while its bot is connected. When Telegram is away it lets go of them and goes on later; another worker
may take them up meanwhile.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial

from streamvault.access.audit import Audit
from streamvault.database import Database, open_database
from streamvault.datadir import open_data_dir
from streamvault.errors import CatalogError, ConfigError, SourceBusy, SourceUnavailable
from streamvault.leech.budget import Space
from streamvault.leech.disk import LeechDisk
from streamvault.leech.egress.guard import Guard
from streamvault.leech.egress.proxy import EgressProxy
from streamvault.leech.egress.socks import SocksProxy
from streamvault.leech.kept_rooms import keeps_room, sweep_periodically
from streamvault.leech.model import ENDED, State
from streamvault.leech.queue import Queue, worker_name
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.limits import Limits
from streamvault.leech.store.base import MAX_LISTED
from streamvault.leech.torrents.lookups import Lookups
from streamvault.leech.torrents.process import Torrents
from streamvault.leech.torrents.work import is_wanted
from streamvault.leech.traffic import Traffic
from streamvault.leech.worker import Worker
from streamvault.leech.ytdlp.program import Ytdlp
from streamvault.metrics import Metrics
from streamvault.reading.cache.space import space_of
from streamvault.reading.sandbox.again import Run
from streamvault.server.feeds import feed_poller, open_feeds
from streamvault.server.jobs import open_queue, transfers_at_once
from streamvault.server.leech_chat import leech_bot, leech_finder
from streamvault.server.leech_looking import open_looking
from streamvault.server.leech_work import TOOLS_FOLDER, Sites, Work, telegram_of
from streamvault.settings import Settings
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.backoff import DATABASE_DELAY, Backoff
from streamvault.telegram.bot.leech.bot import LeechBot
from streamvault.telegram.errors import AccountLost
from streamvault.telegram.files.upload import AccountUploads
from streamvault.telegram.history.messages import TelegramMessages

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kit:
    """What jobs need beside the bot. `run`: Sandbox.run, None where files cannot be looked into."""

    client: Client
    sites: Sites
    run: Run | None
    metrics: Metrics
    traffic: Traffic


async def leech(settings: Settings, *, stop: asyncio.Event | None = None) -> None:
    """Work at jobs until `stop` is set or SIGTERM or SIGINT comes. Raises ConfigError."""
    stop = stop or asyncio.Event()
    folder = open_data_dir(settings.data_dir, locks=settings.session_store == "file")
    settings = bot_settings(settings).model_copy(update={"data_dir": folder})
    with _signals(stop):
        async with open_database(settings) as database:
            work = asyncio.create_task(_work(settings, database))
            stopped = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                work.cancel()
                stopped.cancel()
                await asyncio.gather(work, stopped, return_exceptions=True)
            if not work.cancelled():
                work.result()
    log.info("the leech worker has stopped")


def bot_settings(settings: Settings) -> Settings:
    """The settings as the leech bot's own process reads them. Raises ConfigError without a bot or a channel."""
    if settings.leech_bot_token is None:
        raise ConfigError("LEECH_BOT_TOKEN is not set: make a bot with @BotFather for leeching, and set its token")
    return settings.model_copy(
        update={
            "bot_token": settings.leech_bot_token,
            "worker_bot_tokens": (),
            "user_session": None,
            "session_name": f"{settings.session_name}_leech",
        }
    )


async def _work(settings: Settings, database: Database) -> None:
    await _connect(database)
    traffic = Traffic()
    client = Client(Guard(settings.leech_allow_private), Limits(size=settings.leech_max_size), count=traffic.downloaded)
    metrics = Metrics()
    accounts = AccountPool(settings, metrics)
    audit = Audit(database.records)
    finder = leech_finder(settings, database, accounts)
    queue = open_queue(settings, database.jobs, finder)
    feeds = open_feeds(settings, database.feeds)
    chat = leech_bot(settings, database, queue, accounts, finder, audit, feeds)
    poller = feed_poller(settings, database, queue, audit, on_changed=chat.feed_teller.note)
    accounts.prepare = chat.register
    disk = _disk(settings)
    await disk.open(await _interrupted(queue))
    beside = [
        asyncio.create_task(work)
        for work in (audit.run(), poller.run(), sweep_periodically(disk, queue), traffic.run(database.usage))
    ]
    try:
        async with (
            open_looking() or contextlib.nullcontext() as sandbox,
            EgressProxy(client.guard, count=traffic.downloaded).running() as proxy,
            _torrents(settings, client.guard, queue) as torrents,
        ):
            ytdlp = Ytdlp(proxy, settings.data_dir / "leech" / TOOLS_FOLDER)
            sites = Sites(ytdlp, torrents, disk, space=settings.leech_disk, most=settings.leech_max_size)
            kit = _Kit(client, sites, None if sandbox is None else sandbox.run, metrics, traffic)
            await _keep_connected(settings, database, queue, kit, accounts, chat)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await chat.close()
        await audit.flush()
        with contextlib.suppress(CatalogError):
            await traffic.store(database.usage)
        disk.close()


@contextlib.asynccontextmanager
async def _torrents(settings: Settings, guard: Guard, queue: Queue) -> AsyncIterator[tuple[Torrents, Lookups] | None]:
    """What torrents need; None where they are not taken."""
    if not settings.leech_torrents:
        yield None
        return
    async with SocksProxy(guard).running() as proxy:
        torrents = Torrents(proxy)
        async with Lookups(torrents, partial(is_wanted, queue)).running() as lookups:
            yield torrents, lookups


async def _interrupted(queue: Queue) -> frozenset[str]:
    """The jobs that go on with what an earlier worker wrote to the disk."""
    try:
        found = await queue.listed(states=set(State) - ENDED - {State.PAUSED}, limit=MAX_LISTED)
    except CatalogError as error:
        log.debug("interrupted jobs begin anew: %s", error)
        return frozenset()
    return frozenset(job.id for job in found if keeps_room(job))


def _disk(settings: Settings) -> LeechDisk:
    def space() -> Space:
        found = space_of(settings.data_dir)
        return Space(found.spare, found.total - found.reserve)

    return LeechDisk(settings.data_dir / "leech", settings.leech_disk, space=space)


async def _keep_connected(
    settings: Settings, database: Database, queue: Queue, kit: _Kit, accounts: AccountPool, chat: LeechBot
) -> None:
    backoff, bot = Backoff(), str(settings.bot_id)
    name = worker_name(bot, f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}")
    while True:
        try:
            async with accounts:
                backoff.reset()
                await _take_over(queue, bot)
                await _run(settings, database, queue, kit, accounts, chat, name=name)
        except SourceBusy as busy:
            log.warning("Telegram lets the leech bot log in after %.0f s", busy.retry_after)
            await asyncio.sleep(busy.retry_after)
        except (SourceUnavailable, AccountLost) as error:
            pause = backoff.next()
            log.warning("the leech bot is not connected, tried again in %.0f s: %s", pause, error)
            await asyncio.sleep(pause)


async def _take_over(queue: Queue, bot: str) -> None:
    """The jobs of an earlier process that was killed are taken up at once."""
    try:
        if count := await queue.take_over(bot):
            log.info("%d jobs of a worker that ended are taken up again", count)
    except CatalogError as error:
        log.debug("jobs of a worker that ended wait for the end of their leases: %s", error)


async def _run(
    settings: Settings, database: Database, queue: Queue, kit: _Kit, accounts: AccountPool, chat: LeechBot, *, name: str
) -> None:
    """Work at jobs while the bot is connected. Raises AccountLost."""
    uploads = AccountUploads(accounts.main, count=kit.traffic.uploaded)
    await chat.start(accounts.main.client, braked=lambda: uploads.slowed)
    telegram = telegram_of(settings, database, accounts, uploads, kit.metrics, kit.traffic)
    read = TelegramMessages(accounts).read
    work = Work(queue, kit.client, uploads, read, kit.run, kit.sites, telegram, caption=settings.leech_caption)
    worker = Worker(queue, work, name=name, most=transfers_at_once(settings))
    log.info("the leech worker is ready")
    await _until_lost(worker, chat, accounts)


async def _until_lost(worker: Worker, chat: LeechBot, accounts: AccountPool) -> None:
    """Run the worker and the chat; raises AccountLost."""
    tasks = [asyncio.create_task(work) for work in (accounts.watch(), worker.run(), chat.run())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if not task.cancelled():
            task.result()


async def _connect(database: Database) -> None:
    backoff = Backoff(longest=DATABASE_DELAY)
    while True:
        try:
            await database.connect()
        except CatalogError as error:
            log.warning("the database does not answer: %s", error)
            await asyncio.sleep(backoff.next())
        else:
            return


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """Within the context, SIGTERM and SIGINT set `stop`."""
    loop = asyncio.get_running_loop()
    handled: list[signal.Signals] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(ValueError, RuntimeError, NotImplementedError):  # not in the main thread, as in tests
            loop.add_signal_handler(number, stop.set)
            handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
