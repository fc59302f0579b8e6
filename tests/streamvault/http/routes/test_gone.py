"""Files without a message are neither listed nor counted in personal lists until they are posted again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from streamvault.http.routes import favourites
from streamvault.media.model import MediaFile
from tests.support.files import CHANNEL, media_file
from tests.support.site import FOREIGN, HOME, OTHER, Site, open_site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(base_url=HOME) as opened:
        yield opened


FILES = [media_file(number) for number in range(1, 7)]
GONE = (2, 3)


async def keep(site: Site) -> str:
    """Store a watch state, a favourite and a collection member for each of FILES; the collection's path."""
    await site.put(*FILES)
    shelf = str((await site.client.post("/api/collections", json={"name": "mine"})).headers["location"])
    for file in FILES:
        at = f"{CHANNEL}/{file.origin.message_id}"
        for path in (f"{shelf}/{at}", f"/api/favourites/{at}", f"/api/watch/{at}"):
            assert (await site.client.put(path, json={"position": 5})).status_code in (200, 204)
    return shelf


async def shown(site: Site, path: str, **query: Any) -> list[list[int]]:
    """The numbers of the files on each page of a list."""
    pages = []
    numbers = {file.key.file_unique_id: file.origin.message_id for file in FILES}
    while True:
        page = await site.get(path, **query)
        pages.append([numbers[item["file_unique_id"]] for item in page["items"]])
        if page["next_cursor"] is None:
            return pages
        query["cursor"] = page["next_cursor"]


async def counted(site: Site, shelf: str) -> set[int]:
    """The numbers of files of the collection, in each answer that has one."""
    [one] = (await site.get("/api/collections"))["collections"]
    renamed = await site.client.put(shelf, json={"name": "mine"})
    return {one["files"], renamed.json()["files"], (await site.get(shelf, limit=1))["files"]}


async def test_deleted_files_are_not_counted_until_they_are_posted_again(site: Site) -> None:
    shelf = await keep(site)
    assert await counted(site, shelf) == {6}
    for number in GONE:
        await site.catalog.remove(media_file(number).origin)
    assert await counted(site, shelf) == {4}
    assert await shown(site, shelf, limit=2) == [[1, 4], [5, 6]]
    assert await shown(site, "/api/favourites", limit=2) == [[6, 5], [4, 1]]
    assert sorted(*await shown(site, "/api/watch", limit=4)) == [1, 4, 5, 6]

    await site.put(*(again(number, OTHER) for number in GONE))
    assert await counted(site, shelf) == {6}
    assert await shown(site, shelf, limit=4) == [[1, 2, 3, 4], [5, 6]]
    assert await shown(site, "/api/favourites", limit=9) == [[6, 5, 4, 3, 2, 1]]
    assert len(*await shown(site, "/api/watch", limit=9)) == 6


async def test_files_in_other_chats_are_not_counted(site: Site) -> None:
    shelf = await keep(site)
    await site.catalog.remove(media_file(2).origin)
    await site.put(again(2, FOREIGN))
    assert await counted(site, shelf) == {5}
    assert await shown(site, shelf) == [[1, 3, 4, 5, 6]]


async def test_a_page_after_many_deleted_files_may_be_short(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(favourites, "_AT_ONCE", 3)
    await keep(site)
    for number in (6, 5, 3):
        await site.catalog.remove(media_file(number).origin)
    assert await shown(site, "/api/favourites", limit=2) == [[4], [2, 1], []]


def again(number: int, chat_id: int) -> MediaFile:
    """The same file in another message."""
    return media_file(number + 50, chat_id=chat_id, key=media_file(number).key)
