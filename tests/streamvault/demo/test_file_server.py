"""The web server that the demo's leech bot fetches from."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from streamvault.demo import leeching
from streamvault.demo.file_server import BLOCK, FileServer, Served, file_server
from streamvault.leech.egress.guard import Guard
from streamvault.leech.feeds.reading import FeedReader
from streamvault.leech.sources.base import Checkpoint
from streamvault.leech.sources.choice import source_of
from streamvault.leech.sources.http.client import Client
from tgemulator.world.content import SyntheticContent, synthetic_bytes

SIZE = 3 * BLOCK + 5
NAME = "Lampe? & Fähre 100%.tar"


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    content = SyntheticContent(SIZE, seed=4)
    files = {NAME: Served(content, "application/x-tar"), "slow": Served(content, "application/x-tar", lambda _: 1.0)}
    async with file_server(files) as opened:
        yield opened


async def ask(server: FileServer, request: bytes) -> tuple[bytes, bytes]:
    """The head of the answer, and its body."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(request)
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return head, body


async def test_a_source_reads_it_by_ranges_and_the_guard_lets_nothing_else_in(server: FileServer) -> None:
    source = source_of(Client(Guard((server.network,))), server.url(NAME))
    async with source.open(None) as opened:
        assert (opened.described.name, opened.described.size) == (NAME, SIZE)
        first = [block async for block in opened.blocks]
    assert b"".join(first) == synthetic_bytes(4, 0, SIZE)
    async with source.open(Checkpoint(opened.described, BLOCK + 1, state=opened.state)) as again:
        rest = [block async for block in again.blocks]
    assert b"".join(rest) == synthetic_bytes(4, again.offset, SIZE - again.offset)
    assert again.offset == BLOCK + 1
    assert server.host.startswith("127.0.0.")
    assert server.network.num_addresses == 1


async def test_what_it_answers(server: FileServer) -> None:
    path = server.url(NAME).partition(f":{server.port}")[2].encode()
    for request, status, length in (
        (b"GET /nothing HTTP/1.1\r\n\r\n", b"404", 0),
        (b"POST " + path + b" HTTP/1.1\r\n\r\n", b"400", 0),
        (b"\x00\r\n\r\n", b"400", 0),
        (b"GET /../../etc/passwd HTTP/1.1\r\n\r\n", b"404", 0),
        (b"HEAD " + path + b" HTTP/1.1\r\n\r\n", b"200", 0),
        (b"GET " + path + b"?a=b HTTP/1.1\r\nHost: x\r\n\r\n", b"200", SIZE),
        (b"GET " + path + b" HTTP/1.1\r\nrange:bytes=5-9\r\n\r\n", b"206", 5),
        (b"GET " + path + b" HTTP/1.1\r\nRange: bytes=%d-\r\n\r\n" % SIZE, b"416", 0),
    ):
        head, body = await ask(server, request)
        assert (head.split()[1], len(body)) == (status, length), request
    head, body = await ask(server, b"GET " + path + b" HTTP/1.1\r\nRange: bytes=5-9\r\n\r\n")
    assert b"Content-Range: bytes 5-9/%d" % SIZE in head
    assert body == synthetic_bytes(4, 5, 5)


async def test_a_slow_file_comes_slowly_and_keeps_nobody(server: FileServer) -> None:
    """It ends with the server, not with the file."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"GET /slow HTTP/1.1\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    assert await reader.readexactly(1) == synthetic_bytes(4, 0, 1)
    writer.close()


async def test_the_feed_has_items(server: FileServer) -> None:
    content = SyntheticContent(5, seed=1)
    server.files.update({f"{title}.mp3": Served(content, "audio/mpeg") for title, _ in leeching.EPISODES})
    leeching.add_feed(server, now=1_700_000_000.0)
    look = await FeedReader(Client(Guard((server.network,)))).look(server.url(leeching.FEED))
    assert look.parsed is not None
    assert look.parsed.title == "The night ferry"
    assert [(item.title, item.enclosures[0].address) for item in look.parsed.items] == [
        (title, server.url(f"{title}.mp3")) for title, _ in leeching.EPISODES
    ]
