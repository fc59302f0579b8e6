"""H6, H8, H13: addresses as they are sent, redirects, cookies, and the one question."""

import asyncio

import pytest

from streamvault.errors import SourceFailed, SourceRefused
from tests.support.http_sources import FILM, Sleeps, fetch
from tests.support.raw_server import Answer, Request, Talk, ranged, raw_server, response

SIGNED = "/a%27b%2Bc%2520d%2Fe.mkv?sig=Zm9v%2BYmFy%3D&n=http%3A//e/"


TARGETS = [SIGNED, "/~a/%7e?x=%2f%2F&y=a+b%20c", "/;p=1,2/(a)!*'$.mkv?[]{}|^`", "/?", "/%?%zz=%"]


@pytest.mark.parametrize("target", TARGETS)
async def test_path_and_query_are_sent_as_they_were_given(target: str) -> None:
    """H6"""
    async with raw_server(lambda request: ranged(request, FILM)) as server:
        _, data = await fetch(server.url(target))
    assert (data, server.targets) == (FILM, [target])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_path_and_query_of_a_redirect_are_sent_as_they_came(target: str, status: str) -> None:
    """H6, H13"""

    def answer(request: Request) -> Answer:
        if request.target == "/get":
            return response(status, location=server.url(target))
        return ranged(request, FILM)

    async with raw_server(answer) as server:
        _, data = await fetch(server.url("/get"))
    assert (data, server.targets) == (FILM, ["/get", target])


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (b"/film.mkv", "/film.mkv"),
        (b"film.mkv?a=1", "/dir/film.mkv?a=1"),
        (b"../film.mkv", "/film.mkv"),
        (b"?id=2", "/dir/get?id=2"),
        (b"//127.0.0.1:PORT/film.mkv", "/film.mkv"),
        (b"//a.example:PORT/film.mkv", "/film.mkv"),
        (b"http://127.0.0.1:PORT/film.mkv#part", "/film.mkv"),
        (b"/caf\xe9 1.mkv", "/caf%E9%201.mkv"),
        ("/café/テ.mkv".encode(), "/caf%C3%A9/%E3%83%86.mkv"),
        (b"http://127.1:PORT/film.mkv", "/film.mkv"),
    ],
)
async def test_locations_of_all_forms(location: bytes, target: str) -> None:
    """H13"""

    def answer(request: Request) -> Answer:
        if request.target == "/dir/get":
            there = location.replace(b"PORT", str(server.port).encode())
            return response("302 Found", location=there.decode("utf-8", "surrogateescape"))
        return ranged(request, FILM)

    async with raw_server(answer) as server:
        _, data = await fetch(server.url("/dir/get"))
    assert (data, server.targets) == (FILM, ["/dir/get", target])


@pytest.mark.parametrize("location", ["", "/film.mkv", "film.mkv"])
async def test_a_host_that_wants_its_cookie_back(location: str) -> None:
    """H13: also with an empty Location, which means the same address."""

    def answer(request: Request) -> Answer:
        if request.headers.get("cookie") != "session=a=b":
            return response("302 Found", location=location, set_cookie="session=a=b; Path=/; HttpOnly")
        return ranged(request, FILM)

    async with raw_server(answer) as server:
        _, data = await fetch(server.url())
    assert (data, len(server.requests)) == (FILM, 2)


@pytest.mark.parametrize("location", ["", "/film.mkv", "?", "/film.mkv#x"])
async def test_a_redirect_to_itself_ends(location: str) -> None:
    """H13"""
    async with raw_server(lambda _: response("302 Found", location=location)) as server:
        with pytest.raises(SourceRefused, match=r"redirects in a circle"):
            await fetch(server.url())
    assert len(server.requests) < 4


async def test_redirects_without_end_are_not_followed_without_end() -> None:
    """H13"""
    async with raw_server(lambda request: response("302 Found", location=request.target + "x")) as server:
        with pytest.raises(SourceRefused, match="redirects more than 20 times"):
            await fetch(server.url())
    assert len(server.requests) == 21


async def test_a_redirect_to_nowhere() -> None:
    """H13"""
    async with raw_server(lambda _: response("302 Found")) as server:
        with pytest.raises(SourceFailed, match="without saying where to"):
            await fetch(server.url())


async def test_the_only_question_is_a_get_of_the_whole_range() -> None:
    """H8: HEAD would hang here."""

    async def hang(_: Talk) -> None:
        await asyncio.Event().wait()

    def answer(request: Request) -> Answer:
        return ranged(request, FILM) if request.line.startswith(b"GET ") else hang

    async with raw_server(answer) as server:
        opened, data = await fetch(server.url())
    assert (data, opened.described.resumable) == (FILM, True)
    assert [(request.line, request.headers["range"]) for request in server.requests] == [
        (b"GET /film.mkv HTTP/1.1", "bytes=0-")
    ]


@pytest.mark.parametrize("body", [b"", b"x", FILM])
async def test_a_server_that_takes_no_ranges_at_all(body: bytes) -> None:
    """H8: also the answer of several servers to a range of an empty file."""

    def answer(request: Request) -> Answer:
        if "range" in request.headers:
            return response("416 Range Not Satisfiable", content_range=f"bytes */{len(body)}")
        return response("200 OK", body, content_disposition='attachment; filename="a.mkv"')

    async with raw_server(answer) as server:
        opened, data = await fetch(server.url("/dl"))
    assert (data, opened.described.size, opened.described.name) == (body, len(body), "a.mkv")


async def test_pauses_grow() -> None:
    sleeps = Sleeps()

    def answer(request: Request) -> Answer:
        if "range" not in request.headers:
            return response("200 OK", FILM)
        return response("206 Partial Content", FILM[5:], content_range=f"bytes 5-{len(FILM) - 1}/{len(FILM)}")

    async with raw_server(answer) as server:
        assert (await fetch(server.url(), sleep=sleeps))[1] == FILM
    assert sleeps.seconds == [1, 2, 4, 8]
