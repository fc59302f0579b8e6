"""Letters, signs and words that people type otherwise than they are stored (I), and hashtags of all scripts (R)."""

import unicodedata

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from streamvault.catalog.base import Catalog, CatalogQuery, Change
from streamvault.catalog.words import words
from streamvault.media.model import Sent
from streamvault.media.name_facts import NameFacts
from tests.contracts.spelling_table import TABLE
from tests.support.files import media_file
from tests.support.proof import full
from tests.support.walking import empty, names

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors, HealthCheck.too_slow]


class SpellingsContract:
    async def test_other_spellings_find(self, catalog: Catalog) -> None:
        """I: and nothing else, whatever plainly spelt neighbours there are."""
        wrong = {}
        for stored, queries in TABLE:
            await empty(catalog)
            await catalog.apply(Change(put=[media_file(number, name=name) for number, name in enumerate(stored, 1)]))
            for text, expected in queries.items():
                page = await catalog.page(CatalogQuery(text=text, order="asc"))
                assert not page.corrected
                shown = [entry.file.name for entry in page.items]
                counted = (await catalog.facets(CatalogQuery(text=text))).total
                if (shown, counted) != ([stored[number] for number in expected], len(expected)):
                    wrong[text] = (shown, counted)
        assert wrong == {}, wrong

    async def test_other_spellings_of_a_parsed_title_and_of_a_caption_find(self, catalog: Catalog) -> None:
        """I: what is known of a file is searched alike, wherever it stands."""
        await catalog.put(media_file(1, name="x.mkv", caption="Ant-Hill & Sığınak S02E07"))
        await catalog.put(media_file(2, name="y.mkv", title="Łódź Night", performer="Daft Punk"))
        await catalog.put(media_file(3, name="z.mkv"))
        await catalog.store_facts({media_file(3).key.file_unique_id: NameFacts(1, title="Grød Land")})
        for text, name in {
            "anthill and siginak": "x.mkv", "e07": "x.mkv", "lodz": "y.mkv", "daftpunk": "y.mkv", "lodznight": "y.mkv",
            "grod": "z.mkv", "grodland": "z.mkv",
        }.items():  # fmt: skip
            assert await names(catalog, CatalogQuery(text=text)) == [name]

    @settings(max_examples=60 if full() else 15, deadline=None, suppress_health_check=SHARED)
    @given(
        name=st.lists(
            st.sampled_from(
                ("Ant", "Hill", "-", "Łuk", "☔", "C++", "F#", "&", "S02E07", "ゴミ", "한국", "م", "می‌سازیم", "١٢",
                 "हिन्दी", "น้ำ", "Ёй", "L'ange", "!!!", "(", ")", "×", "#tag", "[x264-NTb]", ".NET", "-Live-",
                 "…", "İı", "ß", "👍🏽")
            ),
            min_size=1,
            max_size=6,
        ).flatmap(lambda parts: st.sampled_from((" ", ".", "_")).map(lambda gap: gap.join(parts) + ".mkv"))
    )  # fmt: skip
    async def test_a_text_and_each_of_its_words_find_it(self, catalog: Catalog, name: str) -> None:
        """I: as they are, and decomposed, composed, in capitals."""
        assume(not name.startswith("-") or name.startswith("-Live-"))
        await empty(catalog)
        await catalog.put(media_file(1, name=name))
        forms = [name, *(unicodedata.normalize(form, name) for form in ("NFC", "NFD", "NFKC", "NFKD")), name.lower()]
        for text in dict.fromkeys([*forms, *(word for word in words(name) if word[0] not in "＃＋")]):
            assert await names(catalog, CatalogQuery(text=text)) == [name], text

    async def test_tags_are_shown_as_spelt_and_found_in_any_spelling(self, catalog: Catalog) -> None:
        """R: one facet value for all spellings, the commonest."""
        caption = "#सिनेमा #ภาพยนตร์ #می‌سازیم #ドラマ #Größe"
        spelt = ("सिनेमा", "ภาพยนตร์", "می‌سازیم", "ドラマ", "Größe")
        more = {2: "#größe", 3: "#größe #ŁÓDŹ_1", 4: "#GRÖSSE", 5: "#ತಮಿಳು #தமிழ் #한국영화", 6: "#Grosser"}
        await catalog.put(media_file(1, caption=caption))
        for number, text in more.items():
            await catalog.put(media_file(number, caption=text))
        entry = await catalog.entry(media_file(1).origin)
        assert entry is not None
        assert entry.tags == spelt
        assert (await catalog.page(CatalogQuery(tag="ドラマ"))).items == (entry,)
        for tag in ("größe", "Größe", "GROSSE", "grösse"):
            query = CatalogQuery(tag=tag)
            assert await names(catalog, query) == [media_file(n).name for n in (4, 3, 2, 1)]
            assert (await catalog.facets(query)).tags["größe"] == 4
        for tag in (
            *spelt[:4],
            "میسازیم",
            "सिनेमा",
            "łódź_1",
            "lodz_1",
            "தமிழ்",
            "한국영화",
            unicodedata.normalize("NFD", "ドラマ"),
        ):
            assert (await catalog.facets(CatalogQuery(tag=tag))).total == 1, tag
        for tag in ("トラマ", "สาร", "सनम", "gro", "lodz"):
            assert (await catalog.facets(CatalogQuery(tag=tag))).total == 0, tag
        every = (await catalog.facets(CatalogQuery())).tags
        assert every == {"größe": 4} | dict.fromkeys(
            sorted([*spelt[:4], "ŁÓDŹ_1", "ತಮಿಳು", "தமிழ்", "한국영화", "Grosser"]), 1
        )

    async def test_tags_that_telegram_marked_decide(self, catalog: Catalog) -> None:
        """R: in place of those that the rule finds; none where it marked none."""
        marked = {1: ("Größe",), 2: (), 3: None}
        for number, tags in marked.items():
            sent = Sent("video", f"film {number}.mp4", "video/mp4", tags)
            await catalog.put(media_file(number, caption="#include #größe", sent=sent))
        assert [entry.tags for entry in await catalog.dump(None, 9)] == [("Größe",), (), ("include", "größe")]
        assert (await catalog.facets(CatalogQuery())).tags == {"Größe": 2, "include": 1}
        assert await names(catalog, CatalogQuery(tag="include")) == ["film 3.mp4"]
        assert await names(catalog, CatalogQuery(tag="GRÖẞE")) == ["film 3.mp4", "film 1.mp4"]
