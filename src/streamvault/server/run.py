"""Runs Uvicorn, the Telegram accounts and the indexing side by side, and closes them in order.

`serve` opens the port; `open_services` (services.py, beside this) opens DATA_DIR, the secret key and the caches;
constructors do no I/O. Then `serve` waits for the database, connects the accounts, and starts what writes the catalog.
Until the main account is connected, everything but the health checks answers 503.

At the end the port closes first, streams drain within DRAIN_TIMEOUT, the rest is aborted; then the accounts are closed,
and the database last. If any of these tasks ends unasked, all are closed and its error is raised, so that the process
ends with a non-zero exit code. An account that Telegram has logged out is no such end: the server closes it, reports it
in /readyz, and logs in again when that is allowed.
"""

import asyncio
import contextlib
import logging
import math
import socket
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import uvicorn

from streamvault.access.call_chats import CallChats
from streamvault.access.store.housekeeping import purge_periodically
from streamvault.health.channels import ChannelHealth
from streamvault.health.database import wait_for_database, watch_database
from streamvault.health.disk import watch_disk
from streamvault.health.telegram import watch_conditions
from streamvault.http.app import HttpServices, create_app
from streamvault.http.connections import ConnectionLimits, ConnectionTable, open_files_limit
from streamvault.http.listening import listen
from streamvault.http.protocol import protocol_class
from streamvault.http.reception import ReceivingServer
from streamvault.logs.bounds import Tally
from streamvault.process import ending_by_signals, freeze_garbage, give_memory_back, raise_open_files, watch_loop
from streamvault.reading.lanes import Lane
from streamvault.server.children import ChildProcess
from streamvault.server.jobs import forget_periodically, leech_chat
from streamvault.server.services import Services, open_services
from streamvault.server.telegram import serve_telegram
from streamvault.server.voice_child import VoiceChild
from streamvault.settings import Settings

log = logging.getLogger(__name__)


class _Server(ReceivingServer):
    """`serve` handles signals and decides the order of closing."""

    def __init__(self, config: uvicorn.Config, *, on_shutdown: Callable[[], None], **options: Any) -> None:
        """`on_shutdown` ends the answers that have no end of their own; `options` as of ReceivingServer."""
        super().__init__(config, **options)
        self._on_shutdown = on_shutdown

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_shutdown()
        await super().shutdown(sockets)

    def abort_connections(self) -> None:
        """Abort what did not drain; closing a transport would wait for a paused player for ever."""
        for connection in list(self.server_state.connections):
            transport: Any = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()


async def serve(
    settings: Settings,
    *,
    listener: socket.socket | None = None,
    stop: asyncio.Event | None = None,
    on_ready: Callable[[Services, int], None] | None = None,
    children: Mapping[str, str] | None = None,
) -> None:
    """Serve until `stop` is set or SIGTERM or SIGINT comes, then drain within DRAIN_TIMEOUT and close.

    `listener` is a socket of `listen`, closed at the end; without one, HOST and PORT are listened on.
    `on_ready(services, port)` is called once, when streams can be served. `children`: environment variables of the
    processes beside it, beyond those of this one. Raises ConfigError for a wrong setting, and
    the error of a task that ended unasked.
    """
    stop = stop or asyncio.Event()
    raise_open_files()
    later = asyncio.get_running_loop().call_later
    # the port comes before the caches: where it is taken, nothing is said of them
    with ending_by_signals(stop), listener or listen(settings) as listener:
        async with open_services(settings) as services:
            with Tally(log, "bad requests", call_later=later) as bad:
                table = _connection_table(services)
                voice = VoiceChild(services.settings, children or {})
                config = _uvicorn_config(services, table, bad, voice)
                limited = partial(_count_limited, services)
                server = _Server(config, on_shutdown=partial(_end_waits, services), table=table, limited=limited)
                port = listener.getsockname()[1]

                def ready() -> None:
                    freeze_garbage()  # again: what has been made since lasts as long as the server
                    if on_ready:
                        on_ready(services, port)

                await _run(server, listener, background=_background(services, ready, children or {}, voice), stop=stop)
    log.info("stopped")


def _end_waits(services: Services) -> None:
    """End the answers that wait for something to happen."""
    services.indexing.walks.end_followers()
    services.events.end()
    services.admission.logins.end_waits()


async def _run(
    server: _Server, listener: socket.socket, *, background: Iterable[Coroutine[Any, Any, None]], stop: asyncio.Event
) -> None:
    """HTTP and `background` side by side until one ends or `stop` is set; raises when one ended without `stop`."""
    http = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    others = [asyncio.create_task(work) for work in background]
    stopped = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({http, *others, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            log.info("stopping: streams that are open may end")
        server.should_exit = True
        await asyncio.wait({http})
    finally:
        server.abort_connections()
        for task in (http, *others, stopped):
            task.cancel()
        results = await asyncio.gather(http, *others, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result
    if not stop.is_set():
        raise RuntimeError("a part of the server ended without being asked to")


def _background(
    services: Services, ready: Callable[[], None], children: Mapping[str, str], voice: VoiceChild
) -> tuple[Coroutine[Any, Any, None], ...]:
    """What runs beside HTTP: the database is connected first, then Telegram and everything that writes the catalog."""
    connected, indexing = asyncio.Event(), services.indexing
    channels = ChannelHealth(
        services.accounts, services.finder.chats, services.readiness.conditions, vault=services.settings.vault_channel
    )

    async def once_connected(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await connected.wait()
        await work()

    with_database = (
        lambda: serve_telegram(services, channels, ready=ready, voice_missing=voice.missing),
        channels.watch,
        services.admission.usage.run,
        lambda: watch_conditions(services.readiness.conditions),
        lambda: watch_database(services.catalog, services.readiness),
        lambda: watch_disk(services.settings.data_dir, services.readiness),
        indexing.walks.run, indexing.repair.run, indexing.repair.run_suspects, indexing.opened.run,
        indexing.manifests.run, indexing.starts.run, indexing.read_names, indexing.recompute.run,
        services.admission.access.watch, services.admission.access.uses.run, services.admission.access.audit.run,
        lambda: purge_periodically(services.admission.records), lambda: forget_periodically(services.jobs),
        services.mirrors.worker.run,
    )  # fmt: skip
    settings = services.settings
    leeches = settings.leech_bot_token is not None and settings.leech == "auto"
    leech = (ChildProcess(["leech"], settings=children).run,) if leeches else ()
    asked = (services.mirror_requests.run,) if settings.leech_bot_token is not None else ()
    looking = (services.media.facts.watch,) if services.media.facts else ()
    return (
        watch_loop(services.metrics.loop_lag_seconds),
        give_memory_back(lambda: services.media.cells.counts.taken),
        _connect_database(services, connected),
        *(once_connected(work) for work in (*with_database, *looking, *leech, *asked, voice.run)),
    )


async def _connect_database(services: Services, connected: asyncio.Event) -> None:
    """Set `connected` once the database is, and its chats are read; they stay in memory when it fails later."""

    async def connect() -> None:
        await services.connect_database()
        await services.admission.usage.load()
        await services.mirrors.refresh()
        await services.finder.our_chats()

    await wait_for_database(connect, services.readiness)
    connected.set()
    await asyncio.Event().wait()  # the end of any background task would end the server


def _count_limited(services: Services, why: str) -> None:
    services.metrics.requests_limited_total.labels(why=why).inc()


def _connection_table(services: Services) -> ConnectionTable:
    """The HTTP connections; as many as the process may have files open, less those that others need."""
    return ConnectionTable(
        ConnectionLimits.for_open_files(open_files_limit()),
        clock=time.monotonic,
        call_later=asyncio.get_running_loop().call_later,
        closed=partial(_count_limited, services),
    )


def _uvicorn_config(services: Services, table: ConnectionTable, bad: Tally, voice: VoiceChild) -> uvicorn.Config:
    app = create_app(
        HttpServices(
            settings=services.settings,
            finder=services.finder,
            thumbnails=services.media.thumbnails,
            frames=services.media.frames,
            scaler=services.media.scaler,
            facts=services.media.facts,
            segments=services.media.segments,
            subtitles=services.media.subtitles,
            cells=services.media.cells,
            telegram=services.media.source.stats,
            prewarm=lambda file: services.media.prewarm.warm(file, Lane.READAHEAD),
            catalog=services.catalog,
            personal=services.personal,
            access=services.admission.access,
            logins=services.admission.logins,
            once_links=services.admission.once_links,
            bot_username=services.accounts.bot_username,
            links=services.admission.links,
            users=services.admission.users,
            limits=services.admission.limits,
            metrics=services.metrics,
            refresh_metrics=services.job_figures.refresh,
            readiness=services.readiness,
            events=services.events,
            suspect=services.indexing.repair.suspect,
            opened=lambda file: services.indexing.opened.opened(file.messages),
            walks=services.indexing.walks,
            jobs=services.jobs,
            mirrors=services.mirrors.desk,
            feeds=services.feeds,
            calls=services.calls,
            call_chats=CallChats(services.admission.records),
            voice_missing=voice.missing,
            leech_chat=partial(leech_chat, services.settings, services.finder),
            offers=services.finder.chats.offers if services.finder.chats.learns else None,
        )
    )
    return uvicorn.Config(
        app,
        http=protocol_class(table, partial(_count_limited, services), bad.add),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # it would log link tokens
        server_header=False,
        proxy_headers=False,  # ForwardedHeaders decides what proxies may say
        timeout_keep_alive=15,
        timeout_graceful_shutdown=math.ceil(services.settings.drain_timeout),
    )
