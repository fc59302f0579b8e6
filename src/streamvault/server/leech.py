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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from streamvault.access.audit import Audit
from streamvault.database import Database, open_database
from streamvault.datadir import open_data_dir
from streamvault.errors import CatalogError, ConfigError, SourceBusy, SourceUnavailable
from streamvault.leech.budget import Space
from streamvault.leech.children.tools import install_tools
from streamvault.leech.disk import LeechDisk
from streamvault.leech.egress.guard import Guard
from streamvault.leech.egress.proxy import EgressProxy
from streamvault.leech.file_names import posted_name
from streamvault.leech.held import HeldJob
from streamvault.leech.model import ENDED, State
from streamvault.leech.posting import Poster, ReadFiles
from streamvault.leech.queue import Queue, worker_name
from streamvault.leech.sources.base import Source
from streamvault.leech.sources.choice import source_of
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.limits import Limits
from streamvault.leech.store.base import MAX_LISTED
from streamvault.leech.transfer import TransferRun
from streamvault.leech.worker import Worker
from streamvault.leech.ytdlp.naming import beside_name
from streamvault.leech.ytdlp.program import TOOLS, Ytdlp
from streamvault.leech.ytdlp.work import Side, YtdlpWork
from streamvault.media.types import type_of
from streamvault.metrics import Metrics
from streamvault.reading.cache.space import space_of
from streamvault.server.jobs import open_queue, transfers_at_once
from streamvault.server.leech_chat import leech_bot, leech_finder
from streamvault.settings import Settings
from streamvault.telegram.accounts.pool import AccountPool
from streamvault.telegram.backoff import DATABASE_DELAY, Backoff
from streamvault.telegram.bot.leech.bot import LeechBot
from streamvault.telegram.errors import AccountLost
from streamvault.telegram.files.upload import AccountUploads
from streamvault.telegram.history.messages import TelegramMessages

log = logging.getLogger(__name__)

_BESIDE = "beside"
"""Where Transfer.source holds which subtitles are posted."""


@dataclass(frozen=True, slots=True)
class _Sites:
    """What jobs for yt-dlp need beside the bot; `space`: LEECH_DISK, `most`: LEECH_MAX_SIZE."""

    ytdlp: Ytdlp
    disk: LeechDisk
    space: int
    most: int


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
    client = Client(Guard(settings.leech_allow_private), Limits(size=settings.leech_max_size))
    accounts = AccountPool(settings, Metrics())
    audit = Audit(database.records)
    finder = leech_finder(settings, database, accounts)
    queue = open_queue(settings, database.jobs, finder)
    chat = leech_bot(settings, database, queue, accounts, finder, audit)
    accounts.prepare = chat.register
    disk = _disk(settings)
    await disk.open(await _interrupted(queue))
    noting = asyncio.create_task(audit.run())
    try:
        async with EgressProxy(client.guard).running() as proxy:
            tools = await asyncio.to_thread(install_tools, settings.data_dir / "leech" / "tools", TOOLS)
            sites = _Sites(Ytdlp(proxy, tools), disk, settings.leech_disk, settings.leech_max_size)
            await _keep_connected(settings, queue, client, accounts, chat, sites)
    finally:
        noting.cancel()
        await asyncio.gather(noting, return_exceptions=True)
        await chat.close()
        await audit.flush()
        disk.close()


async def _interrupted(queue: Queue) -> frozenset[str]:
    """The jobs that go on with what an earlier worker wrote to the disk."""
    try:
        found = await queue.listed(states=set(State) - ENDED - {State.PAUSED}, limit=MAX_LISTED)
    except CatalogError as error:
        log.debug("interrupted jobs begin anew: %s", error)
        return frozenset()
    return frozenset(job.id for job in found if job.options.ytdlp)


def _disk(settings: Settings) -> LeechDisk:
    def space() -> Space:
        found = space_of(settings.data_dir)
        return Space(found.spare, found.total - found.reserve)

    return LeechDisk(settings.data_dir / "leech", settings.leech_disk, space=space)


async def _keep_connected(
    settings: Settings, queue: Queue, client: Client, accounts: AccountPool, chat: LeechBot, sites: _Sites
) -> None:
    backoff, bot = Backoff(), str(settings.bot_id)
    name = worker_name(bot, f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}")
    while True:
        try:
            async with accounts:
                backoff.reset()
                await _take_over(queue, bot)
                await _run(settings, queue, client, accounts, chat, sites, name=name)
        except SourceBusy as busy:
            log.warning("Telegram lets the leech bot log in after %.0f s", busy.retry_after)
            await asyncio.sleep(busy.retry_after)
        except (SourceUnavailable, AccountLost) as error:
            pause = backoff.next()
            log.warning("the leech bot is not connected, tried again in %.0f s: %s", pause, error)
            await asyncio.sleep(pause)


class _Work:
    """What is done for one job."""

    def __init__(self, queue: Queue, client: Client, uploads: AccountUploads, read: ReadFiles, sites: _Sites) -> None:
        self._queue, self._client, self._uploads, self._read = queue, client, uploads, read
        self._ytdlp = YtdlpWork(
            sites.ytdlp, client, sites.disk, queue, self._send, self._send_beside, space=sites.space, most=sites.most
        )

    async def __call__(self, held: HeldJob) -> None:
        address = self._queue.address(held.job)
        if held.job.options.ytdlp:
            await self._ytdlp(held, address)
        else:
            held.state = State.TRANSFERRING
            await self._send(held, source_of(self._client, address))

    async def _send(self, held: HeldJob, source: Source) -> None:
        """See ytdlp.work.Send."""
        job, uploads = held.job, self._uploads
        poster = Poster(uploads, job, read=self._read, new_file_id=_new_file_id)

        async def discard(ids: Sequence[int]) -> None:
            await uploads.delete(job.chat_id, ids)

        run = TransferRun(
            source, uploads, job.transfer, recorder=held, post=poster, discard=discard, new_file_id=_new_file_id
        )
        transfer = await run.run()
        held.state = State.JOINING
        await held.store(await poster.list_pieces(transfer))

    async def _send_beside(self, held: HeldJob, sides: Sequence[Side]) -> None:
        """See ytdlp.work.SendBeside."""
        job = held.job
        poster = Poster(self._uploads, job, read=self._read, new_file_id=_new_file_id)
        for side in sides:
            transfer = held.job.transfer
            posted = transfer.source.get(_BESIDE, [])
            mark = f"{side.beside.language}.{side.beside.ext}"
            if transfer.described is None or mark in posted:
                continue
            name = beside_name(posted_name(transfer.described.name, job.options.name), side.beside)
            await poster.post_beside(transfer, mark, name, side.data, mime_type=type_of(name))
            await held.store(replace(transfer, source={**transfer.source, _BESIDE: [*posted, mark]}))


def _new_file_id() -> int:
    return secrets.randbits(63)


async def _take_over(queue: Queue, bot: str) -> None:
    """The jobs of an earlier process that was killed are taken up at once."""
    try:
        if count := await queue.take_over(bot):
            log.info("%d jobs of a worker that ended are taken up again", count)
    except CatalogError as error:
        log.debug("jobs of a worker that ended wait for the end of their leases: %s", error)


async def _run(
    settings: Settings, queue: Queue, client: Client, accounts: AccountPool, chat: LeechBot, sites: _Sites, *, name: str
) -> None:
    """Work at jobs while the bot is connected. Raises AccountLost."""
    uploads = AccountUploads(accounts.main)
    await chat.start(accounts.main.client, braked=lambda: uploads.slowed)
    work = _Work(queue, client, uploads, TelegramMessages(accounts).read, sites)
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
