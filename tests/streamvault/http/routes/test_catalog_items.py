"""One item of /api/catalog: all that it says of a file, its origins and its album."""

from urllib.parse import unquote

import pytest

from streamvault.errors import CatalogError
from streamvault.media.model import FileKey, Sent
from tests.support.facts import FACTS
from tests.support.files import CHANNEL, media_file
from tests.support.site import FOREIGN, OTHER, Site


async def test_an_item_has_every_field(site: Site) -> None:
    file = media_file(
        7,
        name="Küche & Garten/日本.mp4",
        caption="a #Caption",
        album=1 << 60,
        views=5,
        forwarded_from=-9,
        sent=Sent("document", "Küche & Garten/日本.mp4", ""),
    )
    await site.put(file)
    await site.catalog.store_facts({file.key.file_unique_id: FACTS})
    [item] = await site.items()
    assert item == {
        "chat_id": CHANNEL,
        "message_id": 7,
        "name": file.name,
        "size": file.size,
        "mime_type": "video/mp4",
        "kind": "video",
        "telegram_kind": "document",
        "duration": 61.5,
        "width": 1920,
        "height": 1080,
        "date": file.date,
        "edit_date": None,
        "caption": "a #Caption",
        "title": "",
        "performer": "",
        "file_unique_id": file.key.file_unique_id,
        "stream_url": item["stream_url"],
        "thumb_url": f"/thumb/{CHANNEL}/7",
        "placeholder": None,
        "album": str(1 << 60),  # JavaScript has no such integers
        "views": 5,
        "forwarded_from": -9,
        "pieces": 0,
        "tags": ["Caption"],
        "facts": {
            "title": "The Garden",
            "year": 2020,
            "season": 2,
            "episode": 3,
            "last_episode": None,
            "resolution": "1080p",
            "codec": "H.264",
            "languages": ["de", "en"],
            "work": "s:the-garden",
        },
        "watched": None,
        "favourite": False,
        "hidden": False,
    }
    assert unquote(item["stream_url"]) == f"/stream/{CHANNEL}/7/Küche & Garten_日本.mp4"


async def test_a_file_without_thumbnail_has_a_null_url(site: Site) -> None:
    await site.catalog.put(media_file(7, thumb_sizes=()))
    assert (await site.items())[0]["thumb_url"] is None


async def test_one_item(site: Site) -> None:
    await site.catalog.put(media_file(7))
    item = await site.get(f"/api/catalog/{CHANNEL}/7")
    assert [origin["message_id"] for origin in item.pop("origins")] == [7]
    assert [item] == await site.items()
    missing = await site.client.get(f"/api/catalog/{CHANNEL}/8")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"


async def test_an_item_has_its_origins_in_the_servers_chats(site: Site) -> None:
    await site.catalog.remember_chat(OTHER, "Other films")
    key = FileKey("one file")
    await site.put(
        media_file(7, key=key, caption="first", views=3),
        media_file(8, key=key, caption="again", chat_id=OTHER, forwarded_from=CHANNEL),
        media_file(9, key=key, chat_id=FOREIGN),
    )
    item = await site.get(f"/api/catalog/{CHANNEL}/7")
    assert (item["message_id"], item["caption"]) == (7, "first")
    first, again = item["origins"]
    assert again == {
        "chat_id": OTHER,
        "chat_title": "Other films",
        "message_id": 8,
        "date": 1_700_000_008,
        "caption": "again",
        "album": None,
        "views": None,
        "forwarded_from": CHANNEL,
    }
    assert (first["message_id"], first["chat_title"], first["views"]) == (7, None, 3)


async def test_a_file_is_shown_while_the_database_fails(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    async def away(*_: object) -> None:
        raise CatalogError("the database is away")

    await site.put(media_file(7))
    monkeypatch.setattr(site.catalog, "entry", away)
    item = await site.get(f"/api/catalog/{CHANNEL}/7")
    assert (item["name"], item["facts"], len(item["origins"])) == ("film 7.mp4", None, 1)


async def test_the_text_of_an_album_is_the_caption_of_its_items(site: Site) -> None:
    """H: its own caption, or else that of the album."""
    await site.put(*(media_file(n, album=7, caption="Regatta #sail" if n == 1 else "") for n in range(1, 5)))
    items = await site.items(q="regatta")
    assert [(item["message_id"], item["caption"], item["tags"]) for item in items] == [
        (number, "Regatta #sail", ["sail"]) for number in (4, 3, 2, 1)
    ]
