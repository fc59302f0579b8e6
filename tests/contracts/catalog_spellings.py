"""Letters, signs and words that people type otherwise than they are stored (I), and hashtags of all scripts (R)."""

import unicodedata
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from streamvault.catalog.base import Catalog, CatalogQuery, Change
from streamvault.catalog.words import words
from streamvault.media.model import Sent
from streamvault.media.name_facts import NameFacts
from tests.support.files import media_file
from tests.support.walking import empty, names

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors, HealthCheck.too_slow]

LATIN = ("Grød.mkv", "Žižkov Łuk.mkv", "Sığınak.mkv", "Bœuf.mkv", "Grod tales.mkv")
EUROPE = (
    "Đặng Thái Sơn.mp3", "Zażółć gęślą jaźń.mkv", "Þór og Æsir.mkv", "IĞDIR ışık.mkv", "Gəncə şəhəri.mkv", "Straße.mkv",
    "ΟΔΥΣΣΕΥΣ.mkv", "Ёлка.mkv", "Война.mkv", "Воина.mkv", "Ｆｕｌｌ　Ｗｉｄｔｈ.mkv", "Ŋaħħal.mkv",
    "Müller.mkv", "Mueller.mkv", "Ærø Ångström.mkv", "ᴛʜᴇ ɢᴀᴍᴇ.mkv",
)  # fmt: skip
ARABIC = (
    "یک روز",
    "مـــوج",
    "الموسم ٣",
    "مُحَمَّد",
    "إسلام أحمد",
    "مدرسة",
    "کتابخانه",
    "ہمیشہ",
    "کوردستان",
    "۱۲ نفر",
    "می‌سازیم",
)
KANA = ("ゴミ", "コミ", "パイ", "ハイ", "バイ", "カ゛ス", "ワン・ピース")
OTHERS = ("שָׁלוֹם", "हिन्दी", "फ़िल्म", "น้ำ", "한국", "오징어 게임", "ยุค", "ยค")
SIGNS = ("Rain ☔.mp4", "Sun.mp4", "F# basics.mp4", "Fable.mp4", "C++ primer.mp4", "C primer.mp4", ".NET core.mp4",
         "Netball.mp4", "Love ❤️ you.mp4", "Team 👍🏽.mp4", "Disney+ list.mp4", "9 ∞.mp4")  # fmt: skip
JOINED = (
    "Ant-Hill", "Salt & Pepper", "Kite S02E07", "-Live- Set.mp3", "Spider.Man.2002.mkv", "Starwars.mkv", "AC⁄DC",
    "S.W.A.T", "Wi-Fi basics", "Catch-22", "Face-to-Face", "R&B", "Dust S03 E11", "Hunter×Hunter", "Moon.Light",
)  # fmt: skip
TYPED = ("Ant-Hill", "Ant Hill.mkv", "Spider-Man.mkv", "Moon.Light", "Müller", "Kite S02E07", "Face-to-Face")
SLASHES = tuple(
    f"{name} live.mp4"
    for name in (
        "AC/DC",
        "ACDC",
        "AC DC",
        "AC-DC",
        "AC_DC",
        "AC.DC",
        "AC⧸DC",
        "AC∕DC",
        "AC⁄DC",
        "AC／DC",
        "AC⚡DC",
        "AC\\DC",
    )
)

TABLE: Sequence[tuple[Sequence[str], Mapping[str, Sequence[int]]]] = (
    (
        LATIN,
        {
            "grod": (0, 4),
            "GRØD ": (0, 4),
            "zizkov luk": (1,),
            "siginak": (2,),
            "SIĞINAK": (2,),
            "sığınak": (2,),
            "boeuf": (3,),
            "BŒUF": (3,),
        },
    ),
    (
        EUROPE,
        {
            "dang thai son": (0,),
            "zazolc gesla jazn": (1,),
            "thor og aesir": (2,),
            "igdir isik": (3,),
            "ığdır ": (3,),
            "gence seheri": (4,),
            "strasse": (5,),
            "STRAẞE": (5,),
            "οδυσσευς": (6,),
            "οδυσσευσ": (6,),
            "елка": (7,),
            "война": (8,),
            "воина": (9,),
            unicodedata.normalize("NFD", "война"): (8,),
            "full width": (10,),
            "nahhal": (11,),
            "mueller": (12, 13),
            "Müller": (12, 13),
            "muller": (12,),
            unicodedata.normalize("NFD", "MÜLLER "): (12, 13),
            "aero angstrom": (14,),
            "aangstroem": (14,),
            "the game": (15,),
        },
    ),
    (
        ARABIC,
        {
            "يك روز": (0,),
            "موج": (1,),
            "الموسم 3": (2,),
            "الموسم ۳": (2,),
            "محمد": (3,),
            "اسلام احمد": (4,),
            "مدرسه": (5,),
            "كتابخانه": (6,),
            "همیشه": (7,),
            "كوردستان": (8,),
            "12 نفر": (9,),
            "میسازیم": (10,),
            "می سازیم": (10,),
            "می‌سازیم": (10,),
        },
    ),
    (
        KANA,
        {
            "ゴミ": (0,),
            "コミ": (1,),
            "パイ": (2,),
            "ハイ": (3,),
            "バイ": (4,),
            "ｺﾞﾐ": (0,),
            "ﾊﾟｲ": (2,),
            "ｺﾐ": (1,),
            unicodedata.normalize("NFD", "ゴミ"): (0,),
            "コ゛ミ": (0,),
            "ガス": (5,),
            "ワンピース": (6,),
        },
    ),
    (
        OTHERS,
        {
            "שלום": (0,),
            "हिंदी": (1,),
            "फिल्म": (2,),
            "นำ": (3,),
            unicodedata.normalize("NFD", "한국"): (4,),
            "오징어게임": (5,),
            "오징어 게임": (5,),
            "ยุค": (6,),
            "ยค": (7,),
        },
    ),
    (
        SIGNS,
        {
            "☔": (0,),
            "☔️": (0,),
            "rain ☔": (0,),
            "!!!": (),
            "...": (),
            "?!": (),
            "—": (),
            "F#": (2,),
            "f# ": (2,),
            "f♯": (2,),
            "C++": (4,),
            "c++ primer": (4,),
            "c primer": (4, 5),
            ".NET": (6,),
            "net": (6, 7),
            "❤": (8,),
            "👍": (9,),
            "disney+": (10,),
            "disney": (10,),
            "∞": (11,),
            "☀": (),
            "sun !!!": (1,),
        },
    ),
    (
        JOINED,
        {
            "anthill": (0,),
            "ant hill": (0,),
            "ant-hill": (0,),
            "ANT HILL ": (0,),
            "salt and pepper": (1,),
            "salt & pepper": (1,),
            "salt&pepper": (1,),
            "salt pepper": (1,),
            "e07": (2,),
            "s02": (2,),
            "s02e07": (2,),
            "kite e07": (2,),
            "-Live- Set": (3,),
            "-Live- Set.mp3": (3,),
            "live -set": (),
            "spiderman": (4,),
            "spider-man": (4,),
            "spider man": (4,),
            "star wars": (5,),
            "star-wars": (5,),
            "starwars": (5,),
            "acdc": (6,),
            "moonlight": (14,),
            "ac/dc": (6,),
            "swat": (7,),
            "wifi": (8,),
            "wi fi basics": (8,),
            "catch22": (9,),
            "catch 22": (9,),
            "facetoface": (10,),
            "r&b": (11,),
            "r and b": (11,),
            "s03e11": (12,),
            "e11": (12,),
            "hunter x hunter": (13,),
            '"ant hill"': (0,),
            '"star wars"': (),
            "-anthill live": (3,),
        },
    ),
    (
        TYPED,
        {
            "anthil": (0, 1),
            "anth": (0, 1),
            "ANTHI": (0, 1),
            "anthil ": (),
            '"anthil"': (),
            "anthil live": (),
            "anthil*": (0, 1),
            "-anthil*": (2, 3, 4, 5, 6),
            "spiderma": (2,),
            "spider-ma": (2,),
            "moonli": (3,),
            "muell": (4,),
            "s02e": (5,),
            "faceto": (6,),
            "facetofa": (6,),
        },
    ),
    (
        SLASHES,
        dict.fromkeys(
            ("ac/dc", "acdc", "ac dc", "AC-DC", "Ac⚡️Dc", "ac⧸dc", "acdc live", "ac/dc live ", "ac/dc li", "acdc "),
            tuple(range(len(SLASHES))),
        ),
    ),
)


class SpellingsContract:
    @pytest.mark.parametrize(("stored", "queries"), TABLE, ids=range(len(TABLE)))
    async def test_other_spellings_find(
        self, catalog: Catalog, stored: Sequence[str], queries: Mapping[str, Sequence[int]]
    ) -> None:
        """I: and nothing else, whatever plainly spelt neighbours there are."""
        await catalog.apply(Change(put=[media_file(number, name=name) for number, name in enumerate(stored, 1)]))
        wrong = {}
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

    @settings(max_examples=60, deadline=None, suppress_health_check=SHARED)
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
