"""The child process of a torrent, as the worker has it: its contents, its description by its peers, its files."""

import asyncio
import importlib.util
import json
import sys
from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.children.running import Child, ChildLimits, running
from streamvault.leech.egress.passes import Pass
from streamvault.leech.egress.ranges import filter_rules
from streamvault.leech.egress.socks import SocksProxy
from streamvault.leech.torrents.contents import Contents
from streamvault.leech.torrents.lines import Described, Entry, Failed, Head, Line, Progress, parse_line

MISSING = (
    "libtorrent is not installed on this server: its owner installs it in StreamVault's folder by "
    "`pip install '.[torrents]'`"
)
PROGRAM = "streamvault.leech.torrents.program"
DHT = "dht.libtorrent.org:25401,router.bittorrent.com:6881,dht.transmissionbt.com:6881"
"""Nodes by which the DHT is joined."""
SILENCE = 300.0
"""Seconds without a line after which the child is taken to hang; the hashes of one piece take far less."""
READ_WITHIN = 60.0
"""Seconds for what is in a .torrent file."""
LARGEST_LOOK = 256 << 20
"""Bytes that may come and go while peers are asked for a description, the DHT's included."""
BESIDE = 512 << 20
"""Bytes that may come and go beside four times those of the files."""
CONNECTIONS = 100
_MEMORY = 1 << 30
_FILES = 512


@dataclass(frozen=True, slots=True)
class Fetch:
    """Files of a torrent by their indexes, each under a name in `folder`. `torrent`: a .torrent file or a description;
    `magnet`: the link that it was looked up by, "" for none; `most`: bytes of each file on the disk.
    """

    torrent: bytes
    magnet: str
    private: bool
    folder: Path
    files: Mapping[int, str]
    most: int


class Torrents:
    """`silence`, `dht` as SILENCE, DHT."""

    def __init__(self, proxy: SocksProxy, *, silence: float = SILENCE, dht: str = DHT) -> None:
        self._proxy, self._silence, self._dht = proxy, silence, dht

    async def contents(self, torrent: bytes) -> Contents:
        """What is in a .torrent file or a description. Raises SourceRefused, SourceFailed."""
        asked = {"do": "contents", "torrent": torrent}
        entries, head = list[Entry](), None
        try:
            async with asyncio.timeout(READ_WITHIN), aclosing(self._said(asked, Path("/"), Pass(0), 1)) as said:
                async for line in said:
                    if isinstance(line, Entry):
                        entries.append(line)
                    elif isinstance(line, Head):
                        head = line
        except TimeoutError:
            head = None
        if head is None:
            raise SourceRefused("this torrent takes too much time or memory to read")
        return Contents(head, tuple(entries))

    async def look(self, magnet: str, *, private: bool) -> AsyncGenerator[Progress | bytes, None]:
        """How far the look at a magnet link is, and at last the description. Raises SourceRefused, SourceFailed."""
        asked = {"do": "look", "magnet": magnet, "private": private, "folder": "/nonexistent"}
        data = bytearray()
        async with aclosing(self._said(asked, Path("/"), Pass(LARGEST_LOOK, connections=CONNECTIONS), 1)) as said:
            async for line in said:
                if isinstance(line, Progress):
                    yield line
                elif isinstance(line, Described):
                    data += line.data
        if not data:
            raise SourceFailed("the torrent program ended without saying why")
        yield bytes(data)

    async def fetch(self, wanted: Fetch, size: int) -> AsyncGenerator[Line, None]:
        """Progress, and which files of `size` bytes in all are complete; it ends with the last of them. Raises
        SourceRefused, SourceFailed.
        """
        asked = {
            "do": "fetch", "torrent": wanted.torrent, "magnet": wanted.magnet, "private": wanted.private,
            "folder": str(wanted.folder), "files": {str(index): name for index, name in wanted.files.items()},
        }  # fmt: skip
        admission = Pass(4 * size + BESIDE, connections=CONNECTIONS)
        async with aclosing(self._said(asked, wanted.folder, admission, wanted.most)) as said:
            async for line in said:
                yield line

    async def _said(
        self, asked: Mapping[str, Any], folder: Path, admission: Pass, most: int
    ) -> AsyncGenerator[Line, None]:
        """What the child prints until its end. Raises what it says went wrong, and SourceFailed for an end before."""
        async with self._running(
            asked, folder, admission, ChildLimits(memory=_MEMORY, file=most, files=_FILES)
        ) as child:
            async with aclosing(child.lines()) as lines:
                while (text := await self._heard(lines)) is not None:
                    line = parse_line(text)
                    if isinstance(line, Failed):
                        raise line.error
                    if line is not None:
                        yield line
            if await child.wait():
                raise SourceFailed("the torrent program was ended: it goes on with what is there")

    async def _heard(self, lines: AsyncGenerator[str, None]) -> str | None:
        try:
            async with asyncio.timeout(self._silence):
                return await anext(lines, None)
        except TimeoutError:
            raise SourceFailed(f"the torrent program said nothing for {self._silence:.0f} seconds") from None

    @asynccontextmanager
    async def _running(
        self, asked: Mapping[str, Any], folder: Path, admission: Pass, limits: ChildLimits
    ) -> AsyncIterator[Child]:
        if not is_installed():
            raise SourceRefused(MISSING)
        command = [sys.executable, "-I", "-X", "utf8", "-m", PROGRAM]
        environment = {"HOME": "/nonexistent", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        with self._proxy.admitted(admission) as way:
            reached = {
                "port": way.port, "user": way.user, "password": way.password,
                "rules": filter_rules(self._proxy.guard.allowed),
            }  # fmt: skip
            typed = _typed({**asked, "way": reached, "dht": self._dht})
            async with running(command, folder=folder, environment=environment, typed=typed, limits=limits) as child:
                yield child


def is_installed() -> bool:
    """Whether libtorrent is: it comes with the extra `torrents`."""
    return importlib.util.find_spec("libtorrent") is not None


def _typed(asked: Mapping[str, Any]) -> bytes:
    """What the child reads from its standard input."""
    return json.dumps(asked, default=lambda data: b64encode(data).decode()).encode()
