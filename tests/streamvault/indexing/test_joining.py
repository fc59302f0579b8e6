"""The joining catalog: whatever is put and removed in any order, complete sets are one file, all others pieces."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from streamvault.catalog.base import Catalog, Change
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.errors import CatalogError
from streamvault.indexing.arrangement import arrange
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.recompute import Recompute
from streamvault.media.classification import classify
from streamvault.media.model import FileKey, MediaFile, Origin, Sent
from tests.support.catalogs import MemoryCatalog
from tests.support.cut_files import MIB, document, film, listed
from tests.support.files import CHANNEL, media_file


async def test_it_is_a_catalog() -> None:
    catalog: Catalog = JoiningCatalog(MemoryCatalog())
    await catalog.remember_chat(CHANNEL, "Films")
    await catalog.put(media_file(1))
    assert await catalog.get(Origin(CHANNEL, 1)) == media_file(1)
    assert await catalog.chats() == {CHANNEL: "Films"}
    assert await catalog.messages(CHANNEL, first=1, last=9) == (1,)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)], ids=str)
async def test_pieces_that_come_one_by_one_become_one_file(order: Sequence[int]) -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(MIB, MIB, 5)
    for number in order:
        await catalog.put(pieces[number])
    assert await listed(catalog) == {"Film.mkv": 2 * MIB + 5}
    whole = await catalog.get(Origin(CHANNEL, 1))
    assert whole is not None
    assert [part.name for part in whole.parts] == ["Film.mkv.001", "Film.mkv.002", "Film.mkv.003"]
    second = await catalog.get(Origin(CHANNEL, 2))
    assert second == replace(pieces[1], part_of=Origin(CHANNEL, 1))


async def test_a_change_and_what_follows_from_it_are_one_transaction() -> None:
    store, pieces = MemoryCatalog(), film(MIB, 5)
    catalog = JoiningCatalog(store)
    await catalog.apply(Change(put=[*pieces, media_file(9)], marks={"place": "7"}))
    assert store.calls.count("apply") == 1
    assert "put" not in store.calls
    assert await listed(catalog) == {"Film.mkv": MIB + 5, "film 9.mp4": media_file(9).size}
    assert await catalog.mark("place") == "7"
    await catalog.apply(Change(gone=[pieces[1].origin]))
    assert store.calls.count("apply") == 2
    assert await catalog.get(pieces[0].origin) == pieces[0]


@pytest.mark.parametrize("lost", [0, 1, 2])
async def test_a_whole_that_loses_a_piece_is_pieces_again(lost: int) -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(MIB, MIB, MIB, 5)
    await catalog.apply(Change(put=pieces))
    await catalog.remove(pieces[lost].origin)
    assert await listed(catalog) == {one.name: one.size for one in pieces if one is not pieces[lost]}
    await catalog.put(pieces[lost])
    assert await listed(catalog) == {"Film.mkv": 3 * MIB + 5}


async def test_a_piece_that_is_replaced_by_another_file_is_no_piece_any_more() -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(MIB, 5)
    await catalog.apply(Change(put=pieces))
    await catalog.put(media_file(2, name="other.mp4", edit_date=1_800_000_000))
    assert set(await listed(catalog)) == {"Film.mkv.001", "other.mp4"}


async def test_the_first_piece_may_be_put_again_and_edited() -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(MIB, 5)
    await catalog.apply(Change(put=pieces))
    whole = await catalog.get(pieces[0].origin)
    await catalog.put(pieces[0])
    assert await catalog.get(pieces[0].origin) == whole
    await catalog.put(replace(pieces[0], caption="A film #drama", edit_date=1_800_000_000))
    found = await catalog.get(pieces[0].origin)
    assert whole is not None
    assert found == replace(
        whole, name="A film.mkv", caption="A film #drama", edit_date=1_800_000_000,
        parts=(replace(whole.parts[0], modified=1_800_000_000), whole.parts[1]),
    )  # fmt: skip
    await catalog.put(replace(pieces[0], size=7, edit_date=1_700_000_000))  # arrives late
    assert await catalog.get(pieces[0].origin) == found


async def test_a_message_keeps_its_date_and_what_is_put_and_gone_is_gone() -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(MIB, 5)
    await catalog.apply(Change(put=pieces))
    await catalog.put(replace(pieces[1], date=5))
    second = await catalog.get(pieces[1].origin)
    assert second is not None
    assert second.date == pieces[1].date
    await catalog.apply(Change(put=[pieces[1]], gone=[pieces[1].origin]))
    assert set(await listed(catalog)) == {"Film.mkv.001"}


async def test_parts_and_part_of_of_a_put_file_are_computed_again() -> None:
    store, pieces = MemoryCatalog(), film(MIB, 5)
    await JoiningCatalog(store).apply(Change(put=pieces))
    exported = list(store.files.values())
    catalog = JoiningCatalog(MemoryCatalog())
    await catalog.put(exported[1])
    assert await catalog.get(pieces[1].origin) == pieces[1]
    await catalog.put(exported[0])
    assert await listed(catalog) == {"Film.mkv": MIB + 5}


async def test_other_chats_and_other_names_are_left_alone() -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(MIB, MIB, 5)
    elsewhere = replace(pieces[1], origin=Origin(-1009, 2))
    await catalog.apply(Change(put=[pieces[0], elsewhere, pieces[2]]))
    assert len(await listed(catalog)) == 3
    assert all(not entry.file.part_of for entry in await catalog.dump(None, 9))


async def test_a_set_that_is_posted_twice_is_one_file_with_two_messages() -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(MIB, 5)
    copies = [replace(one, origin=Origin(CHANNEL, 50 + i)) for i, one in enumerate(pieces)]
    await catalog.apply(Change(put=[*pieces, *copies]))
    assert await listed(catalog) == {"Film.mkv": MIB + 5}
    whole = await catalog.get(pieces[0].origin)
    assert whole is not None
    for key in (whole.key, pieces[0].key):
        assert set(await catalog.origins(key.file_unique_id)) == {pieces[0].origin, copies[0].origin}
    assert set(await catalog.origins(pieces[1].key.file_unique_id)) == {pieces[1].origin, copies[1].origin}


async def test_nothing_is_stored_when_the_database_fails() -> None:
    store, pieces = MemoryCatalog(), film(MIB, 5)
    catalog = JoiningCatalog(store)
    await catalog.put(pieces[0])
    store.broken = True
    with pytest.raises(CatalogError):
        await catalog.put(pieces[1])
    store.broken = False
    assert set(store.files) == {pieces[0].origin}
    await catalog.put(pieces[1])
    assert await listed(catalog) == {"Film.mkv": MIB + 5}


async def test_writers_at_once_lose_nothing() -> None:
    class Slow(MemoryCatalog):
        async def pieces(self, chat_id: int, whole: str) -> tuple[MediaFile, ...]:
            found = await super().pieces(chat_id, whole)
            await asyncio.sleep(0)
            return found

    catalog, pieces = JoiningCatalog(Slow()), film(*[MIB] * 9, 5)
    await asyncio.gather(*(catalog.put(one) for one in pieces), catalog.remove(Origin(CHANNEL, 77)))
    assert await listed(catalog) == {"Film.mkv": 9 * MIB + 5}
    await asyncio.gather(*(catalog.remove(one.origin) for one in pieces))
    assert await catalog.dump(None, 99) == ()


async def test_a_list_shows_the_whole_in_place_of_its_pieces() -> None:
    catalog, pieces = JoiningCatalog(MemoryCatalog()), film(MIB, 5)
    await catalog.apply(Change(put=[*pieces, media_file(9)]))
    shown = [await catalog.listed(file) for file in (*pieces, media_file(9), *film(5, first=70))]
    assert [file.name for file in shown] == ["Film.mkv", "Film.mkv", "film 9.mp4", "Film.mkv.001"]


async def test_on_changed_is_called_for_every_row_that_changes() -> None:
    changed: set[int] = set()
    catalog = JoiningCatalog(MemoryCatalog(), on_changed=lambda origin: changed.add(origin.message_id))
    pieces = film(MIB, MIB, 5)
    await catalog.apply(Change(put=[*pieces[:2], media_file(9)]))
    changed.clear()
    await catalog.put(pieces[2])
    assert changed == {1, 3}
    changed.clear()
    await catalog.remove(pieces[1].origin)
    assert changed == {1, 2, 3}


async def test_of_two_versions_in_one_change_the_later_one_counts() -> None:
    store, plain = MemoryCatalog(), MemoryCatalog()
    versions = [document(1, "b", edit_date=2000), document(1, "a", edit_date=1000), document(1, "Film.mkv.001")]
    for catalog in (JoiningCatalog(store), plain):
        await catalog.apply(Change(put=versions))
    assert store.files == plain.files
    assert store.files[Origin(CHANNEL, 1)].name == "b"


# What an earlier version stored


async def test_rows_that_were_stored_before_are_joined_once() -> None:
    store = MemoryCatalog([*film(MIB, 5), media_file(9)])
    store.rules.clear()
    catalog = JoiningCatalog(store)
    await Recompute(catalog).walk()
    assert set(await listed(catalog)) == {"Film.mkv", "film 9.mp4"}
    store.calls.clear()
    await Recompute(catalog).walk()
    assert store.calls == ["mark"]


async def test_rows_whose_names_were_no_pieces_in_an_earlier_version_are_joined_once(tmp_path: Path) -> None:
    """D: the name of the whole that SQLite keeps with a row is that of an earlier version."""
    pieces = [document(1 + i, f"lake.mkv.{i:02}", size) for i, size in enumerate((MIB, MIB, 5))]
    async with SqliteCatalog(tmp_path / "catalog.db") as store:
        await store.apply(Change(put=pieces))
        async with store._database.transaction() as run:
            await run("UPDATE files SET whole = '', rules = 0")
        catalog = JoiningCatalog(store)
        await Recompute(catalog).walk()
        await catalog.apply_start(pieces[1], begins=False)
        assert await listed(catalog) == {"lake.mkv": 2 * MIB + 5}


# Doubtful pieces

DOUBTFUL = [document(1, "Old.Film.part1.avi", 716_800), document(2, "Old.Film.part2.avi", 600_000)]


@pytest.mark.parametrize(("begins", "count"), [(True, 2), (False, 1)])
async def test_doubtful_pieces_stay_apart_until_the_start_of_the_second_is_known(begins: bool, count: int) -> None:
    """D"""
    asked: list[bool] = []
    catalog = JoiningCatalog(MemoryCatalog(), on_doubtful=lambda: asked.append(True))
    for piece in DOUBTFUL:
        await catalog.put(piece)
    assert len(asked) == 1
    assert len(await listed(catalog)) == 2
    assert await catalog.unread_starts() == [DOUBTFUL[1].origin]
    await catalog.apply_start(DOUBTFUL[1], begins=begins)
    assert len(await listed(catalog)) == count
    await catalog.apply(Change(put=DOUBTFUL))
    assert len(await listed(catalog)) == count
    assert await catalog.unread_starts() == []
    assert len(asked) == 1


async def test_another_second_piece_is_read_again() -> None:
    """D"""
    catalog = JoiningCatalog(MemoryCatalog())
    await catalog.apply(Change(put=DOUBTFUL))
    await catalog.apply_start(DOUBTFUL[1], begins=True)
    other = replace(DOUBTFUL[1], key=FileKey("another"), edit_date=1_800_000_000)
    await catalog.put(other)
    assert await catalog.unread_starts() == [other.origin]
    await catalog.apply_start(DOUBTFUL[1], begins=False)  # what was read before it was replaced
    assert len(await listed(catalog)) == 2
    await catalog.apply_start(other, begins=False)
    assert await listed(catalog) == {"Old.Film.avi": 716_800 + 600_000}
    await catalog.remove(other.origin)
    assert await catalog.unread_starts() == []
    assert set(await listed(catalog)) == {"Old.Film.part1.avi"}


async def test_what_an_earlier_version_joined_stays_joined_until_it_is_read() -> None:
    """D"""
    store = MemoryCatalog()
    rows = arrange(DOUBTFUL, {}, continues=lambda _: True)
    await store.apply(Change(put=rows))
    store.rules.clear()
    catalog = JoiningCatalog(store)
    await Recompute(catalog).walk()
    assert set(await listed(catalog)) == {"Old.Film.avi"}
    assert await catalog.unread_starts() == [DOUBTFUL[1].origin]
    await catalog.apply_start(DOUBTFUL[1], begins=True)
    assert set(await listed(catalog)) == {"Old.Film.part1.avi", "Old.Film.part2.avi"}


@pytest.mark.parametrize("name", ["Cold Ledger (2009) Part {}.mkv", "Sail.part{}.mp4", "Storm.part-{}.mkv"])
@pytest.mark.parametrize("album", [None, 7])
@pytest.mark.parametrize("together", [True, False])
async def test_a_name_from_a_text_is_not_joined(name: str, album: int | None, together: bool) -> None:
    """D: it is what the message says of its file, not the name under which a piece was sent."""
    sent = Sent("document", "", "video/mp4" if name.endswith("mp4") else "video/x-matroska")
    nameless = classify(document(1, "", 716_800, caption=name.format(1), sent=sent, album=album))
    second = document(2, name.format(2), 600_000)
    assert nameless.name == name.format(1)
    catalog = JoiningCatalog(MemoryCatalog())
    for put in [[nameless, second]] if together else [[nameless], [second]]:
        await catalog.apply(Change(put=put))
    assert await catalog.unread_starts() == []
    await catalog.apply_start(second, begins=False)
    await catalog.apply(Change(put=[nameless, second]))  # as a repair does
    assert await catalog.get(nameless.origin) == nameless
    assert await listed(catalog) == {nameless.name: 716_800, second.name: 600_000}
