"""What a connection may cost before a request reaches the application: bytes and seconds of a head and of a body."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest

from streamvault.http import protocol
from streamvault.http.connections import ConnectionLimits
from streamvault.http.protocol import MAX_HEAD
from tests.support.files import media_file as posted
from tests.support.http_client import Reply, connect, head, read_head, request
from tests.support.serving import Bench, serving
from tests.support.sources import hold, media_file, pattern, stall
from tests.support.waiting import until

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def connected(bench: Bench) -> AsyncIterator[Streams]:
    reader, writer = await connect(bench.address)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def send_for_ever(streams: Streams, first: bytes, more: bytes, *, most: int = 96 << 20) -> Reply:
    """Send `first`, then `more` again and again until the server closes; what it answered."""
    reader, writer = streams

    async def send() -> None:
        writer.write(first)
        with contextlib.suppress(ConnectionError):
            for _ in range(most // len(more)):
                writer.write(more)
                await writer.drain()

    sending = asyncio.create_task(send())
    try:
        reply = await read_head(reader)
        reply.body = await reader.readexactly(int(reply.headers["content-length"]))
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    return reply


POST = b"POST /api/collections HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = {
    "many fields": (b"GET /healthz HTTP/1.1\r\n", b"a: b\r\n" * 1000, 431),
    "one value": (b"GET /healthz HTTP/1.1\r\na: ", b"x" * 6000, 431),
    "one name": (b"GET /healthz HTTP/1.1\r\n", b"x" * 6000, 431),
    "the address": (b"GET /", b"x" * 6000, 414),
    "a query": (b"GET /healthz?token=", b"%41" * 2000, 414),
    "trailers": (POST + b"0\r\n", b"a: b\r\n" * 1000, 413),
    "chunk extensions": (POST + b"1;", b"x" * 6000, 413),
}


@pytest.mark.parametrize("kind", ENDLESS)
async def test_what_never_ends_is_refused_before_it_is_kept(bench: Bench, kind: str) -> None:
    first, more, status = ENDLESS[kind]
    async with connected(bench) as streams:
        reply = await send_for_ever(streams, first, more)
    assert (reply.status, reply.headers["connection"]) == (status, "close")
    assert json.loads(reply.body)["status"] == status
    assert bench.limited
    await until(lambda: not len(bench.table))
    assert (await request(bench.address, "/healthz")).status == 200


async def test_a_body_that_goes_on_after_its_answer_is_cut_off(bench: Bench) -> None:
    async with connected(bench) as (reader, writer):
        writer.write(b"POST /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert (await read_head(reader)).status == 415
        with contextlib.suppress(ConnectionError):
            while not writer.transport.is_closing():
                writer.write(b"1000\r\n" + bytes(0x1000) + b"\r\n")
                await writer.drain()
    await until(lambda: not len(bench.table))
    assert bench.limited == ["body"]


async def test_a_head_up_to_the_limit_is_read(bench: Bench) -> None:
    fields = {f"X-{number}": "x" * 1000 for number in range(MAX_HEAD // 1100)}
    assert (await request(bench.address, "/healthz", headers=fields)).status == 200
    assert not bench.limited


async def test_pipelined_requests_are_counted_one_by_one(bench: Bench) -> None:
    one = head(bench.address, "/healthz", headers={"Connection": "keep-alive", "X-Long": "x" * 5000})
    last = head(bench.address, "/healthz")
    async with connected(bench) as (reader, writer):
        writer.write(one * 30 + last)
        for _ in range(31):
            reply = await read_head(reader)
            assert reply.status == 200
            await reader.readexactly(int(reply.headers["content-length"]))
        assert await reader.read() == b""
    assert not bench.limited


@pytest.mark.parametrize("begun", [b"", b"GET", b"GET /healthz HTTP/1.1\r\nHost: x\r\n"])
async def test_a_head_that_does_not_come_in_time_closes_the_connection(
    bench: Bench, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT", 0.05)
    async with connected(bench) as (reader, writer):
        writer.write(begun)
        answer = await asyncio.wait_for(reader.read(), 30)
    assert answer.startswith(b"HTTP/1.1 408 ") if begun else not answer
    assert bench.limited == ["slow_head"]


async def test_a_later_head_on_the_same_connection_is_bounded_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(bench) as (reader, writer):
        writer.write(head(bench.address, "/healthz", headers={"Connection": "keep-alive"}))
        reply = await read_head(reader)
        await reader.readexactly(int(reply.headers["content-length"]))
        monkeypatch.setattr(protocol, "HEAD_TIMEOUT", 0.05)
        writer.write(b"GET /hea")
        assert (await asyncio.wait_for(reader.read(), 30)).startswith(b"HTTP/1.1 408 ")


async def test_a_body_that_does_not_come_in_time_closes_the_connection(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BODY_TIMEOUT", 0.05)
    async with connected(bench) as (reader, writer):
        writer.write(POST)
        assert (await asyncio.wait_for(reader.read(), 30)).startswith(b"HTTP/1.1 408 ")
    assert bench.limited == ["slow_body"]


async def test_a_stream_takes_as_long_as_it_takes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_TIMEOUT", 0.05)
    monkeypatch.setattr(protocol, "BODY_TIMEOUT", 0.05)
    path = bench.finder.add(media_file(5), message_id=7)
    bench.source.always = stall()
    async with connected(bench) as (_, writer):
        writer.write(head(bench.address, path))
        await bench.source.until_asked(1)
        async with connected(bench) as (other, _):  # opened later, and closed for its silence
            assert await asyncio.wait_for(other.read(), 30) == b""
        assert len(bench.table) == 1
    assert bench.limited == ["slow_head"]


async def test_new_connections_push_out_silent_ones_and_no_viewer() -> None:
    bench = Bench()
    limits = ConnectionLimits(total=12, per_address=12, idle=8, idle_per_address=8, grace=0.0)
    bench.table = bench.connection_table(limits)
    released = asyncio.Event()
    bench.source.always = hold(released)
    path = bench.finder.add(media_file(5), message_id=7)
    async with serving(bench), contextlib.AsyncExitStack() as stack:
        viewers = [await stack.enter_async_context(connected(bench)) for _ in range(3)]
        for _, writer in viewers:
            writer.write(head(bench.address, path))
        await until(lambda: len(bench.table) == 3 and bench.table.idle_count == 0)
        silent = [await stack.enter_async_context(connected(bench)) for _ in range(40)]
        for reader, _ in silent[:32]:
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), 30) == b""
        assert (await request(bench.address, "/healthz")).status == 200
        assert len(bench.table) <= 12
        released.set()
        for reader, _ in viewers:
            assert (await read_head(reader)).status == 200
    assert set(bench.limited) == {"idle"}


async def raw(bench: Bench, text: str) -> tuple[Reply, bytes]:
    """The answer to a request as it stands, and everything after its head until the connection ends."""
    async with connected(bench) as (reader, writer):
        writer.write(text.encode())
        reply = await read_head(reader)
        return reply, await asyncio.wait_for(reader.read(), 30)


async def test_http_1_0_gets_no_chunks(bench: Bench) -> None:
    """M"""
    for number in range(300):
        bench.finder.add(posted(number + 1), message_id=number + 1)  # its chat is ours
        await bench.catalog.put(posted(number + 1))
    path = "/api/catalog.m3u8"
    plain, expected = await raw(bench, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert plain.headers["transfer-encoding"] == "chunked"
    reply, body = await raw(bench, f"GET {path} HTTP/1.0\r\n\r\n")
    assert reply.status == 200
    assert "transfer-encoding" not in reply.headers
    assert "content-length" not in reply.headers
    assert body.count(b"#EXTINF") == expected.count(b"#EXTINF") == 300
    assert body.startswith(b"#EXTM3U\n")
    assert b"\r\n" not in body


async def test_http_1_0_gets_a_file_with_its_length(bench: Bench) -> None:
    """M"""
    path = bench.finder.add(media_file(5), message_id=7)
    reply, body = await raw(bench, f"GET {path} HTTP/1.0\r\nRange: bytes=1-3\r\n\r\n")
    assert (reply.status, reply.headers["content-length"], body) == (206, "3", pattern(1, 4))
    assert reply.headers["x-accel-buffering"] == "no"
