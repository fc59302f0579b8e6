"""H10, and what servers say instead of a file: crowded hosts, Retry-After, refusals, pages."""

import asyncio

import pytest

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.sources.http.source import HttpSource
from tests.support.http_sources import FILM, Clock, fetch, http_client, read_all
from tests.support.raw_server import Answer, Request, Talk, ranged, raw_server, response
from tests.support.waiting import until


class OneAtATime:
    """A host that refuses a connection while it has another, and that holds each until the test lets go."""

    def __init__(self, refusal: bytes) -> None:
        self.refusal, self.busy, self.refused = refusal, False, 0
        self.go = asyncio.Event()

    def __call__(self, request: Request) -> Answer:
        if self.busy:
            self.refused += 1
            return self.refusal
        self.busy = True
        return self._hold

    async def _hold(self, talk: Talk) -> None:
        try:
            answer = ranged(talk.request, FILM)
            await talk.send(answer[:100_000])
            await self.go.wait()
            await talk.send(answer[100_000:])
        finally:
            self.busy = False


@pytest.mark.parametrize("status", ["403 Forbidden", "429 Too Many", "503 Busy", "509 Bandwidth"])
async def test_a_host_with_one_connection_serves_three_jobs_in_turn(status: str) -> None:
    """H10: none is a failure, and the limit is kept for later jobs."""
    host = OneAtATime(response(status))
    async with raw_server(host) as server:
        client = http_client()
        jobs = [asyncio.ensure_future(read_all(HttpSource(client, server.url()))) for _ in range(3)]
        await until(lambda: host.refused >= 2)
        host.go.set()
        assert [data for _, data in await asyncio.gather(*jobs)] == [FILM] * 3
        refused = host.refused
        more = [read_all(HttpSource(client, server.url())) for _ in range(3)]
        assert [data for _, data in await asyncio.gather(*more)] == [FILM] * 3
    assert host.refused == refused


async def test_a_host_that_refuses_the_next_connection_within_seconds_is_waited_for() -> None:
    """H10"""
    clock = Clock()
    refused_until = 0.0

    def answer(request: Request) -> Answer:
        nonlocal refused_until
        if clock.now < refused_until:
            return response("403 Forbidden")
        refused_until = clock.now + 3
        return ranged(request, FILM)

    async def sleep(seconds: float) -> None:
        clock.now += seconds

    async with raw_server(answer) as server:
        client = http_client(clock=clock, sleep=sleep)
        for _ in range(3):
            assert (await read_all(HttpSource(client, server.url())))[1] == FILM


async def test_a_host_takes_as_many_connections_as_the_limit() -> None:
    """H10"""
    go = asyncio.Event()

    async def hold(talk: Talk) -> None:
        await go.wait()
        await talk.send(ranged(talk.request, FILM))

    async with raw_server(lambda _: hold) as server:
        client = http_client(connections=2)
        jobs = [asyncio.ensure_future(read_all(HttpSource(client, server.url()))) for _ in range(5)]
        await until(lambda: server.open == 2)
        go.set()
        await asyncio.gather(*jobs)
    assert server.most == 2


@pytest.mark.parametrize(
    ("status", "fields", "seconds"),
    [
        ("429 Too Many Requests", {"retry_after": "7"}, 7.0),
        ("503 Busy", {"retry_after": "120"}, 120.0),
        ("503 Busy", {"retry_after": "Tue, 14 Nov 2023 22:14:20 GMT"}, 60.0),
        (
            "503 Busy",
            {"retry_after": "Wed, 21 Oct 2015 07:28:30 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"},
            30.0,
        ),
        ("503 Busy", {"retry_after": "99999999999999"}, 86400.0),
        ("503 Busy", {"retry_after": "-5"}, None),
        ("503 Busy", {"retry_after": "0"}, None),
        ("503 Busy", {"retry_after": "Tue, 14 Nov 2023 22:13:19 GMT"}, None),
        ("503 Busy", {"retry_after": "soon"}, None),
        ("503 Busy", {"retry_after": "²"}, None),
        ("500 Oops", {}, None),
        ("502 Bad Gateway", {}, None),
        ("408 Timeout", {}, None),
    ],
)
async def test_servers_that_cannot_now_are_asked_later(
    status: str, fields: dict[str, str], seconds: float | None
) -> None:
    """H10"""
    async with raw_server(lambda _: response(status, b"", **fields)) as server:
        client = http_client()
        with pytest.raises(SourceFailed, match="cannot give the file now") as caught:
            await read_all(HttpSource(client, server.url()))
        assert caught.value.retry_after == seconds
        if seconds:
            with pytest.raises(SourceFailed, match="left alone") as caught:
                await read_all(HttpSource(client, server.url()))
            assert (caught.value.retry_after, len(server.requests)) == (seconds, 1)


@pytest.mark.parametrize(
    ("status", "what"),
    [
        ("401 Unauthorized", "asks for a log-in"),
        ("402 Payment Required", "to be paid"),
        ("403 Forbidden", "a log-in is needed, or the link has expired"),
        ("404 Not Found", "no such file"),
        ("405 Method Not Allowed", "plain download"),
        ("410 Gone", "no longer has the file"),
        ("451 Unavailable", "legal reasons"),
        ("418 Teapot", r"refuses the request \(418\)"),
        ("204 No Content", r"without a file \(204\)"),
        ("304 Not Modified", r"without a file \(304\)"),
        ("300 Choices", r"without a file \(300\)"),
    ],
)
async def test_refusals_say_what_to_do(status: str, what: str) -> None:
    async with raw_server(lambda _: response(status, b"<html>no</html>")) as server:
        with pytest.raises(SourceRefused, match=what):
            await fetch(server.url())


async def test_a_wrong_password_is_said() -> None:
    async with raw_server(lambda _: response("401 Unauthorized")) as server:
        with pytest.raises(SourceRefused, match="does not accept the user and password"):
            await fetch(server.url().replace("//", "//user:wrong@", 1))


@pytest.mark.parametrize(
    ("target", "fields", "body"),
    [
        ("/film.mkv", {"content_type": "text/html; charset=utf-8"}, b"please log in"),
        ("/film.mkv", {"content_type": "video/x-matroska"}, b"\n<!DOCTYPE html><html>log in"),
        ("/dl?id=7", {"content_type": "text/html"}, b"<html>your download begins"),
        ("/film.mkv", {"content_disposition": "attachment; filename=film.mkv"}, b"<html>log in"),
        ("/film.mkv", {"content_type": "application/xhtml+xml"}, b"<?xml version='1.0'?><html>"),
    ],
)
async def test_pages_where_a_file_was_promised(target: str, fields: dict[str, str], body: bytes) -> None:
    async with raw_server(lambda _: response("200 OK", body, **fields)) as server:
        with pytest.raises(SourceRefused, match="answers with a web page and not with a file"):
            await fetch(server.url(target))


@pytest.mark.parametrize(
    ("target", "fields", "body", "name"),
    [
        ("/page.html", {"content_type": "text/html"}, b"<html>", "page.html"),
        ("/dl", {"content_disposition": "attachment; filename=a.htm", "content_type": "text/html"}, b"<html>", "a.htm"),
        ("/film.mkv", {"content_type": "text/html"}, FILM, "film.mkv"),
        ("/film", {"content_type": "text/html"}, FILM, "film.mkv"),
    ],
)
async def test_pages_that_were_asked_for_and_films_that_are_called_pages(
    target: str, fields: dict[str, str], body: bytes, name: str
) -> None:
    async with raw_server(lambda _: response("200 OK", body, **fields)) as server:
        opened, data = await fetch(server.url(target))
    assert (data, opened.described.name) == (body, name)


@pytest.mark.parametrize(
    ("refusal", "kind"), [("403 Forbidden", SourceRefused), ("503 Busy", SourceFailed), ("429 No", SourceFailed)]
)
async def test_a_link_that_is_refused_alone_does_not_slow_its_host_down(refusal: str, kind: type[Exception]) -> None:
    """H10"""
    go = asyncio.Event()

    async def hold(talk: Talk) -> None:
        await go.wait()
        await talk.send(ranged(talk.request, FILM))

    def answer(request: Request) -> Answer:
        return response(refusal) if request.target == "/bad" else hold

    async with raw_server(answer) as server:
        client = http_client(connections=3)
        good = asyncio.ensure_future(read_all(HttpSource(client, server.url())))
        await until(lambda: server.open == 1)
        bad = asyncio.ensure_future(read_all(HttpSource(client, server.url("/bad"))))
        await until(lambda: len(server.requests) == 2)
        go.set()
        assert (await good)[1] == FILM
        with pytest.raises(kind):
            await bad
        go.clear()
        jobs = [asyncio.ensure_future(read_all(HttpSource(client, server.url()))) for _ in range(3)]
        await until(lambda: server.open == 3)
        go.set()
        await asyncio.gather(*jobs)


@pytest.mark.parametrize("content_type", ["application/json", "application/problem+json; charset=utf-8"])
async def test_an_error_for_programs_is_no_film(content_type: str) -> None:
    async with raw_server(lambda _: response("200 OK", b'{"error": "log in"}', content_type=content_type)) as server:
        with pytest.raises(SourceRefused, match="a message for programs"):
            await fetch(server.url())
        assert (await fetch(server.url("/facts.json")))[1] == b'{"error": "log in"}'
