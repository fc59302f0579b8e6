"""Rows that older rules made are computed again in the background (indexing/recompute.py)."""

import asyncio
import dataclasses
from typing import Any

import pytest

from streamvault.catalog import derived
from streamvault.catalog.base import Catalog, CatalogQuery, Change, Counts, Outdated, UnparsedName
from streamvault.catalog.derived import MARK
from streamvault.errors import CatalogError, StoredMeanwhile
from streamvault.indexing import joining, recompute
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.naming.process import NameProcess
from streamvault.indexing.naming.reader import NameReader
from streamvault.indexing.recompute import Recompute
from streamvault.media import classification
from streamvault.media.model import MediaFile, Origin, Sent
from streamvault.media.name_facts import NameFacts
from tests.support.files import CHANNEL, media_file
from tests.support.sources import HastyClock
from tests.support.waiting import until
from tests.support.walking import everything, names


def decided(file: MediaFile) -> MediaFile:
    """A rule for the tests: documents are films, and files without a name are called by their texts."""
    sent = file.sent or Sent(file.kind, file.name, file.mime_type)
    if file.parts:
        return file
    return dataclasses.replace(file, sent=sent, kind="video", name=sent.name or f"{file.caption}.mkv")


def old(number: int, **changes: Any) -> MediaFile:
    """A file as a version without rules stored it."""
    return media_file(number, **{"kind": "document", "name": f"film {number}.mkv"} | changes)


def new(file: MediaFile, **changes: Any) -> MediaFile:
    return dataclasses.replace(decided(file), **changes)


class _Interrupted(Exception):
    """Stands for the end of the process."""


class _Between(JoiningCatalog):
    """Calls `meanwhile` between the reading of a batch and its writing, once."""

    def __init__(self, store: Catalog, change: Change) -> None:
        super().__init__(store)
        self._change: Change | None = change
        self._others = JoiningCatalog(store)
        self.outdated = self._read_late

    async def _read_late(self, before: int | None, limit: int) -> Outdated:
        found = await self._store.outdated(before, limit)
        if self._change is not None:
            change, self._change = self._change, None
            await self._others.apply(change)
        return found


class RecomputeContract:
    @pytest.fixture(autouse=True)
    def rules(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(joining, "classify", decided)
        monkeypatch.setattr(recompute, "BATCH", 3)

    async def test_every_row_is_computed_again_once(self, catalog: Catalog) -> None:
        files = [old(number, caption="#tag") for number in range(1, 9)]
        await catalog.apply(Change(put=files))
        stored: list[None] = []
        walk = Recompute(JoiningCatalog(catalog), on_stored=lambda: stored.append(None))
        await walk.walk()
        assert (walk.stored, len(stored)) == (8, 3)
        assert await everything(catalog, CatalogQuery(order="asc")) == [new(file) for file in files]
        assert (await catalog.facets(CatalogQuery(text="film", tag="tag"))).kinds == {"video": 8}
        assert await catalog.counts() == Counts(8, sum(file.size for file in files), {"video": 8})
        again = Recompute(JoiningCatalog(catalog))
        await again.walk()
        assert again.stored == 0

    async def test_only_rows_of_older_rules_are_outdated(self, catalog: Catalog) -> None:
        files = [old(1), new(old(2)), old(3), new(old(4)), old(5)]
        await catalog.apply(Change(put=files))
        first = await catalog.outdated(None, 3)
        assert first.files == (files[4], files[2])
        assert first.before is not None
        assert await catalog.outdated(first.before, 3) == Outdated((files[0],), None)

    async def test_a_walk_goes_on_where_it_was_interrupted(self, catalog: Catalog) -> None:
        await catalog.apply(Change(put=[old(number) for number in range(1, 9)]))

        def interrupt() -> None:
            raise _Interrupted

        first = Recompute(JoiningCatalog(catalog), on_stored=interrupt)
        with pytest.raises(_Interrupted):
            await first.walk()
        assert (await catalog.facets(CatalogQuery())).kinds == {"document": 5, "video": 3}
        rest = Recompute(JoiningCatalog(catalog))
        await rest.walk()
        assert rest.stored == 5
        assert await catalog.mark(MARK) == "0"

    async def test_two_processes_share_it(self, catalog: Catalog) -> None:
        await catalog.apply(Change(put=[old(number) for number in range(1, 20)]))
        await asyncio.gather(*(Recompute(JoiningCatalog(catalog), clock=HastyClock()).walk() for _ in range(2)))
        assert (await catalog.facets(CatalogQuery())).kinds == {"video": 19}

    @pytest.mark.parametrize("edit_date", [None, 5])
    async def test_what_is_stored_meanwhile_is_not_replaced(self, catalog: Catalog, edit_date: int | None) -> None:
        """A caption that was edited, with and without an edit date, and a message that was deleted."""
        files = [old(number) for number in range(1, 6)]
        await catalog.apply(Change(put=files))
        edited = new(files[4], caption="edited", edit_date=edit_date)
        between = _Between(catalog, Change(put=[edited], gone=[files[3].origin]))
        walk = Recompute(between, clock=HastyClock())
        await walk.walk()
        assert await everything(catalog, CatalogQuery(order="asc")) == [*map(new, files[:3]), edited]
        assert await names(catalog, CatalogQuery(text="edited")) == [edited.name]

    async def test_a_row_that_is_always_stored_meanwhile_is_tried_at_growing_intervals(self, catalog: Catalog) -> None:
        await catalog.apply(Change(put=[old(number) for number in range(1, 6)]))
        clock, store, tried = HastyClock(), JoiningCatalog(catalog), 0
        real = store.outdated

        async def other_than_stored(before: int | None, limit: int) -> Outdated:
            nonlocal tried
            tried += 1
            found = await real(before, limit)
            files = [dataclasses.replace(file, views=tried) for file in found.files]
            return dataclasses.replace(found, files=tuple(files)) if tried < 9 else found

        store.outdated = other_than_stored
        await Recompute(store, clock=clock).walk()
        delays = clock.slept[:8]
        assert delays == sorted(delays), "each is as long as the one before, or longer"
        assert 0 < delays[0] < delays[-1]
        assert await names(catalog, CatalogQuery(kind="video", order="asc")) == [f"film {n}.mkv" for n in range(1, 6)]

    async def test_of_a_change_of_an_outdated_read_nothing_is_stored(self, catalog: Catalog) -> None:
        await catalog.apply(Change(put=[old(1), old(2)], marks={"pts": "1"}))
        for unchanged in (
            {old(1).origin: old(1, caption="x")},
            {old(1).origin: old(1), old(3).origin: old(3)},
        ):
            change = Change([old(2, caption="y"), old(1, caption="z")], [], {"pts": "2"}, unchanged)
            with pytest.raises(StoredMeanwhile):
                await catalog.apply(change)
            assert await everything(catalog, CatalogQuery()) == [old(2), old(1)]
            assert await catalog.mark("pts") == "1"
        await catalog.apply(Change([old(1, caption="z")], unchanged={old(1).origin: old(1)}))
        assert await catalog.get(old(1).origin) == old(1, caption="z")

    async def test_names_that_change_are_read_again(self, catalog: Catalog) -> None:
        nameless, named = old(1, name="", caption="Paper Moons"), old(2, kind="video")
        await catalog.apply(Change(put=[nameless, named, old(9, key=nameless.key, name="", caption="Paper Moons")]))
        facts = NameFacts(3, title="Paper Moons", work="f:paper-moons")
        await catalog.store_facts({nameless.key.file_unique_id: facts, named.key.file_unique_id: facts})
        await Recompute(JoiningCatalog(catalog)).walk()
        assert [one.name for one in await catalog.unparsed_names(3, 9)] == ["Paper Moons.mkv"]
        for number in (1, 9):
            entry = await catalog.entry(Origin(CHANNEL, number))
            assert entry is not None
            assert entry.facts == dataclasses.replace(facts, version=0), "they are shown until then"
        assert len((await catalog.works(CatalogQuery(text="moons"))).items) == 1

    async def test_names_that_are_being_read_while_they_change_are_read_again(self, catalog: Catalog) -> None:
        """The rows as an older version leaves them: read by old rules, named before the text was looked at."""
        files = [old(n, name="" if n < 3 else f"film {n}.mkv", caption=f"Cold Ledger {n}") for n in range(1, 5)]
        await catalog.apply(Change(put=files))
        await catalog.store_facts({file.key.file_unique_id: NameFacts(1, title="movie") for file in files[:3]})
        store = JoiningCatalog(catalog)
        real, asked = store.unparsed_names, 0

        async def walk_after_the_first(version: int, limit: int) -> tuple[UnparsedName, ...]:
            nonlocal asked
            found = await real(version, limit)
            asked += 1
            if asked == 1:
                await Recompute(store).walk()
            return found

        store.unparsed_names = walk_after_the_first
        child = NameProcess(program="tests.support.name_program")
        async with NameReader(store, child=child):
            await until(lambda: asked == 3)
        titles = {one.file.name: one.facts and one.facts.title for one in await catalog.dump(None, 9)}
        assert titles == {new(file).name: new(file).name for file in files}

    async def test_a_joined_file_is_decided_again(self, catalog: Catalog) -> None:
        pieces = [old(20 + n, name=f"lake.mkv.00{n}", size=1000) for n in (1, 2, 3)]
        await JoiningCatalog(catalog).apply(Change(put=[*pieces, *(old(n) for n in range(1, 4))]))
        await Recompute(JoiningCatalog(catalog)).walk()
        [whole, *_] = await everything(catalog, CatalogQuery())
        assert (whole.name, whole.kind, whole.size, len(whole.parts)) == ("lake.mkv", "video", 3000, 3)
        assert len(await names(catalog, CatalogQuery())) == 4
        hidden = [await catalog.get(one.origin) for one in pieces[1:]]
        assert [one and (one.kind, one.part_of) for one in hidden] == [("video", whole.origin)] * 2

    async def test_an_album_of_old_rows_gets_its_text(self, catalog: Catalog) -> None:
        await catalog.apply(Change(put=[old(n, album=7, caption="Regatta" if n == 1 else "") for n in range(1, 6)]))
        await Recompute(JoiningCatalog(catalog)).walk()
        assert len(await names(catalog, CatalogQuery(text="regatta"))) == 5

    async def test_rows_of_the_first_rules_are_decided_again(
        self, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A, C: names and texts as the first rules took them, of a file alone and of those of an album."""
        monkeypatch.setattr(joining, "classify", classification.classify)
        first = derived.VERSION - (classification.VERSION - 1) * 10_000
        sent, text = Sent("video", "", "video/mp4"), "Watch now 👉 Cold Ledger (2009)"
        alone = media_file(1, name="Watch now Cold Ledger (2009).mp4", sent=sent, caption=text)
        album = [
            media_file(n, name=f"video-{n}.mp4", sent=sent, album=7, caption="Regatta" if n == 9 else "")
            for n in range(4, 10)
        ]
        with monkeypatch.context() as older:
            older.setattr(derived, "VERSION", first)
            await catalog.apply(Change(put=[alone, *album]))
        await Recompute(JoiningCatalog(catalog)).walk()
        assert await names(catalog, CatalogQuery(order="asc")) == ["Cold Ledger (2009).mp4", *["Regatta.mp4"] * 6]

    async def test_it_waits_for_the_database(self, catalog: Catalog) -> None:
        await catalog.put(old(1))
        store = JoiningCatalog(catalog)
        real, calls = store.outdated, 0

        async def away(before: int | None, limit: int) -> Outdated:
            nonlocal calls
            calls += 1
            if calls == 1:
                raise CatalogError("the database is away")
            return await real(before, limit)

        store.outdated = away
        await Recompute(store).walk()
        assert await names(catalog, CatalogQuery(kind="video")) == ["film 1.mkv"]
