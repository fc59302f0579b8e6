"""What a token or a cookie opened is kept by no cache that others share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.http.middleware.private_answers import made_private
from tests.streamvault.http.middleware.test_access import paths_of
from tests.support.files import CHANNEL, media_file
from tests.support.http_client import Reply, opened, request
from tests.support.reverse_proxies import CACHING, ReverseProxy, reverse_proxy
from tests.support.serving import Bench, serving
from tests.support.site_people import OWNER
from tests.support.sources import pattern

PLACE = f"{CHANNEL}/7"
FILE = media_file(7, size=100_003)
BELOW = ("/stream/", "/thumb/", "/api/catalog.m3u")


@pytest.fixture
async def closed() -> AsyncIterator[Bench]:
    async with serving(public_access=False, owner_ids=frozenset({OWNER})) as bench:
        await stocked(bench)
        yield bench


async def stocked(bench: Bench) -> None:
    bench.finder.add(FILE, message_id=7)
    await bench.catalog.put(FILE)


def routes(bench: Bench) -> list[str]:
    """Every path of a GET route, with the file's ids in it."""
    return sorted(path.replace("-1001234567890", str(CHANNEL)) for path in paths_of(bench))


async def head_of(bench: Bench, target: str, headers: dict[str, str]) -> Reply:
    """The head alone: event streams do not end."""
    async with opened(bench.address, target, headers=headers) as exchange:
        return exchange.reply


def is_private(reply: Reply) -> bool:
    directives = {one.strip() for one in reply.headers.get("cache-control", "").split(",")}
    return bool(directives & {"private", "no-store"}) and "public" not in directives


async def test_every_answer_to_a_token_is_private(closed: Bench) -> None:
    token = closed.token(None)
    answered = set()
    for path in routes(closed):
        asked = [(f"{path}?token={token}", {}), (path, {"Authorization": f"Bearer {token}"})]
        if path.startswith(BELOW):
            asked.append((f"/s/{token}{path}", {}))
        for target, headers in asked:
            reply = await head_of(closed, target, headers)
            assert is_private(reply), (target, reply)
            answered.add((path, reply.status))
    assert {f"/stream/{PLACE}", f"/thumb/{PLACE}", "/api/catalog.m3u", "/", "/metrics", "/docs", "/openapi.json"} <= {
        path for path, status in answered if status == 200
    }
    assert {404} <= {status for _, status in answered}


async def test_every_answer_to_a_cookie_is_private_on_a_public_server_too(bench: Bench) -> None:
    await stocked(bench)
    cookie = {"Cookie": "sv_user=whatever"}
    for path in routes(bench):
        assert is_private(await head_of(bench, path, cookie)), path
    for target, headers in (("/?token=x", {}), ("/", {"Authorization": "Bearer x"}), ("/", {"Authorization": "x"})):
        assert is_private(await head_of(bench, target, headers))


async def test_an_answer_varies_with_the_fields_that_may_have_decided_it(closed: Bench) -> None:
    token = closed.token(None)
    fields = {"Authorization": f"Bearer {token}", "Cookie": "sv_user=x"}
    for path in (f"/stream/{PLACE}", f"/thumb/{PLACE}", "/api/catalog", "/api/catalog.m3u", "/", "/metrics"):
        for sent in ({}, fields, {"Cookie": "sv_user=x"}):
            reply = await head_of(closed, f"{path}?token={token}", sent)
            varies = [name.strip() for name in reply.headers.get("vary", "").split(",")]
            assert reply.status == 200
            assert set(sent) <= set(varies)
            assert len(varies) == len(set(varies))


async def test_what_everybody_gets_from_a_public_server_is_left_as_it_is(bench: Bench) -> None:
    assert (await head_of(bench, "/", {})).headers["cache-control"] == "no-cache"
    assert is_private(await head_of(bench, "/api/catalog", {}))


@pytest.mark.parametrize(
    ("given", "private"),
    [
        ("", "private, no-cache"),
        ("no-cache", "private, no-cache"),
        ("public, max-age=60", "private, max-age=60"),
        ("Public,s-maxage=9 , immutable", "private, immutable"),
        ("public", "private, no-cache"),
        ("private, max-age=3600", "private, max-age=3600"),
        ("no-store", "no-store"),
        ("max-age=5, PRIVATE", "max-age=5, PRIVATE"),
    ],
)
def test_directives(given: str, private: str) -> None:
    """M"""
    assert made_private(given) == private


async def through(proxy: ReverseProxy, target: str, headers: dict[str, str] | None = None) -> Reply:
    reply = await request(proxy.address, target, headers=headers)
    assert reply.headers.get("x-cache", "") != "HIT", target
    return reply


WAYS = ("query", "path", "header", "cookie and query", "session", "bearer session")


@pytest.mark.parametrize("way", WAYS)
async def test_a_shared_cache_gives_a_tokens_answer_to_nobody_else(closed: Bench, tmp_path: Path, way: str) -> None:
    token = closed.token(None)
    await closed.access.people.seen(OWNER, "Ann")
    begun = [
        await closed.access.sessions.begin(OWNER, browser="x", address="203.0.113.7", bearer=bearer)
        for bearer in (False, True)
    ]
    prefix, query, headers = {
        "session": ("", "", {"Cookie": f"sv_session={begun[0]}"}),
        "bearer session": ("", "", {"Authorization": f"Bearer {begun[1]}"}),
        "query": ("", f"?token={token}", {}),
        "path": (f"/s/{token}", "", {}),
        "header": ("", "", {"Authorization": f"Bearer {token}"}),
        "cookie and query": ("", f"?token={token}", {"Cookie": "sv_user=x"}),
    }[way]
    paths = [
        f"/stream/{PLACE}",
        f"/stream/{PLACE}/film.mp4",
        f"/thumb/{PLACE}",
        "/api/catalog.m3u8",
        "/api/catalog.m3u",
    ]
    paths += [] if way == "path" else ["/api/catalog", "/api/stats", "/openapi.json", "/docs", "/metrics"]
    async with reverse_proxy("a shared cache", tmp_path / "proxy", closed.address, kind=CACHING) as proxy:
        for path in paths:
            reply = await through(proxy, prefix + path + query, headers)
            assert reply.status in (200, 404)
            if path.startswith("/stream"):
                assert reply.body == pattern(0, FILE.size)
            strangers = (
                [path, f"{path}?token=x", f"/s/x{path}"] if path.startswith(BELOW) else [path, f"{path}?token=x"]
            )
            for target in strangers:
                assert (await through(proxy, target)).status in (401, 403)
                assert (await through(proxy, target, {"Range": "bytes=0-9"})).status in (401, 403)


async def test_the_shared_cache_of_these_tests_keeps_what_it_may(bench: Bench, tmp_path: Path) -> None:
    async with reverse_proxy("a shared cache", tmp_path / "proxy", bench.address, kind=CACHING) as proxy:
        kept = [await request(proxy.address, "/openapi.json") for _ in range(2)]
        assert [reply.headers["x-cache"] for reply in kept] == ["MISS", "HIT"]
