"""Generated Range fields and query strings, ten thousand in `make proof`: none is answered with a 500, none raises.

Requests that are too large or too slow are in test_protocol.py, test_smuggling.py, e2e/test_bad_requests.py and
e2e/test_slow_connections.py.
"""

import asyncio
import logging
import re
from collections import Counter
from collections.abc import AsyncIterator, MutableMapping, Sequence
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI

from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.personal import SqlitePersonal
from tests.support.files import CHANNEL, media_file
from tests.support.http_client import Reply
from tests.support.proof import full
from tests.support.serving import Bench
from tests.support.sources import media_file as bytes_file
from tests.support.sources import pattern

RANGES, QUERIES = (6000, 4000) if full() else (2000, 500)
SIZE = 40_000
Fields = Sequence[tuple[bytes, bytes]]
WALKS = "/api/index"
"""Their routes need a server that indexes; they take no query, and one of them has no end."""


NUMBERS = (
    "0", "1", "-1", str(SIZE - 1), str(SIZE), str(SIZE + 1), str(1 << 63), str(1 << 64), "9" * 400, "00012", "+5",
    "1e3", "1_000", "0x10", "٣", "²", "1.5", "", " ", "NaN", "inf", "-0",
)  # fmt: skip
TEXTS = (
    "", "a", "bytes", "film", "\x00", "\x7f", "\xff\xfe", "ä", "☃", "\ud800", "%", "%%", "%zz", "'", '"', "\\", "*",
    "(", "[", "-", "-x", '"x', "a*b", "NEAR(", "x:y", "$where", "{}", "null", "true", "../..", "\r\nX: y", "a" * 3000,
    "💥" * 50, "\u202e", "2020-01-01", "asc", "name", "date", "video", "en", "1080p", "#tag", "works", "cursor",
)  # fmt: skip


class Application:
    """An application without a network, and how it has answered."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self.statuses: Counter[int] = Counter()

    async def get(self, path: str, *, method: str = "GET", query: bytes = b"", headers: Fields = ()) -> Reply:
        """The answer, which has to end in order; a body has the length that its head says."""
        messages: list[MutableMapping[str, Any]] = []
        received = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> MutableMapping[str, Any]:
            if not received:
                await asyncio.Event().wait()  # until the application has enough
            return received.pop()

        async def send(message: MutableMapping[str, Any]) -> None:
            messages.append(message)

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": method,
            "path": path, "raw_path": path.encode(), "root_path": "", "query_string": query, "headers": list(headers),
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8080), "state": {},
        }  # fmt: skip
        await self._app(scope, receive, send)
        head = messages[0]
        fields = {name.decode(): value.decode("latin-1") for name, value in head["headers"]}
        body = b"".join(bytes(message.get("body", b"")) for message in messages[1:])
        assert not messages[-1].get("more_body", False)
        if method != "HEAD" and "content-length" in fields:
            assert len(body) == int(fields["content-length"])
        self.statuses[head["status"]] += 1
        return Reply(head["status"], fields, body)


def mangled(random: Random, text: str) -> str:
    """`text` with a few characters removed, doubled or replaced."""
    letters = list(text)
    for _ in range(random.choice((0, 0, 1, 2, 5))):
        at = random.randrange(len(letters) + 1)
        letters[at : at + random.randrange(2)] = random.choice(
            ("", ",", "-", "=", " ", "\t", "0", "9", "\x00", "\xff", "b", ";")
        )
    return "".join(letters)


def range_field(random: Random) -> bytes:
    """A Range field: valid, nearly valid, or nothing like it."""
    numbers = [*NUMBERS, *(str(random.randrange(SIZE)) for _ in range(5))]
    count = random.choice((1, 1, 1, 2, 3, 20, 300))
    specs = (f"{random.choice(numbers)}-{random.choice(numbers)}" for _ in range(count))
    unit = random.choice(("bytes", "bytes", "bytes", "BYTES", "bits", "", "bytes "))
    text = f"{unit}{random.choice(('=', '=', '=', ' ', '=='))}{random.choice((',', ', ', ' ,,')).join(specs)}"
    return mangled(random, random.choice((text, text, text, random.choice(TEXTS)))).encode("utf-8", "surrogatepass")


def query_string(random: Random, names: list[str]) -> bytes:
    """A query string: known and unknown names, any values, well or badly encoded."""

    def part(text: str) -> bytes:
        raw = text.encode("utf-8", "surrogatepass")
        return random.choice((quote(raw).encode(), quote(raw).encode(), raw, quote(raw).encode()[:-1]))

    pairs = []
    for _ in range(random.choice((0, 1, 1, 2, 4, 30))):
        value = random.choice((random.choice(NUMBERS), random.choice(TEXTS), str(CHANNEL)))
        name = random.choice((*names, *names, random.choice(TEXTS)))
        pairs.append(random.choice((b"=", b"=", b"=", b"", b"==")).join((part(name), part(mangled(random, value)))))
    return random.choice((b"&", b"&", b"&", b";", b"&&")).join(pairs)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """A public server over a file in memory and lists in SQLite."""
    made = Bench()
    path = tmp_path / "catalog.db"
    async with SqliteCatalog(path) as catalog, SqlitePersonal(path) as personal:
        made.catalog, made.personal = catalog, personal
        for number in range(1, 30):
            await catalog.put(media_file(number, name=f"Quarry {1990 + number} 1080p part {number % 3}.mkv"))
        yield made
    await made.cells.close()


async def test_generated_ranges(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    random = Random(14)
    path = bench.finder.add(bytes_file(SIZE), message_id=7)
    app = Application(bench.app())
    etag = (await app.get(path, method="HEAD")).headers["etag"]
    with caplog.at_level(logging.ERROR):
        for number in range(RANGES):
            fields = [(b"range", range_field(random)) for _ in range(random.choice((1, 1, 1, 2)))]
            if number % 5 == 0:
                condition = random.choice((etag, f"W/{etag}", '"', "Thu, 01 Jan 1970 00:00:00 GMT", *TEXTS))
                name = random.choice((b"if-range", b"if-none-match", b"if-match", b"if-modified-since"))
                fields.append((name, condition.encode("utf-8", "surrogatepass")))
            reply = await app.get(path, method=random.choice(("GET", "GET", "HEAD")), headers=fields)
            assert reply.status < 500, fields
            told = re.fullmatch(rf"bytes ([0-9]+)-([0-9]+)/{SIZE}", reply.headers.get("content-range", ""))
            if told is not None and reply.body:
                assert reply.body == pattern(int(told[1]), int(told[2]) + 1), fields
    assert caplog.records == []
    assert {200, 206, 416} <= app.statuses.keys() <= {200, 206, 304, 412, 416}


async def test_generated_query_strings(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    random = Random(15)
    bench.finder.add(bytes_file(SIZE), message_id=7)
    made = bench.app()
    app, described = Application(made), made.openapi()["paths"]
    paths = [path for path, operations in described.items() if "get" in operations and not path.startswith(WALKS)]
    names = sorted({one["name"] for path in paths for one in described[path]["get"].get("parameters", ())})
    with caplog.at_level(logging.ERROR):
        for _ in range(QUERIES):
            path = random.choice(paths)
            chat, message = random.choice(((CHANNEL, 7), (CHANNEL, 8), (0, 0), (1 << 63, 1 << 63), ("x", "☃")))
            path = path.format(
                chat_id=chat, message_id=message, file_name=random.choice(("film.mp4", "a/b", "☃")),
                version=random.choice(("1-00", "☃")), track=random.choice((0, "x")), number=random.choice((0, 1 << 64)),
                    name=random.choice(("3.vtt", "x", "☃")),
                key=random.choice(("film", "☃", "0" * 999)), collection=random.choice((1, "x", 1 << 64)),
                id=random.choice(("0" * 16, "☃", "x")),
            )  # fmt: skip
            query = query_string(random, names)
            reply = await app.get(path, method=random.choice(("GET", "GET", "HEAD")), query=query)
            assert reply.status < 500, (path, query)
    assert caplog.records == []
    assert {200, 404, 422} <= app.statuses.keys()
