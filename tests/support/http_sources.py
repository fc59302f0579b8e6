"""Files read by an HttpSource from a raw server, and checkpoints of them."""

import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_network
from typing import Any

from streamvault.leech.egress.guard import Guard
from streamvault.leech.model import Described
from streamvault.leech.sources.base import TAIL, Checkpoint, Opened, Source
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.http.source import HttpSource
from streamvault.leech.sources.limits import Limits

FILM = b"\x1a\x45\xdf\xa3" + random.Random(17).randbytes(300_000)
"""The bytes of a file."""
OTHER = b"\x1a\x45\xdf\xa3" + random.Random(18).randbytes(300_000)
"""As many of another one."""
SECOND, THIRD = "127.0.0.2", "127.0.0.3"
"""Further addresses of this machine; the third is not allowed."""
ADDRESSES = {"a.example": "127.0.0.1", "b.example": SECOND, "inner.example": THIRD}


class Sleeps:
    """Pauses that are noted and not made."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Clock:
    """Seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def wait(self) -> None:
        """As long as Telegram may say."""
        self.now += 45


async def resolve(name: str) -> Sequence[str]:
    """The names of ADDRESSES."""
    if name not in ADDRESSES:
        raise OSError("unknown")
    return [ADDRESSES[name]]


def http_client(
    *,
    clock: Callable[[], float] | None = None,
    sleep: Callable[[float], Awaitable[None]] | None = None,
    resolver: Callable[[str], Awaitable[Sequence[str]]] = resolve,
    ca_file: str | None = None,
    **limits: Any,
) -> Client:
    """A client that may reach 127.0.0.1 and 127.0.0.2; `limits` as in Limits."""
    allowed = (ip_network("127.0.0.1/32"), ip_network("127.0.0.2/32"))
    guard = Guard(allowed, resolver, timeout=5.0)
    return Client(
        guard,
        Limits(**limits),
        ca_file=ca_file,
        clock=clock or Clock(),
        wall=lambda: 1_700_000_000.0,
        sleep=sleep or Sleeps(),
    )


async def read_all(source: Source, checkpoint: Checkpoint | None = None) -> tuple[Opened, bytes]:
    """What the source opened, and all its bytes."""
    async with source.open(checkpoint) as opened:
        return opened, b"".join([block async for block in opened.blocks])


async def collect(opened: Opened, into: list[bytes], each: Callable[[], None] = lambda: None) -> None:
    """Append the blocks to `into`, as far as they come; `each` is done after each of them."""
    async for block in opened.blocks:
        into.append(block)
        each()


async def fetch(url: str, checkpoint: Checkpoint | None = None, **options: Any) -> tuple[Opened, bytes]:
    """The same for an address, with a client of its own; `options` as of http_client."""
    return await read_all(HttpSource(http_client(**options), url), checkpoint)


def at(offset: int, described: Described | None = None, *, data: bytes = FILM, **fields: Any) -> Checkpoint:
    """A checkpoint in `data`; `fields` are those of Described, or `state`, or `tail`, of which None is none."""
    state = fields.pop("state", None)
    last = data[max(0, offset - TAIL) : offset]
    tail = fields.pop("tail", (len(last), hashlib.sha256(last).hexdigest()))
    values = {"name": "film.mkv", "size": len(data), "mime_type": "video/x-matroska", "resumable": True, **fields}
    return Checkpoint(described or Described(**values), offset, tail, state)
