"""Watch state, favourites and collections over HTTP."""

from typing import Any

import pytest

from streamvault.access.users import NewUserLimit
from streamvault.catalog.personal import MAX_COLLECTIONS
from streamvault.http.middleware.access import USER_COOKIE as COOKIE
from streamvault.media.model import FileKey
from tests.support.files import CHANNEL, media_file
from tests.support.site import FOREIGN, OTHER, Site, open_site

WATCH = f"/api/watch/{CHANNEL}"
FAVOURITE = f"/api/favourites/{CHANNEL}"


async def watch(site: Site, message_id: int, **progress: Any) -> dict[str, Any]:
    answer = await site.client.put(f"{WATCH}/{message_id}", json=progress)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def collection(site: Site, name: str) -> str:
    """The path of a new collection."""
    answer = await site.client.post("/api/collections", json={"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


async def listed(site: Site, path: str, **query: Any) -> list[int]:
    """The message ids on all pages of a list."""
    found: list[int] = []
    while True:
        page = await site.get(path, **query)
        found += [item["message_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


async def test_the_first_write_sets_the_cookie(site: Site) -> None:
    await site.put(media_file(7))
    assert (await site.client.get(f"{WATCH}/7")).headers.get("set-cookie") is None
    answer = await site.client.put(f"{WATCH}/7", json={"position": 5})
    field = answer.headers["set-cookie"]
    assert field.startswith(f"{COOKIE}=")
    assert set(field.split("; ")[1:]) == {"Max-Age=31536000", "Path=/", "HttpOnly", "SameSite=Lax", "Secure"}
    assert (await site.get(f"{WATCH}/7"))["position"] == 5
    site.client.cookies.clear()
    assert await site.get(f"{WATCH}/7") == {"position": 0.0, "duration": None, "finished": False, "updated": None}
    assert len(site.personal.people) == 1


async def test_a_user_stays_the_same_and_the_cookie_is_renewed(site: Site) -> None:
    await site.put(media_file(7))
    for position in (1, 2, 3):
        answer = await site.client.put(f"{WATCH}/7", json={"position": position})
        assert "set-cookie" in answer.headers
    assert len(site.personal.people) == 1


@pytest.mark.parametrize("cookie", ["x", "A" * 52, ""])
async def test_an_invalid_cookie_has_no_user(site: Site, cookie: str) -> None:
    await site.put(media_file(7))
    await watch(site, 7, position=5)
    site.client.cookies.clear()
    answer = await site.client.get(f"{WATCH}/7", headers={"Cookie": f"{COOKIE}={cookie}"})
    assert answer.json()["updated"] is None


@pytest.mark.parametrize(
    ("base_url", "public_url", "origins", "attributes"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", (), "Lax"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", ("https://ui.example.org",), "Lax"),
        ("https://tv.example.org", "https://tv.example.org", (), "Lax Secure"),
        ("https://tv.example.org", "https://tv.example.org", ("https://ui.example.org",), "None Secure"),
        ("http://tv.example.org", "https://tv.example.org", ("https://ui.example.org",), "None Secure"),
        ("http://127.0.0.1:8080", "https://tv.example.org", ("https://ui.example.org",), "Lax"),
        ("https://tv.example.org", "https://tv.example.org", ("*",), "Lax Secure"),
    ],
    ids=["plain", "plain, page elsewhere", "https", "https, page elsewhere", "proxy", "past the proxy", "star"],
)  # fmt: skip
async def test_the_cookie_is_samesite_none_only_over_https(
    base_url: str, public_url: str, origins: tuple[str, ...], attributes: str
) -> None:
    async with open_site(base_url=base_url, public_url=public_url, cors_origins=origins) as site:
        await site.put(media_file(7))
        field = (await site.client.put(f"{WATCH}/7", json={"position": 5})).headers["set-cookie"]
        assert f"; SameSite={attributes.split()[0]}" in field
        assert field.endswith("; Secure") is attributes.endswith("Secure")


async def test_new_users_are_limited() -> None:
    async with open_site(new_users=NewUserLimit(1, clock=lambda: 0.0)) as site:
        await site.put(media_file(7))
        await watch(site, 7, position=1)
        await watch(site, 7, position=2)
        site.client.cookies.clear()
        answer = await site.client.put(f"{WATCH}/7", json={"position": 5})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "3600")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("progress", "finished"),
    [
        ({"position": 10}, False),
        ({"position": 94.9, "duration": 100}, False),
        ({"position": 95, "duration": 100}, True),
        ({"position": 58.5}, True),  # the file's own duration is 61.5
        ({"position": 58}, False),
        ({"position": 0, "duration": 0}, False),
        ({"position": 99, "duration": 100, "finished": False}, False),
        ({"position": 0, "finished": True}, True),
    ],
    ids=str,
)
async def test_when_a_file_counts_as_finished(site: Site, progress: dict[str, Any], finished: bool) -> None:
    await site.put(media_file(7))
    state = await watch(site, 7, **progress)
    assert state["finished"] is finished
    assert state["duration"] == progress.get("duration", 61.5)
    assert await site.get(f"{WATCH}/7") == state
    [item] = await site.items()
    assert item["watched"] == state


async def test_the_watch_state_belongs_to_the_file_in_all_messages(site: Site) -> None:
    key = FileKey("one file")
    await site.put(media_file(7, key=key), media_file(8, key=key, chat_id=OTHER))
    await watch(site, 7, position=5)
    assert (await site.get(f"/api/watch/{OTHER}/8"))["position"] == 5
    assert (await site.get(f"/api/catalog/{OTHER}/8"))["watched"]["position"] == 5


async def test_continue_watching_lists_unfinished_files(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    await site.put(*(media_file(number) for number in range(1, 6)))
    for number, position in ((1, 5), (2, 61), (3, 6), (4, 7), (5, 8)):
        monkeypatch.setattr("streamvault.http.routes.watching.time.time", lambda number=number: 1_800_000_000 + number)
        await watch(site, number, position=position)
    assert (await site.client.delete(f"{WATCH}/4")).status_code == 204
    await site.catalog.remove(media_file(5).origin)
    page = await site.get("/api/watch")
    assert [(item["message_id"], item["watched"]["position"]) for item in page["items"]] == [(3, 6), (1, 5)]
    assert await listed(site, "/api/watch", limit=1) == [3, 1]  # the file before them was deleted from Telegram
    site.client.cookies.clear()
    assert (await site.get("/api/watch"))["items"] == []


async def test_finished_files_are_listed_page_by_page(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    await site.put(*(media_file(number) for number in range(1, 7)))
    for number in range(1, 7):
        monkeypatch.setattr("streamvault.http.routes.watching.time.time", lambda number=number: 1_800_000_000 + number)
        await watch(site, number, position=5, finished=number != 3)
    await site.catalog.remove(media_file(5).origin)
    pages = [await site.get("/api/watch", finished="true", limit=2)]
    while pages[-1]["next_cursor"]:
        pages.append(await site.get("/api/watch", finished="true", limit=2, cursor=pages[-1]["next_cursor"]))
    assert [[item["message_id"] for item in page["items"]] for page in pages] == [[6, 4], [2, 1]]
    assert await listed(site, "/api/watch") == [3]
    for wrong in ("x", "1", "-1.a", "1" * 30 + ".a"):
        assert (await site.client.get("/api/watch", params={"cursor": wrong})).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        '{"position": -1}',
        '{"position": 1e9}',
        '{"position": NaN}',
        '{"position": Infinity}',
        '{"position": "x"}',
        '{"position": 1, "duration": -1}',
        "{}",
        "[]",
        "nonsense",
        "",
    ],
    ids=str,
)
async def test_wrong_progress_is_refused(site: Site, body: str) -> None:
    await site.put(media_file(7))
    answer = await site.client.put(f"{WATCH}/7", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "set-cookie" not in answer.headers
    assert site.personal.people == {}


async def test_unknown_files_are_404(site: Site) -> None:
    await site.put(media_file(7, chat_id=FOREIGN))
    shelf = await collection(site, "mine")
    for path in (f"/api/watch/{FOREIGN}/7", f"/api/favourites/{FOREIGN}/7", f"{shelf}/{FOREIGN}/7", f"{WATCH}/9"):
        assert (await site.client.put(path, json={"position": 1})).status_code == 404, path
        assert (await site.client.delete(path)).status_code == 404, path


async def test_favourites_are_listed_last_added_first(site: Site) -> None:
    await site.put(*(media_file(number) for number in range(1, 8)))
    for number in (3, 1, 7, 2, 3):
        assert (await site.client.put(f"{FAVOURITE}/{number}")).status_code == 204
    assert await listed(site, "/api/favourites", limit=2) == [2, 7, 1, 3]
    assert await listed(site, "/api/favourites", limit=4) == [2, 7, 1, 3]
    assert {item["message_id"] for item in await site.items() if item["favourite"]} == {1, 2, 3, 7}
    assert (await site.get(f"/api/catalog/{CHANNEL}/3"))["favourite"] is True
    for _ in range(2):
        assert (await site.client.delete(f"{FAVOURITE}/7")).status_code == 204
    await site.catalog.remove(media_file(1).origin)
    assert await listed(site, "/api/favourites", limit=2) == [2, 3]
    site.client.cookies.clear()
    assert await listed(site, "/api/favourites") == []
    assert (await site.client.delete(f"{FAVOURITE}/2")).status_code == 204


async def test_a_collection_keeps_its_order(site: Site) -> None:
    await site.put(*(media_file(number) for number in range(1, 8)))
    shelf = await collection(site, "  Sunday evening ")
    for number in (3, 1, 7, 2, 3):
        assert (await site.client.put(f"{shelf}/{CHANNEL}/{number}")).status_code == 204
    assert await listed(site, shelf, limit=3) == [3, 1, 7, 2]
    assert await listed(site, shelf, limit=2) == [3, 1, 7, 2]
    page = await site.get(shelf, limit=2)
    assert (page["name"], page["files"]) == ("Sunday evening", 4)
    assert (await site.client.delete(f"{shelf}/{CHANNEL}/1")).status_code == 204
    assert await listed(site, shelf, limit=2, cursor=page["next_cursor"]) == [
        7,
        2,
    ]  # the member that the cursor names was removed
    assert await site.get("/api/collections") == {
        "collections": [{"id": int(shelf.split("/")[-1]), "name": "Sunday evening", "files": 3}]
    }


async def test_collections_are_renamed_and_deleted(site: Site) -> None:
    first, second = await collection(site, "one"), await collection(site, "two")
    assert (await site.client.post("/api/collections", json={"name": "one"})).status_code == 409
    assert (await site.client.put(first, json={"name": "two"})).status_code == 409
    assert (await site.client.put(first, json={"name": "one"})).json()["name"] == "one"
    assert (await site.client.put(first, json={"name": "three"})).json()["name"] == "three"
    assert [one["name"] for one in (await site.get("/api/collections"))["collections"]] == ["three", "two"]
    assert (await site.client.delete(second)).status_code == 204
    assert (await site.client.delete(second)).status_code == 404
    assert [one["name"] for one in (await site.get("/api/collections"))["collections"]] == ["three"]


async def test_collections_are_limited(site: Site) -> None:
    for number in range(MAX_COLLECTIONS):
        await collection(site, str(number))
    answer = await site.client.post("/api/collections", json={"name": "one more"})
    assert answer.status_code == 409
    assert str(MAX_COLLECTIONS) in answer.json()["detail"]


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\x00b", 5, None], ids=repr)
async def test_wrong_names_are_refused(site: Site, name: object) -> None:
    assert (await site.client.post("/api/collections", json={"name": name})).status_code == 422


async def test_a_name_with_half_a_character_is_refused(site: Site) -> None:
    answer = await site.client.post(
        "/api/collections", content=b'{"name": "\\ud800"}', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422


async def test_collections_of_others_are_404(site: Site) -> None:
    await site.put(media_file(7))
    shelf = await collection(site, "mine")
    site.client.cookies.clear()
    for signed_in in (False, True):
        if signed_in:
            await watch(site, 7, position=1)
        assert (await site.client.get(shelf)).status_code == 404
        assert (await site.client.put(shelf, json={"name": "x"})).status_code == 404
        assert (await site.client.delete(shelf)).status_code == 404
        assert (await site.client.put(f"{shelf}/{CHANNEL}/7")).status_code == 404
        assert (await site.client.delete(f"{shelf}/{CHANNEL}/7")).status_code == 404
        assert (await site.get("/api/collections"))["collections"] == []


@pytest.mark.parametrize("cursor", ["x", "1", "-1-x", "9" * 300])
async def test_a_bad_cursor_of_a_collection_is_refused(site: Site, cursor: str) -> None:
    shelf = await collection(site, "mine")
    assert (await site.client.get(shelf, params={"cursor": cursor})).status_code == 400
    assert (await site.client.get("/api/favourites", params={"cursor": cursor + "x"})).status_code == 422
