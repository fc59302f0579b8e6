"""H9, H11: lengths, chunks, sizes, and servers that die or dawdle."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.sources.http.source import HttpSource
from tests.support.http_sources import FILM, collect, fetch, http_client
from tests.support.raw_server import Answer, Request, Talk, chunked, ranged, raw_server, response
from tests.support.waiting import until

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"


LENGTHS: list[tuple[bytes, bytes, int | None]] = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Range: bytes=0-9/10\r\n\r\n0123456789", b"0123456789", 10),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Range: bytes 0-3/4\r\n\r\n0123456789", b"0123456789", 10),
    (CHUNKED + b"Content-Length: 3\r\n\r\n" + chunked(b"0123", b"456789"), b"0123456789", None),
    (CHUNKED + b"\r\n" + chunked(), b"", None),
    (CHUNKED + b"\r\n5;ext=1\r\n01234\r\n5 \r\n56789\r\n0\r\nTrailer: x\r\n\r\n", b"0123456789", None),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789 and more", b"0123456789", 10),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 10, 10\r\n\r\n0123456789", b"0123456789", 10),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"", 0),
    (b"HTTP/1.1 200 OK\r\n\r\n0123456789", b"0123456789", None),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", b"0123456789", 10),
    (b"HTTP/1.1 200\r\nContent-Length: 10\r\n\r\n0123456789", b"0123456789", 10),
    (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", b"ab", 2),
    (b"HTTP/1.1 203 Changed\r\nContent-Length: 2\r\n\r\nab", b"ab", 2),
    (b"HTTP/1.1 206 OK\r\nContent-Range: bytes 0-9/10\r\n\r\n0123456789", b"0123456789", 10),
    (b"HTTP/1.1 206 OK\r\nContent-Range: Bytes 0 - 9 / 10\r\nContent-Length: 10\r\n\r\n0123456789", b"0123456789", 10),
]


@pytest.mark.parametrize(("answer", "data", "size"), LENGTHS)
async def test_lengths_that_make_sense_count(answer: bytes, data: bytes, size: int | None) -> None:
    """H9"""
    async with raw_server(lambda _: answer) as server:
        opened, got = await fetch(server.url())
    assert (got, opened.described.size) == (data, size)


SHORT = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n012345678",
    CHUNKED + b"\r\n5\r\n01234\r\n5\r\n567",
    CHUNKED + b"\r\n5\r\n01234\r\n",
    CHUNKED + b"\r\n5\r\n01234\r\nzz\r\n",
    b"HTTP/1.1 206 OK\r\nContent-Range: bytes 0-9/10\r\n\r\n01234",
]


@pytest.mark.parametrize("answer", SHORT)
async def test_a_body_that_ends_too_early_is_never_done(answer: bytes) -> None:
    """H9"""
    async with raw_server(lambda _: answer) as server:
        with pytest.raises(SourceFailed, match="closed the connection"):
            await fetch(server.url())


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 11\r\n\r\n0123456789",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n0123456789",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"ICY 200 OK\r\nicy-name: radio\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 400_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 80_000,
        b"HTTP/1.1 103 Again\r\n\r\n" * 200,
    ],
)
async def test_what_is_no_answer(answer: bytes) -> None:
    async with raw_server(lambda _: answer) as server:
        with pytest.raises(SourceFailed, match=r"does not answer as a web server does|does not come to an answer"):
            await fetch(server.url())


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le"])
async def test_a_connection_without_an_answer(answer: bytes) -> None:
    async with raw_server(lambda _: answer) as server:
        with pytest.raises(SourceFailed, match=r"without an answer|as a web server does"):
            await fetch(server.url())


async def test_parts_of_the_range_are_put_together() -> None:
    """An answer may hold less than was asked for."""

    def answer(request: Request) -> Answer:
        start = request.start()
        body = FILM[start : start + 70_000]
        told = f"bytes {start}-{start + len(body) - 1}/{len(FILM)}"
        return response("206 Partial Content", body, content_range=told, etag='"1"')

    async with raw_server(answer) as server:
        opened, data = await fetch(server.url())
    assert (data, opened.described.size) == (FILM, len(FILM))
    assert len(server.requests) == 5


async def test_a_reader_that_is_slow_gets_all_that_was_sent_before_the_end() -> None:
    """H11: the server sends everything and ends while the reader has had one block."""
    body = FILM * 110
    sent = asyncio.Event()

    async def all_at_once(talk: Talk) -> None:
        await talk.send(response("200 OK", body))
        talk.writer.write_eof()
        sent.set()
        await talk.writer.wait_closed()

    async with raw_server(lambda _: all_at_once) as server:
        async with HttpSource(http_client(), server.url()).open(None) as opened:
            data = [await anext(opened.blocks)]
            while not sent.is_set():
                data.append(await anext(opened.blocks))
            data.extend([block async for block in opened.blocks])
        assert len(server.requests) == 1
    assert b"".join(data) == body


async def test_bytes_that_came_before_a_reset_count() -> None:
    """H11: all of them are there, so that the file is."""
    size = 100_000

    async def then_reset(talk: Talk) -> None:
        await talk.send(response("200 OK", FILM[:size]))
        await reset.wait()
        await talk.reset()

    reset = asyncio.Event()
    async with (
        raw_server(lambda _: then_reset) as server,
        HttpSource(http_client(), server.url()).open(None) as opened,
    ):
        data = await anext(opened.blocks)
        reset.set()
        await until(lambda: server.open == 0)
        data += b"".join([block async for block in opened.blocks])
    assert data == FILM[:size]


async def test_a_reader_that_does_not_read_holds_the_server_back() -> None:
    """Bytes that nobody wants stay in the sockets."""
    taken = 0

    async def endless(talk: Talk) -> None:
        nonlocal taken
        await talk.send(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            await talk.send(bytes(1 << 20))
            taken += 1

    async with (
        raw_server(lambda _: endless) as server,
        HttpSource(http_client(), server.url("/a.bin")).open(None) as opened,
    ):
        await anext(opened.blocks)
        for _ in range(1000):  # turns in which the server may send
            await asyncio.sleep(0)
        assert taken < 32
        read = 0
        while read < 40 << 20:
            read += len(await anext(opened.blocks))
        assert taken >= 32


@pytest.mark.parametrize("size", [1000, 300_003])
async def test_files_above_the_largest_size_are_refused(size: int) -> None:
    async with raw_server(lambda request: ranged(request, FILM)) as server:
        with pytest.raises(
            SourceRefused, match=rf"has 300,004 bytes, and at most {size:,} are taken \(LEECH_MAX_SIZE\)"
        ):
            await fetch(server.url(), size=size)


async def test_a_file_of_the_largest_size_is_taken() -> None:
    for answer in (lambda request: ranged(request, FILM), lambda _: CHUNKED + b"\r\n" + chunked(FILM)):
        async with raw_server(answer) as server:
            assert (await fetch(server.url(), size=len(FILM)))[1] == FILM


@pytest.mark.parametrize("limits", [{"size": 1 << 20}, {"endless": 1 << 20}])
async def test_an_endless_stream_ends_at_the_largest_size(limits: dict[str, int]) -> None:
    async def endless(talk: Talk) -> None:
        await talk.send(CHUNKED + b"\r\n")
        while True:
            await talk.send(b"%x\r\n%b\r\n" % (len(FILM), FILM))

    async with raw_server(lambda _: endless) as server:
        with pytest.raises(SourceRefused, match="sends more than 1,048,576 bytes"):
            await fetch(server.url(), None, **limits)


async def test_a_radio_is_refused() -> None:
    answer = b"HTTP/1.0 200 OK\r\nicy-name: Radio\r\nContent-Type: audio/mpeg\r\n\r\n" + FILM
    async with raw_server(lambda _: answer) as server:
        with pytest.raises(SourceRefused, match="live stream"):
            await fetch(server.url("/radio"))


def _silent_after(data: bytes) -> Callable[[Talk], object]:
    async def answer(talk: Talk) -> None:
        await talk.send(data)
        await asyncio.Event().wait()

    return answer


@pytest.mark.parametrize(
    ("sent", "what"),
    [
        (b"", "did not answer within 0.05 seconds"),
        (b"HTTP/1.1 200 OK\r\nContent-", "did not answer within 0.05 seconds"),
        (response("200 OK", b"x" * 5000, content_length=9000), "sent nothing for 0.05 seconds after 5,000 of 9,000"),
        (response("200 OK", b"", content_length=9000), "sent nothing for 0.05 seconds after 0 of 9,000"),
        (CHUNKED + b"\r\n5\r\n01234\r\n", "sent nothing for 0.05 seconds after 5 bytes"),
    ],
)
async def test_a_silent_server_has_failed(sent: bytes, what: str) -> None:
    async with raw_server(lambda _: _silent_after(sent)) as server:  # type: ignore[arg-type, return-value]
        with pytest.raises(SourceFailed, match=what):
            await fetch(server.url(), headers=0.05, silence=0.05)


async def test_a_server_that_dawdles_has_failed() -> None:
    read = asyncio.Event()

    async def in_two(talk: Talk) -> None:
        await talk.send(response("200 OK", FILM[:2000], content_length=len(FILM)))
        await read.wait()
        await talk.send(FILM[2000:4000])
        await asyncio.Event().wait()

    client = http_client(slowest=10**15, slow_window=0.0)
    async with raw_server(lambda _: in_two) as server, HttpSource(client, server.url()).open(None) as opened:
        blocks: list[bytes] = []
        read.set()
        with pytest.raises(SourceFailed, match="sends less than 1000000000000000 bytes a second"):
            await collect(opened, blocks)
    assert b"".join(blocks) == FILM[:2000]


async def test_a_server_that_is_fast_enough_has_not_failed() -> None:
    async with raw_server(lambda request: ranged(request, FILM)) as server:
        assert (await fetch(server.url(), slowest=1, slow_window=0.0))[1] == FILM


def test_it_reads_on_uvloop_as_well() -> None:
    async def run() -> bytes:
        async with raw_server(lambda request: ranged(request, FILM)) as server:
            return (await fetch(server.url()))[1]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(run()) == FILM


async def test_nothing_stays_open() -> None:
    async with raw_server(lambda request: ranged(request, FILM)) as server:
        client = http_client(connections=1)
        for _ in range(3):
            async with HttpSource(client, server.url()).open(None) as opened:
                await anext(opened.blocks)
        task = asyncio.ensure_future(_read_blocked(client, server.url()))
        await until(lambda: len(server.requests) == 4)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (await fetch(server.url()))[1] == FILM
        await until(lambda: server.open == 0)


async def _read_blocked(client: object, url: str) -> None:
    async with HttpSource(client, url).open(None):  # type: ignore[arg-type]
        await asyncio.Event().wait()
