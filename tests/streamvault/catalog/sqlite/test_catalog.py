"""The SQLite catalog: the tests of every catalog, and its own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from streamvault.catalog.base import CatalogQuery, Change, Order, Sort
from streamvault.catalog.sqlite import kept, lists, positions, statements
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.errors import CatalogError
from streamvault.media.model import FileKey
from streamvault.media.name_facts import NameFacts
from streamvault.storage.sqlite import Parameters, Row, SqliteDatabase
from tests.contracts.catalog import CatalogContract
from tests.contracts.catalog_oracle import OracleContract
from tests.contracts.catalog_positions import PositionsContract
from tests.contracts.catalog_threads import ThreadsContract
from tests.support.catalogs import MemoryCatalog
from tests.support.files import CHANNEL, media_file
from tests.support.proof import full
from tests.support.walking import entries


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[SqliteCatalog]:
    async with SqliteCatalog(tmp_path / "catalog.db") as opened:
        yield opened


class TestSqliteCatalog(CatalogContract):
    """The conformance suite on SQLite."""


class TestSqliteThreads(ThreadsContract):
    pass


def make_many(monkeypatch: pytest.MonkeyPatch, *, few: int, many: int, tries: int) -> None:
    """Lower the limits by which lists choose the plan of a sorted list."""
    for name, value in (("FEW", few), ("MANY", many), ("ROWS", tries), ("IDS", tries)):
        monkeypatch.setattr(lists, name, value)


class TestSqliteWithManyMatches(OracleContract):
    """The comparison with the catalog in memory, with the other plans of sorted lists."""

    @pytest.fixture(autouse=True)
    def few_are_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        make_many(monkeypatch, few=1, many=3, tries=4)


class TestSqlitePositionsOfMany(PositionsContract):
    """Places in lists that are read two ids at a time, and of which few are kept."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(positions, "AT_ONCE", 2)
        monkeypatch.setattr(positions, "FEW", 0)
        monkeypatch.setattr(kept, "MOST_LISTS", 1)


@pytest.mark.parametrize("few", [0, 1000])
@pytest.mark.parametrize("others", [False, True])
async def test_places_are_right_again_after_every_kind_of_change(
    catalog: SqliteCatalog, tmp_path: Path, few: int, others: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lists that are kept are those of the present catalog, also where `others` change the same file."""
    monkeypatch.setattr(positions, "FEW", few)
    async with SqliteCatalog(tmp_path / "catalog.db") as second:
        await check_places(catalog, changed_by=second if others else catalog)


async def check_places(catalog: SqliteCatalog, *, changed_by: SqliteCatalog) -> None:
    async def shown() -> list[tuple[str, int]]:
        query = CatalogQuery(sort="name", order="asc", year=None, chat_ids=frozenset({CHANNEL}))
        found = await catalog.histogram(query)
        last = await catalog.page(replace(query, offset=max(0, found.total - 1)))
        return [(one.key, one.count) for one in found.buckets] + [(e.file.name, 0) for e in last.items]

    await changed_by.apply(Change(put=[media_file(1, name="a"), media_file(2, name="b")]))
    assert await shown() == [("A", 1), ("B", 1), ("b", 0)]
    await changed_by.put(media_file(3, name="c"))
    assert await shown() == [("A", 1), ("B", 1), ("C", 1), ("c", 0)]
    await changed_by.put(media_file(3, name="d", edit_date=5))
    assert await shown() == [("A", 1), ("B", 1), ("D", 1), ("d", 0)]
    await changed_by.remove(media_file(1).origin)
    assert await shown() == [("B", 1), ("D", 1), ("d", 0)]
    dated = CatalogQuery(year=1999)
    assert (await catalog.histogram(dated)).total == 0
    await changed_by.store_facts({media_file(2).key.file_unique_id: NameFacts(1, year=1999)})
    assert (await catalog.histogram(dated)).total == 1


async def test_of_few_matches_only_these_are_read(catalog: SqliteCatalog, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IDS_BY_LETTER", "IDS_BY_SIZE", "IN_SEVERAL_MESSAGES"):
        monkeypatch.setattr(statements, name, "SELECT everything")
    monkeypatch.setattr(positions, "FEW", 3)
    new = [media_file(n, name="garden" if n < 4 else "house") for n in range(1, 9)]
    await catalog.apply(Change(put=new))
    sorts: tuple[Sort, ...] = ("date", "name", "size")
    for sort in sorts:
        query = CatalogQuery(text="garden", sort=sort, order="asc", offset=2)
        assert [one.file for one in (await catalog.page(query)).items] == [new[2]]
        with pytest.raises(CatalogError, match="everything"):
            await catalog.page(replace(query, text="house"))


async def test_a_list_is_read_once_for_all_who_ask_at_the_same_time(
    catalog: SqliteCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "FEW", 0)
    await catalog.apply(Change(put=[media_file(n) for n in range(1, 9)]))
    read, statements_read = SqliteDatabase.read, list[str]()

    async def counted(self: SqliteDatabase, sql: str, parameters: Parameters = ()) -> list[Row]:
        statements_read.append(sql)
        return await read(self, sql, parameters)

    monkeypatch.setattr(SqliteDatabase, "read", counted)
    found = await asyncio.gather(*(catalog.histogram(CatalogQuery(sort="name")) for _ in range(6)))
    assert [one.total for one in found] == [8] * 6
    assert statements_read.count(statements.IDS_BY_LETTER) == 1


async def test_everything_is_stored_after_reopening(tmp_path: Path) -> None:
    async with SqliteCatalog(tmp_path / "catalog.db") as first:
        await first.put(media_file(1))
        await first.remember_chat(CHANNEL, "Films")
    async with SqliteCatalog(tmp_path / "catalog.db") as second:
        assert await second.get(media_file(1).origin) == media_file(1)
        assert await second.chats() == {CHANNEL: "Films"}


async def test_a_closed_catalog_raises_catalog_error(tmp_path: Path) -> None:
    async with SqliteCatalog(tmp_path / "catalog.db") as catalog:
        pass
    with pytest.raises(CatalogError, match="closed"):
        await catalog.get(media_file(1).origin)


async def test_text_with_lone_surrogates_raises_catalog_error(catalog: SqliteCatalog) -> None:
    with pytest.raises(CatalogError):
        await catalog.put(media_file(1, name="\ud800"))
    assert (await catalog.page(CatalogQuery())).items == ()


PLANS = [(*limits, tries) for limits in ((0, 1000), (0, 0), (0, 5), (1000, 1000)) for tries in (1, 9, 1000)]
SORTED: tuple[tuple[Sort, Order], ...] = (("name", "asc"), ("size", "desc"), ("name", "desc"), ("size", "asc"))


@pytest.mark.parametrize(
    ("plan", "sort", "order"),
    [
        (plan, *by)
        for place, plan in enumerate(PLANS)
        for number, by in enumerate(SORTED)
        if full() or number == (place + place // 4) % 4
    ],
)
async def test_every_plan_gives_the_same_sorted_list(
    catalog: SqliteCatalog, plan: tuple[int, int, int], sort: Sort, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many, tries = plan
    make_many(monkeypatch, few=few, many=many, tries=tries)
    plain = MemoryCatalog()
    keys = [FileKey(f"{number % 17}") for number in range(40)]
    files = [media_file(n, name=f"film {n % 7} {n % 3}", size=n % 5, key=key) for n, key in enumerate(keys, 1)]
    for store in (catalog, plain):
        await store.apply(Change(put=files))
    for text in ("film", "film 3", "2 -film", "5 ", "-1", "f", '"film 3"', '"film 3*"'):
        query = CatalogQuery(text=text, sort=sort, order=order, limit=4)
        for one in (query, replace(query, min_size=3), replace(query, since=1_700_000_009, until=1_700_000_020)):
            assert await entries(catalog, one) == await entries(plain, one)


async def test_beyond_the_exact_count_the_newest_are_counted(
    catalog: SqliteCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("streamvault.catalog.sqlite.lists", "tests.support.catalogs"):
        monkeypatch.setattr(f"{module}.EXACT", 7)
    plain = MemoryCatalog()
    for count in (6, 7, 8, 30):
        files = [media_file(n, key=FileKey(f"{n % 5 if n % 2 else n}"), caption=f"#t{n}") for n in range(count)]
        facts = {f"{n}": NameFacts(1, title="film", work=f"{n % 4}", episode=n % 3 or None) for n in range(count)}
        for store in (catalog, plain):
            await store.apply(Change(put=files))
            await store.store_facts(facts)
        for query in (CatalogQuery(), CatalogQuery(text="film"), CatalogQuery(text="-3", min_size=1_000_003)):
            assert await catalog.facets(query) == await plain.facets(query)
            assert await catalog.works(query) == await plain.works(query)
    assert (await catalog.facets(CatalogQuery())).exact is False
