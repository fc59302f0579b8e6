"""Pages of any origin may read what a token of theirs opens, without cookies; and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.support.browser import chromium
from tests.support.files import CHANNEL, media_file
from tests.support.http_client import Reply, request
from tests.support.serving import Bench, serving
from tests.support.sources import pattern

PAGE, OURS = "https://cast.example.org", "https://app.example.org"
FILE = media_file(7)
PATHS = (
    f"/stream/{CHANNEL}/7", f"/stream/{CHANNEL}/7/film.mp4", f"/thumb/{CHANNEL}/7", f"/hls/{CHANNEL}/7/master.m3u8",
    f"/subtitles/{CHANNEL}/7/1.vtt", "/api/catalog.m3u8", "/api/catalog.m3u",
)  # fmt: skip
ELSEWHERE = ("/", f"/watch/{CHANNEL}/7", "/api/catalog", f"/api/catalog/{CHANNEL}/7", "/api/index", "/metrics", "/docs")
EXPOSED = {"Content-Range", "Content-Length", "Accept-Ranges"}
WAYS = ("query", "path", "header")


@pytest.fixture
async def closed() -> AsyncIterator[Bench]:
    async with serving(public_access=False) as bench:
        bench.finder.add(FILE, message_id=7)
        yield bench


def carried(way: str, path: str, token: str) -> tuple[str, dict[str, str]]:
    """The target and header fields of a request with the token."""
    match way:
        case "query":
            return f"{path}?token={token}", {}
        case "path":
            return f"/s/{token}{path}", {}
        case _:
            return path, {"Authorization": f"Bearer {token}"}


def is_open(reply: Reply) -> bool:
    """Whether every page may read it; that, or nothing, is allowed, and never with cookies."""
    assert "access-control-allow-credentials" not in reply.headers
    allowed = reply.headers.get("access-control-allow-origin")
    if allowed is None:
        return False
    assert allowed == "*"
    assert set(reply.headers["access-control-expose-headers"].split(", ")) >= EXPOSED
    return True


async def asked(bench: Bench, target: str, fields: Mapping[str, str], **how: str) -> Reply:
    return await request(bench.address, target, headers={"Origin": PAGE, **fields}, limit=100, **how)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", PATHS)
async def test_what_a_token_opens_may_be_read_by_every_page(closed: Bench, way: str, path: str) -> None:
    for token in (closed.token(None), closed.token(FILE.origin), "wrong"):  # a problem may be read as well
        target, fields = carried(way, path, token)
        for method in ("GET", "HEAD"):
            assert is_open(await asked(closed, target, fields, method=method))
        for extra in ({"Range": "bytes=0-9"}, {"Range": "bytes=99999999-"}):
            assert is_open(await asked(closed, target, {**fields, **extra}))


@pytest.mark.parametrize("way", WAYS)
async def test_a_preflight_allows_what_players_send(closed: Bench, way: str) -> None:
    """M"""
    for path in (f"/stream/{CHANNEL}/7", "/api/catalog.m3u8"):
        target, fields = carried(way, path, closed.token(None))
        wanted = ["range", *(name.lower() for name in fields)]
        preflight = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": ",".join(wanted)}
        reply = await asked(closed, target, preflight, method="OPTIONS")
        assert reply.status == 204
        assert is_open(reply)
        assert {name.lower() for name in reply.headers["access-control-allow-headers"].split(", ")} >= {
            *wanted,
            "if-range",
        }
        assert {"GET", "HEAD"} <= set(reply.headers["access-control-allow-methods"].split(", "))


@pytest.mark.parametrize("way", ["query", "header"])
@pytest.mark.parametrize("path", ELSEWHERE)
async def test_a_token_opens_no_other_route_to_pages(closed: Bench, way: str, path: str) -> None:
    target, fields = carried(way, path, closed.token(None))
    assert not is_open(await asked(closed, target, fields, method="HEAD"))
    assert not is_open(
        await asked(closed, target, {"Access-Control-Request-Headers": "authorization"}, method="OPTIONS")
    )


async def test_without_a_token_pages_read_nothing(closed: Bench) -> None:
    for path in PATHS:
        for fields in ({}, {"Cookie": "sv_user=x"}, {"Authorization": "Basic eDp5"}):
            assert not is_open(await asked(closed, path, fields))
        assert not is_open(await asked(closed, f"{path}?token=", {}))
        assert not is_open(await asked(closed, path, {"Access-Control-Request-Headers": "range"}, method="OPTIONS"))


async def test_on_a_public_server_a_token_opens_no_list_to_pages() -> None:
    async with serving() as bench:
        bench.finder.add(FILE, message_id=7)
        for way in WAYS:
            target, fields = carried(way, "/api/catalog.m3u8", "x")
            assert not is_open(await asked(bench, target, fields))
            assert is_open(await asked(bench, *carried(way, f"/stream/{CHANNEL}/7", "x")))


async def test_named_origins_keep_their_cookies() -> None:
    async with serving(public_access=False, cors_origins=(OURS,)) as bench:
        bench.finder.add(FILE, message_id=7)
        for way in WAYS:
            target, fields = carried(way, f"/stream/{CHANNEL}/7", bench.token(None))
            ours = await request(bench.address, target, headers={"Origin": OURS, **fields}, limit=100)
            assert ours.headers["access-control-allow-origin"] == OURS
            assert ours.headers["access-control-allow-credentials"] == "true"
            other = await asked(bench, target, fields)
            assert is_open(other)
            assert "Origin" in ours.headers["vary"]
            assert "Origin" in other.headers["vary"]


_FETCH = """async ([url, headers]) => {
    try {
        const answer = await fetch(url, {headers});
        const body = new Uint8Array(await answer.arrayBuffer());
        return [answer.status, answer.headers.get("Content-Range"), [...body]];
    } catch (error) { return [0, String(error), []]; }
}"""


def fetched(bench: Bench, requests: list[tuple[str, dict[str, str]]]) -> list[Any]:
    """What a page of another origin reads, in Chromium."""
    _, port = bench.address
    with chromium() as browser:
        page = browser.new_page()
        page.goto(f"http://localhost:{port}/healthz")
        return [page.evaluate(_FETCH, [f"http://127.0.0.1:{port}{target}", fields]) for target, fields in requests]


async def test_a_page_of_another_origin_reads_ranges_in_chromium(closed: Bench) -> None:
    token, wanted = closed.token(FILE.origin), {"Range": "bytes=5-14", "If-Range": '"x"'}
    path = f"/stream/{CHANNEL}/7"
    right = {"Range": "bytes=5-14"}
    asked = [carried(way, path, token) for way in WAYS]
    found = await asyncio.to_thread(fetched, closed, [(target, {**fields, **right}) for target, fields in asked])
    for status, content_range, body in found:
        assert (status, content_range) == (206, f"bytes 5-14/{FILE.size}")
        assert bytes(body) == pattern(5, 15)
    refused = await asyncio.to_thread(fetched, closed, [(path, right), (f"{path}?token=x", wanted)])
    assert [status for status, _, _ in refused] == [0, 403]
