"""A browser gets a page that says what to do next, a program or a player a problem."""

import json

import pytest

from tests.support.http_client import request
from tests.support.serving import Bench, serving
from tests.support.sources import media_file

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PLAYER = {"Accept": "*/*"}


@pytest.mark.parametrize("path", ["/docs", "/stream/-1001500000001/6", "/nothing"])
async def test_a_closed_server_tells_a_browser_how_to_get_in(path: str) -> None:
    """K: without a token."""
    async with serving(public_access=False) as bench:
        reply = await request(bench.address, path, headers=BROWSER)
        assert (reply.status, reply.headers["content-type"]) == (401, "text/html; charset=utf-8")
        assert b"streamvault link --everything" in reply.body
        assert b"<script" not in reply.body
        assert reply.headers["content-security-policy"].startswith("default-src 'none'")
        assert (reply.headers["cache-control"], reply.headers["vary"]) == ("no-store", "Accept")
        assert reply.headers["www-authenticate"].startswith("Bearer")
        for headers in (PLAYER, {}, {"Accept": "application/json"}):
            reply = await request(bench.address, path, headers=headers)
            assert (reply.status, reply.headers["content-type"]) == (401, "application/problem+json")
            assert json.loads(reply.body)["status"] == 401


async def test_an_expired_and_a_wrong_link_say_so(bench: Bench) -> None:
    """K: an expired token."""
    async with serving(public_access=False) as closed:
        file = media_file(5)
        closed.finder.add(file, message_id=7)
        path = f"/stream/{file.origin.chat_id}/7"
        expired = closed.token(None, expires_at=1)
        for token, words in ((expired, b"This link has expired."), ("x" * 32, b"This link is not valid here.")):
            reply = await request(closed.address, f"{path}?token={token}", headers=BROWSER)
            assert reply.status == 403
            assert words in reply.body
            assert b"a new one" in reply.body
            assert token.encode() not in reply.body


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing", 404), ("/stream/-1001500000001/99", 404), ("/api/catalog?limit=x", 422)]
)
async def test_other_problems_are_pages_too(bench: Bench, path: str, status: int) -> None:
    reply = await request(bench.address, path, headers=BROWSER)
    assert (reply.status, reply.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert f"<p class='status'>{status} ".encode() in reply.body


async def test_a_foreign_name_in_the_address_is_shown_as_text(bench: Bench) -> None:
    reply = await request(bench.address, "/api/catalog?sort=%3Cscript%3Ealert(1)%3C/script%3E", headers=BROWSER)
    assert reply.status == 422
    assert b"<script" not in reply.body


async def test_a_server_that_is_not_ready_says_what_it_waits_for(bench: Bench) -> None:
    bench.readiness.waiting("flood", None)
    reply = await request(bench.address, "/docs", headers=BROWSER)
    assert (reply.status, reply.headers["retry-after"]) == (503, "5")
    assert b"The server waits for: flood." in reply.body
    probe = await request(bench.address, "/readyz", headers=BROWSER)
    assert probe.headers["content-type"] == "application/problem+json"
