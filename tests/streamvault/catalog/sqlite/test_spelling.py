"""Spelling correction in the SQLite catalog."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.catalog.base import CatalogQuery, Change, Facets, Page
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.media.name_facts import NameFacts
from tests.support.files import media_file
from tests.support.walking import names

NAMES = ["The Matrix 1999.mkv", "Sherlock Holmes.mkv", "Война и мир.mkv", "Dune.mkv", "東京物語.mkv"]


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[SqliteCatalog]:
    async with SqliteCatalog(tmp_path / "catalog.db") as opened:
        await opened.apply(Change(put=[media_file(n, name=name) for n, name in enumerate(NAMES, 1)]))
        yield opened


@pytest.mark.parametrize(
    ("text", "corrected", "found"),
    [
        ("matrx", "matrix", 0),
        ("the martix", "the matrix", 0),
        ("matriks ", "", None),
        ("marix ", "matrix ", 0),
        ("dnue", "dune", 3),
        ("shrelock holmes", "sherlock holmes", 1),
        ("sherlock homles", "sherlock holmes", 1),
        ('"sherlok holmes"', '"sherlock holmes"', 1),
        ("sherlok -matrix", "sherlock -matrix", 1),
        ("вйона", "война", 2),
        ("thw matrix", "", None),
        ("matrix dunes holmes", "", None),
        ("1998", "", None),
        ("京東", "", None),
    ],
)
async def test_a_misspelt_word_is_corrected(
    catalog: SqliteCatalog, text: str, corrected: str, found: int | None
) -> None:
    page = await catalog.page(CatalogQuery(text=text))
    assert page.corrected == corrected
    assert [entry.file.name for entry in page.items] == ([] if found is None else [NAMES[found]])
    facets = await catalog.facets(CatalogQuery(text=text))
    assert (facets.corrected, facets.total) == (corrected, len(page.items))


async def test_a_query_that_finds_something_is_not_corrected(catalog: SqliteCatalog) -> None:
    await catalog.put(media_file(9, name="matrx.mkv"))
    page = await catalog.page(CatalogQuery(text="matrx"))
    assert ([entry.file.name for entry in page.items], page.corrected) == (["matrx.mkv"], "")


async def test_known_words_are_not_corrected_because_of_a_filter(catalog: SqliteCatalog) -> None:
    await catalog.put(media_file(9, name="matrox.mkv", kind="audio"))
    assert await catalog.page(CatalogQuery(text="matrix", kind="audio")) == Page((), None)
    assert await catalog.facets(CatalogQuery(text="matrix", kind="audio")) == Facets()


async def test_a_word_without_files_is_no_correction(catalog: SqliteCatalog) -> None:
    await catalog.remove(media_file(4).origin)
    assert await catalog.page(CatalogQuery(text="dnue")) == Page((), None)


async def test_the_commonest_of_the_near_words_is_tried_first(catalog: SqliteCatalog) -> None:
    await catalog.apply(Change(put=[media_file(n, name=f"matrox {n}.mkv") for n in range(10, 15)]))
    assert (await catalog.page(CatalogQuery(text="matrax"))).corrected == "matrox"
    assert (await catalog.page(CatalogQuery(text="the matrax"))).corrected == "the matrix"


async def test_next_pages_and_works_use_the_corrected_text(catalog: SqliteCatalog) -> None:
    await catalog.apply(Change(put=[media_file(n, name=f"sherlock {n}.mkv") for n in range(10, 15)]))
    await catalog.store_facts({media_file(10).key.file_unique_id: NameFacts(1, title="Sherlock", work="sherlock")})
    query = CatalogQuery(text="sherlok", limit=2, order="asc", sort="name")
    assert len(await names(catalog, query)) == 6
    first = await catalog.page(query)
    assert (await catalog.page(dataclasses.replace(query, after=first.next))).corrected == "sherlock"
    assert [work.key for work in (await catalog.works(query)).items] == ["sherlock"]
    every = CatalogQuery(text="sherlock", limit=6)
    last = await catalog.page(dataclasses.replace(every, limit=5))
    await catalog.remove(media_file(2).origin)
    assert await catalog.page(dataclasses.replace(every, after=last.next)) == Page((), None)


async def test_a_word_that_is_known_in_another_spelling_is_not_corrected(catalog: SqliteCatalog) -> None:
    await catalog.apply(Change(put=[media_file(9, name="Ant-Hill.mkv"), media_file(10, name="Anthell.mkv")]))
    assert await catalog.page(CatalogQuery(text="anthill", kind="audio")) == Page((), None)
    assert (await catalog.page(CatalogQuery(text="anthull"))).corrected == "anthell"


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("holmse anthil", "holmes anthil"),
        ("holmse spiderm", "holmes spiderm"),
        ("holmse facetof", "holmes facetof"),
        ("holmse muell", "holmes muell"),
        ("holmse anthill", "holmes anthill"),
        ("holmse starpeop", ""),
    ],
)
async def test_the_beginning_of_a_joined_spelling_needs_no_correction(
    catalog: SqliteCatalog, text: str, corrected: str
) -> None:
    names = ["Ant-Hill Holmes", "Spider-Man Holmes", "Face-to-Face Holmes", "Müller Holmes", "Star People Holmes"]
    await catalog.apply(Change(put=[media_file(20 + n, name=f"{name}.mkv") for n, name in enumerate(names)]))
    page = await catalog.page(CatalogQuery(text=text))
    assert page.corrected == corrected
