"""What the access check costs a request, beside the same request without it.

`python -m benchmarks.access` sends requests through the gate of http/middleware/access to an application that answers
at once, in turn with requests to that application alone, over records in a SQLite file.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamvault.access.identity import Target
from streamvault.access.links import Grant, LinkSigner
from streamvault.access.service import Access
from streamvault.access.store.sqlite import SqliteAccessRecords
from streamvault.access.users import UserSigner
from streamvault.http.middleware.access import AccessCheck
from streamvault.http.middleware.live import LiveRequests
from streamvault.media.model import Origin
from streamvault.settings import LocalSettings

OWNER = 11111111
FILE = Origin(-1001234567890, 42)
PATH = f"/stream/{FILE.chat_id}/{FILE.message_id}/Garten.mp4"
TARGET = 200.0
"""Microseconds that the check may cost at the 95th percentile."""
PER_TURN = 200
"""Requests of one case before the next one has its turn."""


async def answer(_: Scope, __: Receive, send: Send) -> None:
    """The application behind the gate."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x"})


async def _nothing(_: Message) -> None:
    pass


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _scope(*, query: str = "", headers: tuple[tuple[bytes, bytes], ...] = ()) -> dict[str, Any]:
    usual = (
        (b"host", b"127.0.0.1:8080"), (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"),
        (b"accept", b"*/*"), (b"range", b"bytes=0-"),
    )  # fmt: skip
    return {
        "type": "http", "method": "GET", "path": PATH, "query_string": query.encode(), "scheme": "http",
        "client": ("127.0.0.1", 50000), "headers": [*usual, *headers],
    }  # fmt: skip


async def _time(app: ASGIApp, make: Callable[[], dict[str, Any]], took: list[float]) -> None:
    for _ in range(PER_TURN):
        scope = make()
        began = time.perf_counter()
        await app(scope, _no_body, _nothing)
        took.append((time.perf_counter() - began) * 1e6)


async def measure(folder: Path, requests: int) -> bool:
    """Print a line for each kind of credential; whether all met TARGET."""
    settings = LocalSettings.model_validate({"data_dir": folder, "owner_ids": str(OWNER)})
    signer, users = LinkSigner(b"secret of the benchmark"), UserSigner(b"secret of the benchmark")
    async with SqliteAccessRecords(folder / "access.db") as records:
        access = Access(settings, records, signer)
        gate = AccessCheck(
            answer, access, live=LiveRequests(), user_of=users.user, user_field=lambda *_: "",
            public_url="http://127.0.0.1:8080",
        )  # fmt: skip
        cookie = await access.sessions.begin(OWNER, browser="Firefox", address="127.0.0.1")
        _, token = await access.tokens.create(OWNER, "benchmark", can=["read"])
        link = await access.links.create(OWNER, Target(origin=FILE), viewers=5)
        bound = signer.sign(None, scope="link", expires_at=None, grant=Grant("link", int(link.id, 16)))
        mine = signer.sign(FILE, scope="file", expires_at=None, grant=Grant("person", OWNER))
        plain = signer.sign(FILE, scope="file", expires_at=None)
        viewer = (b"cookie", f"sv_user={users.sign(users.new_user())}".encode())
        cases: dict[str, Callable[[], dict[str, Any]]] = {
            "a signed link of the bot": lambda: _scope(query=f"token={plain}"),
            "a token in a list of a person": lambda: _scope(query=f"token={mine}"),
            "a stored link for 5 viewers": lambda: _scope(query=f"token={bound}", headers=(viewer,)),
            "a session": lambda: _scope(headers=((b"cookie", f"sv_session={cookie}".encode()),)),
            "an API token": lambda: _scope(headers=((b"authorization", f"Bearer {token}".encode()),)),
        }
        met = True
        print("| credential | without the check, p50 / p95, µs | with it | the check at p95 | target |")
        print("|---|---|---|---|---|")
        for name, make in cases.items():
            met &= await _case(gate, name, make, requests)
        return met


async def _case(gate: ASGIApp, name: str, make: Callable[[], dict[str, Any]], requests: int) -> bool:
    bare: list[float] = []
    checked: list[float] = []
    await _time(gate, make, [])  # reads the database once, as the first request of a minute does
    for _ in range(requests // PER_TURN):
        await _time(answer, make, bare)
        await _time(gate, make, checked)
    (p50, p95), (c50, c95) = map(_quantiles, (bare, checked))
    print(f"| {name} | {p50:.0f} / {p95:.0f} | {c50:.0f} / {c95:.0f} | {c95 - p95:.0f} | <= {TARGET:.0f} |")
    return c95 - p95 <= TARGET


def _quantiles(values: list[float]) -> tuple[float, float]:
    found = statistics.quantiles(values, n=20)
    return found[9], found[18]


def main() -> int:
    """0 if the target was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000, help="of each kind, with and without the check")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return 0 if asyncio.run(measure(Path(folder), options.requests)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
