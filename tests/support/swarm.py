"""A peer that has a torrent: a session of libtorrent on loopback, which looks for nobody by itself."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import libtorrent as lt

from tests.support.waiting import until

PIECE = 1 << 16
V1, V2 = int(lt.create_torrent.v1_only), int(lt.create_torrent.v2_only)


@dataclass(frozen=True)
class Torrent:
    """`data`: the .torrent file."""

    data: bytes
    params: lt.add_torrent_params

    @property
    def link(self) -> str:
        """Its magnet link, with both of its hashes."""
        return lt.make_magnet_uri(self.params)


@dataclass(frozen=True)
class Seed:
    """A peer that has all of a torrent."""

    torrent: Torrent
    session: lt.session
    handle: lt.torrent_handle

    @property
    def port(self) -> int:
        """On 127.0.0.1."""
        return self.session.listen_port()

    def complete(self, folder: Path, files: Mapping[str, bytes]) -> None:
        """Give it what it lacks of the files."""
        for path, data in files.items():
            (folder / path).write_bytes(data)
        self.handle.force_recheck()

    @property
    def link(self) -> str:
        """A magnet link that names this peer, and says that the torrent is private, so that no DHT is asked."""
        return f"{self.torrent.link}&x.pe=127.0.0.1:{self.port}&x.private=1"


def torrent_of(
    folder: Path, files: Mapping[str, bytes], *, private: bool = False, flags: int = 0, trackers: tuple[str, ...] = (),
    web_seeds: tuple[str, ...] = (), piece: int = PIECE,
) -> Torrent:  # fmt: skip
    """Write files below `folder`, and make a torrent of them."""
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    entries = [lt.create_file_entry(path, len(data)) for path, data in files.items()]
    made = lt.create_torrent(entries, piece, flags)
    lt.set_piece_hashes(made, str(folder))
    made.set_priv(private)
    for tracker in trackers:
        made.add_tracker(tracker)
    for seed in web_seeds:
        made.add_url_seed(seed)
    data = lt.bencode(made.generate())
    return Torrent(data, lt.load_torrent_buffer(data))


@asynccontextmanager
async def seeding(folder: Path, torrent: Torrent, *, whole: bool = True) -> AsyncIterator[Seed]:
    """A peer on 127.0.0.1 in this context. `whole`: it is known to have everything."""
    session = lt.session(
        {
            "listen_interfaces": "127.0.0.1:0", "enable_dht": False, "enable_lsd": False, "enable_upnp": False,
            "enable_natpmp": False, "alert_mask": 0, "allow_multiple_connections_per_ip": True,
        }
    )  # fmt: skip
    params = lt.load_torrent_buffer(torrent.data)
    params.save_path = str(folder)
    params.flags &= ~(lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    handle = session.add_torrent(params)
    checking = (lt.torrent_status.checking_files, lt.torrent_status.checking_resume_data)
    await until(lambda: handle.status().state not in checking, timeout=60, pause=0.02)
    if whole:
        await until(lambda: handle.status().is_seeding, timeout=60, pause=0.02)
    try:
        yield Seed(torrent, session, handle)
    finally:
        session.remove_torrent(handle)
