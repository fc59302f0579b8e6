"""Feeds as web servers give them."""

import asyncio
import gzip
from typing import Any

import pytest

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.feeds import reading
from streamvault.leech.feeds.reading import LARGEST, FeedGone, FeedReader, Look
from tests.support.feeds import entry, rss
from tests.support.http_sources import THIRD, http_client
from tests.support.raw_server import Answer, RawServer, Request, Talk, chunked, raw_server, response

FEED = rss(entry(1, "http://h/1.mkv"))
DATED = {"etag": '"v1"', "last_modified": "Tue, 01 Jan 2041 00:00:00 GMT", "content_type": "application/rss+xml"}


async def look(web: RawServer, target: str = "/rss", **validators: Any) -> Look:
    return await FeedReader(http_client()).look(web.url(target), **validators)


def moved(status: str, to: str) -> bytes:
    return response(status, location=to)


async def test_a_newer_document_is_asked_for_with_both_validators() -> None:
    """R4."""

    def answer(request: Request) -> Answer:
        return response("304 Not Modified") if "if-none-match" in request.headers else response("200 OK", FEED, **DATED)

    async with raw_server(answer) as web:
        first = await look(web)
        assert first.parsed is not None
        assert [one.title for one in first.parsed.items] == ["Film 1"]
        assert (first.answered.etag, first.answered.modified) == ('"v1"', DATED["last_modified"])
        again = await look(web, etag=first.answered.etag, modified=first.answered.modified)
        assert again.parsed is None
        headers = web.requests[1].headers
        assert (headers["if-none-match"], headers["if-modified-since"]) == ('"v1"', DATED["last_modified"])
        assert "range" not in headers


async def test_permanent_redirects_are_told_and_others_are_not() -> None:
    """R5."""
    ways = {
        "/a": moved("301 Moved Permanently", "/b"), "/b": moved("308 Permanent Redirect", "/rss"),
        "/c": moved("302 Found", "/a"), "/d": moved("301 Moved Permanently", "/e"), "/e": moved("307 Temporary", "/a"),
        "/f": moved("301 Moved Permanently", "/gone"), "/rss": response("200 OK", FEED), "/gone": response("410 Gone"),
        "/n": moved("301 Moved Permanently", "/304"), "/304": response("304 Not Modified"),
    }  # fmt: skip
    async with raw_server(lambda request: ways[request.target]) as web:
        for target, settled in (("/rss", None), ("/a", "/rss"), ("/c", None), ("/d", "/e"), ("/n", "/304")):
            told = (await look(web, target)).answered.moved
            assert told == (settled and web.url(settled)), target
        for target in ("/gone", "/f"):
            with pytest.raises(FeedGone, match="gone for good"):
                await look(web, target)


async def test_a_host_that_wants_its_cookie_back_gets_it() -> None:
    """R5."""

    def answer(request: Request) -> Answer:
        if "cookie" in request.headers:
            return response("200 OK", FEED)
        return response("302 Found", location=request.target, set_cookie="seen=1; Path=/")

    async with raw_server(answer) as web:
        found = await look(web)
        assert found.parsed is not None
        assert (found.answered.moved, len(web.requests)) == (None, 2)


async def test_what_servers_ask_for_is_kept() -> None:
    for status, fields, after in (
        ("429 Too Many Requests", {"retry_after": 1800}, 1800.0), ("503 Service Unavailable", {}, None),
        ("500 Oops", {}, None),
    ):  # fmt: skip
        async with raw_server(lambda _, status=status, fields=fields: response(status, **fields)) as web:  # type: ignore[misc]
            with pytest.raises(SourceFailed) as error:
                await look(web)
            assert error.value.retry_after == after
    async with raw_server(lambda _: response("404 Not Found")) as web:
        with pytest.raises(SourceRefused, match="404"):
            await look(web)


async def test_bodies_are_bounded_and_decoded() -> None:
    async def endless(talk: Talk) -> None:
        await talk.send(b"HTTP/1.1 200 OK\r\n\r\n" + FEED[:100])
        while not talk.writer.is_closing():
            await talk.send(b"x" * 65_536)

    huge = gzip.compress(b"x" * (LARGEST + 1))
    for answer in (
        response("200 OK", content_length=50 << 20), endless, response("200 OK", huge, content_encoding="gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(*[b"x" * 65_536] * (LARGEST // 65_536 + 1)),
    ):  # fmt: skip
        async with raw_server(lambda _, answer=answer: answer) as web:  # type: ignore[misc]
            with pytest.raises(SourceRefused, match="larger than 8 MiB"):
                await look(web)
    async with raw_server(lambda _: response("200 OK", gzip.compress(FEED), content_encoding="gzip")) as web:
        found = (await look(web)).parsed
        assert found is not None
        assert (len(found.items), found.whole) == (1, True)


async def test_a_connection_that_is_cut_gives_whole_items() -> None:
    """R6."""
    data = rss(entry(1, "http://h/1.mkv"), entry(2, "http://h/2.mkv"))
    sent = data[: data.index(b"Film 2") + 4]
    async with raw_server(lambda _: response("200 OK", sent, content_length=len(data))) as web:
        found = (await look(web)).parsed
        assert found is not None
        assert ([one.title for one in found.items], found.whole) == (["Film 1"], False)
    async with raw_server(lambda _: response("200 OK", b"", content_length=10)) as web:
        with pytest.raises(SourceFailed, match="before the feed came"):
            await look(web)


async def test_addresses_inside_are_refused_at_every_hop() -> None:
    reader = FeedReader(http_client())
    async with raw_server(lambda _: moved("301 Moved Permanently", f"http://{THIRD}/rss")) as web:
        for address in (web.url("/rss"), f"http://{THIRD}/rss", "http://0x7f.0.0.3/", "http://inner.example/"):
            with pytest.raises(SourceRefused, match="LEECH_ALLOW_PRIVATE"):
                await reader.look(address)
    for address in ("file:///etc/passwd", "ftp://h/rss"):
        with pytest.raises(SourceRefused):
            await reader.look(address)


async def test_a_look_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SECONDS", 0.05)

    async def silent(talk: Talk) -> None:
        await asyncio.Event().wait()

    async with raw_server(lambda _: silent) as web:
        with pytest.raises(SourceFailed, match="did not give the feed"):
            await look(web)


async def test_a_page_is_no_feed() -> None:
    async with raw_server(lambda _: response("200 OK", b"<html><body>Log in", content_type="text/html")) as web:
        with pytest.raises(SourceRefused, match="web page"):
            await look(web)
