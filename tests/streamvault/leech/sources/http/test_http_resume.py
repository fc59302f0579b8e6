"""H1, H2, H3, H4: going on at a byte, whatever the server says about ranges and validators."""

import asyncio
import gzip

import pytest

from streamvault.errors import SourceFailed
from streamvault.leech.sources.base import TAIL, SourceChanged
from streamvault.leech.sources.http.source import HttpSource
from tests.support.http_sources import FILM, OTHER, Sleeps, at, fetch, http_client
from tests.support.raw_server import Answer, Request, Talk, chunked, ranged, raw_server, response

MODIFIED = "Wed, 21 Oct 2015 07:28:00 GMT"


LATER = "Thu, 22 Oct 2015 07:28:00 GMT"


async def _refused(url: str, kind: type[Exception], what: str, *args: object, **options: object) -> Exception:
    with pytest.raises(kind, match=what) as caught:
        await fetch(url, *args, **options)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize("offset", [1, 1000, TAIL, TAIL + 1, 200_000, len(FILM) - 1])
async def test_goes_on_at_any_byte(offset: int) -> None:
    async with raw_server(lambda request: ranged(request, FILM, etag='"1"')) as server:
        opened, data = await fetch(server.url(), at(offset, etag='"1"'))
    assert (opened.offset, data) == (offset, FILM[offset:])
    assert server.requests[0].headers["if-range"] == '"1"'
    assert server.requests[0].start() == max(0, offset - TAIL)


async def test_what_is_all_there_needs_no_request() -> None:
    async with raw_server(lambda request: response("410 Gone")) as server:
        opened, data = await fetch(server.url(), at(len(FILM)))
    assert (opened.offset, data, server.requests) == (len(FILM), b"", [])


@pytest.mark.parametrize("etag", ['"1"', None])
async def test_if_range_that_throws_the_range_away_is_left_out_from_then_on(etag: str | None) -> None:
    """H1"""

    def answer(request: Request) -> Answer:
        if "if-range" in request.headers:
            return response("200 OK", FILM, etag=etag, last_modified=MODIFIED)
        return ranged(request, FILM, etag=etag, last_modified=MODIFIED)

    sleeps = Sleeps()
    async with raw_server(answer) as server:
        checkpoint = at(200_000, etag=etag, modified=MODIFIED)
        opened, data = await fetch(server.url(), checkpoint, sleep=sleeps)
        assert data == FILM[200_000:]
        assert [("if-range" in request.headers) for request in server.requests] == [True, False]
        await fetch(server.url(), at(250_000, etag=etag, modified=MODIFIED, state=opened.state))
        assert "if-range" not in server.requests[-1].headers
        assert sleeps.seconds == []


async def test_a_whole_answer_to_if_range_is_not_read() -> None:
    """H1: "stop reading it at once" """
    stopped = asyncio.Event()

    async def whole(talk: Talk) -> None:
        await talk.send(response("200 OK", b"", etag='"1"', content_length=1 << 40))
        try:
            while True:
                await talk.send(bytes(65536))
        except ConnectionError:
            stopped.set()

    size = 1 << 40

    def answer(request: Request) -> Answer:
        if "if-range" in request.headers:
            return whole
        told = f"bytes {request.start()}-{size - 1}/{size}"
        tail = FILM[200_000 - TAIL : 200_000]
        return response(
            "206 OK", tail + b"x" * 10, content_range=told, content_length=size - request.start(), etag='"1"'
        )

    async with raw_server(answer) as server:
        source = HttpSource(http_client(), server.url())
        async with source.open(at(200_000, etag='"1"', size=size)) as opened:
            assert await anext(opened.blocks) == b"x" * 10
        await asyncio.wait_for(stopped.wait(), 10)


async def test_a_weak_validator_is_not_sent() -> None:
    """H1: RFC 9110, 13.1.5"""
    async with raw_server(lambda request: ranged(request, FILM, etag='W/"1"')) as server:
        _, data = await fetch(server.url(), at(200_000, etag='W/"1"'))
    assert data == FILM[200_000:]
    assert "if-range" not in server.requests[0].headers


@pytest.mark.parametrize("modified", [MODIFIED, None])
async def test_another_etag_for_the_same_bytes_goes_on(modified: str | None) -> None:
    """H2"""

    def answer(request: Request) -> Answer:
        return ranged(request, FILM, etag=f'"node{len(server.requests)}"', last_modified=modified)

    async with raw_server(answer) as server:
        _, data = await fetch(server.url(), at(200_000, etag='"node0"', modified=modified))
    assert data == FILM[200_000:]


@pytest.mark.parametrize(
    ("etag", "modified", "body"),
    [
        ('"2"', MODIFIED, OTHER),  # other bytes under the same date
        ('"1"', MODIFIED, OTHER),  # other bytes although the ETag says that they are the same
        ('"2"', LATER, FILM),  # ETag and date say that it is another file
        ('"2"', None, OTHER),
        (None, LATER, OTHER),
        ('"1"', MODIFIED, FILM[:-1]),
        ('"2"', LATER, FILM[:250_000]),
    ],
)
async def test_other_bytes_are_never_pieced_together(etag: str | None, modified: str | None, body: bytes) -> None:
    """H2"""
    async with raw_server(lambda request: ranged(request, body, etag=etag, last_modified=modified)) as server:
        await _refused(server.url(), SourceChanged, "the file at", at(200_000, etag='"1"', modified=MODIFIED))


async def test_without_a_hash_the_validators_decide() -> None:
    """H2"""
    async with raw_server(lambda request: ranged(request, FILM, etag='"1"')) as server:
        _, data = await fetch(server.url(), at(200_000, etag='"1"', tail=None))
        assert data == FILM[200_000:]
        await _refused(server.url(), SourceChanged, "other bytes", at(200_000, etag='"2"', tail=None))
        await _refused(server.url(), SourceChanged, "other bytes", at(200_000, etag=None, tail=None))


@pytest.mark.parametrize("block", [65536, 4096, 100_000, 300_000])
async def test_an_answer_that_begins_earlier_is_cut(block: int) -> None:
    """H3"""

    def answer(request: Request) -> Answer:
        start = request.start() // block * block
        told = f"bytes {start}-{len(FILM) - 1}/{len(FILM)}"
        return response("206 Partial Content", FILM[start:], content_range=told)

    async with raw_server(answer) as server:
        _, data = await fetch(server.url(), at(200_001))
    assert data == FILM[200_001:]


@pytest.mark.parametrize(
    "told", ["bytes 200001-300003/300004", None, "bytes 5-3/300004", "lines 1-2/3", "bytes */300004"]
)
async def test_an_answer_that_begins_later_or_nowhere_is_refused(told: str | None) -> None:
    """H3"""
    sleeps = Sleeps()

    def answer(request: Request) -> Answer:
        return response("206 Partial Content", FILM[200_001:], content_range=told)

    async with raw_server(answer) as server:
        await _refused(server.url(), SourceFailed, "other bytes than it was asked for", at(200_000), sleep=sleeps)
    assert sleeps.seconds == [1, 2, 4, 8]


@pytest.mark.parametrize("wrong", [{0}, {0, 1}, {0, 1, 2}])
async def test_a_node_that_ignores_ranges_is_asked_again(wrong: set[int]) -> None:
    """H4"""

    def answer(request: Request) -> Answer:
        number = len(server.requests) - 1
        return response("200 OK", FILM) if number in wrong else ranged(request, FILM)

    sleeps = Sleeps()
    async with raw_server(answer) as server:
        _, data = await fetch(server.url(), at(200_000), sleep=sleeps)
    assert data == FILM[200_000:]
    assert sleeps.seconds == [1, 2, 4][: len(wrong)]


async def test_a_server_that_always_ignores_ranges_is_read_from_the_start() -> None:
    """H4: the bytes that are there already are compared and left out."""
    async with raw_server(lambda request: response("200 OK", FILM)) as server:
        opened, data = await fetch(server.url(), at(200_000))
    assert (opened.offset, data) == (200_000, FILM[200_000:])
    assert "range" not in server.requests[-1].headers


@pytest.mark.parametrize("resumable", [True, False])
async def test_read_from_the_start_another_file_is_noticed(resumable: bool) -> None:
    """H4"""
    async with raw_server(lambda request: response("200 OK", OTHER)) as server:
        await _refused(server.url(), SourceChanged, "other bytes", at(200_000, resumable=resumable))


async def test_coded_bytes_go_on_from_the_start() -> None:
    """H5: an offset into decoded bytes is none that the server knows."""
    text = b"[" + b"1234567890," * 30_000 + b"0]"
    answer = response("200 OK", gzip.compress(text), content_encoding="gzip", content_type="application/json")
    async with raw_server(lambda _: answer) as server:
        first, data = await fetch(server.url("/a.json"))
        assert (data, first.described.size, first.described.resumable) == (text, None, False)
        checkpoint = at(100_000, first.described, data=text, state=first.state)
        _, rest = await fetch(server.url("/a.json"), checkpoint)
    assert rest == text[100_000:]
    assert "range" not in server.requests[-1].headers


async def test_an_unknown_size_ends_where_the_server_has_no_more() -> None:
    def answer(request: Request) -> Answer:
        start = request.start()
        if start >= len(FILM):
            return response("416 Range Not Satisfiable", content_range="bytes */*")
        body = FILM[start : start + 100_000]
        return response("206 Partial Content", body, content_range=f"bytes {start}-{start + len(body) - 1}/*")

    async with raw_server(answer) as server:
        opened, data = await fetch(server.url())
    assert (opened.described.size, data) == (None, FILM)


async def test_a_whole_answer_in_chunks_goes_on() -> None:
    body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(FILM[:100_000], FILM[100_000:])
    async with raw_server(lambda _: body) as server:
        _, data = await fetch(server.url(), at(200_000, size=None, resumable=False))
    assert data == FILM[200_000:]


@pytest.mark.parametrize("part", [4_000, 30_000, TAIL - 1, TAIL, TAIL + 1])
async def test_the_bytes_to_compare_may_come_in_parts(part: int) -> None:
    """A server that sends less than was asked for, as caches of blocks do."""

    def answer(request: Request) -> Answer:
        start = request.start()
        body = FILM[start : start + part]
        return response("206 Partial Content", body, content_range=f"bytes {start}-{start + len(body) - 1}/{len(FILM)}")

    async with raw_server(answer) as server:
        _, data = await fetch(server.url(), at(200_000))
    assert data == FILM[200_000:]


async def test_parts_of_another_file_are_noticed() -> None:
    def answer(request: Request) -> Answer:
        start = request.start()
        source = FILM if start < 150_000 else OTHER
        told = f"bytes {start}-{start + 29_999}/{len(FILM)}"
        return response("206 Partial Content", source[start : start + 30_000], content_range=told)

    async with raw_server(answer) as server:
        await _refused(server.url(), SourceChanged, "other bytes", at(200_000))


async def test_a_connection_that_ends_without_a_length_is_a_cut() -> None:
    async with raw_server(lambda _: b"HTTP/1.0 200 OK\r\n\r\n" + FILM[:150_000]) as server:
        await _refused(server.url(), SourceFailed, "closed the connection", at(200_000, resumable=False))
