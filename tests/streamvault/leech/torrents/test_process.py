"""The child process of a torrent: torrents that are made to harm, and whom it asks."""

import os
from contextlib import aclosing
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import libtorrent as lt
import pytest

from streamvault.errors import SourceRefused
from streamvault.leech.egress.guard import Guard
from streamvault.leech.egress.socks import SocksProxy
from streamvault.leech.torrents.contents import posted_of
from streamvault.leech.torrents.lines import Complete
from streamvault.leech.torrents.process import Fetch, Torrents
from tests.support.canary import canary
from tests.support.swarm import torrent_of
from tests.support.waiting import until

GUARD = Guard((ip_network("127.0.0.1/32"),))


TOLD = 4
"""Lines of a child that has asked its tracker; a public torrent asks the DHT within fewer."""


def described(**info: object) -> bytes:
    """A .torrent file with this description."""
    whole: dict[Any, Any] = {b"name": b"T", b"piece length": 1 << 14, b"pieces": b"x" * 20}
    whole |= {name.replace("_", " ").encode(): value for name, value in info.items()}
    given: dict[bytes, Any] = {b"info": whole}
    return lt.bencode(given)


def one(*path: bytes, length: int = 9) -> dict[bytes, object]:
    return {b"length": length, b"path": list(path)}


REFUSED = {
    "nothing": b"",
    "no torrent": b"<html>a page that asks to log in</html>",
    "nested": b"d4:info" + b"l" * 5_000_000,
    "many files": described(files=[one(b"%d" % number, length=0) for number in range(20_000)]),
    "very many files": b"d4:infod5:filesl" + b"d6:lengthi1e4:pathl1:aee" * 420_000 + b"e4:name1:Te",
    "huge": b"d4:info" + b"x" * (11 << 20),
    "a negative size": described(length=-1),
    "a size that no disk has": described(length=1 << 62),
    "no pieces": described(length=9, pieces=b""),
    "pieces of no length": described(length=9, piece_length=0),
}


async def test_torrents_that_harm_are_refused_with_a_sentence() -> None:
    async with SocksProxy(GUARD).running() as proxy:
        for what, data in REFUSED.items():
            with pytest.raises(SourceRefused) as refused:
                await Torrents(proxy).contents(data)
            assert "torrent" in str(refused.value), what
            assert len(str(refused.value)) < 300


async def test_paths_lead_nowhere() -> None:
    paths = [one(b"..", b"..", b"etc", b"passwd"), one(b"/etc/passwd"), one(b"a\0b"), one(b"\xff\xfe"), one(b"a", b".")]
    async with SocksProxy(GUARD).running() as proxy:
        contents = await Torrents(proxy).contents(described(files=paths, name=b"../../x"))
        for entry in contents.entries:
            assert not entry.path.startswith("/")
            assert ".." not in entry.path.split("/")
        for member in posted_of(contents, (), most=0).members:
            assert "/" not in member.name
            assert member.name not in ("", ".", "..")


async def test_only_public_torrents_ask_the_dht(tmp_path: Path) -> None:
    """By datagrams through the proxy; the child is niced, and shows no secret."""
    async with SocksProxy(GUARD).running() as proxy, canary("127.0.0.1") as web:
        tracker = f"http://127.0.0.1:{web.port}/announce?passkey=SECRET"
        for private in (True, False):
            torrent = torrent_of(tmp_path / "seed", {"x.bin": b"x" * 70_000}, private=private, trackers=(tracker,))
            async with canary("127.0.0.1") as node:
                torrents = Torrents(proxy, dht=f"127.0.0.1:{node.udp_port}")
                out = tmp_path / f"out {private}"
                out.mkdir()
                wanted = Fetch(torrent.data, "", private, out, {0: "files/0"}, 1 << 20)
                before, told = web.connections, 0
                async with aclosing(torrents.fetch(wanted, 70_000)) as lines:
                    async for line in lines:
                        assert not isinstance(line, Complete)
                        check_shown()
                        told += web.connections > before
                        if told >= TOLD and (private or node.datagrams):
                            break
                assert bool(node.datagrams) is not private
        await until(lambda: not children())


def check_shown() -> None:
    """What everybody on the machine sees of a child."""
    for child in children():
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        assert b"SECRET" not in command
        assert os.getpriority(os.PRIO_PROCESS, child) >= 10
        assert os.getpgid(child) == child


def children() -> list[int]:
    """Children of this process that are the program."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        found += [int(pid) for pid in (task / "children").read_text().split()]
    return [pid for pid in found if b"torrents.program" in Path(f"/proc/{pid}/cmdline").read_bytes()]
