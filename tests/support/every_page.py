"""Where the pages of the web UI are on a demo: of the sections, and of one film, album, channel and so on."""

from typing import Any

from playwright.sync_api import Page

from tests.support.browser import catalog
from tests.support.demo import Demo

COLLECTION = "For a rainy evening"

SECTIONS = (
    "/", "/films", "/series", "/music", "/photos", "/documents", "/files", "/files?view=list", "/search?q=night",
    "/channels", "/collections", "/favourites", "/history", "/history?finished=true", "/hidden", "/library", "/manage",
    "/manage/channels", "/manage/mirrors", "/manage/people", "/manage/links", "/manage/health", "/manage/audit",
    "/settings", "/nowhere",
)  # fmt: skip


def of_the_demo(page: Page, demo: Demo) -> dict[str, str]:
    """Pages of what the demo holds by what they show, as `page` sees it; the collection is there afterwards."""
    listed = catalog(page, demo)
    film, series = (_first(listed, work) for work in ("f:", "s:"))
    song = next(one for one in listed if one["kind"] == "audio" and one["album"] and one["performer"])
    photo = next(one for one in listed if one["kind"] == "photo")
    book = next(one for one in listed if one["name"].endswith(".md") or one["name"].endswith(".txt"))
    return {
        "work": f"/work/{film['facts']['work']}",
        "series-work": f"/work/{series['facts']['work']}",
        "watch": f"/watch/{_place(film, '/')}",
        "channel": f"/channels/{film['chat_id']}",
        "collection": f"/collections/{a_collection(page, demo, listed[:40:5])}",
        "album": f"/music?album={_place(song)}",
        "artist": f"/music?artist={song['performer'].lower()}",
        "songs": "/music?section=songs",
        "picture": f"/photos?photo={_place(photo)}",
        "reader": f"/documents?doc={_place(book)}",
    }


def a_collection(page: Page, demo: Demo, files: list[dict[str, Any]]) -> int:
    """The number of the caller's collection with these files, made where there is none."""
    own = page.request.get(f"{demo.url}/api/collections").json()["collections"]
    found = next((one["id"] for one in own if one["name"] == COLLECTION), None)
    if found is None:
        found = page.request.post(f"{demo.url}/api/collections", data={"name": COLLECTION}).json()["id"]
    for file in files:
        answer = page.request.put(f"{demo.url}/api/collections/{found}/{_place(file, '/')}")
        assert answer.ok, answer.text()
    return int(found)


def _first(listed: list[dict[str, Any]], work: str) -> dict[str, Any]:
    return next(one for one in listed if one["facts"] and one["facts"]["work"].startswith(work))


def _place(file: dict[str, Any], between: str = "_") -> str:
    return f"{file['chat_id']}{between}{file['message_id']}"
