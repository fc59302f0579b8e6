"""The API's description in the browser: whole, and nobody else is asked for anything."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

from streamvault.http.api_page import document
from tests.support.http_client import request
from tests.support.serving import Bench, serving


class Elements(HTMLParser):
    """The elements and addresses of a document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.addresses: list[str | None] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_it_names_every_route_and_runs_and_fetches_nothing() -> None:
    async with serving(public_access=False) as bench:
        token = bench.token(None)
        reply = await request(bench.address, f"/docs?token={token}")
        schema = json.loads((await request(bench.address, f"/openapi.json?token={token}")).body)
        assert (await request(bench.address, "/docs")).status == 401
    page = Elements(reply.body.decode())
    assert page.names.isdisjoint({"script", "link", "img", "iframe", "form", "object"})
    assert page.addresses == []
    assert token not in reply.body.decode()
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    for path in schema["paths"]:
        assert path in page.text


async def test_its_style_is_the_one_that_its_policy_names(bench: Bench) -> None:
    reply = await request(bench.address, "/docs")
    [style] = re.findall(r"<style>(.*?)</style>", reply.body.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in reply.headers["content-security-policy"]


def test_markup_in_a_description_is_text() -> None:
    operation = {
        "tags": ["<b>"], "description": "<script>alert(1)</script> `a<b`", "responses": {"200": {"description": "<i>"}},
        "parameters": [{"name": "<q>", "in": "query", "schema": {"enum": ["<x>"]}}],
    }  # fmt: skip
    found = Elements(
        document(
            {
                "info": {"title": "<t>", "version": "1"},
                "paths": {"/<p>": {"get": operation}},
                "components": {"schemas": {"<S>": {"properties": {"<f>": {"type": "string"}}}}},
            }
        )
    )
    assert found.names.isdisjoint({"script", "b", "i", "q", "x", "t", "p>", "f"})
    for text in ("<script>alert(1)</script>", "a<b", "<q>", "<x>", "/<p>", "<S>", "<f>"):
        assert text in found.text
