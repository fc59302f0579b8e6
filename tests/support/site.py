"""The application over a catalog, and a client in front of it, without a network."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import httpx
from pydantic import SecretStr

from streamvault.access.call_chats import CallChats
from streamvault.access.limits import Limits
from streamvault.access.links import LinkSigner
from streamvault.access.login import Logins
from streamvault.access.once import OnceTokens, once_links
from streamvault.access.service import Access
from streamvault.access.users import NewUserLimit, UserSigner
from streamvault.catalog.probes import StoredProbe
from streamvault.health.readiness import Readiness
from streamvault.http.app import HttpServices
from streamvault.indexing.finder import FileFinder
from streamvault.leech.feeds.service import Feeds
from streamvault.leech.mirror.desk import MirrorDesk
from streamvault.leech.queue import Queue
from streamvault.leech.sealing import Sealing
from streamvault.media.model import MediaFile
from streamvault.metrics import Metrics
from streamvault.playback.facts import FactsService
from streamvault.playback.model import VERSION, Facts, Probed
from streamvault.playback.packing import facts_to_json
from streamvault.playback.segments import SegmentService
from streamvault.reading.cells import Cells
from streamvault.reading.lanes import Lane
from streamvault.server.jobs import leech_chat, open_queue
from streamvault.settings import read_settings_as
from streamvault.voice.calls import Calls
from tests.support.access_records import MemoryAccessRecords
from tests.support.applications import app_over
from tests.support.calls import MemoryCalls
from tests.support.catalogs import MemoryCatalog
from tests.support.feeds import MemoryFeeds, Scripted
from tests.support.files import CHANNEL
from tests.support.given import GivenSettings
from tests.support.job_store import MemoryJobs
from tests.support.mirror_memory import MemoryMirrors, channels_of
from tests.support.personal import MemoryPersonal
from tests.support.probes import MemoryProbes
from tests.support.ui import small_ui

OTHER, FOREIGN = CHANNEL - 1, CHANNEL - 2
SECRET = b"a secret of the tests"
HOME = "https://tv.example.org"


class NoTelegram:
    """Neither messages nor bytes: the catalog answers everything here."""

    async def read(self, chat_id: int, message_ids: Sequence[int]) -> dict[int, MediaFile]:
        return {}

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        raise AssertionError("the catalog reads no bytes")

    async def thumbnail(self, file: MediaFile) -> bytes:
        raise AssertionError("the catalog reads no thumbnails")


class _NoSegments:
    """Stands for a server that repackages films."""


async def _no_probe(file: MediaFile, lane: Callable[[], Lane]) -> Probed:
    raise AssertionError("the catalog looks into no files")


@dataclass
class Site:
    """The application with its catalog, and a client in front of it; `our` are CHANNEL and OTHER."""

    client: httpx.AsyncClient
    catalog: MemoryCatalog
    personal: MemoryPersonal
    access: Access
    records: MemoryAccessRecords
    logins: Logins
    once_links: OnceTokens
    probes: MemoryProbes
    jobs: Queue
    stored_jobs: MemoryJobs
    stored_mirrors: MemoryMirrors
    feeds: Feeds
    feed_reader: Scripted
    calls: Calls
    bot_username: str | None = None
    voice_missing: str = ""
    links: LinkSigner = field(default_factory=lambda: LinkSigner(SECRET))

    async def get(self, path: str, **query: Any) -> Any:
        """The JSON of a 200."""
        answer = await self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def items(self, **query: Any) -> list[dict[str, Any]]:
        return list((await self.get("/api/catalog", **query))["items"])

    async def put(self, *files: MediaFile) -> None:
        for file in files:
            await self.catalog.put(file)

    async def put_facts(self, file: MediaFile, facts: Facts, *, version: int = VERSION) -> None:
        """Store what was read of a file."""
        row = StoredProbe(version, json.dumps(facts_to_json(facts)), b"")
        await self.probes.put(file.key.file_unique_id, row)

    def token(self, file: MediaFile | None = None, expires_at: int | None = None) -> str:
        """One for this file, or for the whole server."""
        scope = "server" if file is None else "file"
        return self.links.sign(file and file.origin, scope=scope, expires_at=expires_at)  # type: ignore[arg-type]


@asynccontextmanager
async def open_site(
    *, new_users: NewUserLimit | None = None, limits: Limits | None = None, base_url: str = HOME, **changes: Any
) -> AsyncIterator[Site]:
    """A site that everybody may use; `changes` are settings."""
    settings = read_settings_as(
        GivenSettings,
        {
            "api_id": 1,
            "api_hash": "0" * 32,
            "bot_token": "123:abc",
            "channels": (CHANNEL, OTHER),
            "public_access": True,
            "public_url": HOME,
            **changes,
        },
    )
    readiness = Readiness()
    readiness.ready()
    catalog, personal = MemoryCatalog(), MemoryPersonal()
    records, signer = MemoryAccessRecords(), LinkSigner(SECRET)
    access = Access(settings, records, signer)
    logins, links, probes = Logins(records), once_links(records), MemoryProbes()
    finder = FileFinder(settings=settings, catalog=catalog, messages=NoTelegram())
    stored_jobs = MemoryJobs()
    jobs = open_queue(settings.model_copy(update={"secret_key": SecretStr(SECRET.decode())}), stored_jobs, finder)
    reader, feed_store = Scripted(), MemoryFeeds()
    calls = Calls(MemoryCalls())
    feeds = Feeds(feed_store, Sealing(SECRET), reader)
    services = HttpServices(
        settings=settings,
        finder=finder,
        jobs=jobs,
        mirrors=MirrorDesk(mirrors := MemoryMirrors(), channels_of((CHANNEL, OTHER))),
        feeds=feeds,
        calls=calls,
        call_chats=CallChats(records),
        voice_missing=lambda: site.voice_missing,
        leech_chat=lambda: leech_chat(settings, finder),
        thumbnails=NoTelegram(),
        cells=cast(Cells, None),
        catalog=catalog,
        personal=personal,
        access=access,
        logins=logins,
        once_links=links,
        bot_username=lambda: site.bot_username,
        links=signer,
        users=UserSigner(SECRET),
        metrics=Metrics(),
        readiness=readiness,
        new_users=NewUserLimit() if new_users is None else new_users,
        limits=Limits() if limits is None else limits,
        facts=FactsService(_no_probe, probes),
        segments=cast(SegmentService, _NoSegments()),
        ui=small_ui(),
    )
    transport = httpx.ASGITransport(app_over(services))
    async with httpx.AsyncClient(transport=transport, base_url=base_url) as client:
        stored = (jobs, stored_jobs, mirrors, feeds, reader, calls)
        site = Site(client, catalog, personal, access, records, logins, links, probes, *stored)
        yield site
