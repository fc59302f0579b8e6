"""The page: one document whose policy allows only its own script, behind the access check."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest

from streamvault.http.routes import pages
from streamvault.media.model import Origin
from tests.support.serving import Bench

CHAT, MESSAGE = -1001500000001, 6
PATHS = ("/", f"/watch/{CHAT}/{MESSAGE}")


def client(bench: Bench) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=bench.app()), base_url="http://127.0.0.1:8080")


@pytest.fixture
async def public() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server with public access."""
    async with client(Bench(public_access=True)) as opened:
        yield opened


@pytest.fixture
def closed() -> Bench:
    """A server without public access."""
    return Bench(public_access=False)


class Document(HTMLParser):
    """What a browser would load or run: the texts of `style` and `script`, and every URL."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inline: dict[str, list[str]] = {"style": [], "script": []}
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.labels: set[str] = set()
        self.ids: set[str] = set()
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        given = {name: value or "" for name, value in attrs}
        self.addresses += [value for name, value in given.items() if name in ("src", "href", "action", "poster")]
        self.handlers += [name for name in given if name.startswith("on") or name == "style"]
        self.ids |= {given["id"]} if "id" in given else set()
        self.labels |= {given["for"]} if tag == "label" else set()

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in self.inline:
            self.inline[self._inside].append(data)


@pytest.mark.parametrize("path", PATHS)
async def test_both_views_are_the_same_document(public: httpx.AsyncClient, path: str) -> None:
    answer = await public.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.content == pages.page().body


async def test_the_policy_allows_only_the_pages_style_and_script(public: httpx.AsyncClient) -> None:
    answer = await public.get("/")
    document, policy = Document(answer.text), answer.headers["content-security-policy"]
    for name in ("style", "script"):
        text = "".join(document.inline[name])
        assert len(text) > 1000, "it is written into the document"
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert document.handlers == []
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'self'; ")


async def test_nothing_is_loaded_from_elsewhere(public: httpx.AsyncClient) -> None:
    answer = await public.get("/")
    document = Document(answer.text)
    assert document.addresses
    assert all(address.startswith(("data:image/svg+xml,", "#")) for address in document.addresses)
    assert not re.search(r"""(?:url\(|import|@import)\s*['"]?https?:""", answer.text)
    assert not re.search(r"/\*(?:STYLE|SCRIPT)\*/|\"ICON\"", answer.text)


async def test_every_label_names_a_field(public: httpx.AsyncClient) -> None:
    document = Document((await public.get("/")).text)
    assert document.labels
    assert document.labels <= document.ids


async def test_headers_keep_tokens_and_content_safe(public: httpx.AsyncClient) -> None:
    headers = (await public.get("/")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-cache"


async def test_head_has_the_same_fields_and_no_body(public: httpx.AsyncClient) -> None:
    head, get = await public.head("/"), await public.get("/")
    assert head.content == b""
    assert head.headers == get.headers


async def test_an_unchanged_page_is_not_sent_again(public: httpx.AsyncClient) -> None:
    etag = (await public.get("/")).headers["etag"]
    again = await public.get("/", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    assert (await public.get("/", headers={"If-None-Match": '"another"'})).status_code == 200


@pytest.mark.parametrize("path", ["/watch/abc/1", "/watch/-100/x", "/watch/1", "/watch/1/2/3"])
async def test_other_paths_are_no_pages(public: httpx.AsyncClient, path: str) -> None:
    assert (await public.get(path)).status_code == 404


@pytest.mark.parametrize("path", PATHS)
async def test_pages_need_access(closed: Bench, path: str) -> None:
    async with client(closed) as viewer:
        assert (await viewer.get(path)).status_code == 401
        assert (await viewer.get(path, params={"token": "nonsense"})).status_code == 403
        assert (await viewer.get(path, params={"token": closed.token(None)})).status_code == 200


async def test_a_files_token_opens_its_page_and_all_that_the_page_needs(closed: Bench) -> None:
    token = {"token": closed.token(Origin(CHAT, MESSAGE))}
    async with client(closed) as viewer:
        answer = await viewer.get(f"/watch/{CHAT}/{MESSAGE}", params=token)
        assert answer.status_code == 200
        assert all(address.startswith(("data:", "#")) for address in Document(answer.text).addresses)
        assert (await viewer.get("/", params=token)).status_code == 403
        assert (await viewer.get(f"/watch/{CHAT}/{MESSAGE + 1}", params=token)).status_code == 403
