"""H7, H12, H16: links that expire, readers that wait, files that grow."""

import asyncio

import pytest

from streamvault.errors import LinkExpired, SourceFailed
from streamvault.leech.sources.base import SourceChanged
from streamvault.leech.sources.http.source import HttpSource
from tests.support.http_sources import FILM, Clock, Sleeps, at, collect, fetch, http_client, read_all
from tests.support.raw_server import Answer, Request, Talk, ranged, raw_server, response


async def _refused(url: str, kind: type[Exception], what: str, *args: object, **options: object) -> Exception:
    with pytest.raises(kind, match=what) as caught:
        await fetch(url, *args, **options)  # type: ignore[arg-type]
    return caught.value


async def test_a_signed_link_is_signed_anew() -> None:
    """H7: the first address leads to links of which each may be used once."""
    used: set[str] = set()

    def answer(request: Request) -> Answer:
        if request.target == "/get":
            return response("302 Found", location=f"/signed?sig={len(server.requests)}%2B")
        if request.target in used:
            return response("403 Forbidden")
        used.add(request.target)
        return ranged(request, FILM, etag='"1"')

    async with raw_server(answer) as server:
        source = HttpSource(http_client(), server.url("/get"))
        first, _ = await read_all(source)
        _, data = await read_all(source, at(200_000, first.described))
    assert data == FILM[200_000:]
    assert [target for target in server.targets if target != "/get"] == ["/signed?sig=1%2B", "/signed?sig=3%2B"]


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone", "401 Unauthorized"])
async def test_a_link_without_a_way_back_has_expired(status: str) -> None:
    """H7"""
    async with raw_server(lambda _: response(status, b"no")) as server:
        await _refused(server.url("/film.mkv?sig=secret"), LinkExpired, r"has expired.*give a fresh link", at(200_000))


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"x" * 300_000])
async def test_a_page_where_the_file_was_is_an_expired_link(body: bytes) -> None:
    """H7"""
    async with raw_server(lambda _: response("200 OK", body, content_type="text/html")) as server:
        await _refused(server.url(), LinkExpired, "answers with a web page now", at(200_000, etag='"1"'))


def _cut_after(size: int, total: int = len(FILM), *, status: str = "200 OK", **fields: object) -> Answer:
    return response(status, FILM[:size], content_length=total, **fields)


async def test_a_connection_that_was_cut_while_nobody_read_is_opened_again() -> None:
    """H12: the reader waited 45 seconds; that is no failure of the source."""

    def answer(request: Request) -> Answer:
        if len(server.requests) == 1:
            told = f"bytes 0-{len(FILM) - 1}/{len(FILM)}"
            return _cut_after(100_000, status="206 Partial Content", content_range=told, etag='"1"')
        return ranged(request, FILM, etag='"1"')

    clock, sleeps = Clock(), Sleeps()
    async with raw_server(answer) as server:
        source = HttpSource(http_client(clock=clock, sleep=sleeps), server.url())
        async with source.open(None) as opened:
            data = await anext(opened.blocks)
            clock.now += 45
            data += b"".join([block async for block in opened.blocks])
    assert data == FILM
    assert sleeps.seconds == []
    assert server.requests[1].start() == 100_000 - 4096


async def test_a_reader_that_is_always_slow_comes_to_the_end() -> None:
    """H12"""

    def answer(request: Request) -> Answer:
        start = request.start()
        told = f"bytes {start}-{len(FILM) - 1}/{len(FILM)}"
        body, length = FILM[start : start + 50_000], len(FILM) - start
        return response("206 Partial Content", body, content_length=length, content_range=told)

    clock = Clock()
    blocks: list[bytes] = []
    async with raw_server(answer) as server, HttpSource(http_client(clock=clock), server.url()).open(None) as opened:
        await collect(opened, blocks, clock.wait)
    assert b"".join(blocks) == FILM


@pytest.mark.parametrize("waited", [0, 4.9])
async def test_a_cut_while_it_is_read_is_the_sources_failure(waited: float) -> None:
    """H12, H9"""
    clock = Clock()
    async with (
        raw_server(lambda _: _cut_after(100_000)) as server,
        HttpSource(http_client(clock=clock), server.url()).open(None) as opened,
    ):
        blocks = [await anext(opened.blocks)]
        clock.now += waited
        with pytest.raises(SourceFailed, match=r"closed the connection.* after 100,000 of 300,004 bytes"):
            await collect(opened, blocks)
    assert b"".join(blocks) == FILM[:100_000]


async def test_a_server_that_always_cuts_at_the_same_byte_is_not_asked_for_ever() -> None:
    """H12: waiting brings nothing, so that the cut is the source's."""

    def answer(request: Request) -> Answer:
        if len(server.requests) == 1:
            return _cut_after(100_000)
        start = request.start()
        told = f"bytes {start}-{len(FILM) - 1}/{len(FILM)}"
        body, length = FILM[start:100_000], len(FILM) - start
        return response("206 Partial Content", body, content_length=length, content_range=told)

    clock = Clock()
    source = http_client(clock=clock)
    async with raw_server(answer) as server, HttpSource(source, server.url()).open(at(50_000)) as opened:
        with pytest.raises(SourceFailed, match="after 100,000 of"):
            await collect(opened, [], clock.wait)


async def test_a_file_that_grows_is_waited_for() -> None:
    """H16"""
    grown = FILM + b"more"
    sizes = [len(FILM) + 2, len(FILM) + 4, len(FILM) + 4]

    def answer(request: Request) -> Answer:
        return ranged(request, grown[: sizes[len(server.requests) - 1]])

    async with raw_server(answer) as server:
        source = HttpSource(http_client(), server.url())
        for _ in range(2):
            with pytest.raises(SourceFailed, match="still being written") as caught:
                await read_all(source, at(200_000))
            assert caught.value.retry_after
        with pytest.raises(SourceChanged, match="another size"):
            await read_all(source, at(200_000))


async def test_totals_that_differ_within_one_reading_are_noticed() -> None:
    """H16: the server gives parts of 100,000 bytes, and has more each time."""

    def answer(request: Request) -> Answer:
        start, total = request.start(), len(FILM) + len(server.requests)
        body = FILM[start : start + 100_000]
        return response("206 Partial Content", body, content_range=f"bytes {start}-{start + len(body) - 1}/{total}")

    async with raw_server(answer) as server:
        await _refused(server.url(), SourceFailed, "still being written")


NOW = "Tue, 14 Nov 2023 22:13:20 GMT"
RECENT = "Tue, 14 Nov 2023 22:10:00 GMT"
OLD = "Tue, 14 Nov 2023 20:00:00 GMT"


@pytest.mark.parametrize("date", [NOW, None])
async def test_a_file_that_grew_while_it_was_read_is_not_done(date: str | None) -> None:
    """H16: it was changed a moment before, so that the bytes behind its end are asked for."""
    grown = FILM + b"more"

    def answer(request: Request) -> Answer:
        size = len(FILM) if len(server.requests) == 1 else len(grown)
        return ranged(request, grown[:size], last_modified=RECENT, date=date)

    async with raw_server(answer) as server:
        source = HttpSource(http_client(), server.url())
        async with source.open(None) as opened:
            blocks: list[bytes] = []
            with pytest.raises(SourceFailed, match="still being written"):
                await collect(opened, blocks)
        assert b"".join(blocks) == FILM
        with pytest.raises(SourceChanged, match="another size"):
            await read_all(source, at(len(FILM)))
        assert (await read_all(source))[1] == grown


@pytest.mark.parametrize("behind", ["416", "403", "200", ""])
async def test_a_file_that_did_not_grow_is_done_whatever_the_last_answer_is(behind: str) -> None:
    """H16"""
    answers = {
        "416": response("416 No", content_range=f"bytes */{len(FILM)}"),
        "403": response("403 Forbidden"),
        "200": response("200 OK", FILM),
        "": b"",
    }

    def answer(request: Request) -> Answer:
        return ranged(request, FILM, last_modified=RECENT) if len(server.requests) == 1 else answers[behind]

    async with raw_server(answer) as server:
        assert (await fetch(server.url(), recent=0.0))[1] == FILM
    assert [request.start() for request in server.requests] == [0, len(FILM)]


@pytest.mark.parametrize("modified", [OLD, None, "yesterday"])
async def test_an_old_file_is_not_asked_for_again(modified: str | None) -> None:
    """H16"""
    async with raw_server(lambda request: ranged(request, FILM, last_modified=modified, date=NOW)) as server:
        assert (await fetch(server.url()))[1] == FILM
    assert len(server.requests) == 1


async def test_a_reader_that_is_always_a_little_slow_is_no_failure_of_the_source() -> None:
    """H12: no single pause is long."""

    def answer(request: Request) -> Answer:
        told = f"bytes {request.start()}-{len(FILM) - 1}/{len(FILM)}"
        body = FILM[request.start() :]
        if len(server.requests) > 1:
            return response("206 Partial Content", body, content_range=told)

        async def slowly(talk: Talk) -> None:
            await talk.send(
                response("206 Partial Content", body[:50_000], content_length=len(body), content_range=told)
            )
            await read.wait()
            await talk.send(body[50_000:100_000])

        return slowly

    clock, read = Clock(), asyncio.Event()
    async with raw_server(answer) as server, HttpSource(http_client(clock=clock), server.url()).open(None) as opened:
        data = b""
        while len(data) < 50_000:
            data += await anext(opened.blocks)
        clock.now += 3
        read.set()
        data += await anext(opened.blocks)
        clock.now += 3
        data += b"".join([block async for block in opened.blocks])
    assert data == FILM
