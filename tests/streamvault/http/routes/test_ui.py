"""The web UI over HTTP: the page at each of its addresses, its files, and where its API is."""

import gzip
import re
from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
import pytest

from streamvault.http.app import routes_of
from streamvault.http.rules import PAGES, UI_FILES
from streamvault.http.web import open_ui
from streamvault.media.model import Origin
from tests.support.access_table import filled
from tests.support.http_client import request
from tests.support.serving import Bench, serving
from tests.support.ui import FILES, HTML, SCRIPT, folder_of

CHAT, MESSAGE = -1001500000001, 6
SCRIPT_PATH = "/assets/index-Ab1_-x9Z.js"
PATHS = (
    "/", "/films", "/series", "/music", "/photos", "/documents", "/files", "/channels", f"/channels/{CHAT}",
    "/collections", "/collections/7", "/favourites", "/history", "/hidden", "/search", "/work/f:dune 2021",
    f"/watch/{CHAT}/{MESSAGE}", "/manage", "/manage/people", "/leech", "/calls", "/library", "/settings",
    "/welcome", "/login",
)  # fmt: skip


def client(bench: Bench) -> httpx.AsyncClient:
    transport, headers = httpx.ASGITransport(app=bench.app()), {"Accept-Encoding": "identity"}
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080", headers=headers)


@pytest.fixture
async def stranger() -> AsyncIterator[httpx.AsyncClient]:
    """Somebody without rights."""
    async with client(Bench(public_access=False)) as opened:
        yield opened


async def test_every_page_is_the_same_document_for_everybody(stranger: httpx.AsyncClient) -> None:
    bench = Bench(public_access=False)
    async with client(bench) as viewer:
        for path in PATHS:
            for query in ("", "?token=nonsense", f"?token={bench.token(None)}", f"?token={bench.token(Origin(1, 1))}"):
                for accept in ("text/html", "*/*"):
                    answer = await viewer.get(quote(path) + query, headers={"Accept": accept})
                    assert (answer.status_code, answer.text) == (200, HTML), path + query
                    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_addresses_are_those_of_the_table() -> None:
    assert len(PATHS) == len(PAGES)
    pages = [route for route in routes_of(Bench().app()) if route.path in PAGES]
    for path in PATHS:
        scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        assert any(route.matches(scope)[0].value == 2 for route in pages), path


async def test_the_page_keeps_tokens_and_content_safe(stranger: httpx.AsyncClient) -> None:
    headers = (await stranger.get("/films")).headers
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self' 'sha256-")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "private, no-cache"
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", ["/", SCRIPT_PATH, "/icon.svg", "/config.json"])
async def test_head_and_304_have_the_same_fields(stranger: httpx.AsyncClient, path: str) -> None:
    get, head = await stranger.get(path), await stranger.head(path)
    assert (get.status_code, head.status_code, head.content) == (200, 200, b"")
    assert head.headers == get.headers
    again = await stranger.get(path, headers={"If-None-Match": get.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("etag", "cache-control", "vary", "content-security-policy"):
        assert again.headers.get(name) == get.headers.get(name)
    assert (await stranger.get(path, headers={"If-None-Match": '"another"'})).status_code == 200


@pytest.mark.parametrize(
    "path", ["/watch/abc/1", "/watch/-100/x", "/watch/1", "/watch/1/2/3", "/films/", "/films/x", "/x"]
)
async def test_other_paths_are_no_pages(path: str) -> None:
    async with client(Bench(public_access=True)) as viewer:
        assert (await viewer.get(path)).status_code == 404
    async with client(Bench(public_access=False)) as viewer:
        assert (await viewer.get(path)).status_code == 401


async def test_assets_are_for_everybody_for_ever(stranger: httpx.AsyncClient) -> None:
    for fields in ({}, {"Cookie": "sv_user=x"}, {"Authorization": "Bearer x"}):
        answer = await stranger.get(SCRIPT_PATH, headers=fields)
        assert (answer.status_code, answer.content) == (200, SCRIPT)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("accepted", "coding", "stored"),
    [
        ("gzip, deflate, br, zstd", "br", ".br"),
        ("gzip", "gzip", ".gz"),
        ("br;q=0.1, gzip;q=0.2", "gzip", ".gz"),
        ("identity, br;q=0.5", None, ""),
        ("deflate", None, ""),
    ],
)
@pytest.mark.parametrize("path", ["/", "/films", SCRIPT_PATH])
async def test_what_a_request_accepts_is_sent(accepted: str, coding: str | None, stored: str, path: str) -> None:
    name = SCRIPT_PATH[1:] if path == SCRIPT_PATH else "index.html"
    async with serving(public_access=False) as bench:
        reply = await request(bench.address, path, headers={"Accept-Encoding": accepted})
        assert (reply.status, reply.headers.get("content-encoding"), reply.body) == (200, coding, FILES[name + stored])
        assert "Accept-Encoding" in reply.headers["vary"]
        plain = await request(bench.address, path)
        assert "content-encoding" not in plain.headers
        assert (reply.headers["etag"] == plain.headers["etag"]) is (coding is None), "each coding has its own tag"
        head = await request(bench.address, path, method="HEAD", headers={"Accept-Encoding": accepted})
        assert head.headers["content-length"] == str(len(reply.body))


async def test_the_compressed_page_is_the_page(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == HTML == gzip.decompress(FILES["index.html.gz"]).decode()


async def test_what_no_coding_of_a_file_satisfies_is_406(stranger: httpx.AsyncClient) -> None:
    for path in ("/assets/index-D2f0.css", "/assets/serif-5e.woff2", "/icon.svg"):
        refused = await stranger.get(path, headers={"Accept-Encoding": "identity;q=0"})
        assert (refused.status_code, refused.headers["content-type"]) == (406, "application/problem+json")
    answer = await stranger.get(SCRIPT_PATH, headers={"Accept-Encoding": "identity;q=0, gzip"})
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/", "/assets/x.js", f"{SCRIPT_PATH}.br", f"{SCRIPT_PATH}.gz", f"{SCRIPT_PATH}.map", f"{SCRIPT_PATH}/",
        "/assets/../index.html", "/assets/%2e%2e/index.html", "/assets/..%2findex.html", "/assets//etc/passwd",
        "/assets/%2fetc%2fpasswd", "/assets/fonts", "/assets/fonts/../serif-5e.woff2", "/assets/a%00b",
        "/assets/index-ab1_-x9z.js", "/assets/" + "x" * 5000,
    ],
)  # fmt: skip
async def test_no_other_name_is_a_file(path: str) -> None:
    async with serving(public_access=False) as bench:
        reply = await request(bench.address, path)
        assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")
        assert "immutable" not in reply.headers["cache-control"]


async def test_files_at_the_root_are_asked_for_again_each_time(stranger: httpx.AsyncClient) -> None:
    found = {}
    for path in UI_FILES:
        answer = await stranger.get(path)
        found[path[1:]] = answer.status_code
        if answer.status_code == 200:
            assert answer.content == FILES[path[1:]]
            assert answer.headers["cache-control"] == "private, no-cache"
            assert answer.headers["etag"]
    assert {name for name, status in found.items() if status == 200} == {"icon.svg", "manifest.webmanifest", "sw.js"}
    assert set(found.values()) == {200, 404}
    for closed in ("/_headers", "/index.html", "/index.html.gz"):
        assert (await stranger.get(closed)).status_code == 401


async def test_the_page_of_this_server_asks_this_server(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/config.json")
    assert answer.json() == {"api": ""}
    assert "no-cache" in answer.headers["cache-control"]


async def test_without_a_built_ui_pages_say_how_to_build_it_and_the_api_goes_on() -> None:
    bench = Bench(public_access=True)
    bench.ui = None
    async with client(bench) as viewer:
        for path in PATHS:
            answer = await viewer.get(path, headers={"Accept": "text/html"})
            assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
            assert "<code>make ui</code>" in answer.text
            assert answer.headers["cache-control"] == "no-store"
        assert (await viewer.get(SCRIPT_PATH)).status_code == 404
        assert (await viewer.get("/icon.svg")).status_code == 404
        assert (await viewer.get("/api/catalog")).status_code == 200


async def test_a_file_that_was_built_anew_is_404_and_says_what_to_do() -> None:
    folder = folder_of(FILES)
    bench = Bench()
    bench.ui = open_ui(folder)
    folder.entries["assets"].entries["index-Ab1_-x9Z.js"].data = b"another"
    async with client(bench) as viewer:
        answer = await viewer.get(SCRIPT_PATH, headers={"Accept-Encoding": "identity"})
        assert answer.status_code == 404
        assert "start the server again" in answer.json()["detail"]


async def test_the_ui_is_served_while_the_server_waits() -> None:
    bench = Bench(public_access=False)
    bench.readiness.waiting("flood", None)
    async with serving(bench):
        for path in (
            "/",
            f"/watch/{CHAT}/{MESSAGE}?token={bench.token(None)}",
            SCRIPT_PATH,
            "/icon.svg",
            "/config.json",
        ):
            assert (await request(bench.address, path)).status == 200, path
        assert (await request(bench.address, "/api/me")).status == 503


def test_no_route_of_the_ui_can_take_the_place_of_another() -> None:
    """Each of its addresses matches its own paths alone."""
    routes = routes_of(Bench().app())
    names = {*PAGES, *UI_FILES, "/config.json", "/assets/{name:path}"}
    others = [route.path for route in routes if route.path not in names]
    assert len(others) > 50
    for route in routes:
        if route.path in names:
            for other in others:
                assert not re.fullmatch(route.path_regex, filled(other)), (route.path, other)


async def test_the_page_says_what_it_will_ask_for_to_whoever_may() -> None:
    """A stranger and a link are not led to lists: one would be refused, the other asks with its token."""
    everybody = Bench(public_access=True)
    async with client(everybody) as viewer:
        assert "</api/catalog/facets>; rel=preload; as=fetch" in (await viewer.get("/")).headers["link"]
        assert "</api/works/f%3Adune>" in (await viewer.get("/work/f:dune")).headers["link"]
        token = everybody.token(None)
        assert "link" not in (await viewer.get(f"/?token={token}")).headers
        assert "link" not in (await viewer.get("/", headers={"Authorization": f"Bearer {token}"})).headers
    async with client(Bench(public_access=False)) as viewer:
        assert (await viewer.get("/")).headers["link"] == "</api/me>; rel=preload; as=fetch; crossorigin"
        asked = await viewer.get("/", headers={"Cookie": "sv_session=one"})
        assert "</api/catalog/facets>" in asked.headers["link"]
