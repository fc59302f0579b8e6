"""The middleware: readiness, request limits, CORS; and the routes about the server."""

import json
import math

import pytest

from streamvault.health.conditions import Cause
from streamvault.health.readiness import Readiness, WaitingFor
from streamvault.http.middleware.readiness import not_ready
from streamvault.http.middleware.request_limits import MAX_BODY
from tests.support.http_client import connect, head, read_head, request
from tests.support.serving import Bench, serving
from tests.support.sources import media_file, stall
from tests.support.waiting import until

PAGE = "https://ui.example.org"


@pytest.mark.parametrize(
    ("waiting_for", "ahead", "retry_after"),
    [("lease", None, 5), ("telegram", None, 5), ("database", 0.2, 1), ("flood", 2837.3, 2838), ("flood", -50, 1)],
)
async def test_nothing_is_served_before_the_server_is_ready(
    waiting_for: WaitingFor, ahead: float | None, retry_after: int
) -> None:
    now = 1_800_000_000.0
    readiness = Readiness(lambda: now)
    until = None if ahead is None else now + ahead
    readiness.waiting(waiting_for, until)
    bench = Bench()
    bench.readiness = readiness
    async with serving(bench):
        path = bench.finder.add(media_file(5), message_id=7)
        assert (await request(bench.address, "/healthz")).status == 200
        for closed in ("/readyz", path, "/api/me", "/docs", "/metrics", "/nothing"):
            reply = await request(bench.address, closed)
            assert reply.status == 503
            assert reply.headers["retry-after"] == str(retry_after)
            assert reply.headers["content-type"] == "application/problem+json"
            members = json.loads(reply.body)
            assert members["waiting_for"] == waiting_for
            assert members["until"] == (None if until is None else math.ceil(until))
        assert bench.finder.finds == 0
        readiness.ready()
        assert json.loads((await request(bench.address, "/readyz")).body) == {
            "status": "ready",
            "degraded": [],
            "conditions": [],
        }
        readiness.conditions.begin("database", Cause("away"))
        said = await request(bench.address, "/readyz")
        assert (said.status, json.loads(said.body)["degraded"]) == (200, ["database"])
        readiness.conditions.end("database")
        assert (await request(bench.address, path)).status == 200
        readiness.waiting("telegram")
        assert (await request(bench.address, path)).status == 503


async def test_strangers_read_what_cannot_be_done_and_neither_accounts_nor_chats() -> None:
    bench = Bench()
    conditions = bench.readiness.conditions
    conditions.begin("channels", Cause("the bot is not in a channel", "not in Films", since=10.7), subject="-1001")
    conditions.begin("data_centre", Cause("unreachable", since=20.2, until=99.1), subject="4")
    async with serving(bench):
        said = json.loads((await request(bench.address, "/readyz")).body)
        assert (said["status"], said["degraded"]) == ("degraded", ["channels", "data_centre"])
        assert said["conditions"] == [
            {"what": "channels", "since": 10, "until": None, "reason": "the bot is not in a channel"},
            {"what": "data_centre", "subject": "4", "since": 20, "until": 100, "reason": "unreachable"},
        ]
        assert b"-1001" not in (await request(bench.address, "/readyz")).body
        public = (await request(bench.address, "/api/stats")).body
        assert [(one["subject"], one["detail"]) for one in json.loads(public)["conditions"]] == [
            ("", "the bot is not in a channel"),
            ("4", "unreachable"),
        ]
        token = bench.links.sign(None, scope="server", expires_at=None)
        told = json.loads((await request(bench.address, f"/api/stats?token={token}")).body)["conditions"]
        assert [(one["what"], one["subject"], one["detail"]) for one in told] == [
            ("channels", "-1001", "not in Films"),
            ("data_centre", "4", "unreachable"),
        ]


async def test_a_server_that_waits_says_why() -> None:
    readiness = Readiness(lambda: 1000.0)
    readiness.waiting("flood", 1030.0, reason="a flood")
    readiness.waiting("telegram")
    assert not readiness.degraded, "the next step of the start is no condition"
    readiness.waiting("telegram", reason="unreachable")
    readiness.waiting("telegram")
    assert list(readiness.degraded) == ["telegram"], "the next try does not end it"
    assert json.loads(bytes(not_ready(readiness).body))["conditions"] == [
        {"what": "telegram", "since": 1000, "until": None, "reason": "unreachable"}
    ]
    readiness.ready()
    assert not readiness.degraded


async def test_a_server_is_not_ready_at_first() -> None:
    assert not Readiness().is_ready


async def test_health_checks_need_no_token() -> None:
    async with serving(public_access=False) as bench:
        for path in ("/healthz", "/readyz"):
            assert (await request(bench.address, path)).status == 200
            assert (await request(bench.address, path, method="HEAD")).status == 200


async def test_metrics_have_stable_names(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    await request(bench.address, path)
    reply = await request(bench.address, "/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    text = reply.body.decode()
    for name in (
        "streams_active",
        "streams_aborted_total",
        "first_byte_seconds_count",
        'bytes_total{tier="telegram"}',
        "auth_keys_created_total",
        "exports_total",
        "logins_total",
    ):
        assert f"\nstreamvault_{name} " in text


async def test_the_schema_describes_every_public_route(bench: Bench) -> None:
    paths = json.loads((await request(bench.address, "/openapi.json")).body)["paths"]
    for path in ("/stream/{chat_id}/{message_id}", "/thumb/{chat_id}/{message_id}", "/healthz", "/readyz", "/metrics"):
        assert "get" in paths[path]
    assert (await request(bench.address, "/docs")).status == 200


async def test_long_paths_and_header_fields_are_431(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    assert (await request(bench.address, f"{path}?x={'x' * 80_000}")).status == 414
    reply = await request(bench.address, path, headers={"X-Long": "x" * 80_000})
    assert (reply.status, reply.headers["content-type"]) == (431, "application/problem+json")


@pytest.mark.parametrize("length", [str(MAX_BODY + 1), "9" * 18])
async def test_a_content_length_beyond_the_limit_is_413(bench: Bench, length: str) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    reply = await request(bench.address, path, method="POST", headers={"Content-Length": length})
    assert (reply.status, reply.headers["content-type"]) == (413, "application/problem+json")


async def test_a_chunked_body_beyond_the_limit_is_413(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    bench.source.always = stall()
    reader, writer = await connect(bench.address)
    writer.write(head(bench.address, path, headers={"Transfer-Encoding": "chunked"}))
    await bench.source.until_asked(1)
    writer.write(b"%x\r\n%s\r\n" % (MAX_BODY + 1, bytes(MAX_BODY + 1)))
    reply = await read_head(reader)
    assert (reply.status, reply.headers["content-type"]) == (413, "application/problem+json")
    writer.close()
    await writer.wait_closed()
    await until(lambda: bench.source.in_flight == 0)


async def preflight(bench: Bench, path: str, origin: str) -> dict[str, str]:
    fields = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "range",
    }
    reply = await request(bench.address, path, method="OPTIONS", headers=fields)
    assert reply.status == 204
    return reply.headers


async def test_configured_origins_may_read_everything() -> None:
    async with serving(public_access=False, cors_origins=(f"{PAGE}/", "https://b.example.org")) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        answer = await preflight(bench, path, PAGE)
        assert answer["access-control-allow-origin"] == PAGE
        assert {"Range", "Last-Event-ID"} <= set(answer["access-control-allow-headers"].split(", "))
        assert "GET" in answer["access-control-allow-methods"].split(", ")
        token = bench.token(media_file(5).origin)
        reply = await request(bench.address, f"{path}?token={token}", headers={"Origin": PAGE})
        assert reply.headers["access-control-allow-origin"] == PAGE
        exposed = set(reply.headers["access-control-expose-headers"].split(", "))
        assert exposed >= {"Content-Range", "Content-Length", "Accept-Ranges", "ETag"}
        assert "Origin" in reply.headers["vary"]
        refused = await request(bench.address, path, headers={"Origin": PAGE})
        assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, PAGE)


async def test_other_origins_may_read_nothing() -> None:
    async with serving(cors_origins=(PAGE,)) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        for origin in ("https://evil.example.org", f"{PAGE}.evil.org", "null", PAGE.upper()):
            assert "access-control-allow-origin" not in await preflight(bench, path, origin)
            reply = await request(bench.address, path, headers={"Origin": origin})
            assert "access-control-allow-origin" not in reply.headers
            assert "Origin" in reply.headers["vary"]


async def test_on_a_public_server_any_page_may_play_but_not_list(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    assert (await preflight(bench, path, PAGE))["access-control-allow-origin"] == "*"
    reply = await request(bench.address, path, headers={"Origin": PAGE})
    assert reply.headers["access-control-allow-origin"] == "*"
    for closed in ("/api/catalog", "/metrics", "/", "/openapi.json"):
        assert "access-control-allow-origin" not in await preflight(bench, closed, PAGE)


async def test_a_private_server_without_origins_sends_no_cors_fields() -> None:
    async with serving(public_access=False) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        assert "access-control-allow-origin" not in await preflight(bench, path, PAGE)


async def test_a_star_means_every_origin() -> None:
    async with serving(public_access=False, cors_origins=("*",)) as bench:
        assert (await preflight(bench, "/api/catalog", PAGE))["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/api/stats", "/api/catalog", "/docs", "/openapi.json"]
)
async def test_every_get_route_answers_head(bench: Bench, path: str) -> None:
    answer = await request(bench.address, path)
    head = await request(bench.address, path, method="HEAD")
    assert (answer.status, head.status) == (200, 200)
    assert head.headers.keys() == answer.headers.keys()
    assert head.headers["content-type"] == answer.headers["content-type"]


async def test_plain_options_is_answered(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    reply = await request(bench.address, path, method="OPTIONS")
    assert reply.status == 204
    assert set(reply.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
