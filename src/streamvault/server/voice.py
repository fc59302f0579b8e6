"""The voice worker: a process of its own, which shares the database with the server and reads files by its HTTP API.

It follows calls while the process that plays is connected (voice_calls, beside this); a death of that one costs a
moment of silence, and nothing that is queued.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from streamvault.access.call_chats import CallChat, CallChats
from streamvault.access.links import LinkSigner
from streamvault.database import Database, open_database
from streamvault.datadir import open_data_dir, secret_key
from streamvault.errors import CatalogError, ConfigError, VoiceError
from streamvault.media.model import Origin
from streamvault.server.voice_calls import MISSING, MODULE, is_installed, told_settings
from streamvault.settings import Settings
from streamvault.telegram.backoff import DATABASE_DELAY, Backoff
from streamvault.voice.calls import Calls, worker_name
from streamvault.voice.links import LoopbackLinks, TokenOf
from streamvault.voice.process import CallsProcess, our_python
from streamvault.voice.worker import Worker

log = logging.getLogger(__name__)

TOKEN_SECONDS = 24 * 3600
"""How long the token of one request is good: a paused film is read on for as long."""
CHATS_POLL = 60.0
"""Seconds between two looks at the account's chats."""
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}  # noqa: S104 - what a client connects to


async def voice(settings: Settings, *, stop: asyncio.Event | None = None) -> None:
    """Follow calls until `stop` is set or SIGTERM or SIGINT comes. Raises ConfigError."""
    if not is_installed():
        raise ConfigError(MISSING)
    stop = stop or asyncio.Event()
    folder = open_data_dir(settings.data_dir, locks=settings.session_store == "file")
    settings = settings.model_copy(update={"data_dir": folder})
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
    log.info("the voice worker has stopped")


async def _work(settings: Settings, database: Database) -> None:
    await _connect(database)
    calls = Calls(database.calls)
    process = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"
    ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    workers: list[Worker] = []

    def on_ended(chat_id: int, stream: int) -> None:
        for worker in workers:
            worker.ended(chat_id, stream)

    def on_ready(account: int) -> None:
        if not ready.done():
            ready.set_result(account)

    player = CallsProcess(our_python(MODULE), told_settings(settings), on_ended=on_ended, on_ready=on_ready)
    playing = asyncio.create_task(player.run())
    try:
        async with LoopbackLinks(server_addresses(settings), _tokens(settings)) as links:
            first: set[asyncio.Future[Any]] = {playing, ready}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                playing.result()
            account = ready.result()
            await _take_over(calls, account)
            name = worker_name(account, process)
            workers.append(Worker(calls, player, links, name=name, node=socket.gethostname()))
            log.info("the voice worker is ready")
            telling = asyncio.create_task(_tell_chats(CallChats(database.records), player, account))
            try:
                await _both(playing, asyncio.create_task(workers[0].run()))
            finally:
                telling.cancel()
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)


async def _tell_chats(chats: CallChats, player: CallsProcess, account: int) -> NoReturn:
    """Keep told where the account can play, until cancelled."""
    while True:
        try:
            await chats.tell(account, [CallChat(**one) for one in await player.chats()])
        except (CatalogError, VoiceError) as error:
            log.debug("the chats of the account that plays are not told: %s", error)
        await asyncio.sleep(CHATS_POLL)


async def _both(playing: "asyncio.Task[None]", following: "asyncio.Task[None]") -> None:
    """Until one ends. The calls are let go of before the process that plays is ended."""
    try:
        await asyncio.wait({playing, following}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    for task in (playing, following):
        if task.done() and not task.cancelled():
            task.result()


def server_addresses(settings: Settings) -> list[str]:
    """Where the server of these settings may be reached: HOST:PORT first, then PUBLIC_URL."""
    local = f"http://{_WILDCARDS.get(settings.host, settings.host)}:{settings.port}"
    return list(dict.fromkeys((local, settings.public_url)))


def _tokens(settings: Settings) -> TokenOf:
    signer = LinkSigner(secret_key(settings))

    def token(chat_id: int, message_id: int) -> str:
        expires_at = int(time.time()) + TOKEN_SECONDS
        return signer.sign(Origin(chat_id, message_id), scope="file", expires_at=expires_at)

    return token


async def _take_over(calls: Calls, account: int) -> None:
    """The calls of an earlier process with this account, which has ended, are taken up at once."""
    try:
        if count := await calls.take_over(str(account)):
            log.info("%d calls of a worker that ended are taken up again", count)
    except CatalogError as error:
        log.debug("calls of a worker that ended wait for the end of their leases: %s", error)


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
