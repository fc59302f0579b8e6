"""Jumps into a list: the offsets of a histogram and of a page are places in the list's own order."""

import dataclasses
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamvault.catalog.base import Catalog, CatalogQuery, Change, Histogram, Order, Sort
from streamvault.catalog.derived import name_key
from streamvault.catalog.histogram import letter
from streamvault.media.model import FileKey, MediaFile
from tests.contracts.catalog_oracle import SHARED
from tests.support.files import media_file
from tests.support.walking import empty, everything

LAST_DATE = 253_402_300_799
NAMES = ("", "7", "10 b", "[x", "a", "A b", "É", "z", "{", "Ä", "б", "Я", "א", "あ", "ア", "東", "一",
         "가", "힣", "☆", "🎬", "\x00", "\x00b", "a\x00", "a\U0010ffff\U0010ffff b", "\ud7ff", "\ue000", "\ufdd0",
         "\ufffd", "\ufffe", "\uffff x", "\uffff\uffff", "\U0001ffff", "\U00020000", "\U0010ffff",
         "\U0010ffff\U0010ffff x")  # fmt: skip
FILES = st.builds(
    lambda message, unique, days, **fields: media_file(message, key=FileKey(unique), date=days * 86400, **fields),
    st.integers(1, 30),
    st.sampled_from("abcdefghijklm"),
    st.sampled_from((0, 30, 31, 58, 59, 60, 11_016, 11_017, 20_000, 2_932_896, 3_000_000)),
    name=st.sampled_from(NAMES),
    in_group=st.booleans(),
    kind=st.sampled_from(("video", "video", "audio")),
)


def key_of(file: MediaFile, sort: Sort) -> str:
    if sort == "name":
        return letter(name_key(file.name))
    return time.strftime("%Y-%m", time.gmtime(min(file.date, LAST_DATE)))


class PositionsContract:
    @settings(max_examples=12, deadline=None, suppress_health_check=SHARED)
    @given(files=st.lists(FILES, max_size=30))
    @example(files=[media_file(number, name=name) for number, name in enumerate(NAMES, 1)])
    async def test_each_bucket_begins_at_its_offset(self, catalog: Catalog, files: list[MediaFile]) -> None:
        await empty(catalog)
        await catalog.apply(Change(put=files))
        for query in (
            CatalogQuery(sort="date", order="desc"),
            CatalogQuery(sort="name", order="asc", kind="video"),
            CatalogQuery(sort="name", order="desc"),
        ):
            listed = await everything(catalog, query)
            found = await catalog.histogram(query)
            assert found.total == len(listed)
            assert len({bucket.key for bucket in found.buckets}) == len(found.buckets)
            place = 0
            for bucket in found.buckets:
                assert (bucket.offset, bucket.count > 0) == (place, True)
                first = await catalog.page(dataclasses.replace(query, offset=bucket.offset, limit=1))
                assert [entry.file for entry in first.items] == listed[place : place + 1]
                assert {key_of(file, query.sort) for file in listed[place : place + bucket.count]} == {bucket.key}
                place += bucket.count

    @pytest.mark.parametrize("order", ["asc", "desc"])
    async def test_months_and_letters_are_in_the_order_of_the_list(self, catalog: Catalog, order: Order) -> None:
        dates = (5, 31 * 86400 - 1, 31 * 86400, 951_868_800)
        names = ("7 Seas", "Ärger", "amber", "Ёлка")
        await catalog.apply(
            Change(put=[media_file(n, date=d, name=s) for n, (d, s) in enumerate(zip(dates, names, strict=True))])
        )
        expected: dict[Sort, list[tuple[str, int, int]]] = {
            "date": [("1970-01", 2, 0), ("1970-02", 1, 2), ("2000-03", 1, 3)],
            "name": [("#", 1, 0), ("A", 2, 1), ("Е", 1, 3)],
        }
        for sort, buckets in expected.items():
            found = (await catalog.histogram(CatalogQuery(sort=sort, order=order))).buckets
            if order == "asc":
                assert [(one.key, one.count, one.offset) for one in found] == buckets
            else:
                turned = [(key, count, 4 - offset - count) for key, count, offset in reversed(buckets)]
                assert [(one.key, one.count, one.offset) for one in found] == turned

    async def test_an_offset_behind_the_end_gives_an_empty_page(self, catalog: Catalog) -> None:
        await catalog.apply(Change(put=[media_file(1), media_file(2), media_file(3, key=media_file(2).key)]))
        for sort in ("date", "name", "size"):
            for text in ("", "film"):
                query = CatalogQuery(text=text, sort=sort)
                assert len((await catalog.page(dataclasses.replace(query, offset=1))).items) == 1
                for offset in (2, 3, 1 << 62):
                    page = await catalog.page(dataclasses.replace(query, offset=offset))
                    assert (page.items, page.next, page.corrected) == ((), None, "")

    async def test_of_no_files_there_are_no_buckets(self, catalog: Catalog) -> None:
        assert await catalog.histogram(CatalogQuery()) == Histogram()
        await catalog.put(media_file(1))
        for query in (CatalogQuery(text="nothing"), CatalogQuery(chat_ids=frozenset()), CatalogQuery(since=1 << 40)):
            assert await catalog.histogram(query) == Histogram()
        with pytest.raises(ValueError, match="size"):
            await catalog.histogram(CatalogQuery(sort="size"))
