"""What every Catalog does, whichever database holds it.

A test module gives an implementation its suite by subclassing CatalogContract and providing a
fixture `catalog` (open and empty).
"""

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamvault.catalog.base import MAX_LIMIT, MAX_ORIGINS, Catalog, CatalogQuery, Cursor, Order, Sort
from streamvault.media.model import FileKey, MediaFile, Origin
from tests.support.files import CHANNEL, media_file

OTHER = CHANNEL - 1
TEXTS = st.text(max_size=40)
KINDS = st.sampled_from(("video", "audio", "voice", "animation", "photo", "sticker", "video_note", "document"))
FILES = st.builds(
    MediaFile,
    key=st.builds(FileKey, st.text(min_size=1, max_size=20)),
    origin=st.builds(Origin, st.integers(-(1 << 52), 1 << 52), st.integers(1, (1 << 31) - 1)),
    dc_id=st.integers(1, 5),
    kind=KINDS,
    name=TEXTS,
    size=st.integers(0, 4 << 30),
    mime_type=TEXTS,
    date=st.integers(0, 1 << 31),
    edit_date=st.none() | st.integers(0, 1 << 31),
    caption=TEXTS,
    duration=st.none() | st.floats(0, 1e6),
    width=st.none() | st.integers(0, 20_000),
    height=st.none() | st.integers(0, 20_000),
    title=TEXTS,
    performer=TEXTS,
    thumb_sizes=st.lists(st.text(max_size=2), max_size=4).map(tuple),
)


async def everything(catalog: Catalog, query: CatalogQuery) -> list[MediaFile]:
    """The items of every page, by following the cursors."""
    found: list[MediaFile] = []
    while True:
        page = await catalog.page(query)
        assert len(page.items) <= query.limit
        found += page.items
        if page.next is None:
            return found
        after = Cursor.decode(page.next.encode(), sort=query.sort, order=query.order)
        query = dataclasses.replace(query, after=after)


async def names(catalog: Catalog, query: CatalogQuery) -> list[str]:
    return [file.name for file in await everything(catalog, query)]


SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]


class CatalogContract:
    """The suite. Each test starts from an empty catalog."""

    async def test_an_unknown_message_has_no_file(self, catalog: Catalog) -> None:
        assert await catalog.get(Origin(CHANNEL, 1)) is None

    # One function for several catalogs, on purpose: what Hypothesis found in one of them is tried in the others too.
    @settings(max_examples=60, deadline=None, suppress_health_check=SHARED)
    @given(file=FILES)
    async def test_every_field_comes_back(self, catalog: Catalog, file: MediaFile) -> None:
        await catalog.remove(file.origin)
        await catalog.put(file)
        assert await catalog.get(file.origin) == file
        await catalog.remove(file.origin)

    async def test_the_same_message_id_in_two_chats_is_two_files(self, catalog: Catalog) -> None:
        here, there = media_file(7), media_file(7, chat_id=OTHER)
        await catalog.put(here)
        await catalog.put(there)
        assert await catalog.get(here.origin) == here
        assert await catalog.get(there.origin) == there

    async def test_the_messages_of_a_file_come_newest_first_and_not_without_end(self, catalog: Catalog) -> None:
        key = FileKey("wanted")
        assert await catalog.origins("wanted") == ()
        await catalog.put(media_file(900))
        for number in range(1, MAX_ORIGINS + 6):
            await catalog.put(media_file(number, key=key, date=1000 + number % 7))
        await catalog.put(media_file(3, chat_id=OTHER, key=key, date=5000))
        found = await catalog.origins("wanted")
        assert found[0] == Origin(OTHER, 3)
        assert [origin.message_id for origin in found[1:5]] == [20, 13, 6, 19]
        assert len(found) == MAX_ORIGINS
        await catalog.remove(Origin(OTHER, 3))
        await catalog.put(media_file(20, key=FileKey("another"), edit_date=6000))
        assert [origin.message_id for origin in (await catalog.origins("wanted"))[:3]] == [13, 6, 19]

    async def test_an_edit_replaces_the_media_and_keeps_the_date(self, catalog: Catalog) -> None:
        old = media_file(1, date=100)
        await catalog.put(old)
        new = media_file(1, date=999, edit_date=200, key=FileKey("new"), name="new.mkv", thumb_sizes=())
        await catalog.put(new)
        assert await catalog.get(old.origin) == dataclasses.replace(new, date=100)

    async def test_a_version_older_than_the_stored_one_is_dropped(self, catalog: Catalog) -> None:
        new = media_file(1, edit_date=200, name="new.mp4")
        await catalog.put(new)
        await catalog.put(media_file(1, edit_date=150, name="old.mp4"))
        await catalog.put(media_file(1, name="oldest.mp4"))
        assert await catalog.get(new.origin) == new
        await catalog.put(media_file(1, edit_date=200, name="again.mp4"))
        assert await names(catalog, CatalogQuery()) == ["again.mp4"]

    async def test_put_twice_changes_nothing(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1))
        await catalog.put(media_file(1))
        assert await everything(catalog, CatalogQuery()) == [media_file(1)]

    async def test_removing_forgets_one_and_only_one(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1))
        await catalog.put(media_file(2))
        await catalog.remove(media_file(1).origin)
        await catalog.remove(media_file(3).origin)
        assert await everything(catalog, CatalogQuery()) == [media_file(2)]

    async def test_a_thumbnail_is_refused(self, catalog: Catalog) -> None:
        with pytest.raises(ValueError, match="thumbnail"):
            await catalog.put(media_file(1, key=FileKey("unique", "m")))

    @pytest.mark.parametrize("limit", [1, 3, MAX_LIMIT])
    @pytest.mark.parametrize("order", ["asc", "desc"])
    @pytest.mark.parametrize("sort", ["date", "name", "size"])
    async def test_pages_cover_everything_once_in_order(
        self, catalog: Catalog, sort: Sort, order: Order, limit: int
    ) -> None:
        # every sort value occurs several times, so that only the origin tells neighbours apart
        files = [
            media_file(number, chat_id=chat_id, date=number // 3, name="abc"[number % 3], size=number % 4)
            for number in range(1, 8)
            for chat_id in (CHANNEL, OTHER)
        ]
        for file in files:
            await catalog.put(file)

        def place(file: MediaFile) -> tuple[object, int, int]:
            value = {"date": file.date, "name": file.name, "size": file.size}[sort]
            return value, file.origin.chat_id, file.origin.message_id

        found = await everything(catalog, CatalogQuery(sort=sort, order=order, limit=limit))
        assert found == sorted(files, key=place, reverse=order == "desc")

    async def test_a_cursor_holds_while_files_come_and_go(self, catalog: Catalog) -> None:
        for number in range(1, 7):
            await catalog.put(media_file(number))
        first = await catalog.page(CatalogQuery(limit=3))
        assert [file.origin.message_id for file in first.items] == [6, 5, 4]
        await catalog.put(media_file(9))
        await catalog.remove(media_file(4).origin)
        second = await catalog.page(CatalogQuery(limit=3, after=first.next))
        assert [file.origin.message_id for file in second.items] == [3, 2, 1]
        assert second.next is None

    @pytest.mark.parametrize(
        ("text", "matches"),
        [
            ("lection", True),
            ("LECTION", True),
            ("sel deli", True),
            ("deli sel", True),
            ("delicate choice", False),
            ("sélection", True),
            ("selection", True),
            ("", True),
            ("   ", True),
            ("100%", True),
            ("100_", False),
            ("_", False),
            ("'", False),
        ],
    )
    async def test_words_are_looked_for_anywhere_in_the_name(self, catalog: Catalog, text: str, matches: bool) -> None:
        await catalog.put(media_file(1, name="Sélection délicate 100%.mp4"))
        assert bool(await everything(catalog, CatalogQuery(text=text))) == matches

    @pytest.mark.parametrize(
        ("stored", "text"),
        [
            ("Война и мир", "ВОЙНА"),
            ("東京物語.mkv", "物語"),
            ("فيلم عربي", "عربي"),
            ("Ελληνική ταινία", "ταινια"),
            ("हिन्दी फ़िल्म", "हिन्दी"),
            ("Straße", "STRASSE"),
            ("ﬁlm ①", "film 1"),
            ("한국 영화", "영화"),
            ("👩\u200d👩\u200d👧 clip", "👧"),
            ("nul\0inside", "inside"),
            ("İstanbul", "istanbul"),
        ],
    )
    async def test_search_knows_scripts_and_compatible_forms(self, catalog: Catalog, stored: str, text: str) -> None:
        await catalog.put(media_file(1, name=stored))
        await catalog.put(media_file(2, name="something else"))
        assert await names(catalog, CatalogQuery(text=text)) == [stored]

    async def test_search_reads_caption_title_and_performer(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1, caption="a needle here"))
        await catalog.put(media_file(2, title="needle"))
        await catalog.put(media_file(3, performer="The Needles"))
        await catalog.put(media_file(4))
        found = await everything(catalog, CatalogQuery(text="needle"))
        assert [file.origin.message_id for file in found] == [3, 2, 1]

    async def test_search_follows_an_edit(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1, name="before.mp4"))
        await catalog.put(media_file(1, name="after.mp4", edit_date=2))
        assert await names(catalog, CatalogQuery(text="before")) == []
        assert await names(catalog, CatalogQuery(text="after")) == ["after.mp4"]

    async def test_filters_narrow_and_combine(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1, name="a", kind="video"))
        await catalog.put(media_file(2, name="b", kind="audio"))
        await catalog.put(media_file(3, name="c", kind="audio", chat_id=OTHER))
        assert await names(catalog, CatalogQuery(kind="audio")) == ["c", "b"]
        assert await names(catalog, CatalogQuery(chat_ids=frozenset({CHANNEL}))) == ["b", "a"]
        assert await names(catalog, CatalogQuery(chat_ids=frozenset({CHANNEL, OTHER}))) == ["c", "b", "a"]
        assert await names(catalog, CatalogQuery(kind="audio", chat_ids=frozenset({CHANNEL}))) == ["b"]
        assert await names(catalog, CatalogQuery(chat_ids=frozenset())) == []

    async def test_counts(self, catalog: Catalog) -> None:
        empty = await catalog.counts()
        assert (empty.files, empty.bytes, empty.kinds) == (0, 0, {})
        await catalog.put(media_file(1, kind="video", size=10))
        await catalog.put(media_file(2, kind="audio", size=3 << 30))
        await catalog.put(media_file(3, kind="audio", size=5, chat_id=OTHER))
        every = await catalog.counts()
        assert (every.files, every.bytes, every.kinds) == (3, (3 << 30) + 15, {"audio": 2, "video": 1})
        there = await catalog.counts(frozenset({OTHER}))
        assert (there.files, there.bytes, there.kinds) == (1, 5, {"audio": 1})

    async def test_chats_are_remembered_renamed_and_forgotten(self, catalog: Catalog) -> None:
        assert await catalog.chats() == {}
        await catalog.remember_chat(CHANNEL, "Films")
        await catalog.remember_chat(OTHER, "Música 🎵")
        await catalog.remember_chat(CHANNEL, "Фильмы")
        assert await catalog.chats() == {CHANNEL: "Фильмы", OTHER: "Música 🎵"}
        await catalog.forget_chat(CHANNEL)
        await catalog.forget_chat(CHANNEL)
        assert await catalog.chats() == {OTHER: "Música 🎵"}

    async def test_forgetting_a_chat_keeps_its_files(self, catalog: Catalog) -> None:
        await catalog.remember_chat(CHANNEL, "Films")
        await catalog.put(media_file(1))
        await catalog.forget_chat(CHANNEL)
        assert await catalog.get(media_file(1).origin) == media_file(1)
