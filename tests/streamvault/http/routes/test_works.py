"""Films and series over HTTP."""

import dataclasses
from typing import Any

import pytest

from streamvault.http.routes import works
from streamvault.media.model import MediaFile
from streamvault.media.name_facts import NameFacts
from tests.support.files import CHANNEL, media_file
from tests.support.site import FOREIGN, Site

SERIES, FILM = "s:the-garden", "f:dunes-2021"


async def put(site: Site, message_id: int, *, chat_id: int = CHANNEL, size: int = 1, **facts: Any) -> MediaFile:
    """Put a file with facts."""
    file = media_file(message_id, chat_id=chat_id, size=size)
    await site.put(file)
    await site.catalog.store_facts({file.key.file_unique_id: dataclasses.replace(NameFacts(1), **facts)})
    return file


async def put_series(site: Site) -> None:
    series: dict[str, Any] = {"title": "The Garden", "work": SERIES}
    await put(site, 1, season=1, episode=2, resolution="720p", **series)
    await put(site, 2, season=2, episode=1, resolution="720p", **series)
    await put(site, 3, season=1, episode=2, resolution="1080p", **series)
    await put(site, 4, season=1, episode=1, resolution="1080p", **series)
    await put(site, 5, season=1, resolution="1080p", **series)
    await put(site, 6, season=1, episode=1, resolution="1080p", size=9, **series)
    await put(site, 7, **series)


async def put_film(site: Site) -> None:
    film: dict[str, Any] = {"title": "Dunes", "year": 2021, "work": FILM}
    await put(site, 11, resolution="480p", **film)
    await put(site, 12, resolution="2160p", **film)


def messages(items: list[dict[str, Any]]) -> list[int]:
    return [item["message_id"] for item in items]


async def test_works_are_listed_with_a_picture(site: Site) -> None:
    await put_series(site)
    await put_film(site)
    await put(site, 20, title="no work")
    await put(site, 30, title="Elsewhere", work="f:elsewhere", chat_id=FOREIGN)
    assert (await site.get("/api/works"))["works"] == [
        {
            "key": FILM,
            "title": "Dunes",
            "year": 2021,
            "series": False,
            "files": 2,
            "chat_id": CHANNEL,
            "message_id": 12,
            "thumb_url": f"/thumb/{CHANNEL}/12",
            "placeholder": None,
        },
        {
            "key": SERIES,
            "title": "The Garden",
            "year": None,
            "series": True,
            "files": 7,
            "chat_id": CHANNEL,
            "message_id": 7,
            "thumb_url": f"/thumb/{CHANNEL}/7",
            "placeholder": None,
        },
    ]
    assert [work["key"] for work in (await site.get("/api/works", q="garden"))["works"]] == [SERIES]
    assert [work["key"] for work in (await site.get("/api/works", limit=1))["works"]] == [FILM]
    assert (await site.get("/api/works", kind="audio")) == {"works": [], "next_cursor": None}


async def test_works_come_in_pages_by_date_or_title_and_series_alone(site: Site) -> None:
    for number, title in enumerate(("Beta", "Alpha 10", "Gamma", "Alpha 9"), 1):
        await put(site, number, title=title, work=f"{'s' if number % 2 else 'f'}:{number}", episode=number % 2 or None)

    async def pages(**params: Any) -> list[list[str]]:
        found = [await site.get("/api/works", limit=2, **params)]
        while found[-1]["next_cursor"]:
            found.append(await site.get("/api/works", limit=2, cursor=found[-1]["next_cursor"], **params))
        return [[work["title"] for work in page["works"]] for page in found]

    assert await pages() == [["Alpha 9", "Gamma"], ["Alpha 10", "Beta"]]
    assert await pages(order="asc") == [["Beta", "Alpha 10"], ["Gamma", "Alpha 9"]]
    assert await pages(sort="name") == [["Alpha 9", "Alpha 10"], ["Beta", "Gamma"]]
    assert await pages(series="true") == [["Gamma", "Beta"]]
    assert await pages(series="false", sort="name", order="desc") == [["Alpha 10", "Alpha 9"]]
    cursor = (await site.get("/api/works", limit=2))["next_cursor"]
    for wrong in ({"sort": "size"}, {"sort": "name", "cursor": cursor}, {"cursor": "x"}):
        assert (await site.client.get("/api/works", params=wrong)).status_code in (400, 422)


async def test_any_place_of_a_list_of_works_is_a_jump_away(site: Site) -> None:
    await put_series(site)
    await put_film(site)
    await put(site, 13, title="Alps", work="f:alps", resolution="480p")
    films = {"series": "false"}
    assert [work["title"] for work in (await site.get("/api/works", offset=1, **films))["works"]] == ["Dunes"]
    letters = await site.get("/api/works/histogram", sort="name", **films)
    assert letters == {
        "total": 2,
        "buckets": [{"key": "A", "count": 1, "offset": 0}, {"key": "D", "count": 1, "offset": 1}],
        "corrected": None,
    }
    assert (await site.get("/api/works/histogram"))["total"] == 3
    facets = await site.get("/api/works/facets", **films)
    assert (facets["total"], facets["years"]) == (2, [{"value": 2021, "count": 1}])
    assert facets["resolutions"] == [{"value": "480p", "count": 2}, {"value": "2160p", "count": 1}]
    assert (await site.get("/api/works/facets", series="true"))["years"] == []
    both: dict[str, int | str] = {"offset": 1, "cursor": "x"}
    for wrong in (both, {"offset": -1}):
        assert (await site.client.get("/api/works", params=wrong)).status_code in (400, 422)
    assert (await site.client.get("/api/works/histogram", params={"sort": "size"})).status_code == 422


async def test_a_series_is_seasons_of_episodes(site: Site) -> None:
    await put_series(site)
    tree = await site.get(f"/api/works/{SERIES}")
    assert (tree["title"], tree["series"], tree["complete"], tree["files"]) == ("The Garden", True, True, [])
    assert {
        season["season"]: {one["episode"]: messages(one["files"]) for one in season["episodes"]}
        for season in tree["seasons"]
    } == {1: {1: [6, 4], 2: [3, 1], None: [5]}, 2: {1: [2]}, None: {None: [7]}}
    assert [season["season"] for season in tree["seasons"]] == [1, 2, None]


async def test_a_file_of_several_episodes_is_below_each(site: Site) -> None:
    """J: every episode leads to the file."""
    await put(site, 1, title="Low Country", season=2, episode=3, last_episode=4, work="s:low-country")
    await put(site, 2, title="Low Country", season=2, episode=4, work="s:low-country", size=9)
    [season] = (await site.get("/api/works/s:low-country"))["seasons"]
    found = {episode["episode"]: messages(episode["files"]) for episode in season["episodes"]}
    assert found == {3: [1], 4: [2, 1]}


async def test_a_film_is_a_list_of_qualities(site: Site) -> None:
    await put_film(site)
    tree = await site.get(f"/api/works/{FILM}")
    assert (messages(tree["files"]), tree["seasons"]) == ([12, 11], [])


async def test_a_work_with_more_files_is_not_complete(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(works, "MAX_FILES", 200)
    for number in range(1, 202):
        await put(site, number, title="Dunes", work=FILM)
    tree = await site.get(f"/api/works/{FILM}")
    assert (len(tree["files"]), tree["complete"]) == (200, False)


@pytest.mark.parametrize("key", ["x", "%00", "%F0%9F%8D%8E", "f:elsewhere"])
async def test_an_unknown_work_is_a_404(site: Site, key: str) -> None:
    await put(site, 30, title="Elsewhere", work="f:elsewhere", chat_id=FOREIGN)
    answer = await site.client.get(f"/api/works/{key}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_too_long_a_key_is_422(site: Site) -> None:
    assert (await site.client.get(f"/api/works/{'x' * 301}")).status_code == 422


async def test_works_need_a_token_for_the_server(closed_site: Site) -> None:
    film = await put(closed_site, 1, title="Dunes", work=FILM)
    for path in ("/api/works", f"/api/works/{FILM}"):
        assert (await closed_site.client.get(path)).status_code == 401
        for token, status in ((closed_site.token(film), 403), (closed_site.token(), 200)):
            assert (await closed_site.client.get(path, params={"token": token})).status_code == status
