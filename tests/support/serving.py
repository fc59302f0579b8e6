"""The real application under a real Uvicorn on a real socket, over a source in memory."""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from streamvault.access.limits import Limits
from streamvault.access.links import LinkSigner
from streamvault.access.login import Logins
from streamvault.access.once import once_links
from streamvault.access.service import Access
from streamvault.access.users import UserSigner
from streamvault.catalog.base import Catalog
from streamvault.catalog.personal import Personal
from streamvault.errors import FileMissing
from streamvault.health.readiness import Readiness
from streamvault.http.active_streams import ActiveStreams
from streamvault.http.app import HttpServices
from streamvault.http.connections import ConnectionLimits, ConnectionTable
from streamvault.http.dependencies import MAX_FOLLOWERS, MAX_FOLLOWERS_PER_ADDRESS
from streamvault.http.event_hub import EventHub
from streamvault.http.protocol import protocol_class
from streamvault.http.reception import ReceivingServer
from streamvault.http.slots import SharedSlots
from streamvault.http.web import Ui
from streamvault.indexing.walks import Walks
from streamvault.leech.feeds.model import Parsed
from streamvault.leech.feeds.service import Feeds
from streamvault.leech.mirror.desk import MirrorDesk
from streamvault.leech.queue import Queue
from streamvault.leech.sealing import Sealing
from streamvault.logs.bounds import Tally
from streamvault.media.model import MediaFile, Origin
from streamvault.metrics import Metrics
from streamvault.playback.facts import FactsService
from streamvault.playback.segments import SegmentService
from streamvault.playback.subtitles import SubtitleService
from streamvault.reading.cells import Cells
from streamvault.reading.frames.scaler import PictureScaler
from streamvault.reading.frames.service import FrameService
from streamvault.reading.thumbnails import Thumbnails
from streamvault.server.jobs import leech_schemes
from streamvault.settings import Settings
from streamvault.voice.calls import Calls
from tests.support.access_records import MemoryAccessRecords
from tests.support.applications import app_over
from tests.support.calls import MemoryCalls
from tests.support.catalogs import MemoryCatalog
from tests.support.feeds import MemoryFeeds, Scripted, item
from tests.support.files import CHANNEL
from tests.support.http_client import Address
from tests.support.job_store import MemoryJobs
from tests.support.mirror_memory import MemoryMirrors, channels_of
from tests.support.personal import MemoryPersonal
from tests.support.sources import Forgetful, MemorySource
from tests.support.ui import small_ui
from tests.support.waiting import until

NOTSENT_LOWAT = 128 << 10
TCP_NOTSENT_LOWAT = 25  # Linux; Python names it from 3.12 on
SECRET = b"a secret of these tests"
GRACE = 5.0
"""Seconds that requests have left when a bench closes."""


class MemoryFinder:
    """Files by message, as a catalog and Telegram would find them; errors can be put in their place."""

    def __init__(self) -> None:
        self.files: dict[tuple[int, int], MediaFile | Exception] = {}
        self.finds = 0
        self.gate: asyncio.Event | None = None

    def add(self, file: MediaFile, *, message_id: int) -> str:
        """Put `file` into a message; its path under /stream."""
        self.files[file.origin.chat_id, message_id] = file
        return f"/stream/{file.origin.chat_id}/{message_id}"

    async def our_chats(self) -> frozenset[int]:
        return frozenset(chat_id for chat_id, _ in self.files)

    async def find(self, chat_id: int, message_id: int, *, viewer: str = "") -> MediaFile:
        self.finds += 1
        if self.gate is not None:
            await self.gate.wait()
        found = self.files.get((chat_id, message_id), FileMissing("no such message"))
        if isinstance(found, Exception):
            raise found
        return found


def settings(**changes: Any) -> Settings:
    """Settings that read neither the environment nor a file."""
    given = {
        "api_id": 1,
        "api_hash": SecretStr("0" * 32),
        "bot_token": SecretStr("1:token"),
        "public_access": True,
        "data_dir": Path("/nonexistent"),
        "public_url": "http://127.0.0.1:8080",
        **changes,
    }
    return Settings.model_construct(**given)


class Bench:
    """The services of one application, each reachable for a test."""

    def __init__(self, **changes: Any) -> None:
        self.source = MemorySource()
        self.cells = Cells(self.source, memory=Forgetful(), grace=0.0)
        self.finder = MemoryFinder()
        self.catalog: Catalog = MemoryCatalog()
        self.personal: Personal = MemoryPersonal()
        self.metrics = Metrics()
        self.readiness = Readiness()
        self.readiness.ready()
        self.links = LinkSigner(SECRET)
        self.settings = settings(**changes)
        self.records = MemoryAccessRecords()
        self.access = Access(self.settings, self.records, self.links)
        self.logins = Logins(self.records)
        self.once_links = once_links(self.records)
        self.bot_username: str | None = "vault_bot"
        self.login_slots = SharedSlots(MAX_FOLLOWERS, MAX_FOLLOWERS_PER_ADDRESS)
        self.limits = Limits()
        self.walks: Walks | None = None
        self.jobs = Queue(MemoryJobs(), Sealing(SECRET), schemes=leech_schemes(self.settings))
        self.calls = Calls(MemoryCalls())
        self.stored_mirrors = MemoryMirrors()
        self.mirrors = MirrorDesk(self.stored_mirrors, channels_of((CHANNEL, CHANNEL - 1)))
        self.feeds = Feeds(MemoryFeeds(), Sealing(SECRET), Scripted(Parsed("Films", (item(1), item(2, enclosures=())))))
        self.frames: FrameService | None = None
        self.scaler: PictureScaler | None = None
        self.ui: Ui | None = small_ui()
        self.segments: SegmentService | None = None
        self.facts: FactsService | None = None
        self.subtitles: SubtitleService | None = None
        self.events = EventHub()
        self.active_streams = ActiveStreams()
        self.event_slots = SharedSlots(MAX_FOLLOWERS, MAX_FOLLOWERS_PER_ADDRESS)
        self.address: Address = ("", 0)
        self.limited: list[str] = []
        self.bad = Tally(logging.getLogger(__name__), "bad requests", call_later=lambda *_: None)
        self.table = self.connection_table(ConnectionLimits())

    def connection_table(self, limits: ConnectionLimits) -> ConnectionTable:
        """A table of its own limits that says to this bench what it closed."""
        return ConnectionTable(
            limits,
            clock=time.monotonic,
            call_later=lambda seconds, callback: asyncio.get_running_loop().call_later(seconds, callback),
            closed=self.limited.append,
        )

    def app(self) -> FastAPI:
        """The application over these services; finder and catalog know nothing of each other."""
        return app_over(
            HttpServices(
                settings=self.settings,
                finder=self.finder,
                thumbnails=Thumbnails(self.source, self.cells),
                cells=self.cells,
                catalog=self.catalog,
                personal=self.personal,
                access=self.access,
                logins=self.logins,
                once_links=self.once_links,
                links=self.links,
                users=UserSigner(SECRET),
                metrics=self.metrics,
                readiness=self.readiness,
                walks=self.walks,
                jobs=self.jobs,
                calls=self.calls,
                mirrors=self.mirrors,
                feeds=self.feeds,
                frames=self.frames,
                scaler=self.scaler,
                ui=self.ui,
                facts=self.facts,
                event_slots=self.event_slots,
                events=self.events,
                active_streams=self.active_streams,
                login_slots=self.login_slots,
                bot_username=lambda: self.bot_username,
                limits=self.limits,
                segments=self.segments,
                subtitles=self.subtitles,
            )
        )

    def token(self, origin: Origin | None, *, expires_at: int | None = None) -> str:
        """A link token for one file, or without an origin for the whole server."""
        return self.links.sign(origin, scope="server" if origin is None else "file", expires_at=expires_at)

    def sample(self, name: str, **labels: str) -> float:
        """The value of one metric, 0 if it has none yet."""
        return self.metrics.registry.get_sample_value(f"streamvault_{name}", labels) or 0.0


class _Server(ReceivingServer):
    """Starts and ends as Uvicorn's server does, but looks at nothing every 0.1 s."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.ended = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        state = self.server_state
        for server in self.servers:
            server.close()
        for connection in list(state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            await until(lambda: not state.connections and not state.tasks, timeout=GRACE)
        for task in state.tasks:
            task.cancel()
        for server in self.servers:
            await server.wait_closed()


@contextlib.asynccontextmanager
async def serving(bench: Bench | None = None, **changes: Any) -> AsyncIterator[Bench]:
    """A bench whose application answers on `bench.address`; no task of it outlives the block.

    `changes` are settings of a new bench, used where none is given.
    """
    bench = bench or Bench(**changes)
    before = asyncio.all_tasks()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOTSENT_LOWAT)
        listener.bind(("127.0.0.1", 0))
        bench.address = listener.getsockname()
        server = _Server(
            uvicorn.Config(
                bench.app(),
                http=protocol_class(bench.table, bench.limited.append, bench.bad.add),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
            ),
            table=bench.table,
            limited=bench.limited.append,
        )
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await until(lambda: server.started)
            yield bench
        finally:
            server.ended.set()
            await running
            await bench.cells.close()
    before.add(cast(asyncio.Task[Any], asyncio.current_task()))
    with contextlib.suppress(TimeoutError):  # generators that were left are closed by tasks of their own
        await until(lambda: asyncio.all_tasks() <= before, timeout=1)
    assert asyncio.all_tasks() <= before, f"tasks left behind: {asyncio.all_tasks() - before}"


async def settled(value: Callable[[], int], *, still: float = 0.15, within: float = 5.0) -> int:
    """What `value` gives once it has stayed the same for `still` seconds."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(within):
        last, since = value(), loop.time()
        while loop.time() - since < still:
            await asyncio.sleep(0.001)
            if value() != last:
                last, since = value(), loop.time()
    return last
