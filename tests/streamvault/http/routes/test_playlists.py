"""Playlists: their text as players read it, and their links."""

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.catalog.base import MAX_LIMIT, CatalogQuery, Change, Page
from streamvault.errors import CatalogError
from streamvault.http import m3u
from streamvault.http.routes import playlists
from streamvault.media.model import Origin
from tests.support.files import CHANNEL, media_file
from tests.support.site import HOME, OTHER, Site, open_site

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)


async def read(site: Site, **query: object) -> list[tuple[str, str]]:
    """The entries of a playlist: the #EXTINF text and the URL of each."""
    answer = await site.client.get("/api/catalog.m3u8", params=query)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    first, *lines = answer.text.rstrip("\n").split("\n")
    assert first == "#EXTM3U"
    lines = [line for line in lines if not line.startswith("# ")]
    return list(zip(lines[::2], lines[1::2], strict=True))


async def test_a_playlist_has_name_duration_cover_and_group(site: Site) -> None:
    await site.catalog.remember_chat(CHANNEL, 'Films, "old"\nones')
    song: dict[str, Any] = {"kind": "audio", "mime_type": "audio/mpeg", "duration": None, "thumb_sizes": ()}
    await site.put(
        media_file(7, name="Küche, & Garten - \r\n#EXTINF.mp4"),
        media_file(8, name="x.mp3", title="Sea", performer="The Waves", chat_id=OTHER, **song),
    )
    song_entry, film_entry = await read(site)
    assert song_entry == ('#EXTINF:-1 browser="unknown",The Waves - Sea', f"{HOME}/stream/{OTHER}/8/x.mp3")
    about, address = film_entry
    assert about == (
        f'#EXTINF:62 tvg-logo="{HOME}/thumb/{CHANNEL}/7" group-title="Films  \'old\' ones" browser="unknown",'
        "Küche\u201a & Garten \u2013 #EXTINF.mp4"
    )
    assert address.startswith(f"{HOME}/stream/{CHANNEL}/7/")


async def test_names_in_a_playlist_cannot_turn_the_text_around_them(site: Site) -> None:
    """19."""
    await site.catalog.remember_chat(CHANNEL, "Fi\u202elms\u061c")
    await site.put(media_file(7, name="photo_\u202egpj.\u2067mp4"))
    [(about, _)] = await read(site)
    assert about.endswith('group-title="Films" browser="unknown",photo_gpj.mp4')


async def test_a_playlists_header_fields(site: Site) -> None:
    for method in ("GET", "HEAD"):
        answer = await site.client.request(method, "/api/catalog.m3u8", params={"q": "Küche/x"})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/x-mpegurl"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert unquote(answer.headers["content-disposition"]).endswith("Küche_x.m3u8")
        assert answer.text == ("#EXTM3U\n" if method == "GET" else "")


async def test_a_long_playlist_is_generated_while_it_is_sent(site: Site) -> None:
    await site.catalog.apply(Change(put=[media_file(number) for number in range(1, MAX_LIMIT + 2)]))
    answer = await site.client.get("/api/catalog.m3u8")
    head = await site.client.head("/api/catalog.m3u8")
    assert answer.text.count("#EXTINF") == MAX_LIMIT + 1
    assert "etag" not in answer.headers
    assert (head.status_code, head.content, head.headers) == (200, b"", answer.headers)
    part = await site.client.get("/api/catalog.m3u8", params={"limit": MAX_LIMIT})
    assert part.text.count("#EXTINF") == MAX_LIMIT
    again = await site.client.get(
        "/api/catalog.m3u8", params={"limit": MAX_LIMIT}, headers={"If-None-Match": part.headers["etag"]}
    )
    assert again.status_code == 304


async def test_filters_and_order_are_those_of_the_list(site: Site) -> None:
    await site.put(media_file(1, name="b.mp4"), media_file(2, name="a.mp4"), media_file(3, name="c.mp3", kind="audio"))
    entries = await read(site, kind="video", sort="name", order="asc")
    assert [about.partition(",")[2] for about, _ in entries] == ["a.mp4", "b.mp4"]


async def test_names_are_in_natural_order(site: Site) -> None:
    """L: playlists."""
    await site.put(*(media_file(n, name=f"Lesson {n}.mp4") for n in (10, 9, 11, 1, 2)))
    entries = await read(site, sort="name")
    assert [about.partition(",")[2] for about, _ in entries] == [f"Lesson {n}.mp4" for n in (1, 2, 9, 10, 11)]


async def test_files_that_no_player_opens_are_left_out(site: Site) -> None:
    document: dict[str, Any] = {"kind": "document", "mime_type": "application/octet-stream"}
    await site.put(
        media_file(1, name="a.zip", **document),
        media_file(2, name="b.mkv", **document),
        media_file(3, name="c.pdf", kind="document", mime_type="application/pdf"),
        media_file(4, name="d.jpg", kind="photo", mime_type="image/jpeg"),
        media_file(5, name="e.svg", kind="document", mime_type="image/svg+xml"),
        media_file(6, name="f.m3u", kind="document", mime_type="audio/x-mpegurl"),
        media_file(7, name="g.m3u8", **document),
        media_file(8, name="h.ass", **document),
        media_file(9, name="i.pls", kind="document", mime_type="audio/x-scpls"),
        media_file(10, name="j.cue", **document),
    )
    assert [about.partition(",")[2] for about, _ in await read(site)] == ["d.jpg", "b.mkv"]


async def test_a_playlist_has_the_files_of_all_pages(site: Site) -> None:
    await site.put(*(media_file(number) for number in range(1, 451)))
    assert len({address for _, address in await read(site)}) == 450
    assert site.catalog.calls.count("page") == 3


async def test_a_truncated_playlist_says_how_to_continue(site: Site) -> None:
    await site.put(*(media_file(number) for number in range(1, 251)))
    answer = await site.client.get("/api/catalog.m3u8", params={"limit": 210})
    assert answer.text.count("#EXTINF") == 210
    note = answer.text.rstrip("\n").split("\n")[-1]
    found = re.fullmatch(r"# There are more than these 210: .* cursor=(\S+)", note)
    assert found is not None
    assert len(await read(site, limit=210, cursor=found[1])) == 40


async def test_a_limit_beyond_the_schemas_is_422(site: Site) -> None:
    for limit, status in ((playlists.MAX_ENTRIES, 200), (playlists.MAX_ENTRIES + 1, 422), (0, 422)):
        answer = await site.client.get("/api/catalog.m3u8", params={"limit": limit})
        assert answer.status_code == status
    assert (await site.client.get("/api/catalog.m3u8", params={"cursor": "x"})).status_code == 400


async def test_the_links_carry_their_own_token(closed_site: Site) -> None:
    file = media_file(7)
    await closed_site.put(file)
    token = closed_site.token()
    [(about, address)] = await read(closed_site, token=token)
    cover = re.search(r'tvg-logo="([^"]*)"', about)
    assert cover is not None
    for url in (address, cover[1]):
        assert url.startswith(HOME)
        [passed] = parse_qs(urlsplit(url).query)["token"]
        closed_site.links.check(passed, Origin(CHANNEL, 7))
        assert passed != token
    assert (await closed_site.client.get("/api/catalog.m3u8")).status_code == 401
    one_file = {"token": closed_site.token(file)}
    assert (await closed_site.client.get("/api/catalog.m3u8", params=one_file)).status_code == 403


async def test_the_links_keep_the_path_of_a_proxy() -> None:
    async with open_site(public_url=f"{HOME}/tv") as site:
        await site.put(media_file(7))
        [(_, address)] = await read(site)
        assert address == f"{HOME}/tv/stream/{CHANNEL}/7/film%207.mp4"
        assert (await site.items())[0]["stream_url"] == f"/tv/stream/{CHANNEL}/7/film%207.mp4"


async def test_a_failure_while_sending_aborts_the_answer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    await site.put(*(media_file(number) for number in range(1, 451)))
    real, asked = site.catalog.page, 0

    async def failing(query: CatalogQuery) -> Page:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise CatalogError("the database is away")
        return await real(query)

    monkeypatch.setattr(site.catalog, "page", failing)
    complete: list[bool] = []

    async def send(message: dict[str, object]) -> None:
        complete.append(message["type"] == "http.response.body" and not message.get("more_body", False))

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    app = site.client._transport.app  # type: ignore[attr-defined]
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "GET",
        "scheme": "https", "path": "/api/catalog.m3u8", "raw_path": b"/api/catalog.m3u8", "query_string": b"",
        "headers": [(b"host", b"tv.example.org")], "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    assert len(complete) >= 3
    assert not any(complete)


@pytest.mark.parametrize(
    ("name", "title", "performer", "shown"),
    [
        ("film.mkv", "\u200b", "\u2060", "film.mkv"), ("film.mkv", "A song", "\u3164 ", "A song"),
        ("\u200b\u2060", "", "", "file"), ("   ", " \u00ad", "Somebody", "file"),
    ],
)  # fmt: skip
def test_what_shows_nothing_is_no_name(name: str, title: str, performer: str, shown: str) -> None:
    """X"""
    file = media_file(7, name=name, title=title, performer=performer)
    first, _, _ = m3u.lines(file, address="http://a/b", cover=None, group=None).partition("\n")
    assert first.partition(",")[2] == shown


@given(name=ANY_TEXT, title=ANY_TEXT, performer=ANY_TEXT, group=ANY_TEXT)
def test_no_text_adds_lines(name: str, title: str, performer: str, group: str) -> None:
    file = media_file(name=name, title=title, performer=performer)
    text = m3u.lines(file, address="https://a/b", cover="https://a/c", group=group)
    about, address = text.splitlines()
    assert text.endswith("\n")
    assert address == "https://a/b"
    attributes = r'( group-title="[^",]*")?'
    assert re.fullmatch(rf'#EXTINF:62 tvg-logo="https://a/c"{attributes},[^,\s][^,]*', about)
    assert text.encode()
