"""What a search finds."""

from streamvault.catalog.base import Catalog, CatalogQuery
from streamvault.media.name_facts import NameFacts
from tests.support.files import media_file
from tests.support.walking import everything, names

TEXTS = {
    "sel": True,
    "SÉLECTION": True,
    "selection": True,
    "selec ": False,
    "selec* ": True,
    "lection": False,
    "deli sel": False,
    "delicate sel": True,
    "delicate choice": False,
    '"selection delicate"': True,
    '"delicate selection"': False,
    '"selection del': False,
    '"selection del*"': True,
    "-choice": True,
    "-selection": False,
    "-selec": True,
    "-selec*": False,
    "delicate -mp4": False,
    'sel* -"delicate 100"': False,
    "selection.delicate": True,
    "delicate.selection": False,
    "": True,
    "   ": True,
    "100%": True,
    "100_": True,
    "_": False,
    "'": False,
    '"': True,
    "-": True,
    "*": True,
    "l'ange": True,
    "lange": True,
}
"""What may be asked of a name, and whether it is found."""
FOLDED = (
    ("Война и мир", "ВОЙНА"),
    ("東京物語.mkv", "物語"),
    ("東京物語.mkv", "語 "),
    ("東京物語.mkv", "京"),
    ("東京物語1953.mkv", "東京物語1953 "),
    ("فيلم عربي", "عربي"),
    ("Ελληνική ταινία", "ταινια"),
    ("हिन्दी फ़िल्म", "हिन्दी"),
    ("Straße", "STRASSE"),
    ("ﬁlm ①", "film 1"),
    ("한국 영화", "영화"),
    ("ภาพยนตร์ไทย", "ไทย"),
    ("nul\0inside", "inside"),
    ("İstanbul", "istanbul"),
)
"""Names, and a text that finds each of them."""


class SearchContract:
    async def test_words_phrases_prefixes_and_minus(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1, name="Sélection délicate 100% L\u2019ange.mp4"))
        for text, matches in TEXTS.items():
            assert bool(await everything(catalog, CatalogQuery(text=text))) == matches, text
            assert (await catalog.facets(CatalogQuery(text=text))).total == matches, text

    async def test_search_folds_scripts_and_compatibility_forms(self, catalog: Catalog) -> None:
        await catalog.put(media_file(2, name="something else"))
        for version, (stored, text) in enumerate(FOLDED, 1):
            await catalog.put(media_file(1, name=stored, edit_date=version))
            assert await names(catalog, CatalogQuery(text=text)) == [stored]
            assert await names(catalog, CatalogQuery(text=f'-"{text}"')) == ["something else"]

    async def test_search_covers_caption_title_performer_and_parsed_title(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1, caption="a needle here"))
        await catalog.put(media_file(2, title="needle"))
        await catalog.put(media_file(3, performer="The Needles"))
        await catalog.put(media_file(4))
        await catalog.put(media_file(5))
        await catalog.store_facts({media_file(5).key.file_unique_id: NameFacts(1, title="Needle in a Haystack")})
        found = await everything(catalog, CatalogQuery(text="needle"))
        assert [file.origin.message_id for file in found] == [5, 3, 2, 1]

    async def test_a_phrase_lies_within_one_field(self, catalog: Catalog) -> None:
        file = media_file(1, name="one two", caption="three four", title="five six", performer="seven eight")
        await catalog.put(file)
        await catalog.store_facts({file.key.file_unique_id: NameFacts(1, title="nine ten")})
        await catalog.put(media_file(2, name="one two", title="three four"))
        for phrase in ("two three", "four five", "six seven", "eight nine", "two five", "four seven"):
            assert await names(catalog, CatalogQuery(text=f'"{phrase}"')) == []
        for phrase in ("one two", "three four", "five six", "seven eight", "nine ten"):
            assert await names(catalog, CatalogQuery(text=f'"{phrase}"'))

    async def test_search_follows_an_edit(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1, name="before.mp4"))
        await catalog.put(media_file(1, name="after.mp4", edit_date=2))
        assert await names(catalog, CatalogQuery(text="before")) == []
        assert await names(catalog, CatalogQuery(text="after")) == ["after.mp4"]
        await catalog.remove(media_file(1).origin)
        assert await names(catalog, CatalogQuery(text="after")) == []
        assert (await catalog.facets(CatalogQuery(text="after"))).total == 0

    async def test_operators_of_fts5_and_mongodb_in_a_query_are_plain_words(self, catalog: Catalog) -> None:
        name = "AND OR NOT NEAR words kvideo _kvideo c1 {x} ^a (b)"
        await catalog.put(media_file(1, name=name))
        await catalog.put(media_file(2))
        for text in ("and ", "or ", "not ", "near ", "words ", "AND OR", '"not near"', "kvideo ", "(b) ", "{x} ^a "):
            assert await names(catalog, CatalogQuery(text=text)) == [name]
