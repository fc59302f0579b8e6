"""How a catalog lists files: order, pages, filters, facets, works."""

import dataclasses
from itertools import product

import pytest

from streamvault.catalog.base import (
    MAX_LIMIT,
    Catalog,
    CatalogQuery,
    Change,
    Facets,
    Histogram,
    Order,
    Sort,
    Work,
    WorksPage,
    row_key,
)
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.media.name_facts import NameFacts
from tests.support.files import CHANNEL, media_file
from tests.support.walking import ORDERS, SORTS, everything, names

OTHER = CHANNEL - 1


async def all_works(catalog: Catalog, query: CatalogQuery, *, series: bool | None = None) -> list[Work]:
    """The works of all pages."""
    found: list[Work] = []
    while True:
        page = await catalog.works(query, series=series)
        found += page.items
        if page.next is None:
            return found
        query = dataclasses.replace(query, after=page.next)


class ListContract:
    async def test_pages_cover_everything_once_in_order(self, catalog: Catalog) -> None:
        # every sort value occurs several times, so that only the key orders neighbours
        files = [
            media_file(number, chat_id=chat_id, date=number // 3, name="aBc"[number % 3], size=number % 4)
            for number in range(1, 8)
            for chat_id in (CHANNEL, OTHER)
        ]
        for file in files:
            await catalog.put(file)

        def place(file: MediaFile, sort: Sort) -> tuple[object, int]:
            value = {"date": file.date, "name": file.name.lower(), "size": file.size}[sort]
            return value, row_key(file)

        for (sort, order), limit in product(ORDERS, (1, 3, MAX_LIMIT)):
            found = await everything(catalog, CatalogQuery(sort=sort, order=order, limit=limit))
            assert found == sorted(files, key=lambda file: place(file, sort), reverse=order == "desc")

    @pytest.mark.parametrize(
        "ordered",
        [
            ["Lesson 1", "Lesson 2", "Lesson 9", "Lesson 10", "Lesson 11"],
            ["lesson 0", "Lesson 007", "LESSON 8", "lesson 100 a", "Lesson 100 b"],
            ["Lesson S1E9.mkv", "Lesson S1E10.mkv", "Lesson S2E1.mkv", "Lesson S10E1.mkv"],
            ["Lesson ٢", "Lesson 3", "Lesson ٩", "Lesson १०", "Lesson 12"],
            [f"Lesson {'9' * 30}", f"Lesson 1{'0' * 30}", f"Lesson 1{'0' * 31}"],
            ["10 Lesson", "Lesson", "Lesson 1.mp4", "Lesson 1a.mp4", "Lesson one"],
        ],
        ids=["digits", "zeros and case", "several numbers", "other digits", "long numbers", "around numbers"],
    )
    async def test_names_are_in_natural_order_on_every_page(self, catalog: Catalog, ordered: list[str]) -> None:
        """L: pages of three."""
        await catalog.apply(Change(put=[media_file(n, name=name) for n, name in enumerate(reversed(ordered), 1)]))
        for text in ("", "lesson"):
            query = CatalogQuery(text=text, sort="name", order="asc", limit=3)
            assert await names(catalog, query) == ordered
            assert await names(catalog, dataclasses.replace(query, order="desc")) == ordered[::-1]

    async def test_a_cursor_stays_valid_while_files_are_added_and_removed(self, catalog: Catalog) -> None:
        for number in range(1, 7):
            await catalog.put(media_file(number))
        first = await catalog.page(CatalogQuery(limit=3))
        assert [entry.file.origin.message_id for entry in first.items] == [6, 5, 4]
        await catalog.put(media_file(9))
        await catalog.remove(media_file(4).origin)
        second = await catalog.page(CatalogQuery(limit=3, after=first.next))
        assert [entry.file.origin.message_id for entry in second.items] == [3, 2, 1]
        assert second.next is None

    async def test_a_file_of_several_messages_is_one_item(self, catalog: Catalog) -> None:
        key = FileKey("twice")
        for number in range(1, 9):
            await catalog.put(media_file(number, key=key if number in (2, 4, 6) else FileKey(f"{number}")))
        for (sort, order), text in product(ORDERS, ("", "film")):
            expected = [8, 7, 6, 5, 3, 1] if order == "desc" else [1, 3, 5, 6, 7, 8]
            found = await everything(catalog, CatalogQuery(text=text, sort=sort, order=order, limit=2))
            assert [file.origin.message_id for file in found] == expected

    async def test_a_file_shows_the_newest_message_that_matches(self, catalog: Catalog) -> None:
        key = FileKey("twice")
        await catalog.put(media_file(1, key=key, name="raw.mp4"))
        await catalog.put(media_file(2, key=key, name="nice.mp4", chat_id=OTHER, kind="document"))
        assert await names(catalog, CatalogQuery()) == ["nice.mp4"]
        assert await names(catalog, CatalogQuery(text="raw")) == ["raw.mp4"]
        assert await names(catalog, CatalogQuery(text="-nice")) == ["raw.mp4"]
        assert await names(catalog, CatalogQuery(kind="video")) == ["raw.mp4"]
        assert await names(catalog, CatalogQuery(chat_ids=frozenset({CHANNEL}))) == ["raw.mp4"]
        assert await names(catalog, CatalogQuery(until=media_file(1).date)) == ["raw.mp4"]
        assert await catalog.facets(CatalogQuery()) == Facets(total=1, kinds={"document": 1}, chats={OTHER: 1})
        found = await catalog.facets(CatalogQuery(text="raw"))
        assert found == Facets(total=1, kinds={"video": 1}, chats={CHANNEL: 1})

    async def test_filters_narrow_and_combine(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1, name="a", kind="video"))
        await catalog.put(media_file(2, name="b", kind="audio"))
        await catalog.put(media_file(3, name="c", kind="audio", chat_id=OTHER))
        assert await names(catalog, CatalogQuery(kind="audio")) == ["c", "b"]
        assert await names(catalog, CatalogQuery(chat_ids=frozenset({CHANNEL}))) == ["b", "a"]
        assert await names(catalog, CatalogQuery(chat_ids=frozenset({CHANNEL, OTHER}))) == ["c", "b", "a"]
        assert await names(catalog, CatalogQuery(kind="audio", chat_ids=frozenset({CHANNEL}))) == ["b"]
        assert await names(catalog, CatalogQuery(chat_ids=frozenset())) == []
        assert await names(catalog, CatalogQuery(chat_ids=frozenset({OTHER - 1}))) == []
        many = frozenset({CHANNEL, *range(OTHER - 1, OTHER - 500, -1)})
        assert await names(catalog, CatalogQuery(chat_ids=many)) == ["b", "a"]

    async def test_a_filter_of_many_chats_finds_what_one_of_few_does(self, catalog: Catalog) -> None:
        chats = [CHANNEL - number for number in range(150)]
        await catalog.apply(Change(put=[media_file(1, chat_id=chat, date=n) for n, chat in enumerate(chats)]))
        wanted = frozenset(chats[:100])
        for query in (CatalogQuery(chat_ids=wanted, limit=7), CatalogQuery(text="film", chat_ids=wanted, limit=7)):
            assert [file.origin.chat_id for file in await everything(catalog, query)] == chats[99::-1]
            assert (await catalog.facets(query)).total == 100

    async def test_sizes_from_and_to(self, catalog: Catalog) -> None:
        sizes = [0, 1, 1000, 1023, 1024, 5 << 30]
        asked: dict[tuple[int | None, int | None], list[int]] = {
            (None, None): sizes,
            (1, None): sizes[1:],
            (1000, 1023): [1000, 1023],
            (1001, 1024): [1023, 1024],
            (None, 999): [0, 1],
            (None, -1): [],
            (5, 4): [],
            (-(1 << 70), 1 << 70): sizes,
            (1025, (5 << 30) - 1): [],
        }
        for number, size in enumerate(sizes, 1):
            await catalog.put(media_file(number, size=size))
        for (first, last), expected in asked.items():
            for sort in SORTS:
                query = CatalogQuery(min_size=first, max_size=last, sort=sort, order="asc")
                assert [file.size for file in await everything(catalog, query)] == expected
            assert (await catalog.facets(CatalogQuery(min_size=first, max_size=last))).total == len(expected)

    async def test_dates_from_and_to(self, catalog: Catalog) -> None:
        asked: dict[tuple[int | None, int | None], list[int]] = {
            (None, None): [0, 10, 20, 30],
            (10, None): [10, 20, 30],
            (11, 29): [20],
            (10, 20): [10, 20],
            (None, 9): [0],
            (None, -5): [],
            (-5, 1 << 70): [0, 10, 20, 30],
            (31, None): [],
            (1 << 70, None): [],
        }
        for number in range(4):
            await catalog.put(media_file(number + 1, date=number * 10))
        for ((since, until), expected), text in product(asked.items(), ("", "film")):
            query = CatalogQuery(text=text, since=since, until=until, order="asc", limit=1)
            assert [file.date for file in await everything(catalog, query)] == expected
            assert (await catalog.facets(query)).total == len(expected)

    async def test_facts_and_tags_narrow_and_are_counted(self, catalog: Catalog) -> None:
        facts = [
            NameFacts(1, title="Heat", year=1995, resolution="1080p", languages=("en", "fr"), work="heat"),
            NameFacts(1, title="Heat", year=1995, resolution="720p", languages=("en",), work="heat"),
            NameFacts(
                1, title="Dark", year=2017, season=1, episode=3, resolution="1080p", languages=("de",), work="dark"
            ),
            NameFacts(1),
        ]
        captions = ["#Crime", "#crime #Новинка", "", "#x_y"]
        for number, caption in enumerate(captions, 1):
            await catalog.put(media_file(number, caption=caption))
        unread = await catalog.facets(CatalogQuery())
        assert (unread.total, unread.years, unread.tags) == (4, {}, {"Crime": 2, "x_y": 1, "Новинка": 1})
        await catalog.store_facts({media_file(n).key.file_unique_id: one for n, one in enumerate(facts, 1)})

        async def found(query: CatalogQuery) -> list[int]:
            return [file.origin.message_id for file in await everything(catalog, query)]

        assert await found(CatalogQuery(year=1995)) == [2, 1]
        assert await found(CatalogQuery(resolution="1080p")) == [3, 1]
        assert await found(CatalogQuery(language="en")) == [2, 1]
        assert await found(CatalogQuery(language="e")) == []
        assert await found(CatalogQuery(work="heat", resolution="720p")) == [2]
        assert await found(CatalogQuery(tag="CRIME")) == [2, 1]
        assert await found(CatalogQuery(tag="новинка")) == [2]
        assert await found(CatalogQuery(tag="X_Y")) == [4]
        assert await found(CatalogQuery(text="heat -fr")) == [2, 1]
        assert await found(CatalogQuery(text="dark", sort="name")) == [3]
        every = await catalog.facets(CatalogQuery(text="film"))
        assert every == Facets(
            total=4,
            kinds={"video": 4},
            chats={CHANNEL: 4},
            years={1995: 2, 2017: 1},
            resolutions={"1080p": 2, "720p": 1},
            languages={"en": 2, "de": 1, "fr": 1},
            tags={"Crime": 2, "x_y": 1, "Новинка": 1},
        )

    async def test_works_are_films_and_series_with_the_newest_first(self, catalog: Catalog) -> None:
        film = NameFacts(1, title="Heat", year=1995, work="heat")
        series = NameFacts(1, title="Dark", season=1, work="dark")
        learned = {1: film, 2: series, 3: dataclasses.replace(series, episode=2), 4: NameFacts(1, title="?"), 5: film}
        await catalog.apply(Change(put=[media_file(number) for number in range(1, 7)]))
        await catalog.put(media_file(9, key=media_file(1).key))
        await catalog.store_facts({media_file(n).key.file_unique_id: facts for n, facts in learned.items()})
        heat = Work("heat", "Heat", 1995, series=False, files=2, newest=Origin(CHANNEL, 9))
        dark = Work("dark", "Dark", None, series=True, files=2, newest=Origin(CHANNEL, 3))
        assert await catalog.works(CatalogQuery()) == WorksPage((heat, dark), None)
        assert (await catalog.works(CatalogQuery(limit=1))).items == (heat,)
        assert (await catalog.works(CatalogQuery(text="film", work="dark"))).items == (dark,)
        assert await catalog.works(CatalogQuery(chat_ids=frozenset())) == WorksPage((), None)
        assert (await catalog.works(CatalogQuery(), series=True)).items == (dark,)
        assert (await catalog.works(CatalogQuery(), series=False)).items == (heat,)
        assert (await catalog.works(CatalogQuery(sort="name", order="asc"))).items == (dark, heat)
        with pytest.raises(ValueError, match="size"):
            await catalog.works(CatalogQuery(sort="size"))

    async def test_works_are_counted_by_what_any_of_their_files_is(self, catalog: Catalog) -> None:
        """A film in two qualities counts once in each; an episode makes a work a series, whatever its other files."""
        heat = NameFacts(1, title="Heat", year=1995, work="heat", resolution="720p", languages=("en",))
        dark = NameFacts(1, title="Dark", season=1, work="dark", resolution="1080p")
        learned = {
            1: heat, 2: dataclasses.replace(heat, resolution="1080p", languages=("de", "en")), 3: heat, 4: dark,
            5: dataclasses.replace(dark, season=None), 6: NameFacts(1, title="no work", resolution="480p"),
        }  # fmt: skip
        dates = {number: 40 * 86_400 * number for number in learned}
        await catalog.apply(Change(put=[media_file(n, date=dates[n], caption="#one #two") for n in learned]))
        await catalog.store_facts({media_file(n).key.file_unique_id: facts for n, facts in learned.items()})
        films = await catalog.works_facets(CatalogQuery(), series=False)
        assert films == Facets(
            total=1, kinds={"video": 1}, chats={CHANNEL: 1}, years={1995: 1}, resolutions={"1080p": 1, "720p": 1},
            languages={"de": 1, "en": 1}, tags={"one": 1, "two": 1},
        )  # fmt: skip
        assert (await catalog.works_facets(CatalogQuery(), series=True)).resolutions == {"1080p": 1}
        assert (await catalog.works_facets(CatalogQuery(resolution="1080p"))).total == 2
        assert await catalog.works_facets(CatalogQuery(text="nothing")) == Facets()
        months = await catalog.works_histogram(CatalogQuery())
        assert [(one.key, one.count, one.offset) for one in months.buckets] == [("1970-07", 1, 0), ("1970-05", 1, 1)]
        letters = await catalog.works_histogram(CatalogQuery(sort="name", order="asc"), series=False)
        assert [(one.key, one.count) for one in letters.buckets] == [("H", 1)]
        assert await catalog.works_histogram(CatalogQuery(chat_ids=frozenset())) == Histogram()
        with pytest.raises(ValueError, match="size"):
            await catalog.works_histogram(CatalogQuery(sort="size"))

    async def test_a_page_of_works_begins_at_any_of_them(self, catalog: Catalog) -> None:
        await catalog.apply(Change(put=[media_file(number) for number in range(1, 6)]))
        facts = {media_file(n).key.file_unique_id: NameFacts(1, title=f"T{n}", work=f"w{n}") for n in range(1, 6)}
        await catalog.store_facts(facts)
        page = await catalog.works(CatalogQuery(offset=1, limit=2))
        assert [work.key for work in page.items] == ["w4", "w3"]
        assert page.next is not None
        assert [work.key for work in (await catalog.works(CatalogQuery(limit=9, after=page.next))).items] == [
            "w2",
            "w1",
        ]
        assert await catalog.works(CatalogQuery(offset=5)) == WorksPage((), None)

    async def test_every_work_is_on_one_page_though_works_come_and_go(self, catalog: Catalog) -> None:
        """In each order; the work at a page's end may be gone when the next page is asked for."""
        await catalog.apply(Change(put=[media_file(number) for number in range(1, 13)]))
        facts = {
            media_file(n).key.file_unique_id: NameFacts(
                1, title=f"Part {n % 4 * 5}", work=f"w{n % 4}", episode=n % 2 or None
            )
            for n in range(1, 13)
        }
        await catalog.store_facts(facts)
        orders: list[tuple[Sort, Order, list[str]]] = [
            ("date", "desc", ["w0", "w3", "w2", "w1"]),
            ("date", "asc", ["w1", "w2", "w3", "w0"]),
            ("name", "asc", ["w0", "w1", "w2", "w3"]),
            ("name", "desc", ["w3", "w2", "w1", "w0"]),
        ]
        for sort, order, keys in orders:
            query = CatalogQuery(sort=sort, order=order, limit=1)
            assert [one.key for one in await all_works(catalog, query)] == keys
            assert [one.key for one in await all_works(catalog, query, series=True)] == [
                key for key in keys if key in ("w1", "w3")
            ]
        first = await catalog.works(CatalogQuery(limit=2))
        await catalog.apply(Change(gone=[Origin(CHANNEL, number) for number in (3, 7, 11)]))
        rest = await catalog.works(CatalogQuery(limit=2, after=first.next))
        assert [work.key for work in rest.items] == ["w2", "w1"]
        assert rest.next is None
