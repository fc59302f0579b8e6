"""The catalog over HTTP, lists, counts and single files."""

import dataclasses
import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from streamvault.media.facts import Facts
from streamvault.media.model import FileKey, Origin
from tests.support.files import CHANNEL, media_file
from tests.support.site import FOREIGN, OTHER, Site


async def test_an_empty_catalog(site: Site) -> None:
    answer = await site.client.get("/api/catalog")
    assert answer.json() == {"items": [], "next_cursor": None}


async def test_an_item_says_everything(site: Site) -> None:
    file = media_file(7, name="Küche & Garten/日本.mp4", caption="a caption")
    await site.catalog.put(file)
    [item] = await site.items()
    assert item == {
        "chat_id": CHANNEL,
        "message_id": 7,
        "name": file.name,
        "size": file.size,
        "mime_type": "video/mp4",
        "kind": "video",
        "duration": 61.5,
        "width": 1920,
        "height": 1080,
        "date": file.date,
        "edit_date": None,
        "caption": "a caption",
        "title": "",
        "performer": "",
        "file_unique_id": file.key.file_unique_id,
        "stream_url": item["stream_url"],
        "thumb_url": f"/thumb/{CHANNEL}/7",
    }
    assert unquote(item["stream_url"]) == f"/stream/{CHANNEL}/7/Küche & Garten_日本.mp4"


async def test_a_file_without_thumbnail_has_a_null_url(site: Site) -> None:
    await site.catalog.put(media_file(7, thumb_sizes=()))
    assert (await site.items())[0]["thumb_url"] is None


async def test_cursors_lead_through_everything_once(site: Site) -> None:
    for number in range(1, 8):
        await site.catalog.put(media_file(number, date=5))
    query: dict[str, Any] = {"limit": 3}
    seen: list[int] = []
    for _ in range(3):
        page = (await site.client.get("/api/catalog", params=query)).json()
        seen += [item["message_id"] for item in page["items"]]
        query["cursor"] = page["next_cursor"]
    assert query["cursor"] is None
    assert sorted(seen) == list(range(1, 8))


async def test_filters_and_sorting(site: Site) -> None:
    await site.catalog.put(media_file(1, name="Alpha.mp4", size=30))
    await site.catalog.put(media_file(2, name="beta.mp3", size=20, kind="audio"))
    await site.catalog.put(media_file(3, name="gamma.mp3", size=10, kind="audio", chat_id=OTHER))

    async def names(**query: Any) -> list[str]:
        return [item["name"].split(".")[0] for item in await site.items(**query)]

    assert await names() == ["gamma", "beta", "Alpha"]
    assert await names(q="ALPH") == ["Alpha"]
    assert await names(kind="audio") == ["gamma", "beta"]
    assert await names(chat_id=CHANNEL) == ["beta", "Alpha"]
    assert await names(sort="name", order="asc") == ["Alpha", "beta", "gamma"]
    assert await names(sort="size", order="desc", limit=2) == ["Alpha", "beta"]


async def test_chats_that_are_not_ours_are_not_shown(site: Site) -> None:
    await site.catalog.put(media_file(1, chat_id=FOREIGN))
    assert await site.items() == []
    assert await site.items(chat_id=FOREIGN) == []
    answer = await site.client.get(f"/api/catalog/{FOREIGN}/1")
    assert answer.status_code == 404


@pytest.mark.parametrize("cursor", ["nonsense", "é", "W10", "a" * 10_000])
async def test_a_bad_cursor_is_a_400(site: Site, cursor: str) -> None:
    answer = await site.client.get("/api/catalog", params={"cursor": cursor})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 400


async def test_a_cursor_of_another_order_is_a_400(site: Site) -> None:
    for number in (1, 2):
        await site.catalog.put(media_file(number))
    cursor = (await site.client.get("/api/catalog", params={"limit": 1})).json()["next_cursor"]
    answer = await site.client.get("/api/catalog", params={"cursor": cursor, "order": "asc"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 201}, {"limit": "x"}, {"kind": "film"}, {"sort": "x"}, {"q": "x" * 201}]
)
async def test_wrong_parameters_are_refused(site: Site, query: dict[str, Any]) -> None:
    answer = await site.client.get("/api/catalog", params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_one_item(site: Site) -> None:
    await site.catalog.put(media_file(7))
    answer = await site.client.get(f"/api/catalog/{CHANNEL}/7")
    assert [answer.json()] == await site.items()
    missing = await site.client.get(f"/api/catalog/{CHANNEL}/8")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"


async def test_a_closed_catalog_is_a_503(site: Site) -> None:
    await site.catalog.__aexit__(None, None, None)
    answer = await site.client.get("/api/catalog")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_without_public_access_a_list_needs_a_token_for_the_server(closed_site: Site) -> None:
    file = media_file(7)
    await closed_site.catalog.put(file)
    one_file = closed_site.links.sign(file.origin, scope="file", expires_at=None)
    assert (await closed_site.client.get("/api/catalog")).status_code == 401
    assert (await closed_site.client.get("/api/catalog", params={"token": one_file})).status_code == 403
    server = closed_site.links.sign(None, scope="server", expires_at=None)
    [item] = await closed_site.items(token=server)
    for url in (item["stream_url"], item["thumb_url"]):
        [token] = parse_qs(urlsplit(url).query)["token"]
        closed_site.links.check(token, Origin(CHANNEL, 7))
        assert token != server


async def test_a_token_for_one_file_opens_its_item_and_is_handed_on(closed_site: Site) -> None:
    file = media_file(7)
    await closed_site.catalog.put(file)
    token = closed_site.links.sign(file.origin, scope="file", expires_at=None)
    answer = await closed_site.client.get(f"/api/catalog/{CHANNEL}/7", headers={"Authorization": f"Bearer {token}"})
    assert parse_qs(urlsplit(answer.json()["stream_url"]).query)["token"] == [token]
    other = await closed_site.client.get(f"/api/catalog/{CHANNEL}/8", params={"token": token})
    assert other.status_code == 403


async def test_the_schema_has_examples(site: Site) -> None:
    schema = (await site.client.get("/openapi.json")).json()
    for model in ("Item", "Items"):
        assert schema["components"]["schemas"][model]["examples"]
    operation = schema["paths"]["/api/catalog"]["get"]
    assert {"q", "kind", "chat_id", "sort", "order", "limit", "cursor"} == {p["name"] for p in operation["parameters"]}
    assert "cursor" not in json.dumps(schema["paths"]["/api/catalog/{chat_id}/{message_id}"])
