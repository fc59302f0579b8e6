"""Files that somebody has hidden are in no list of theirs, and in those of others."""

from typing import Any

import pytest

from streamvault.catalog import personal
from streamvault.media.model import FileKey
from streamvault.media.name_facts import NameFacts
from tests.support.files import CHANNEL, media_file
from tests.support.site import FOREIGN, OTHER, Site

HIDDEN = f"/api/hidden/{CHANNEL}"


async def shown(site: Site, path: str = "/api/catalog", **query: Any) -> list[int]:
    return [item["message_id"] for item in (await site.get(path, **query))["items"]]


@pytest.fixture
async def three(site: Site) -> Site:
    """A server with a film in two channels, and two others."""
    again = media_file(9, chat_id=OTHER, key=FileKey("one"), name="Garden 1 again.mp4")
    films = [media_file(n, key=FileKey("one" if n == 1 else f"{n}"), name=f"Garden {n}.mp4") for n in (1, 2, 3)]
    await site.put(*films, again)
    facts = {"one": NameFacts(1, title="Garden", work="f:garden")}
    await site.catalog.store_facts(facts)
    return site


async def test_what_is_hidden_is_in_no_list_unless_it_is_asked_for(three: Site) -> None:
    site = three
    assert sorted(await shown(site)) == [2, 3, 9]
    for _ in range(2):
        assert (await site.client.put(f"{HIDDEN}/1")).status_code == 204
    for query in ({}, {"q": "garden"}, {"sort": "name"}, {"sort": "size", "q": "garden"}, {"chat_id": CHANNEL}):
        assert sorted(await shown(site, **query)) == [2, 3]
        assert 1 in await shown(site, **query, hidden=True) or 9 in await shown(site, **query, hidden=True)
    for hidden, total, works in ((False, 2, 0), (True, 3, 1)):
        assert (await site.get("/api/catalog/facets", hidden=hidden))["total"] == total
        assert (await site.get("/api/catalog/histogram", by="letter", hidden=hidden))["total"] == total
        assert len((await site.get("/api/works", hidden=hidden))["works"]) == works
        assert (await site.client.get("/api/catalog.m3u8", params={"hidden": hidden})).text.count("#EXTINF") == total
    assert await shown(site, "/api/hidden") in ([1], [9])
    cookies = dict(site.client.cookies)
    site.client.cookies.clear()
    assert sorted(await shown(site)) == [2, 3, 9], "others see it"
    assert await shown(site, "/api/hidden") == []
    site.client.cookies.update(cookies)
    for _ in range(2):
        assert (await site.client.delete(f"{HIDDEN}/1")).status_code == 204
    assert sorted(await shown(site)) == [2, 3, 9]


async def test_items_tell_whether_they_are_hidden(three: Site) -> None:
    await three.client.put(f"{HIDDEN}/2")
    items = [*await three.items(hidden=True), *(await three.get("/api/hidden"))["items"]]
    assert [one["message_id"] for one in items if one["hidden"]] == [2, 2]
    assert len(items) == 4
    for number in (2, 3):
        assert (await three.get(f"/api/catalog/{CHANNEL}/{number}"))["hidden"] is (number == 2)
    three.client.cookies.clear()
    assert [one["hidden"] for one in await three.items(hidden=True)] == [False] * 3


async def test_a_film_shows_no_versions_that_are_hidden(three: Site) -> None:
    await three.catalog.store_facts({"2": NameFacts(1, title="Garden", work="f:garden")})

    async def versions(**query: Any) -> list[str]:
        return [one["file_unique_id"] for one in (await three.get("/api/works/f:garden", **query))["files"]]

    assert sorted(await versions()) == ["2", "one"]
    await three.client.put(f"{HIDDEN}/1")
    assert (await versions(), sorted(await versions(hidden=True))) == (["2"], ["2", "one"])
    await three.client.put(f"{HIDDEN}/2")
    none = await three.client.get("/api/works/f:garden")
    assert (none.status_code, "hidden=true" in none.text) == (404, True)
    three.client.cookies.clear()
    assert sorted(await versions()) == ["2", "one"]


async def test_deleted_files_do_not_count_among_those_that_are_hidden(
    three: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are remembered as long as there is room for them."""
    monkeypatch.setattr(personal, "MAX_HIDDEN", 2)
    for number in (1, 2):
        assert (await three.client.put(f"{HIDDEN}/{number}")).status_code == 204
    await three.catalog.remove(media_file(2).origin)
    assert await shown(three, "/api/hidden") in ([1], [9])
    await three.put(media_file(12, key=FileKey("2")))
    assert 12 not in await shown(three), "posted again, it is still hidden"
    assert (await three.client.put(f"{HIDDEN}/3")).status_code == 409
    await three.catalog.remove(media_file(12).origin)
    assert (await three.client.put(f"{HIDDEN}/3")).status_code == 204
    assert await shown(three) == []
    await three.put(media_file(12, key=FileKey("2")))
    assert await shown(three) == [12]
    assert (await three.client.put(f"{HIDDEN}/12")).status_code == 409


async def test_only_files_of_this_server_are_hidden_and_not_too_many(
    three: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (f"/api/hidden/{FOREIGN}/7", f"{HIDDEN}/77"):
        assert (await three.client.put(path)).status_code == 404
        assert (await three.client.delete(path)).status_code == 404
    monkeypatch.setattr(personal, "MAX_HIDDEN", 1)
    assert (await three.client.put(f"{HIDDEN}/2")).status_code == 204
    full = await three.client.put(f"{HIDDEN}/3")
    assert (full.status_code, full.headers["content-type"]) == (409, "application/problem+json")
    assert sorted(await shown(three)) == [3, 9]


async def test_what_is_hidden_comes_in_pages(three: Site) -> None:
    for number in (1, 2, 3):
        await three.client.put(f"{HIDDEN}/{number}")
    first = await three.get("/api/hidden", limit=2)
    second = await three.get("/api/hidden", limit=2, cursor=first["next_cursor"])
    found = [item["message_id"] for item in (*first["items"], *second["items"])]
    assert (sorted(found), second["next_cursor"]) == ([2, 3, 9], None)
