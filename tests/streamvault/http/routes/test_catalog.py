"""The catalog over HTTP: lists, facets and single files."""

import json
from typing import Any

import pytest

from streamvault.catalog.base import CatalogQuery, Facets, Page
from tests.support.facts import FACTS
from tests.support.files import CHANNEL, media_file
from tests.support.site import FOREIGN, OTHER, Site


async def test_an_empty_catalog(site: Site) -> None:
    answer = await site.client.get("/api/catalog")
    assert answer.json() == {"items": [], "next_cursor": None, "corrected": None}


async def test_cursors_lead_through_every_file_once(site: Site) -> None:
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


async def test_names_are_sorted_naturally_from_a_on_unless_asked_otherwise(site: Site) -> None:
    """L: without `order`; other lists begin with the newest or largest. A cursor goes on in the same order."""
    await site.put(*(media_file(n, name=f"Lesson {n}", size=n) for n in (10, 9, 11, 1, 2)))
    query: dict[str, Any] = {"sort": "name", "limit": 3}
    seen: list[str] = []
    while True:
        page = (await site.client.get("/api/catalog", params=query)).json()
        seen += [item["name"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == [f"Lesson {n}" for n in (1, 2, 9, 10, 11)]
    assert (await site.client.get("/api/catalog", params=query | {"order": "desc"})).status_code == 400
    for sort in ("date", "size"):
        assert [item["message_id"] for item in await site.items(sort=sort)] == [11, 10, 9, 2, 1]


async def test_every_filter_narrows_the_list(site: Site) -> None:
    wanted, other = media_file(1, caption="#Nature", size=50), media_file(2, size=100, date=1_900_000_000)
    await site.put(wanted, other, media_file(3, size=10, date=1_600_000_000))
    await site.catalog.store_facts({wanted.key.file_unique_id: FACTS})
    for query in (
        {"tag": "nature"},
        {"tag": "#NATURE"},
        {"year": 2020},
        {"resolution": "1080p"},
        {"language": "en"},
        {"work": "s:the-garden"},
        {"min_size": 50, "max_size": 50},
        {"since": wanted.date, "until": wanted.date},
        {"min_size": 11, "max_size": 99, "since": 1_600_000_001, "until": 1_899_999_999, "tag": "nature", "year": 2020},
    ):
        assert [item["message_id"] for item in await site.items(**query)] == [1], query
        assert (await site.get("/api/catalog/facets", **query))["total"] == 1, query


async def test_a_list_may_name_several_chats(site: Site) -> None:
    await site.put(media_file(1), media_file(2, chat_id=OTHER), media_file(3, chat_id=FOREIGN))
    assert [item["message_id"] for item in await site.items(chat_id=[OTHER, CHANNEL, FOREIGN])] == [2, 1]


async def test_a_corrected_query_is_reported(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def corrected_page(query: CatalogQuery) -> Page:
        return Page((), None, corrected="garden")

    async def corrected_facets(query: CatalogQuery) -> Facets:
        return Facets(corrected="garden")

    monkeypatch.setattr(site.catalog, "page", corrected_page)
    monkeypatch.setattr(site.catalog, "facets", corrected_facets)
    assert (await site.get("/api/catalog", q="gardn"))["corrected"] == "garden"
    assert (await site.get("/api/catalog/facets", q="gardn"))["corrected"] == "garden"


async def test_facets_count_what_matches(site: Site) -> None:
    await site.catalog.remember_chat(CHANNEL, "Films")
    first = media_file(1, caption="#a #b")
    await site.put(
        first, media_file(2, kind="audio", chat_id=OTHER), media_file(3, caption="#b"), media_file(4, chat_id=FOREIGN)
    )
    await site.catalog.store_facts({first.key.file_unique_id: FACTS})
    assert await site.get("/api/catalog/facets") == {
        "total": 3,
        "exact": True,
        "kinds": [{"value": "video", "count": 2}, {"value": "audio", "count": 1}],
        "chats": [{"value": CHANNEL, "title": "Films", "count": 2}, {"value": OTHER, "title": None, "count": 1}],
        "years": [{"value": 2020, "count": 1}],
        "resolutions": [{"value": "1080p", "count": 1}],
        "languages": [{"value": "de", "count": 1}, {"value": "en", "count": 1}],
        "tags": [{"value": "b", "count": 2}, {"value": "a", "count": 1}],
        "corrected": None,
    }
    assert (await site.get("/api/catalog/facets", kind="audio"))["kinds"] == [{"value": "audio", "count": 1}]


async def test_files_of_other_chats_are_not_shown(site: Site) -> None:
    await site.catalog.put(media_file(1, chat_id=FOREIGN))
    assert await site.items() == []
    assert await site.items(chat_id=FOREIGN) == []
    assert (await site.get("/api/catalog/facets"))["total"] == 0
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
    "query",
    [
        {"limit": 0},
        {"limit": 201},
        {"limit": "x"},
        {"kind": "film"},
        {"sort": "x"},
        {"chat_id": [1] * 101},
        {"chat_id": 1 << 63},
        {"year": 0},
        {"min_size": -1},
        {"until": 1 << 63},
        {"tag": "x" * 101},
        {"work": "x" * 301},
        {"cursor": "x" * 16_385},
    ],
    ids=lambda query: next(iter(query)),
)
async def test_wrong_parameters_are_refused(site: Site, query: dict[str, Any]) -> None:
    answer = await site.client.get("/api/catalog", params=query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    [name] = query
    assert name in answer.json()["detail"]
    assert answer.json()["errors"][0]["where"][:2] == ["query", name]


async def test_a_failing_catalog_is_a_503(site: Site) -> None:
    site.catalog.broken = True
    for path in ("/api/catalog", "/api/catalog/facets", "/api/catalog.m3u8", "/api/works", "/api/works/x"):
        answer = await site.client.get(path)
        assert answer.status_code == 503, path
        assert int(answer.headers["retry-after"]) > 0


async def test_an_unchanged_list_is_304(site: Site) -> None:
    await site.put(media_file(7))
    for path in ("/api/catalog", "/api/catalog/facets", f"/api/catalog/{CHANNEL}/7", "/api/works", "/api/watch"):
        answer = await site.client.get(path)
        assert answer.headers["cache-control"] == "private, no-cache"
        assert {"Authorization", "Cookie"} <= set(answer.headers["vary"].split(", "))
        tag = answer.headers["etag"]
        for field in (tag, f'"other", W/{tag}', "*"):
            again = await site.client.get(path, headers={"If-None-Match": field})
            assert (again.status_code, again.content, again.headers["etag"].removeprefix("W/")) == (304, b"", tag)
        assert (await site.client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
    await site.put(media_file(8))
    assert (await site.client.get("/api/catalog", headers={"If-None-Match": tag})).status_code == 200


async def test_the_schema_has_examples(site: Site) -> None:
    schema = (await site.client.get("/openapi.json")).json()
    for name, model in schema["components"]["schemas"].items():
        assert name in ("Cells", "Condition", "DataCentre", "Requests", "Stats", "Streams") or model["examples"], name
    operation = schema["paths"]["/api/catalog"]["get"]
    filters = {"q", "kind", "chat_id", "tag", "year", "resolution", "language", "work"}
    filters |= {"min_size", "max_size", "since", "until", "sort", "order", "limit", "cursor", "offset", "hidden"}
    assert filters == {parameter["name"] for parameter in operation["parameters"]}
    assert "cursor" not in json.dumps(schema["paths"]["/api/catalog/{chat_id}/{message_id}"])


@pytest.mark.parametrize(
    "name",
    [
        "A very long name of a lecture about the history of the canal and of all its locks, bridges and ferries, with "
        "questions of the audience and the answers of the lecturer, recorded in the town hall of a town in spring "
        "(part one).mp4",
        "Long." * 60 + "Name.mkv",
        "word " * 45 + "unmistakable.mkv",
    ],
)
async def test_a_search_for_a_whole_long_name_finds_it(site: Site, name: str) -> None:
    """X"""
    await site.put(media_file(7, name=name))
    await site.put(media_file(8, name="another.mkv"))
    assert len(name) > 200
    for path in ("/api/catalog", "/api/works", "/api/catalog/facets", "/api/catalog.m3u8"):
        assert (await site.client.get(path, params={"q": name})).status_code == 200, path
    assert [item["name"] for item in await site.items(q=name)] == [name]
    assert len(await site.items(q="x" * 5000)) == 0


async def test_a_histogram_tells_the_places_in_the_list(site: Site) -> None:
    names = ("7 Seas", "Alpha", "Ärger", "beta", "Ёлка")
    await site.put(*(media_file(n, name=name, date=n * 86400 * 20) for n, name in enumerate(names, 1)))
    for query, keys in (
        ({"by": "month"}, ["1970-04", "1970-03", "1970-02", "1970-01"]),
        ({"by": "month", "order": "asc"}, ["1970-01", "1970-02", "1970-03", "1970-04"]),
        ({"by": "letter"}, ["#", "A", "B", "Е"]),
        ({"sort": "name", "order": "desc"}, ["Е", "B", "A", "#"]),
        ({"by": "letter", "q": "alpha"}, ["A"]),
        ({"chat_id": OTHER}, []),
    ):
        found = await site.get("/api/catalog/histogram", **query)
        assert [bucket["key"] for bucket in found["buckets"]] == keys
        assert found["total"] == sum(bucket["count"] for bucket in found["buckets"])
        sort = "name" if "letter" in query.values() or "sort" in query else "date"
        asked = {name: value for name, value in query.items() if name != "by"} | {"sort": sort}
        listed = await site.items(**asked)
        for bucket in found["buckets"]:
            page = await site.items(**asked, offset=bucket["offset"], limit=bucket["count"])
            assert page == listed[bucket["offset"] : bucket["offset"] + bucket["count"]]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/catalog/histogram?by=year", ("month", "letter")),
        ("/api/catalog/histogram?by=month&sort=name", ("by=month", "sort=date", "by=letter", "sort=name")),
        ("/api/catalog/histogram?sort=size", ("date", "name")),
        ("/api/catalog/histogram?by=letter&order=up", ("asc", "desc")),
        ("/api/catalog?offset=0&cursor=x", ("cursor", "offset")),
        ("/api/catalog?offset=-1", ("offset", "0")),
        ("/api/catalog?offset=many", ("offset", "integer")),
    ],
)
async def test_a_wrong_place_is_a_problem_that_says_what_is_allowed(
    site: Site, path: str, allowed: tuple[str, ...]
) -> None:
    answer = await site.client.get(path)
    assert answer.status_code == (400 if len(allowed) == 4 or "cursor" in allowed else 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(word in answer.text for word in allowed), answer.text
