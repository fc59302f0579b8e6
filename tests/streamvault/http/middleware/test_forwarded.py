"""Nobody picks an address, a scheme or a host; a proxy that is named in TRUSTED_PROXIES tells them."""

import logging
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from streamvault.access.limits import Limits
from streamvault.access.users import NewUserLimit
from tests.support.files import CHANNEL, media_file
from tests.support.http_client import request
from tests.support.serving import serving
from tests.support.site import Site, open_site

PROXY = (ip_network("127.0.0.1/32"),)
FAVOURITE = f"/api/favourites/{CHANNEL}/7"
CLIENT = {"X-Forwarded-For": "203.0.113.9"}


async def favourite(site: Site, headers: Mapping[str, str]) -> httpx.Response:
    await site.put(media_file(7))
    answer = await site.client.put(FAVOURITE, headers=headers)
    site.client.cookies.clear()
    return answer


@pytest.mark.parametrize(
    ("trusted", "headers", "secure"),
    [
        ((), {"X-Forwarded-Proto": "https"}, False),
        ((), {**CLIENT, "X-Forwarded-Proto": "https"}, False),
        (PROXY, {**CLIENT, "X-Forwarded-Proto": "https"}, True),
        (PROXY, {**CLIENT, "X-Forwarded-Proto": "https, http"}, False),
        (PROXY, {**CLIENT, "X-Forwarded-Proto": "http"}, False),
        (PROXY, CLIENT, False),
        ((ip_network("10.0.0.0/8"),), {**CLIENT, "X-Forwarded-Proto": "https"}, False),
    ],
)
async def test_https_is_what_a_trusted_proxy_calls_so(
    trusted: tuple[object, ...], headers: dict[str, str], secure: bool
) -> None:
    async with open_site(base_url="http://127.0.0.1", trusted_proxies=trusted) as site:
        answer = await favourite(site, headers)
        assert answer.status_code == 204, answer.text
        assert answer.headers["set-cookie"].endswith("; Secure") is secure


@pytest.mark.parametrize(
    ("trusted", "host", "status"),
    [
        ((), "tv.example.org", 421),  # by its own name, evil.example
        (PROXY, "tv.example.org", 421),
        (PROXY, "evil.example", 421),
    ],
)
async def test_a_foreign_name_is_refused_whatever_a_page_forwards(
    trusted: tuple[object, ...], host: str, status: int
) -> None:
    """A page whose name was made to resolve to the proxy may send any field but Host."""
    async with open_site(base_url="http://evil.example", trusted_proxies=trusted) as site:
        answer = await site.client.get("/api/catalog", headers={**CLIENT, "X-Forwarded-Host": host})
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("trusted", "host", "status"),
    [
        ((), "evil.example", 200),
        (PROXY, "evil.example", 421),
        (PROXY, "tv.example.org", 200),
        (PROXY, "not a host", 200),
    ],
)
async def test_the_name_that_a_proxy_was_reached_by_is_checked(
    trusted: tuple[object, ...], host: str, status: int
) -> None:
    async with open_site(base_url="http://127.0.0.1", trusted_proxies=trusted) as site:
        answer = await site.client.get("/api/catalog", headers={**CLIENT, "X-Forwarded-Host": host})
        assert answer.status_code == status


@pytest.mark.parametrize(("trusted", "status"), [((), 403), (PROXY, 204)])
async def test_the_own_origin_is_that_of_the_proxy(trusted: tuple[object, ...], status: int) -> None:
    """Without PUBLIC_URL, a page of the server itself may write only if its proxy tells name and scheme."""
    told = {**CLIENT, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "media.example.net"}
    async with open_site(
        base_url="http://127.0.0.1",
        public_url="http://127.0.0.1:8080",
        allowed_hosts=("media.example.net",),
        trusted_proxies=trusted,
    ) as site:
        answer = await favourite(site, {**told, "Origin": "https://media.example.net"})
        assert answer.status_code == status, answer.text


async def test_a_stranger_is_counted_by_the_address_that_his_proxy_sees() -> None:
    """Whatever he puts before it."""
    async with open_site(
        base_url="http://127.0.0.1", new_users=NewUserLimit(1, addresses=1, total=1), trusted_proxies=PROXY
    ) as site:
        chains = [f"192.0.2.{number}, 203.0.113.9" for number in range(4)]
        answers = [await favourite(site, {"X-Forwarded-For": chain}) for chain in chains]
        assert [answer.status_code for answer in answers] == [204, 429, 429, 429]


async def test_a_proxy_that_nobody_has_named_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as bench:
        with caplog.at_level(logging.WARNING, logger="streamvault.http.middleware.forwarded"):
            for _ in range(3):
                assert (await request(bench.address, "/api/catalog", headers=CLIENT)).status == 200
    assert [record.getMessage().count("TRUSTED_PROXIES=127.0.0.1") for record in caplog.records] == [1]


@pytest.mark.parametrize(
    ("peer", "trusted", "headers", "spared"),
    [
        ("172.17.0.1", (), CLIENT, True),
        ("fd00::1", (), CLIENT, True),
        ("::1", (), {}, True),
        ("172.17.0.1", (), {}, False),
        ("93.184.216.34", (), CLIENT, False),
        ("172.17.0.1", (ip_network("172.17.0.0/16"),), CLIENT, False),
        ("172.17.0.1", (ip_network("172.17.0.0/16"),), {"X-Forwarded-For": "192.168.1.9"}, False),
    ],
)
@pytest.mark.parametrize("chosen", [{}, {"rate_limit": 3}])
async def test_the_default_limits_do_not_take_a_proxy_nearby_for_one_client(
    peer: str, trusted: tuple[object, ...], headers: dict[str, str], spared: bool, chosen: dict[str, Any]
) -> None:
    """One in Docker comes from the gateway; a limit that somebody has set is for all."""
    limits = Limits(rate=3, clock=lambda: 1e9)  # within one minute
    async with open_site(base_url="http://127.0.0.1", trusted_proxies=trusted, limits=limits, **chosen) as site:
        transport = site.client._transport
        assert isinstance(transport, httpx.ASGITransport)
        transport.client = (peer, 1)
        statuses = [(await site.client.get("/api/catalog", headers=headers)).status_code for _ in range(4)]
        assert statuses == [200] * 3 + [200 if spared and not chosen else 429]
