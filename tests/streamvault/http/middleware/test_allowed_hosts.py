"""A page whose name was made to resolve to this server reads nothing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.http.middleware.allowed_hosts import host_name, is_local
from tests.support.http_client import request
from tests.support.serving import Bench, serving
from tests.support.sources import media_file


@pytest.mark.parametrize("path", ["/api/catalog", "/", "/docs", "/stream/1/7", "/openapi.json", "/nothing"])
async def test_a_foreign_name_is_refused_on_an_open_server(bench: Bench, path: str) -> None:
    bench.finder.add(media_file(5), message_id=7)
    reply = await request(bench.address, path, headers={"Host": "evil.example", "Origin": "http://evil.example"})
    assert (reply.status, reply.headers["content-type"]) == (421, "application/problem+json")
    assert b"ALLOWED_HOSTS" in reply.body


@pytest.mark.parametrize(
    "host",
    ["evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "EVIL.example."],
)
async def test_names_that_only_look_local_are_refused(bench: Bench, host: str) -> None:
    assert (await request(bench.address, "/api/catalog", headers={"Host": host})).status == 421


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8080", "[::1]:8080", "192.168.1.4", "localhost", "LOCALHOST:8080", "nas", "nas.local", "tv.lan:8080",
     "tv.example.org", "TV.example.org:443", "media.example.net", ""],
)  # fmt: skip
async def test_own_names_are_answered(host: str) -> None:
    async with serving(public_url="https://tv.example.org", allowed_hosts=("media.example.net",)) as bench:
        assert (await request(bench.address, "/api/catalog", headers={"Host": host})).status == 200


async def test_life_signs_are_answered_by_any_name(bench: Bench) -> None:
    assert (await request(bench.address, "/healthz", headers={"Host": "evil.example"})).status == 200


async def test_a_closed_server_needs_its_token_and_no_name() -> None:
    async with serving(public_access=False) as bench:
        headers = {"Host": "any.example", "Authorization": f"Bearer {bench.token(None)}"}
        assert (await request(bench.address, "/api/catalog", headers=headers)).status == 200


@given(st.text(max_size=40))
def test_any_field_has_a_name(field: str) -> None:
    assert host_name(field) == host_name(field).lower()
    is_local(host_name(field))
