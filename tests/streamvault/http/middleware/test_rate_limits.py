"""429 for who asks too much, with a Retry-After that is true; nobody else notices."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from ipaddress import ip_network
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from streamvault.access.identity import Identity, Person
from streamvault.access.limits import MOST_REFUSED, Limits
from streamvault.http.middleware.rate_limits import RateLimits
from tests.streamvault.http.routes.test_subtitles import LINES, PATH, srt, vtt, with_files
from tests.support.http_client import Reply, opened, request
from tests.support.serving import Bench, serving
from tests.support.sources import media_file, pattern
from tests.support.waiting import until

MIB = 1 << 20
BIG = 64 * MIB


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000_020.5

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def limited(
    clock: Clock | None = None, *, patience: float = 0.01, public: bool = True, **amounts: int
) -> AsyncIterator[Bench]:
    """A server behind a trusted proxy on this machine."""
    bench = Bench(trusted_proxies=(ip_network("127.0.0.1/32"),), public_access=public)
    bench.limits = Limits(**amounts, patience=patience, clock=clock or Clock())
    async with serving(bench):
        yield bench


async def ask(bench: Bench, path: str = "/api/catalog", address: str = "203.0.113.9", **options: Any) -> Reply:
    return await request(bench.address, path, headers={"X-Forwarded-For": address}, **options)


async def test_too_many_requests_are_a_problem_that_says_when_to_come_back() -> None:
    clock = Clock()
    async with limited(clock, rate=3) as bench:
        assert [(await ask(bench)).status for _ in range(3)] == [200] * 3
        reply = await ask(bench)
        assert (reply.status, reply.headers["content-type"]) == (429, "application/problem+json")
        assert json.loads(reply.body)["status"] == 429
        assert bench.sample("requests_limited_total", why="rate") == 1
        assert (await ask(bench, address="203.0.113.10")).status == 200
        assert (await ask(bench, method="HEAD")).status == 429
        clock.now += int(reply.headers["retry-after"]) - 1
        assert (await ask(bench)).status == 429
        clock.now += 1
        assert (await ask(bench)).status == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_checks_have_no_limit(path: str) -> None:
    async with limited(rate=1) as bench:
        assert [(await ask(bench, path)).status for _ in range(5)] == [200] * 5


async def test_addresses_of_one_network_count_together() -> None:
    async with limited(rate=2) as bench:
        replies = [await ask(bench, address=f"2001:db8:1:2::{number}") for number in range(1, 4)]
        assert [reply.status for reply in replies] == [200, 200, 429]
        assert (await ask(bench, address="2001:db8:1:3::1")).status == 200


async def test_nobody_is_another_by_what_he_forwards() -> None:
    async with limited(rate=2) as bench:
        chains = [f"198.51.100.{number}, 203.0.113.9" for number in range(4)]
        assert [(await ask(bench, address=chain)).status for chain in chains] == [200, 200, 429, 429]


async def test_a_browser_gets_a_page() -> None:
    async with limited(rate=1) as bench:
        headers = {"Accept": "text/html", "X-Forwarded-For": "203.0.113.9"}
        assert (await request(bench.address, "/api/catalog", headers=headers)).status == 200
        reply = await request(bench.address, "/api/catalog", headers=headers)
        assert (reply.status, reply.headers["content-type"]) == (429, "text/html; charset=utf-8")
        assert int(reply.headers["retry-after"]) >= 1


async def test_one_stream_too_many_is_refused_until_another_ends() -> None:
    async with limited(streams=2) as bench, AsyncExitStack() as stack:
        path = bench.finder.add(media_file(BIG), message_id=7)
        headers = {"X-Forwarded-For": "203.0.113.9"}
        first, _ = [
            await stack.enter_async_context(opened(bench.address, path, headers=headers, receive_buffer=65_536))
            for _ in range(2)
        ]
        reply = await ask(bench, path)
        assert (reply.status, reply.headers["content-type"]) == (429, "application/problem+json")
        assert int(reply.headers["retry-after"]) >= 1
        assert bench.sample("requests_limited_total", why="streams") == 1
        assert (await ask(bench, path, method="HEAD")).status == 200
        assert (await ask(bench)).status == 200
        assert (await ask(bench, path, address="203.0.113.10", limit=100)).status == 200
        first.hang_up()
        await until(lambda: bench.limits.slots.taken("address:203.0.113.9") == 1)
        assert (await ask(bench, path, limit=100)).status == 200


async def test_a_player_that_seeks_is_never_refused() -> None:
    """Each time it opens the next request before it ends the last one, as browsers do."""
    async with limited(streams=1, patience=60) as bench, AsyncExitStack() as stack:
        path = bench.finder.add(media_file(BIG), message_id=7)
        last = None
        for number in range(40):
            headers = {"X-Forwarded-For": "203.0.113.9", "Range": f"bytes={number * MIB}-"}
            opening = asyncio.create_task(
                stack.enter_async_context(opened(bench.address, path, headers=headers, receive_buffer=65_536))
            )
            if last is not None:
                await until(lambda: bool(bench.limits.slots._waiting))
                last.hang_up()
            last = await opening
            assert last.reply.status == 206
            assert await last.reader.readexactly(10) == pattern(number * MIB, number * MIB + 10)


async def test_the_bytes_of_a_day_end_streams_and_refuse_further_ones() -> None:
    clock = Clock()
    async with limited(clock, day=3 * MIB) as bench:
        path = bench.finder.add(media_file(2 * MIB), message_id=7)
        assert (await ask(bench, path)).complete
        reply = await ask(bench, path)
        assert (reply.status, reply.complete) == (200, False)
        assert MIB <= len(reply.body) <= MIB + (256 << 10)
        assert pattern(0, len(reply.body)) == reply.body
        await until(lambda: bench.sample("streams_active") == 0)
        refused = await ask(bench, path)
        assert (refused.status, refused.headers["content-type"]) == (429, "application/problem+json")
        assert bench.sample("requests_limited_total", why="day") == 2
        assert (await ask(bench)).status == 200
        assert (await ask(bench, path, address="203.0.113.10")).complete
        clock.now += int(refused.headers["retry-after"])
        assert (await ask(bench, path)).complete


async def test_subtitles_count_for_the_day_and_are_no_stream() -> None:
    lines = LINES["de"]
    bench, _, _ = with_files({"Quarry.2019.srt": srt(lines).encode()}, trusted_proxies=(ip_network("127.0.0.1/32"),))
    bench.limits = Limits(day=2 * len(vtt(lines)), streams=1, patience=0.01, clock=Clock())
    async with serving(bench), bench.limits.slots.slot("address:203.0.113.9"):
        replies = [await ask(bench, f"{PATH}/m8.vtt") for _ in range(3)]
        assert [reply.status for reply in replies] == [200, 200, 429]
        assert [reply.body for reply in replies[:2]] == [vtt(lines)] * 2
        assert (await ask(bench, PATH)).status == 200
        assert (await ask(bench, f"{PATH}/m8.vtt", address="203.0.113.10")).status == 200


async def test_exactly_the_bytes_of_a_day_are_sent_whole() -> None:
    async with limited(day=2 * MIB) as bench:
        path = bench.finder.add(media_file(2 * MIB), message_id=7)
        assert (await ask(bench, path)).complete
        assert (await ask(bench, path)).status == 429


ADA = Person(7, "Ada")


@pytest.mark.parametrize(
    ("who", "passed"),
    [
        (Identity("owner", via="session", person=ADA, payer=7, unlimited=True), 6),
        (Identity("member", via="session", person=ADA, payer=7), 2),
        (Identity("guest", via="link", credential="L"), 2),
        (None, 6),
    ],
)
async def test_a_person_or_link_counts_wherever_it_comes_from(who: Identity | None, passed: int) -> None:
    """Six requests, each from another address; owners have no limits, and who is nobody counts by the address."""
    served: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        served.append(scope["path"])

    gate: ASGIApp = RateLimits(app, Limits(rate=2, clock=Clock()), lambda _: None)
    for number in range(6):
        scope = {
            "type": "http", "method": "GET", "path": "/api/catalog", "client": (f"203.0.113.{number}", 1),
            "state": {} if who is None else {"identity": who},
        }  # fmt: skip
        with suppress(HTTPException):
            await gate(scope, None, None)  # type: ignore[arg-type]
    assert len(served) == passed


def wrong_tokens(bench: Bench) -> Iterator[str]:
    """Tokens that nobody gave out: of no form, of each form, and of another file."""
    other = bench.token(media_file(5).origin)
    forms = ("x", "sv_" + "a" * 43, "sw_" + "a" * 43, other, "A" * 32, "A" * len(other))
    for number in itertools.count():
        yield f"{forms[number % len(forms)][:-4]}{number:04}"


async def test_who_guesses_tokens_is_not_listened_to_any_more() -> None:
    """Neither is a right token that comes only then; one that was accepted before goes on, and so do others."""
    clock = Clock()
    async with limited(clock, public=False, rate=600) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        known, late = bench.token(media_file(5).origin), bench.token(None)
        assert (await ask(bench, f"{path}?token={known}")).status == 200
        tokens = wrong_tokens(bench)
        replies = [await ask(bench, f"{path}?token={next(tokens)}") for _ in range(MOST_REFUSED)]
        assert {reply.status for reply in replies} <= {401, 403}
        reply = await ask(bench, f"{path}?token={next(tokens)}")
        assert (reply.status, reply.headers["content-type"]) == (429, "application/problem+json")
        assert bench.sample("requests_limited_total", why="refused") == 1
        assert (await ask(bench, f"{path}?token={late}")).status == 429
        assert await bench.access.audit.flush()
        assert [event.what for event in await bench.access.audit.listed(limit=10)] == ["refused often"]
        assert (await ask(bench, f"{path}?token={known}")).status == 200
        assert (await ask(bench, f"{path}?token={late}", address="203.0.113.10")).status == 200
        assert (await ask(bench, "/healthz")).status == 200
        clock.now += int(reply.headers["retry-after"])
        assert (await ask(bench, f"{path}?token={late}")).status == 200


async def test_a_wrong_token_counts_where_none_is_needed_too() -> None:
    """Nor is it taken for a right one afterwards."""
    async with limited(public=False, rate=600) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        tokens = list(itertools.islice(wrong_tokens(bench), MOST_REFUSED + 1))
        statuses = [(await ask(bench, f"/api/me?token={token}")).status for token in tokens]
        assert statuses == [200] * MOST_REFUSED + [429]
        for token in (tokens[0], bench.token(None)):
            assert (await ask(bench, f"{path}?token={token}")).status == 429
        assert (await ask(bench, "/api/me")).status == 200


async def test_health_checks_and_log_in_pages_look_no_credentials_up() -> None:
    async with limited(public=False, rate=600) as bench:
        tokens = wrong_tokens(bench)
        for number in range(5):
            for path in ("/healthz", "/readyz", "/login"):
                cookie = {"Cookie": f"sv_session={number:016x}.{'a' * 43}"}
                for target in (path, f"{path}?token={next(tokens)}"):
                    assert (await request(bench.address, target, headers=cookie)).status == 200
        assert bench.records.calls["get"] == 0
        assert (await request(bench.address, "/api/me", headers=cookie)).status == 200
        assert bench.records.calls["get"] == 1


@pytest.mark.parametrize("value", ["g" * 16, "A" * 16, "0" * 15 + ".", " " * 16])
async def test_a_cookie_that_no_server_made_is_not_looked_up(value: str) -> None:
    async with limited(public=False) as bench:
        cookie = {"Cookie": f"sv_session={value}.{'a' * 43}"}
        assert (await request(bench.address, "/api/me", headers=cookie)).status == 200
        assert bench.records.calls["get"] == 0


async def test_requests_that_are_refused_for_want_of_a_token_count_too() -> None:
    clock = Clock()
    async with limited(clock, public=False, rate=3) as bench:
        replies = [await ask(bench) for _ in range(5)]
        assert [reply.status for reply in replies] == [401, 401, 401, 429, 429]
        clock.now += int(replies[-1].headers["retry-after"])
        assert (await ask(bench)).status == 401
