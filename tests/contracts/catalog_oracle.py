"""Compares a catalog with the simple one in memory, for any changes and queries (Hypothesis)."""

import dataclasses

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from streamvault.catalog.base import Catalog, CatalogQuery, Change
from streamvault.media.classification import in_album
from streamvault.media.model import FileKey, MediaFile, Origin, Sent
from streamvault.media.name_facts import NameFacts
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file
from tests.support.proof import full
from tests.support.walking import empty, entries

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors, HealthCheck.too_slow]
CHATS = (CHANNEL, CHANNEL - 1, CHANNEL - 2)
IDS = ("a", "b", "B", "c", "d", "e")
WORDS = (
    "red",
    "redder",
    "re",
    "blue",
    "東京",
    "東京都",
    "京",
    "кот",
    "été",
    "1",
    "10",
    "9",
    "x.mkv.001",
    "x.mkv",
    "red-blue",
    "redblue",
    "S01E02",
    "F#",
    "f",
    "☔",
    "&",
    "and",
    "İ",
    "ı",
    "ゴ",
    "コ",
    "한 국",
)
PHRASES = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
CAPTIONS = st.lists(st.sampled_from((*WORDS, "#red", "#Red", "#re", "#été", "#ETE")), max_size=3).map(" ".join)
TERMS = st.tuples(
    st.sampled_from(("", "", "-")),
    st.sampled_from(
        (*WORDS, '"red blue"', '"東京 red"', '"re*"', "京都", "r", "東", "e02", "한국", "i", "!!!", "-re-", ".re")
    ),
    st.sampled_from(("", "", "*", " ")),
).map("".join)
RESOLUTIONS, LANGUAGES, WORKS = ("", "720p", "1080p"), ("en", "EN", "pt-BR", "e"), ("", "heat", "heat 2", "HEAT")

FILES = st.builds(
    lambda chat, message, unique, **fields: media_file(message, chat_id=chat, key=FileKey(unique), **fields),
    st.sampled_from(CHATS),
    st.integers(1, 6),
    st.sampled_from(IDS),
    date=st.integers(0, 3),
    edit_date=st.none() | st.integers(0, 3),
    kind=st.sampled_from(("video", "audio", "video_note")),
    name=PHRASES,
    caption=CAPTIONS,
    title=PHRASES,
    performer=PHRASES,
    size=st.integers(0, 20),
    part_of=st.sampled_from((None, None, None, Origin(CHANNEL, 1))),
    forwarded_from=st.sampled_from((None, None, CHATS[0])),
    in_group=st.sampled_from((False, False, True)),
    album=st.sampled_from((None, None, 7, -8)),
    sent=st.sampled_from((None, Sent("video", "", "video/mp4"))),
).map(lambda file: in_album(file, ""))
FACTS = st.builds(
    NameFacts,
    version=st.integers(1, 3),
    title=PHRASES,
    year=st.sampled_from((None, 1995, 2001)),
    season=st.sampled_from((None, None, 1)),
    resolution=st.sampled_from(RESOLUTIONS),
    languages=st.lists(st.sampled_from(LANGUAGES), max_size=2).map(tuple),
    work=st.sampled_from(WORKS),
)
CHANGES = st.builds(
    Change,
    put=st.lists(FILES, max_size=5),
    gone=st.lists(st.builds(Origin, st.sampled_from(CHATS), st.integers(1, 6)), max_size=2),
)
STEPS = st.lists(CHANGES | FILES | st.dictionaries(st.sampled_from((*IDS, "z")), FACTS, max_size=3), max_size=8)
SOME = st.none() | st.integers(0, 20)
QUERIES = st.builds(
    CatalogQuery,
    text=st.lists(TERMS, max_size=3).map(" ".join),
    kind=st.sampled_from((None, None, "video", "audio", "video_note", "photo")),
    chat_ids=st.none() | st.frozensets(st.sampled_from((*CHATS, 5)), max_size=4),
    tag=st.sampled_from(("", "", "", "RED", "re", "ÉTÉ")),
    year=st.sampled_from((None, None, None, 1995)),
    resolution=st.sampled_from(RESOLUTIONS[:1] * 3 + RESOLUTIONS),
    language=st.sampled_from(("",) * 5 + LANGUAGES),
    min_size=SOME,
    max_size=SOME,
    since=st.none() | st.integers(0, 3),
    until=st.none() | st.integers(0, 3),
    work=st.sampled_from(WORKS[:1] * 5 + WORKS),
    without=st.sampled_from((frozenset[str](),) * 3 + (frozenset("ab"), frozenset(("c", "nothing")))),
    sort=st.sampled_from(("date", "name", "size")),
    order=st.sampled_from(("asc", "desc")),
    limit=st.integers(1, 5),
)


async def do(catalog: Catalog, step: Change | MediaFile | dict[str, NameFacts]) -> None:
    match step:
        case Change():
            await catalog.apply(step)
        case MediaFile():
            await catalog.put(step)
        case _:
            await catalog.store_facts(step)


THERE_AND_BACK = (
    Change(put=[media_file(1, key=FileKey("a")), media_file(2, key=FileKey("b"))]),
    {"a": NameFacts(1), "b": NameFacts(1)},
    Change(put=[media_file(1, key=FileKey("b")), media_file(1, key=FileKey("a"))]),
)
"""A file leaves its message and comes back within one change."""


class OracleContract:
    @example(steps=[*THERE_AND_BACK], queries=[CatalogQuery()])
    @settings(max_examples=150 if full() else 25, deadline=None, suppress_health_check=SHARED)
    @given(steps=STEPS, queries=st.lists(QUERIES | st.builds(CatalogQuery, text=TERMS), min_size=1, max_size=6))
    async def test_it_answers_like_the_catalog_in_memory(
        self, catalog: Catalog, steps: list[Change | MediaFile | dict[str, NameFacts]], queries: list[CatalogQuery]
    ) -> None:
        await empty(catalog)
        plain = MemoryCatalog()
        for step in steps:
            await do(plain, step)
            await do(catalog, step)
        assert await catalog.dump(None, 100) == await plain.dump(None, 100)
        assert await catalog.counts() == await plain.counts()
        assert await catalog.unparsed_names(2, 10) == await plain.unparsed_names(2, 10)
        for unique_id in IDS:
            assert await catalog.origins(unique_id) == await plain.origins(unique_id)
        for chat_id in CHATS:
            assert await catalog.pieces(chat_id, "x.mkv") == await plain.pieces(chat_id, "x.mkv")
        for query in queries:
            assert await entries(catalog, query) == await entries(plain, query)
            assert await catalog.facets(query) == await plain.facets(query)
            if query.sort != "size":
                for series in (None, True, False):
                    for place in (query, dataclasses.replace(query, offset=1)):
                        assert await catalog.works(place, series=series) == await plain.works(place, series=series)
                    counted = await plain.works_histogram(query, series=series)
                    assert await catalog.works_histogram(query, series=series) == counted
                    faceted = await plain.works_facets(query, series=series)
                    assert await catalog.works_facets(query, series=series) == faceted
                assert await catalog.histogram(query) == await plain.histogram(query)
            jump = dataclasses.replace(query, offset=3)
            assert (await catalog.page(jump)).items == (await plain.page(jump)).items
            lone = dataclasses.replace(query, limit=1)
            assert (await catalog.page(lone)).items == (await plain.page(lone)).items
