"""Every route but the health checks needs a token."""

import json
import logging
import re
import time

import pytest
from starlette.types import Message

from streamvault.access.links import LinkSigner
from streamvault.http.paths import origin_in
from streamvault.http.rules import RULES, RuleTable
from streamvault.media.model import Origin
from tests.support.http_client import request
from tests.support.serving import Bench, serving
from tests.support.sources import media_file, pattern

FILE = Origin(-1001234567890, 7)
OTHER = Origin(-1001234567890, 8)
OPEN = {
    "/healthz", "/readyz", "/api/me", "/api/login/start", "/api/login/wait", "/api/logout", "/login/x",
}  # fmt: skip


def filled(path: str) -> str:
    """A path of the application with ids filled in."""
    places = {"chat_id": "-1001234567890", "message_id": "7", "file_name": "a.mp4"}
    return re.sub(r"{(\w+)(?::\w+)?}", lambda match: places.get(match[1], "x"), path)


def paths_of(bench: Bench) -> set[str]:
    """Every path that the application has a route for, with ids filled in, and some without a route."""
    schema = {getattr(route, "path", "/") for route in bench.app().routes} | set(bench.app().openapi()["paths"])
    return set(map(filled, schema)) | {
        "/nothing",
        "/static/app.js",
        "//healthz",
        "/healthz/",
        "/readyz/x",
        "/HEALTHZ",
        "/metrics",
    }


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
async def test_every_other_path_is_401_without_a_token(method: str) -> None:
    async with serving(public_access=False) as bench:
        bench.finder.add(media_file(5), message_id=7)
        opened = OPEN | {filled(path) for path, of in RULES.items() if "GET" in of and of["GET"].ui}
        for path in paths_of(bench):
            reply = await request(bench.address, path, method=method)
            assert (reply.status == 401) is (path not in opened), path
            if reply.status == 401:
                assert reply.headers["www-authenticate"].startswith("Bearer")
        assert bench.source.requests == []
        assert bench.finder.finds == 0


async def test_the_list_of_paths_is_complete() -> None:
    paths = paths_of(Bench())
    assert paths >= {"/", "/docs", "/openapi.json", "/metrics", "/api/catalog", "/thumb/-1001234567890/7"}
    assert {path for path in paths if path.startswith(("/stream/", "/watch/"))} >= {"/stream/-1001234567890/7/a.mp4"}


async def test_a_file_token_opens_its_file_and_no_other_route() -> None:
    async with serving(public_access=False) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        other = bench.finder.add(media_file(6), message_id=8)
        token = bench.token(FILE)
        opened = (path, f"{path}/a.mp4", f"/thumb/{FILE.chat_id}/7")
        for mine in opened:
            assert (await request(bench.address, f"{mine}?token={token}")).status == 200, mine
        for closed in (other, "/api/catalog", "/metrics", "/openapi.json", "/docs", "/nothing"):
            assert (await request(bench.address, f"{closed}?token={token}")).status == 403, closed


async def test_a_server_token_opens_every_route() -> None:
    async with serving(public_access=False) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        token = bench.token(None)
        assert (await request(bench.address, f"{path}?token={token}")).body == pattern(0, 5)
        for route in ("/metrics", "/openapi.json", "/docs"):
            assert (await request(bench.address, f"{route}?token={token}")).status == 200
        assert (await request(bench.address, f"/nothing?token={token}")).status == 404
        assert token.encode() not in (await request(bench.address, f"/docs?token={token}")).body


async def test_a_bearer_token_is_accepted() -> None:
    async with serving(public_access=False) as bench:
        token = bench.token(None)
        for field, status in (
            (f"Bearer {token}", 200),
            (f"bearer  {token} ", 200),
            (f"Basic {token}", 401),
            ("x", 401),
        ):
            reply = await request(bench.address, "/metrics", headers={"Authorization": field})
            assert reply.status == status


@pytest.mark.parametrize("range_header", [None, "bytes=0-0", "bytes=99-"])
async def test_wrong_and_expired_tokens_are_403(range_header: str | None) -> None:
    async with serving(public_access=False) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        good = bench.token(FILE)
        wrong = [
            bench.token(OTHER),
            bench.token(FILE, expires_at=int(time.time()) - 1),
            good[:-1],
            good[:-1] + ("A" if good[-1] != "A" else "B"),
            "%00",
            "x" * 10_000,
        ]
        fields = {} if range_header is None else {"Range": range_header}
        for token in wrong:
            reply = await request(bench.address, f"{path}?token={token}", headers=fields)
            assert reply.status == 403
            assert json.loads(reply.body)["status"] == 403
        assert (await request(bench.address, f"{path}?token=")).status == 401
        assert bench.finder.finds == 0


async def test_the_last_of_several_tokens_is_used() -> None:
    async with serving(public_access=False) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        good = bench.token(FILE)
        assert (await request(bench.address, f"{path}?token=x&token={good}")).status == 200
        assert (await request(bench.address, f"{path}?token={good}&token=x")).status == 403


async def test_with_public_access_tokens_are_not_checked(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    for query in ("", "?token=wrong"):
        assert (await request(bench.address, path + query)).status == 200


@pytest.mark.parametrize("public", [True, False])
async def test_files_are_not_for_shared_caches(public: bool) -> None:
    async with serving(public_access=public) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        reply = await request(bench.address, f"{path}?token={bench.token(FILE)}")
        assert reply.headers["cache-control"].startswith("private, max-age=")


async def test_no_token_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(public_access=False) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        bench.finder.files[FILE.chat_id, FILE.message_id] = KeyError("a defect")
        with caplog.at_level(logging.DEBUG):
            for token in (bench.token(FILE), bench.token(OTHER)):
                await request(bench.address, f"{path}?token={token}")
                assert token not in caplog.text


async def test_websockets_are_closed() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def unreachable(*_: object) -> None:
        raise AssertionError("the application was reached")

    await Bench().app()({"type": "websocket", "path": "/"}, unreachable, send)  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/stream/-100/7", Origin(-100, 7)),
        ("/stream/-100/7/", Origin(-100, 7)),
        ("/stream/-100/7/a/../../-100/8", Origin(-100, 7)),
        ("/stream/-100/7/line\nbreak", None),
        ("/api/catalog/5/7", Origin(5, 7)),
        ("/stream/-100/7x", None),
        ("/stream/-100/7.0", None),
        ("/stream/-100/0", None),
        ("/stream/-100/٧", None),
        ("/stream/-100/9223372036854775808", None),
        ("/x/stream/-100/7", None),
        ("/api/catalog", None),
        ("/api/links/-100/7", None),
    ],
)
def test_which_file_a_path_belongs_to(path: str, expected: Origin | None) -> None:
    assert origin_in(RuleTable().find("GET", path).values) == expected


def forgeries(bench: Bench) -> list[str]:
    """600 tokens that open nothing of FILE: of other files and secrets, expired, and good ones that were changed."""
    good, whole = bench.token(FILE), bench.token(None)
    past = int(time.time()) - 1
    strange = LinkSigner(b"the secret of another server")
    made = [bench.token(Origin(FILE.chat_id + by, 7)) for by in range(-40, 40) if by]
    made += [bench.token(Origin(FILE.chat_id, number)) for number in range(1, 120) if number != 7]
    made += [bench.token(Origin(7, FILE.chat_id)), bench.token(Origin(-FILE.chat_id, 7))]
    made += [bench.token(FILE, expires_at=past - 3600 * number) for number in range(40)]
    made += [strange.sign(FILE, scope="file", expires_at=None), strange.sign(None, scope="server", expires_at=None)]
    for token in (good, whole):
        for index, old in enumerate(token):
            made += [token[:index] + new + token[index + 1 :] for new in "A_z9k" if new != old]
        made += [token[:length] for length in range(1, len(token))]
        made += [token + more for more in ("A", "=", ".", "%00", token)]
        made += [token.swapcase(), token[::-1], good[:16] + whole[16:], whole[:16] + good[16:]]
    return list(dict.fromkeys(token for token in made if token not in (good, whole)))


async def test_no_forged_or_crossed_token_opens_anything() -> None:
    """Held: hundreds of them, on every kind of route."""
    async with serving(public_access=False) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        tokens = forgeries(bench)
        assert len(tokens) >= 600
        routes = (path, f"/api/catalog/{FILE.chat_id}/7", f"/thumb/{FILE.chat_id}/7", "/api/catalog", "/metrics")
        for number, token in enumerate(tokens):
            route = path if number % 2 else routes[number % len(routes)]
            reply = await request(bench.address, f"{route}{'&' if '?' in route else '?'}token={token}")
            assert reply.status == 403, (route, token)
        assert bench.finder.finds == 0
        assert bench.source.requests == []
