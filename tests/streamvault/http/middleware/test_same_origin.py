"""Which origins may send requests that change something."""

import pytest

from tests.support.files import CHANNEL, media_file
from tests.support.site import HOME, Site, open_site

WATCH = f"/api/watch/{CHANNEL}/7"
UI = "https://ui.example.org"


async def status(site: Site, origin: str | None, *, host: str | None = None, method: str = "PUT") -> int:
    fields = {name: value for name, value in (("Origin", origin), ("Host", host)) if value is not None}
    body = {"position": 1} if method == "PUT" else None
    return (await site.client.request(method, WATCH, json=body, headers=fields)).status_code


@pytest.mark.parametrize(
    ("origin", "host", "expected"),
    [
        (None, None, 200),
        (HOME, None, 200),
        (UI, None, 200),
        ("https://10.0.0.7", "10.0.0.7", 200),
        (HOME, "10.0.0.7", 200),
        ("https://evil.example.org", None, 403),
        (f"{HOME}.evil.org", None, 403),
        ("http://tv.example.org", None, 403),
        (f"{HOME}:8443", None, 403),
        ("null", None, 403),
        ("", None, 403),
    ],
    ids=str,
)
async def test_changes_from_pages_of_other_origins_are_403(origin: str | None, host: str | None, expected: int) -> None:
    async with open_site(cors_origins=(f"{UI}/",)) as site:
        await site.put(media_file(7))
        assert await status(site, origin, host=host) == expected
        assert await status(site, origin, host=host, method="DELETE") == (204 if expected == 200 else 403)
        assert (await site.client.get(WATCH, headers={"Origin": origin or HOME})).status_code == 200
        assert len(site.personal.people) == (1 if expected == 200 else 0)


async def test_sec_fetch_site_same_origin_is_allowed(site: Site) -> None:
    """Behind a proxy that passes on neither scheme nor host."""
    await site.put(media_file(7))
    for relation, expected in (("same-origin", 200), ("same-site", 403), ("cross-site", 403), ("none", 403)):
        fields = {"Origin": UI, "Sec-Fetch-Site": relation}
        assert (await site.client.put(WATCH, json={"position": 1}, headers=fields)).status_code == expected


async def test_every_unsafe_method_is_checked(site: Site) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "MADEUP"):
        answer = await site.client.request(method, "/api/nothing", headers={"Origin": UI})
        assert answer.status_code == 403, method
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_star_allows_changes_from_every_origin() -> None:
    async with open_site(cors_origins=("*",)) as site:
        await site.put(media_file(7))
        assert await status(site, UI) == 200


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
async def test_a_body_that_is_not_json_is_415(site: Site, media_type: str | None) -> None:
    await site.put(media_file(7))
    fields = {} if media_type is None else {"Content-Type": media_type}
    answer = await site.client.put(WATCH, content=b'{"position": 1}', headers=fields)
    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]
    good = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert (await site.client.put(WATCH, content=b'{"position": 1}', headers=good)).status_code == 200


async def test_a_configured_origin_sends_the_cookie() -> None:
    async with open_site(cors_origins=(UI,)) as site:
        await site.put(media_file(7))
        asked = {"Origin": UI, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
        preflight = await site.client.options(WATCH, headers=asked)
        assert "PUT" in preflight.headers["access-control-allow-methods"].split(", ")
        answer = await site.client.put(WATCH, json={"position": 1}, headers={"Origin": UI})
        for one in (preflight, answer):
            assert one.headers["access-control-allow-origin"] == UI
            assert one.headers["access-control-allow-credentials"] == "true"
        assert "Origin" in (await site.client.get("/api/catalog", headers={"Origin": UI})).headers["vary"]


async def test_a_star_does_not_allow_credentials() -> None:
    async with open_site(cors_origins=("*",)) as site:
        answer = await site.client.get("/api/catalog", headers={"Origin": UI})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
