"""Stored links: what they open, for whom, and until when."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from streamvault.access.identity import Right
from streamvault.catalog.base import MAX_LIMIT
from streamvault.http.users import user_of_person
from streamvault.media.model import MediaFile
from tests.support.files import CHANNEL, media_file
from tests.support.site import HOME, OTHER, Site, open_site
from tests.support.site_people import MEMBER, OWNER, Browser, logged_in, nobody
from tests.support.ui import HTML


def film(message_id: int, name: str, *, chat_id: int = CHANNEL) -> MediaFile:
    return media_file(message_id, chat_id=chat_id, name=name)


FIREFOX = {"Sec-Fetch-Site": "none", "Accept": "text/html"}
IN_A_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors", "Accept": "application/json"}
VLC = {"User-Agent": "VLC/3.0.20"}


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(public_access=False, owner_ids=(OWNER,)) as site:
        await site.put(film(1, "Garten.mp4"), film(2, "Dorf.mp4"), film(3, "Stadt.mp4", chat_id=OTHER))
        yield site


async def made(browser: Browser, **asked: Any) -> dict[str, Any]:
    answer = await browser.ask("POST", "/api/links", json=asked)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def path_of(url: str) -> str:
    assert url.startswith(HOME)
    return url.removeprefix(HOME)


async def opens(browser: Browser, link: dict[str, Any]) -> bool:
    """Opens the page of a link; it is the same for everybody."""
    return (await browser.get(path_of(link["watch_url"]), headers=FIREFOX)).status_code == 200


async def test_a_link_to_a_file_opens_that_file_alone(site: Site) -> None:
    link = await made(await logged_in(site, OWNER), chat_id=CHANNEL, message_id=1)
    token = link["watch_url"].partition("token=")[2]
    assert (await nobody(site).get(f"/api/catalog/{CHANNEL}/1?token={token}")).status_code == 200
    assert (await nobody(site).get(path_of(link["watch_url"]), headers=FIREFOX)).status_code == 200
    for closed in (f"/api/catalog/{CHANNEL}/2", "/api/catalog", "/api/works", "/api/favourites", "/api/stats"):
        assert (await nobody(site).get(f"{closed}?token={token}")).status_code == 403, closed


@pytest.mark.parametrize(("scope", "watch", "download"), [("watch", True, False), ("download", False, True)])
async def test_a_link_is_to_watch_or_to_download(site: Site, scope: str, watch: bool, download: bool) -> None:
    link = await made(await logged_in(site, OWNER), chat_id=CHANNEL, message_id=1, scope=scope)
    assert (link["watch_url"] is not None, link["download_url"] is not None) == (watch, download)
    token = link["url"].partition("token=")[2] or link["url"].split("/")[4]
    # the bytes themselves are not to be had here, which is not the gate's answer
    refused = (await nobody(site).ask("HEAD", f"/stream/{CHANNEL}/1?token={token}")).status_code == 403
    assert refused is not watch
    refused = (await nobody(site).ask("HEAD", f"/stream/{CHANNEL}/1?download=1&token={token}")).status_code == 403
    assert refused is not download


@pytest.mark.parametrize(
    ("query", "saves"),
    [
        ("download=1", True),
        ("download=true", True),
        ("download=0&download=on", True),
        ("download=0", False),
        ("download=False", False),
        ("download=1&download=no", False),
        ("", False),
        ("downloads=1", False),
    ],
)
async def test_the_gate_reads_download_as_the_route_does(site: Site, query: str, saves: bool) -> None:
    owner = await logged_in(site, OWNER)
    for scope in ("watch", "download"):
        link = await made(owner, chat_id=CHANNEL, message_id=1, scope=scope)
        token = link["url"].partition("token=")[2] or link["url"].split("/")[4]
        answer = await nobody(site).ask("HEAD", f"/stream/{CHANNEL}/1?token={token}&{query}")
        assert answer.status_code == (200 if (scope == "download") is saves else 403)
        if answer.status_code == 200:
            assert answer.headers["content-disposition"].startswith("attachment") is saves


async def bearer_of(site: Site, *rights: Right) -> dict[str, str]:
    _, text = await site.access.tokens.create(OWNER, "a program", can=rights)
    return {"Authorization": f"Bearer {text}"}


async def test_who_may_not_see_files_shares_none(site: Site) -> None:
    asked = {"chat_id": CHANNEL, "message_id": 1}
    for body in (asked, {"query": "Garten"}):
        links_only = await bearer_of(site, "links")
        answer = await nobody(site).ask("POST", "/api/links", json=body, headers=links_only)
        assert answer.status_code == 403
    assert (await nobody(site).get("/api/links", headers=links_only)).status_code == 200


async def test_a_link_gives_no_right_that_its_maker_did_not_have(site: Site) -> None:
    """Also not later: the rights are those of the moment."""
    for rights in (("links", "read"), ("links", "read", "playback", "people")):
        headers = await bearer_of(site, *rights)
        made = await nobody(site).ask("POST", "/api/links", json={"query": "Garten"}, headers=headers)
        token = made.json()["watch_url"].partition("token=")[2]
        me = (await nobody(site).get("/api/me", headers={"Authorization": f"Bearer {token}"})).json()
        assert set(me["can"]) == {"read", "playback"} & set(rights)


async def test_a_link_for_one_viewer_is_that_viewers(site: Site) -> None:
    link = await made(await logged_in(site, OWNER), chat_id=CHANNEL, message_id=1, viewers=1)
    item = f"/api/catalog/{CHANNEL}/1?token={link['watch_url'].partition('token=')[2]}"
    first, second = nobody(site), nobody(site)
    for _ in range(3):
        assert await opens(first, link)
        assert (await first.get(item, headers=IN_A_PAGE)).status_code == 200
    assert await opens(second, link)
    assert "sv_user" not in second.cookies, "it is told apart as one that came too late"
    refused = await second.get(item, headers=IN_A_PAGE)
    assert refused.status_code == 403
    assert "opened it already" in refused.text
    assert (await nobody(site).get(item, headers=VLC)).status_code == 403
    assert (await first.get(item, headers=IN_A_PAGE)).status_code == 200


async def test_browsers_of_one_address_are_told_apart_by_the_page(site: Site) -> None:
    """Both call themselves the same, as two phones at home do; a page that has loaded is no viewer of its own."""
    link = await made(await logged_in(site, OWNER), chat_id=CHANNEL, message_id=1, viewers=2)
    item = f"/api/catalog/{CHANNEL}/1?token={link['watch_url'].partition('token=')[2]}"
    browsers = [nobody(site) for _ in range(3)]
    for browser in browsers:
        assert await opens(browser, link)
    for _ in range(2):
        statuses = [(await browser.get(item, headers=IN_A_PAGE)).status_code for browser in browsers]
        assert statuses == [200, 200, 403]
    for path in ("/", "/films", f"/watch/{OTHER}/3", "/settings"):
        assert (
            await browsers[0].get(f"{path}?token={item.partition('token=')[2]}", headers=FIREFOX)
        ).status_code == 200
    assert (await browsers[1].get(item, headers=IN_A_PAGE)).status_code == 200


async def test_a_page_without_a_token_counts_nobody(site: Site) -> None:
    link = await made(await logged_in(site, OWNER), chat_id=CHANNEL, message_id=1, viewers=1)
    page = path_of(link["watch_url"]).partition("?")[0]
    shown = await nobody(site).get(page, headers=FIREFOX)
    assert (shown.status_code, "set-cookie" in shown.headers) == (200, False)
    [stored] = [one for one in site.records.stored.values() if one.id == link["id"]]
    assert not stored.members


async def test_a_player_without_cookies_is_one_viewer(site: Site) -> None:
    link = await made(await logged_in(site, OWNER), chat_id=CHANNEL, message_id=1, viewers=1)
    token = link["watch_url"].partition("token=")[2]
    for _ in range(3):
        assert (await nobody(site).get(f"/api/catalog/{CHANNEL}/1?token={token}", headers=VLC)).status_code == 200
    other = {"User-Agent": "Kodi/21"}
    assert (await nobody(site).get(f"/api/catalog/{CHANNEL}/1?token={token}", headers=other)).status_code == 403


PREVIEWS = (
    "TelegramBot (like TwitterBot)", "WhatsApp/2.23.20.0", "facebookexternalhit/1.1",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", "Mozilla/5.0 SkypeUriPreview Preview/0.5",
)  # fmt: skip


async def test_a_preview_is_no_viewer(site: Site) -> None:
    """It gets the page as everybody does, whether it asks for pages or for anything."""
    link = await made(await logged_in(site, OWNER), chat_id=CHANNEL, message_id=1, viewers=1)
    path, item = (
        path_of(link["watch_url"]),
        f"/api/catalog/{CHANNEL}/1?token={link['watch_url'].partition('token=')[2]}",
    )
    for agent in PREVIEWS:
        for accept in ("text/html", "*/*"):
            seen = await nobody(site).get(path, headers={"User-Agent": agent, "Accept": accept})
            assert (seen.status_code, seen.text, "set-cookie" in seen.headers) == (200, HTML, False), agent
    person, late = nobody(site), nobody(site)
    for browser in (person, late):
        assert await opens(browser, link)
    assert (await person.get(item, headers=IN_A_PAGE)).status_code == 200
    assert (await late.get(item, headers=IN_A_PAGE)).status_code == 403


async def test_previews_are_no_wrong_tokens(site: Site) -> None:
    """However many chats describe a link, its address is not refused as one that guesses."""
    link = await made(await logged_in(site, OWNER), chat_id=CHANNEL, message_id=1, viewers=1)
    for _ in range(100):
        seen = await nobody(site).get(path_of(link["watch_url"]), headers={"User-Agent": PREVIEWS[0]})
        assert seen.status_code == 200


async def test_what_is_in_a_page_makes_nobody_a_new_viewer(site: Site) -> None:
    """Browsers that keep no cookies count by address and name."""
    link = await made(await logged_in(site, OWNER), chat_id=CHANNEL, message_id=1, viewers=1)
    item = f"/api/catalog/{CHANNEL}/1?token={link['watch_url'].partition('token=')[2]}"
    for mode in ("cors", "no-cors", "same-origin"):
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": mode, "Accept": "*/*", "User-Agent": "Firefox"}
        for accept in ("*/*", "text/html"):
            seen = await nobody(site).get(item, headers={**headers, "Accept": accept})
            assert (seen.status_code, "set-cookie" in seen.headers) == (200, False)
    assert (await nobody(site).get(item, headers={**headers, "User-Agent": "Chrome"})).status_code == 403


async def test_a_link_ends(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    link = await made(owner, chat_id=CHANNEL, message_id=1, expires_in=0.001)
    item = path_of(link["watch_url"]).replace("/watch/", "/api/catalog/")
    answer = await nobody(site).get(item)
    assert answer.status_code == 403
    assert "expired" in answer.json()["detail"]
    page = await nobody(site).get(item, headers=FIREFOX)
    assert (page.status_code, page.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert "expired" in page.text


async def test_a_revoked_link_ends_at_once(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    link = await made(owner, chat_id=CHANNEL, message_id=1)
    path = path_of(link["watch_url"]).replace("/watch/", "/api/catalog/")
    assert (await nobody(site).get(path)).status_code == 200
    await site.access.uses.write()
    [listed] = (await owner.get("/api/links")).json()["items"]
    assert (listed["id"], listed["uses"]) == (link["id"], 1)
    assert (await owner.ask("DELETE", f"/api/links/{link['id']}")).status_code == 204
    assert (await nobody(site).get(path)).status_code == 403
    assert (await owner.get("/api/links")).json()["items"] == []


async def test_a_link_to_a_search_opens_what_the_search_finds(site: Site) -> None:
    link = await made(await logged_in(site, OWNER), query="garten")
    token = link["watch_url"].partition("token=")[2]
    found = (await nobody(site).get(f"/api/catalog?q=dorf&token={token}")).json()["items"]
    assert [one["name"] for one in found] == ["Garten.mp4"]
    playlist = (await nobody(site).get(path_of(link["url"]))).text
    assert "Garten.mp4" in playlist
    assert "Dorf.mp4" not in playlist
    details = found[0]["stream_url"].replace("/stream/", "/api/catalog/").replace("/Garten.mp4", "")
    assert (await nobody(site).get(details)).status_code == 200
    assert (await nobody(site).get(details.replace("/1?", "/2?"))).status_code == 403
    assert (await nobody(site).get(f"/api/catalog/{CHANNEL}/1?token={token}")).status_code == 403


async def test_a_link_to_a_collection_opens_its_files(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    number = (await owner.ask("POST", "/api/collections", json={"name": "Sunday"})).json()["id"]
    for message in (2, 1):
        await owner.ask("PUT", f"/api/collections/{number}/{CHANNEL}/{message}")
    link = await made(owner, collection=number)
    token = link["watch_url"].partition("token=")[2]
    found = (await nobody(site).get(f"/api/catalog?token={token}")).json()["items"]
    assert [one["name"] for one in found] == ["Dorf.mp4", "Garten.mp4"]
    assert (await nobody(site).get(f"/api/collections?token={token}")).status_code == 403
    pages = (await nobody(site).get(f"/api/catalog?limit=1&token={token}")).json()
    following = (await nobody(site).get(f"/api/catalog?limit=1&cursor={pages['next_cursor']}&token={token}")).json()
    assert [one["name"] for one in pages["items"] + following["items"]] == ["Dorf.mp4", "Garten.mp4"]
    assert following["next_cursor"] is None


async def test_the_playlist_of_a_collection_is_read_in_pages_and_not_at_all_for_its_head(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    number = (await owner.ask("POST", "/api/collections", json={"name": "Long"})).json()["id"]
    files = [film(message, f"Film {message}.mp4") for message in range(10, 10 + 2 * MAX_LIMIT + 5)]
    for file in files:
        await site.catalog.put(file)
        await site.personal.set_member(user_of_person(OWNER), number, file.key.file_unique_id, member=True)
    listed = [one["name"] for one in (await owner.get(f"/api/collections/{number}")).json()["items"]]
    address = path_of((await made(owner, collection=number))["url"])

    async def names(**query: Any) -> tuple[list[str], str]:
        text = (await nobody(site).get(address, params=query)).text
        lines = text.splitlines()
        return [one.rpartition(",")[2] for one in lines if one.startswith("#EXTINF")], lines[-1]

    whole, _ = await names()
    assert sorted(whole) == sorted(file.name for file in files)
    assert whole[: len(listed)] == listed
    for limit in (1, 3, MAX_LIMIT, MAX_LIMIT + 1, 2 * MAX_LIMIT):
        part, last = await names(limit=limit)
        assert part == whole[:limit]
        cursor = last.partition("cursor=")[2]
        rest, last = await names(cursor=cursor)
        assert part + rest == whole
        assert "cursor=" not in last
    assert (await nobody(site).get(address, params={"cursor": "x"})).status_code == 400
    read = site.catalog.entry

    async def unread(*_: object) -> None:
        raise AssertionError("an entry was read")

    site.catalog.entry = unread  # type: ignore[assignment,method-assign]
    head = await nobody(site).ask("HEAD", address)
    site.catalog.entry = read  # type: ignore[method-assign]
    assert (head.status_code, head.content) == (200, b"")


async def test_the_addresses_of_a_linked_list_open_its_files_to_save_or_to_play(site: Site) -> None:
    """Those of the list, of its playlist with the token in the path, and of the file's own page."""
    owner, guest = await logged_in(site, OWNER), nobody(site)
    for scope, saves in (("download", True), ("watch", False), ("both", False)):
        for asked in ({"query": "Garten"}, {"chat_id": CHANNEL, "message_id": 1}):
            link = await made(owner, scope=scope, **asked)
            token = link["url"].split("/")[4] if "/s/" in link["url"] else link["url"].partition("token=")[2]
            if "query" in asked:
                listed = (await guest.get(f"/api/catalog?token={token}")).json()["items"]
                lines = (await guest.get(f"/s/{token}/api/catalog.m3u8")).text.splitlines()
                addresses = [one["stream_url"] for one in listed] + [path_of(one) for one in lines if one[0] != "#"]
                assert len(addresses) == 2
            else:
                addresses = [(await guest.get(f"/api/catalog/{CHANNEL}/1?token={token}")).json()["stream_url"]]
            for address in addresses:
                answer = await guest.ask("HEAD", address)
                assert answer.status_code == 200, address
                assert answer.headers["content-disposition"].startswith("attachment") is saves


async def test_the_files_of_a_revoked_list_are_closed_too(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    link = await made(owner, query="garten")
    token = link["watch_url"].partition("token=")[2]
    [item] = (await nobody(site).get(f"/api/catalog?token={token}")).json()["items"]
    details = item["stream_url"].replace("/stream/", "/api/catalog/").replace("/Garten.mp4", "")
    assert (await nobody(site).get(details)).status_code == 200
    await owner.ask("DELETE", f"/api/links/{link['id']}")
    assert (await nobody(site).get(details)).status_code == 403


async def test_a_member_of_one_channel_sees_and_shares_nothing_of_others(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    await owner.ask("POST", "/api/people", json={"id": MEMBER, "chats": [OTHER]})
    member = await logged_in(site, MEMBER)
    found = (await member.get("/api/catalog")).json()["items"]
    assert [one["name"] for one in found] == ["Stadt.mp4"]
    assert (await member.get(f"/api/catalog/{CHANNEL}/1")).status_code == 403
    assert (await member.ask("PUT", f"/api/favourites/{CHANNEL}/1")).status_code == 403
    asked = {"chat_id": CHANNEL, "message_id": 1}
    assert (await member.ask("POST", "/api/links", json=asked)).status_code == 403
    link = await made(member, query="mp4")
    token = link["watch_url"].partition("token=")[2]
    assert [one["name"] for one in (await nobody(site).get(f"/api/catalog?token={token}")).json()["items"]] == [
        "Stadt.mp4"
    ]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"chat_id": CHANNEL},
        {"chat_id": CHANNEL, "message_id": 1, "query": "x"},
        {"query": "x", "viewers": 0},
        {"query": "x", "expires_in": -1},
        {"query": "x", "scope": "everything"},
        {"query": "y" * 201},
    ],
)
async def test_what_a_link_cannot_be(site: Site, asked: dict[str, Any]) -> None:
    owner = await logged_in(site, OWNER)
    assert (await owner.ask("POST", "/api/links", json=asked)).status_code == 422


async def test_a_link_to_what_is_not_there_is_not_made(site: Site) -> None:
    owner = await logged_in(site, OWNER)
    for asked in ({"chat_id": CHANNEL, "message_id": 999}, {"collection": 7}):
        assert (await owner.ask("POST", "/api/links", json=asked)).status_code == 404
    assert (await owner.get("/api/links")).json()["items"] == []
