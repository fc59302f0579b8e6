"""A torrent's job from attempt to attempt: no peer, no room, and what was kept of it damaged."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from streamvault.errors import NoRoom, SourceFailed, SourceRefused
from streamvault.leech.egress.guard import Guard
from streamvault.leech.egress.socks import SocksProxy
from streamvault.leech.held import HeldJob
from streamvault.leech.kept_rooms import NEED
from streamvault.leech.model import State, Transfer
from streamvault.leech.queue import Wanted
from streamvault.leech.torrent_files import file_address
from streamvault.leech.torrents.lookups import Lookups
from streamvault.leech.torrents.process import Torrents
from streamvault.leech.torrents.work import TorrentWork
from tests.support.ranged_source import RangedSource
from tests.support.raw_server import raw_server
from tests.support.swarm import seeding, torrent_of
from tests.support.torrent_site import Site
from tests.support.unpacking import MIB, Unpacking

FILES = {"Set/1.bin": b"1" * 300_000, "Set/2.bin": b"2" * 300_000}


@dataclass
class Torrenting(Unpacking):
    """The same for a job that is a torrent."""

    address: str = ""
    stalled: float = 60.0

    async def work(self) -> Transfer:
        """See Unpacking.work."""
        self.queue._schemes = ("data",)
        if not self.jobs.stored:
            await self.queue.add(Wanted(self.address, -1001))
        job = self.job
        self.jobs.stored[job.id] = replace(job, lease=None, state=State.QUEUED, due=0.0)
        claimed = await self.queue.claim("w")
        assert claimed is not None
        held = HeldJob(self.queue, claimed)
        async with SocksProxy(Guard((ip_network("127.0.0.1/32"),))).running() as proxy:
            torrents = Torrents(proxy)
            async with Lookups(torrents, lambda _: None).running() as lookups:  # type: ignore[arg-type, return-value]
                work = TorrentWork(
                    torrents, lookups, self.disk, self.queue, self._send, self._discard, lambda _: self.source,
                    self.budget, stalled=self.stalled,
                )  # fmt: skip
                await work(held, self.queue.address(held.job))
        return held.job.transfer


@asynccontextmanager
async def torrenting(folder: Path) -> AsyncIterator[tuple[Torrenting, Site, Path]]:
    """A job whose tracker knows no peer yet."""
    site = Site()
    async with raw_server(site) as web:
        torrent = torrent_of(folder / "seed", FILES, private=True, trackers=(web.url("/announce"),))
        async with seeding(folder / "seed", torrent) as seed:
            stage = Torrenting(folder, RangedSource(b""), address=file_address(torrent.data))
            site.peer = seed.port
            yield stage, site, folder / "leech"


async def test_an_attempt_without_a_peer_fails_and_the_next_one_goes_on(tmp_path: Path) -> None:
    async with torrenting(tmp_path) as (stage, site, folder):
        peer, site.peer, stage.stalled = site.peer, 0, 0.0
        with pytest.raises(SourceFailed, match="nothing came for 0 minutes: no peer was found"):
            await stage.work()
        [kept] = folder.glob("*/torrent")
        kept.write_bytes(bytes(kept.stat().st_size))
        site.peer, stage.stalled = peer, 60.0
        transfer = await stage.work()
        assert transfer.complete
        assert stage.posts == [("1.bin", FILES["Set/1.bin"]), ("2.bin", FILES["Set/2.bin"])]
        assert stage.left == []


async def test_a_job_waits_for_room_and_then_reserves_what_it_needs(tmp_path: Path) -> None:
    async with torrenting(tmp_path) as (stage, _, folder):
        async with stage.disk.reserve("other", stage.budget - 16 * MIB):
            with pytest.raises(NoRoom, match="waits for room"):
                await stage.work()
            assert stage.job.transfer.source[NEED] > 16 * MIB
            assert [path.name for path in folder.iterdir()] == ["other"]
        assert (await stage.work()).complete
        assert stage.left == []


async def test_what_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    async with torrenting(tmp_path) as (stage, _, folder):
        stage.address = "data:;base64,ZDQ6aW5mb2Q2OnBpZWNlczA6ZWU="  # a description without files
        with pytest.raises(SourceRefused, match="no torrent that can be read"):
            await stage.work()
        assert list(folder.iterdir()) == []
