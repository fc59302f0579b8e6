"""`/s/TOKEN/...` is what `...?token=TOKEN` is, for files, pictures and playlists, and nothing else."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from streamvault.media.model import MediaFile
from streamvault.reading.cells import Cells
from tests.support.files import CHANNEL, media_file
from tests.support.films import film
from tests.support.http_client import Reply, request
from tests.support.probe import probe
from tests.support.programs import program
from tests.support.serving import Bench, serving
from tests.support.site import HOME, Site, open_site
from tests.support.site_people import OWNER, logged_in
from tests.support.sources import Forgetful, MemorySource, pattern

SIZE = 1_000_007
NAME = "Küche & 50% Garten; S01.mp4"


@pytest.fixture
async def closed() -> AsyncIterator[Bench]:
    async with serving(public_access=False) as bench:
        bench.finder.add(media_file(7, name=NAME), message_id=7)
        bench.finder.add(media_file(8), message_id=8)
        yield bench


def own(bench: Bench, *, expires_at: int | None = None) -> str:
    """A token for the first file."""
    return bench.token(media_file(7).origin, expires_at=expires_at)


async def both(bench: Bench, path: str, token: str, **how: str) -> tuple[Reply, Reply]:
    """The answers with the token in the path and in the query."""
    method, headers = how.pop("method", "GET"), {name.replace("_", "-"): value for name, value in how.items()}
    in_path = await request(bench.address, f"/s/{token}{path}", method=method, headers=headers)
    in_query = await request(bench.address, f"{path}?token={token}", method=method, headers=headers)
    for reply in (in_path, in_query):
        reply.headers.pop("date", None)
    return in_path, in_query


@pytest.mark.parametrize("path", [f"/stream/{CHANNEL}/7", f"/stream/{CHANNEL}/7/{quote(NAME)}", f"/thumb/{CHANNEL}/7"])
@pytest.mark.parametrize(
    "how",
    [{}, {"method": "HEAD"}, {"Range": "bytes=5-99"}, {"Range": "bytes=-3"}, {"If_None_Match": "*"}, {"Range": "x"}],
)
async def test_it_is_the_same_as_in_the_query(closed: Bench, path: str, how: dict[str, str]) -> None:
    in_path, in_query = await both(closed, path, own(closed), **how)
    assert in_path == in_query
    assert in_path.status in (200, 206, 304)
    if path.startswith("/stream") and "Range" in how and in_path.status == 206:
        assert in_path.body == (pattern(5, 100) if "5-99" in how["Range"] else pattern(SIZE - 3, SIZE))


async def test_tokens_are_as_good_in_the_path_as_in_the_query(closed: Bench) -> None:
    path = f"/stream/{CHANNEL}/7"
    good, expired = own(closed), own(closed, expires_at=int(time.time()) - 1)
    for token, status in ((good, 200), (closed.token(None), 200), (good[::-1], 403), (expired, 403), ("", 401)):
        in_path, in_query = await both(closed, path, token)
        assert (in_path.status, in_path.body) == (in_query.status, in_query.body)
        assert in_path.status == status
    assert (await request(closed.address, f"/s/{good}/stream/{CHANNEL}/8")).status == 403


async def test_the_token_of_the_path_decides_alone(closed: Bench) -> None:
    path, good = f"/stream/{CHANNEL}/7", own(closed)
    for token in ("x", ""):
        for headers, query in (({"Authorization": f"Bearer {good}"}, ""), ({}, f"?token={good}")):
            reply = await request(closed.address, f"/s/{token}{path}{query}", headers=headers)
            assert reply.status in (401, 403)
    assert (await request(closed.address, f"/s/{good}{path}?token=x")).status == 200


ELSEWHERE = (
    "", "/", "/watch/{place}", "/api/catalog", "/api/catalog/{place}", "/api/index", "/api/watch/{place}", "/metrics",
    "/healthz", "/docs", "/streams/{place}", "/stream", "/stream/", "//stream/{place}", "/s/{token}/stream/{place}",
    "/api/catalog.m3u9", "/api/catalog.m3u8/x", "/catalog.m3u8", "/assets/x.m3u8", "/%2fstream/{place}",
    "/../stream/{place}",
)  # fmt: skip


@pytest.mark.parametrize("rest", ELSEWHERE)
async def test_nothing_else_is_below_it(closed: Bench, rest: str) -> None:
    token = closed.token(None)
    target = f"/s/{token}" + rest.format(place=f"{CHANNEL}/7", token=token)
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        reply = await request(closed.address, target, method=method)
        assert reply.status == 404, target
        assert reply.headers["content-type"] == "application/problem+json"
        if method == "GET":
            assert json.loads(reply.body)["status"] == 404


HOSTILE = (
    "x" * 40_000, ".", "..", "%2e%2e", "%2f", "%2F..%2F", "a%2fb", "%00", "%ff", "%0d%0aX-Y:z", "%E2%80%AE", "a;b",
    "a:b", "*", "{good}%00", "{good}=", "{good}%20", "%20{good}", "{good}x", "{good}%2f", "{good}.", "{good};x", "'",
    "%22", "<b>", "\\",
)  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda text: text[:12])
@pytest.mark.parametrize("path", ["/stream/{place}", "/api/catalog.m3u8", "/stream/../api/index", "/stream/%2e%2e/x"])
async def test_hostile_tokens_open_nothing(closed: Bench, hostile: str, path: str) -> None:
    token = hostile.format(good=own(closed))
    reply = await request(closed.address, f"/s/{token}{path.format(place=f'{CHANNEL}/7')}")
    assert reply.status in (403, 404), reply
    assert closed.finder.finds == 0


async def test_only_reading_is_possible(closed: Bench) -> None:
    for method in ("POST", "PUT", "DELETE"):
        target = f"/s/{closed.token(None)}/stream/{CHANNEL}/7"
        assert (await request(closed.address, target, method=method)).status == 405


async def test_a_browser_gets_a_page_for_what_is_not_there(closed: Bench) -> None:
    reply = await request(closed.address, "/s/x/y", headers={"Accept": "text/html"})
    assert (reply.status, reply.headers["content-type"]) == (404, "text/html; charset=utf-8")


async def test_a_preflight_names_the_methods_of_the_path_behind(closed: Bench) -> None:
    reply = await request(closed.address, f"/s/{own(closed)}/stream/{CHANNEL}/7", method="OPTIONS")
    assert (reply.status, reply.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


async def addresses(site: Site, path: str) -> list[str]:
    """Every address in a playlist, covers included."""
    answer = await site.client.get(path)
    assert answer.status_code == 200, answer.text
    found = [line for line in answer.text.splitlines() if line.startswith("http")]
    return found + [part.split('"')[1] for part in answer.text.split() if part.startswith('tvg-logo="')]


@pytest.mark.parametrize("ending", ["m3u8", "m3u"])
@pytest.mark.parametrize("public_url", [HOME, f"{HOME}/tv/vault"])
async def test_a_playlist_that_was_asked_for_below_it_has_such_addresses(ending: str, public_url: str) -> None:
    async with open_site(public_access=False, public_url=public_url) as site:
        await site.put(media_file(7, name=NAME), media_file(8))
        token, path = site.token(), f"/api/catalog.{ending}"
        below = await addresses(site, f"/s/{token}{path}")
        plain = await addresses(site, f"{path}?token={token}")
        assert len(below) == len(plain) == 4
        for one, other in zip(below, plain, strict=True):
            assert "?" not in one
            passed = one.removeprefix(f"{public_url}/s/").partition("/")[0]
            assert f"{public_url}{one.removeprefix(f'{public_url}/s/{passed}')}?token={passed}" == other
            assert passed != token
        head = await site.client.head(f"/s/{token}{path}")
        assert f'filename="StreamVault.{ending}"' in head.headers["content-disposition"]


async def test_on_a_public_server_nothing_carries_a_token() -> None:
    async with open_site() as site:
        await site.put(media_file(7))
        assert await addresses(site, "/s/any/api/catalog.m3u8") == await addresses(site, "/api/catalog.m3u8")
        assert (await site.client.get("/s/any/api/catalog.m3u")).headers["content-type"].startswith("audio/x-mpegurl")


async def saved(folder: Path, name: str, *arguments: str) -> dict[str, bytes]:
    """The files that a program has written in an empty folder."""
    folder.mkdir()
    process = await asyncio.create_subprocess_exec(program(name), *arguments, cwd=folder, env={"LC_ALL": "C.UTF-8"})
    assert await process.wait() == 0
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_downloads_have_the_name_of_the_file(closed: Bench, tmp_path: Path) -> None:
    home = "http://{}:{}/s/{}".format(*closed.address, own(closed))
    bare, named = f"{home}/stream/{CHANNEL}/7", f"{home}/stream/{CHANNEL}/7/{quote(NAME)}"
    body, plain = pattern(0, SIZE), "Kuche & 50_ Garten; S01.mp4"
    for number, url in enumerate((bare, f"{bare}?download=1", named)):
        assert await saved(tmp_path / f"curl{number}", "curl", "-sfOJ", url) == {plain: body}
    assert await saved(tmp_path / "wget", "wget", "-q", "--restrict-file-names=nocontrol", named) == {NAME: body}
    assert set(await saved(tmp_path / "disposition", "wget", "-q", "--content-disposition", bare)) in ({plain}, {NAME})


class _FilmBench(Bench):
    """A bench whose files are all the same real film."""

    def __init__(self, data: bytes) -> None:
        super().__init__(public_access=False)
        self.source = _FilmSource(data)
        self.cells = Cells(self.source, memory=Forgetful(), grace=0.0)


class _FilmSource(MemorySource):
    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data

    async def fetch(self, file: MediaFile, offset: int, limit: int) -> bytes:
        return self._data[offset : offset + limit]


async def test_a_player_plays_what_the_playlist_names() -> None:
    data = film(seconds=2)
    posted = media_file(7, name=NAME, size=len(data))
    async with serving(_FilmBench(data)) as bench:
        bench.finder.add(posted, message_id=7)
        await bench.catalog.put(posted)
        playlist = await request(bench.address, f"/s/{bench.token(None)}/api/catalog.m3u")
        url = urlsplit(playlist.body.decode().splitlines()[-1])
        assert url.query == ""
        found = await asyncio.to_thread(probe, "http://{}:{}{}".format(*bench.address, url.path))
        assert found.streams == (("video", "h264"),)


@pytest.fixture
async def theirs() -> AsyncIterator[Site]:
    """A site of people, with one film."""
    async with open_site(public_access=False, owner_ids=(OWNER,)) as site:
        await site.put(media_file(7, name=NAME), media_file(8, name="other.mp4"))
        yield site


async def opens(site: Site, address: str) -> bool:
    """Whether a stranger with this address gets what it leads to; the bytes themselves are not there."""
    status = (await site.client.head(address.removeprefix(HOME))).status_code
    assert status in (200, 403)
    return status == 200


async def test_the_addresses_of_a_stored_links_playlist_end_with_it(theirs: Site) -> None:
    owner = await logged_in(theirs, OWNER)
    link = (await owner.ask("POST", "/api/links", json={"query": "garten"})).json()
    token = link["watch_url"].partition("token=")[2]
    found = await addresses(theirs, f"/s/{token}/api/catalog.m3u")
    assert [urlsplit(one).path.split("/")[3:6] for one in found] == [
        ["stream", str(CHANNEL), "7"],
        ["thumb", str(CHANNEL), "7"],
    ]
    assert token not in "".join(found)
    assert await opens(theirs, found[0])
    assert not await opens(theirs, found[0].replace(f"{CHANNEL}/7", f"{CHANNEL}/8"))
    await owner.ask("DELETE", f"/api/links/{link['id']}")
    assert not await opens(theirs, found[0])
    assert (await theirs.client.get(f"/s/{token}/api/catalog.m3u")).status_code == 403


async def test_an_api_token_in_the_path_comes_into_no_address_and_ends_them(theirs: Site) -> None:
    owner = await logged_in(theirs, OWNER)
    made = (await owner.ask("POST", "/api/tokens", json={"name": "tv", "can": ["read"]})).json()
    secret = next(value for value in made.values() if str(value).startswith("sv_"))
    found = await addresses(theirs, f"/s/{secret}/api/catalog.m3u8")
    assert len(found) == 4
    assert secret not in "".join(found)
    assert await opens(theirs, found[0])
    await owner.ask("DELETE", f"/api/tokens/{made['id']}")
    assert not await opens(theirs, found[0])


async def test_a_web_session_in_the_path_opens_nothing(theirs: Site) -> None:
    await theirs.access.people.seen(OWNER, "Ann")
    for bearer in (False, True):
        session = await theirs.access.sessions.begin(OWNER, browser="x", address="203.0.113.7", bearer=bearer)
        assert (await theirs.client.get(f"/s/{session}/api/catalog.m3u")).status_code == 403
