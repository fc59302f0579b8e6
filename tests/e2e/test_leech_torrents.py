"""Torrents become files in the channel: real peers of libtorrent on loopback, an emulated Telegram."""

import hashlib
import os
import signal
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote

from streamvault.leech.choice import Choosable, choice_of
from streamvault.leech.model import Job, State
from streamvault.leech.torrent_files import file_address
from streamvault.leech.torrents.batches import SPARE
from tests.support.canary import canary
from tests.support.leech_stage import Stage, film, leech_stage, worker_process
from tests.support.raw_server import response
from tests.support.swarm import PIECE, V1, Seed, seeding, torrent_of
from tests.support.torrent_site import Site
from tests.support.waiting import until

FILES = {"Set/b10.bin": film(700_000, 1), "Set/b2.bin": film(900_001, 2), "Set/sub/c.bin": film(65_536, 3)}
TYPE = {"content_type": "application/x-bittorrent"}


def posts(*names: str) -> list[tuple[str, str]]:
    """What is in the channel when these files are."""
    by_name = {path.rpartition("/")[2]: data for path, data in FILES.items()}
    return [(name, hashlib.sha256(by_name[name]).hexdigest()) for name in names]


async def test_what_a_magnet_link_describes_is_posted_in_order_and_once(tmp_path: Path) -> None:
    torrent = torrent_of(tmp_path / "seed", FILES)
    async with seeding(tmp_path / "seed", torrent) as seed, leech_stage(tmp_path, Site(), leech_torrents=True) as stage:
        stage.start()
        job = await stage.ended(await stage.add_link(seed.link))
        assert (job.state, job.reason) == (State.DONE, None)
        assert stage.posts() == posts("b2.bin", "b10.bin", "c.bin")
        assert job.bytes_done == job.bytes_total == sum(map(len, FILES.values()))
        again = await stage.add_link(f"magnet:?xt=urn:btih:{torrent.params.info_hashes.v1}&dn=other")
        assert again.id == job.id
        of_version_2 = f"magnet:?xt=urn:btmh:1220{torrent.params.info_hashes.v2}&x.pe=127.0.0.1:{seed.port}&x.private=1"
        for other in (file_address(torrent.data), of_version_2):
            twin = await stage.ended(await stage.add_link(other))
            assert twin.id == job.id or job.id in str(twin.reason)
        assert len(stage.posts()) == len(FILES)
        assert left(tmp_path) == []
        assert programs() == []


async def test_the_chosen_file_of_a_private_torrent_comes_alone(tmp_path: Path) -> None:
    """By its address, once told by its name and once by its type alone; its tracker's passkey is shown nowhere."""
    site = Site()
    async with leech_stage(tmp_path, site, leech_torrents=True) as stage:
        tracker = stage.web.url("/announce?passkey=SECRET")
        torrent = torrent_of(tmp_path / "seed", FILES, private=True, trackers=(tracker,))
        site.files["/set.torrent"] = lambda: response("200 OK", torrent.data)
        site.files["/download"] = lambda: response("200 OK", torrent.data, **TYPE)
        async with seeding(tmp_path / "seed", torrent) as seed:
            site.peer = seed.port
            stage.start()
            job = await stage.ended(await stage.add("/set.torrent", select=(2,)))
            assert (job.state, job.reason) == (State.DONE, None)
            assert stage.posts() == posts("b2.bin")
            assert "SECRET" not in repr(job)
            other = await stage.ended(await stage.add("/download", select=(1, 3)))
            assert (other.state, other.reason) == (State.DONE, None)
            assert stage.posts() == posts("b2.bin", "b10.bin", "c.bin")
            assert any("passkey=SECRET" in target for target in site.announced)
            asking = await stage.add_link(file_address(torrent.data), choose=True)

            async def asked() -> tuple[Choosable, ...] | None:
                return choice_of(await stage.queue.get(asking.id))

            assert await until(asked, timeout=60, pause=0.05) == (
                Choosable(1, "b10.bin", 700_000), Choosable(2, "b2.bin", 900_001), Choosable(3, "sub/c.bin", 65_536),
            )  # fmt: skip
            await stage.queue.pick(asking.id, {1})
            await stage.queue.resume(asking.id)
            picked = await stage.ended(asking)
            assert (picked.state, picked.reason, picked.bytes_done) == (State.DONE, None, 700_000)
            handed_in = await stage.ended(await stage.add_link(file_address(torrent.data), select=(4,)))
            assert handed_in.reason == "this torrent has 3 files: there is no number 4"
            assert left(tmp_path) == []


async def test_nothing_inner_is_reached(tmp_path: Path) -> None:
    """Trackers, web seeds and peers of a link, and a peer that a tracker tells."""
    torrent = torrent_of(tmp_path / "seed", FILES)
    allowed = (ip_network("127.0.0.1/32"),)
    async with (
        seeding(tmp_path / "seed", torrent) as seed,
        canary("127.0.0.9") as inner,
        canary("127.0.0.1") as outer,
        leech_stage(tmp_path, Site(), leech_torrents=True, leech_allow_private=allowed) as stage,
    ):
        place = f"127.0.0.9:{inner.port}"
        more = "".join(
            f"&{name}={quote(value, safe='')}"
            for name, value in (
                ("tr", f"http://{place}/announce"), ("tr", f"udp://127.0.0.9:{inner.udp_port}/announce"),
                ("tr", f"wss://{place}/announce"), ("tr", f"udp://127.0.0.1:{outer.udp_port}/announce"),
                ("ws", f"http://{place}/files/"), ("xs", f"http://{place}/x.torrent"), ("as", f"http://{place}/x"),
                ("x.pe", place), ("x.pe", f"[::ffff:127.0.0.9]:{inner.port}"),
            )
        )  # fmt: skip
        stage.start()
        job = await stage.ended(await stage.add_link(seed.link + more))
        assert (job.state, job.reason) == (State.DONE, None)
        assert outer.datagrams, "nothing goes by UDP"
        assert (inner.connections, inner.datagrams) == (0, [])


async def test_web_seeds_are_read_and_lead_to_nothing_inner(tmp_path: Path) -> None:
    """Without a peer; one of the seeds redirects each request."""
    site, allowed = Site(), (ip_network("127.0.0.1/32"),)
    async with (
        canary("127.0.0.9") as inner,
        leech_stage(tmp_path, site, leech_torrents=True, leech_allow_private=allowed) as stage,
    ):
        seeds = (stage.web.url("/hop/"), stage.web.url("/files/"))
        torrent = torrent_of(tmp_path / "seed", FILES, private=True, web_seeds=seeds)
        site.files["/web.torrent"] = lambda: response("200 OK", torrent.data)
        site.data = {f"/files/{path}": data for path, data in FILES.items()}
        hop = response("302 Found", location=f"http://127.0.0.9:{inner.port}/Set/b2.bin")
        site.files |= dict.fromkeys((f"/hop/{path}" for path in FILES), lambda: hop)
        stage.start()
        job = await stage.ended(await stage.add("/web.torrent"))
        assert (job.state, job.reason) == (State.DONE, None)
        assert stage.posts() == posts("b2.bin", "b10.bin", "c.bin")
        assert any(target.startswith("/hop/") for target in stage.web.targets)
        assert inner.connections == 0


async def test_kills_keep_what_was_fetched(tmp_path: Path) -> None:
    """The worker and then the child are killed, and a file is cut meanwhile: what hashes right is not fetched again."""
    data = film(60 * PIECE, 7)
    torrent = torrent_of(tmp_path / "seed", {"Set/film.bin": data, "Set/nfo.txt": b"x" * 40}, flags=V1)
    (tmp_path / "seed/Set/film.bin").write_bytes(data[: 40 * PIECE])
    async with (
        seeding(tmp_path / "seed", torrent, whole=False) as seed,
        leech_stage(tmp_path, Site(), leech_torrents=True) as stage,
        worker_process(stage, tmp_path, LEECH_TORRENTS="true") as worker,
    ):
        await worker.start()
        job = await stage.add_link(seed.link)
        file = tmp_path / "data/leech" / job.id / "out/files/0"
        await until(lambda: uploaded(seed) >= 40 * PIECE, timeout=60, pause=0.05)
        [child] = programs()
        await worker.kill()
        await until(lambda: not alive(child), timeout=20, pause=0.05)
        os.truncate(file, 39 * PIECE + 7)
        await worker.start()
        await until(lambda: uploaded(seed) >= 41 * PIECE, timeout=60, pause=0.05)
        [child] = programs()
        os.kill(child, signal.SIGKILL)
        seed.complete(tmp_path / "seed", {"Set/film.bin": data})
        ended = await stage.ended(job)
        assert (ended.state, ended.reason) == (State.DONE, None)
        assert stage.posts()[0] == ("film.bin", hashlib.sha256(data).hexdigest())
        assert uploaded(seed) <= len(data) + 6 * PIECE
        assert left(tmp_path) == []


async def test_what_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    """While a link is looked up that nobody answers, which keeps no other from being done, and while files come."""
    torrent = torrent_of(tmp_path / "seed", FILES)
    dead = [f"magnet:?xt=urn:btih:{number:040x}&x.private=1" for number in range(1, 4)]
    async with leech_stage(tmp_path, Site(), leech_torrents=True) as stage:
        stage.start()
        jobs = [await stage.add_link(link) for link in dead]
        async with seeding(tmp_path / "seed", torrent) as seed:
            assert (await stage.ended(await stage.add_link(seed.link))).state is State.DONE
        await reads(stage, jobs[0], "asks for what this magnet link describes")
        (tmp_path / "seed/Set/b2.bin").write_bytes(b"")
        async with seeding(tmp_path / "seed", torrent, whole=False) as seed:
            jobs.append(await stage.add_link(seed.link, as_document=True))
            await until(lambda: uploaded(seed) >= 8 * PIECE, timeout=60, pause=0.05)
            for job in jobs:
                await stage.queue.cancel(job.id)
            await until(lambda: not programs(), timeout=60, pause=0.05)
            await until(lambda: not left(tmp_path), timeout=60, pause=0.05)


async def test_a_torrent_that_is_larger_than_the_disk_comes_in_batches(tmp_path: Path) -> None:
    files = {f"Set/{number}.bin": film(1_000_000 + number, number) for number in range(5)}
    torrent = torrent_of(tmp_path / "seed", files)
    room = SPARE + 2_400_000
    async with (
        seeding(tmp_path / "seed", torrent) as seed,
        leech_stage(tmp_path, Site(), leech_torrents=True, leech_disk=room) as stage,
    ):
        stage.start()
        job = await stage.ended(await stage.add_link(seed.link))
        assert (job.state, job.reason) == (State.DONE, None)
        assert stage.posts() == [(f"{n}.bin", hashlib.sha256(files[f"Set/{n}.bin"]).hexdigest()) for n in range(5)]
        large = torrent_of(tmp_path / "large", {"large.bin": film(3_000_000, 9)})
        async with seeding(tmp_path / "large", large) as other:
            refused = await stage.ended(await stage.add_link(other.link))
        assert refused.state is State.FAILED
        assert f"at most {room:,} are used (LEECH_DISK)" in str(refused.reason)
        assert left(tmp_path) == []


async def reads(stage: Stage, job: Job, reason: str) -> None:
    """Wait until a job says so."""

    async def said() -> bool:
        return reason in ((await stage.queue.get(job.id)).reason or "")

    await until(said, timeout=60, pause=0.05)


def uploaded(seed: Seed) -> int:
    """Bytes of files that a peer has sent."""
    return seed.handle.status().total_payload_upload


def left(folder: Path) -> list[str]:
    """What jobs have left in DATA_DIR/leech."""
    return [path.name for path in (folder / "data" / "leech").iterdir() if path.name != "tools"]


def programs() -> list[int]:
    """Processes of ours and of our children that work at a torrent."""
    found, todo = [], [os.getpid()]
    while todo:
        pid = todo.pop()
        with suppress(OSError):
            children = [
                int(one)
                for task in Path(f"/proc/{pid}/task").iterdir()
                for one in (task / "children").read_text().split()
            ]
            todo += children
            found += [one for one in children if alive(one)]
    return found


def alive(pid: int) -> bool:
    """Whether a process is the program of a torrent, and has not ended."""
    with suppress(OSError):
        return b"streamvault.leech.torrents.program" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False
