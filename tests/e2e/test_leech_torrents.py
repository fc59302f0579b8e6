"""Torrents become files in the channel: real peers of libtorrent on loopback, an emulated Telegram."""

import hashlib
from pathlib import Path

from streamvault.leech.model import State
from tests.support.leech_stage import film, leech_stage
from tests.support.raw_server import Request, response
from tests.support.swarm import seeding, torrent_of

FILES = {"Set/b10.bin": film(700_000, 1), "Set/b2.bin": film(900_001, 2), "Set/sub/c.bin": film(65_536, 3)}


def nothing(_: Request) -> bytes:
    return response("404 Not Found")


async def test_the_files_of_a_magnet_link_are_posted_in_natural_order(tmp_path: Path) -> None:
    torrent = torrent_of(tmp_path / "seed", FILES)
    async with (
        seeding(tmp_path / "seed", torrent) as seed,
        leech_stage(tmp_path, nothing, leech_torrents=True) as stage,
    ):
        stage.start()
        job = await stage.ended(await stage.add_link(seed.link))
        assert (job.state, job.reason) == (State.DONE, None)
        assert stage.posts() == posts("b2.bin", "b10.bin", "c.bin")


def posts(*names: str) -> list[tuple[str, str]]:
    """What is in the channel when these files are."""
    by_name = {path.rpartition("/")[2]: data for path, data in FILES.items()}
    return [(name, hashlib.sha256(by_name[name]).hexdigest()) for name in names]
