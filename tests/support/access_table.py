"""Who may ask what: every route of the application, asked by everybody, as the table of docs/ACCESS.md.

`python -m tests.support.access_table docs/ACCESS.md` writes the table anew.
"""

import asyncio
import logging
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
from fastapi import FastAPI

from streamvault.access.identity import Right
from streamvault.http.app import routes_of as all_routes
from tests.support.files import CHANNEL, media_file
from tests.support.site import OTHER, Site, open_site
from tests.support.site_people import MEMBER, OWNER, Browser, logged_in, nobody

BEGIN, END = "<!-- the table begins -->", "<!-- the table ends -->"
COMMAND = "make docs"
YES, LOG_IN, NO = "yes", "401", "403"

FILE = f"{CHANNEL}/1"
_VALUES = {
    "chat_id": str(CHANNEL), "message_id": "1", "file_name": "a.mp4", "collection": "0", "key": "f:x", "track": "1",
    "number": "0",
}  # fmt: skip
"""Of the places in paths; all others are ids that nothing has."""
_BODIES: dict[str, Any] = {
    "POST /api/people": {"id": 44444444},
    "PUT /api/people/{id}": {},
    "POST /api/tokens": {"name": "Kodi"},
    "POST /api/links": {"chat_id": CHANNEL, "message_id": 1},
    "POST /api/collections": {"name": "Sunday"},
    "PUT /api/collections/{collection}": {"name": "Monday"},
    "PUT /api/watch/{chat_id:chat}/{message_id:message}": {"position": 1},
    "POST /api/index": {"chat_id": CHANNEL},
    "POST /api/mirrors": {"source": CHANNEL, "target": OTHER},
    "POST /api/mirrors/{id}/deletions": {"delete": False},
    "POST /api/feeds": {"address": "https://example.org/rss", "chat_id": CHANNEL},
    "POST /api/feeds/try": {"address": "https://example.org/rss"},
    "POST /api/feeds/{id}/answer": {"take": "none"},
    "POST /api/voice/{chat_id:chat}/play": {"items": [{"chat_id": CHANNEL, "message_id": 1}]},
    "POST /api/voice/{chat_id:chat}/seek": {"position": 1},
    "POST /api/voice/{chat_id:chat}/volume": {"volume": 80},
    "POST /api/voice/{chat_id:chat}/loop": {"loop": "all"},
    "PUT /api/voice/{chat_id:chat}/queue": {"ids": []},
    "POST /api/jobs": {"source": "https://example.org/garden.mkv", "chat_id": CHANNEL},
    "PUT /api/jobs/{id}/entries": {"select": []},
}
_LAST = "/api/logout"
"""Ends the session of who asks, so it is asked last."""


@dataclass
class Asker:
    """Somebody who asks, with a token or in a browser."""

    browser: Browser
    token: str | None = None

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """The answer."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return await self.browser.ask(method, path, headers=headers, json=body)


Make = Callable[[Site], Awaitable[Asker]]


@dataclass(frozen=True)
class Column:
    """One of those who ask; `settings` of the server that is asked."""

    name: str
    make: Make
    settings: Mapping[str, Any] = field(default_factory=dict)


@asynccontextmanager
async def site_of(column: Column) -> AsyncIterator[Site]:
    """The server that is asked: an owner, a member, and a file in each of two channels."""
    closed = {"public_access": False, "owner_ids": (OWNER,), "leech_bot_token": "55:leech"}
    async with open_site(**{**closed, **column.settings}) as site:
        site.client._transport = httpx.ASGITransport(app_of(site), raise_app_exceptions=False)
        await site.put(media_file(1, name="Garten.mp4"), media_file(2, chat_id=OTHER, name="Dorf.mp4"))
        yield site


def app_of(site: Site) -> FastAPI:
    """The application of a site."""
    return cast(FastAPI, cast(httpx.ASGITransport, site.client._transport).app)


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of every route, in the order of the application; log-out last."""
    pairs = [(method, route.path) for route in all_routes(app) for method in sorted(route.methods or ())]
    return sorted(dict.fromkeys(pairs), key=lambda pair: pair[1] == _LAST)


def filled(path: str) -> str:
    """A path of the application with something in its places."""
    return re.sub(r"{(\w+)(?::\w+)?}", lambda match: _VALUES.get(match[1], "7" * 16), path)


async def verdict(asker: Asker, method: str, path: str) -> str:
    """Whether this may be asked; that what is asked for is not there, or cannot be done here, is another matter."""
    body = _BODIES.get(f"{method} {path}")
    status = (await asker.ask(method, filled(path), body)).status_code
    return {401: LOG_IN, 403: NO}.get(status, YES)


async def verdicts(column: Column) -> dict[tuple[str, str], str]:
    """The answers to everything that one asks."""
    async with site_of(column) as site:
        asker = await column.make(site)
        return {(method, path): await verdict(asker, method, path) for method, path in routes_of(app_of(site))}


async def _stranger(site: Site) -> Asker:
    return Asker(nobody(site))


def _person(person: int, *, chats: list[int] | None = None, can: list[Right] | None = None) -> Make:
    async def make(site: Site) -> Asker:
        if person != OWNER:
            await site.access.people.invite(person, "Ben", chats=chats, can=can)
        return Asker(await logged_in(site, person, name="Ben"))

    return make


def _link(**asked: Any) -> Make:
    async def make(site: Site) -> Asker:
        owner = await logged_in(site, OWNER)
        number = (await owner.ask("POST", "/api/collections", json={"name": "Sunday"})).json()["id"]
        await owner.ask("PUT", f"/api/collections/{number}/{FILE}")
        whole = {**asked, "collection": number} if asked.get("collection") else asked
        url = (await owner.ask("POST", "/api/links", json=whole)).json()["url"]
        return Asker(nobody(site), url.split("/s/")[1].split("/")[0])

    return make


async def _file_token(site: Site) -> Asker:
    return Asker(nobody(site), site.token(media_file(1)))


async def _server_token(site: Site) -> Asker:
    return Asker(nobody(site), site.token())


async def _index_token(site: Site) -> Asker:
    return Asker(nobody(site), site.links.sign(None, scope="index", expires_at=None))


async def _leech_token(site: Site) -> Asker:
    return Asker(nobody(site), site.links.sign(None, scope="leech", expires_at=None))


def _api_token(person: int | None, *can: Right) -> Make:
    async def make(site: Site) -> Asker:
        if person is not None:
            await site.access.people.seen(person, "Ann")
        _, text = await site.access.tokens.create(person, "Kodi", can=can)
        return Asker(nobody(site), text)

    return make


COLUMNS = (
    Column("stranger", _stranger),
    Column("stranger, public server", _stranger, {"public_access": True}),
    Column("link to a file", _link(chat_id=CHANNEL, message_id=1)),
    Column("link to a search", _link(query="garten")),
    Column("link to a collection", _link(collection=True)),
    Column("file token", _file_token),
    Column("server token", _server_token),
    Column("index token", _index_token),
    Column("leech token", _leech_token),
    Column("member of another channel", _person(MEMBER, chats=[OTHER])),
    Column("member", _person(MEMBER)),
    Column("member with leech", _person(MEMBER, can=["read", "leech"])),
    Column("owner", _person(OWNER)),
    Column("API token of an owner: read", _api_token(OWNER, "read")),
    Column("the same: read, people", _api_token(OWNER, "read", "people")),
    Column("API token of the terminal: read", _api_token(None, "read")),
)


async def table() -> str:
    """The table in Markdown; methods of a path that all have the same answers share a row."""
    columns = [await verdicts(column) for column in COLUMNS]
    rows: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for method, path in columns[0]:
        rows.setdefault((path, tuple(one[method, path] for one in columns)), []).append(method)
    ordered = sorted(rows.items(), key=lambda row: row[0][0])
    names = [column.name for column in COLUMNS]
    lines = [f"| route | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for (path, found), methods in ordered:
        shown = re.sub(r":\w+}", "}", path)
        lines.append(f"| {', '.join(methods)} `{shown}` | {' | '.join(found)} |")
    return "\n".join(lines)


def between_marks(document: str) -> str:
    """The table that a document holds."""
    return document.partition(BEGIN)[2].partition(END)[0].strip()


def replaced(document: str, table: str) -> str:
    """`document` with another table between its marks."""
    head, begin, rest = document.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the document needs the lines {BEGIN} and {END}")
    return f"{head}{BEGIN}\n{table}\n{END}{tail}"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # bytes and walks are not to be had here, which the gate does not mind
    page = Path(sys.argv[1])
    page.write_text(replaced(page.read_text("utf-8"), asyncio.run(table())), encoding="utf-8")
