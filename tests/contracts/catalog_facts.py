"""How a catalog stores the facts parsed from file names."""

import dataclasses

import pytest

from streamvault.catalog.base import Catalog, CatalogQuery, Change, Entry, UnparsedName
from streamvault.catalog.works import group
from streamvault.media.model import FileKey, Origin, Sent
from streamvault.media.name_facts import NameFacts
from tests.support.files import CHANNEL, media_file

MOVIE = media_file(1, key=FileKey("movie"), kind="document", name="movie.mkv", caption="Cold Ledger 2009 1080p BluRay")
IN_GROUP = media_file(9, key=MOVIE.key, name="Cold.Ledger.mkv", in_group=True)
"""The same file in a group, which is not shown as long as MOVIE is there."""
MEANWHILE = [
    pytest.param(Change(put=[dataclasses.replace(MOVIE, **changes)], gone=gone), id=name)
    for name, changes, gone in (
        ("decided again", {"kind": "video", "name": f"{MOVIE.caption}.mkv"}, []),
        ("edited", {"name": "Cold Ledger.mkv", "edit_date": 1_900_000_000}, []),
        ("another kind", {"kind": "video"}, []),
        ("another message in front", {"origin": Origin(CHANNEL, 5), "name": "Cold Ledger (2009).mkv"}, []),
        ("without the message in front", {}, [MOVIE.origin]),
    )
]
"""Changes after which the file has another name or kind."""


class FactsContract:
    async def test_facts_are_kept_with_the_file_and_not_with_a_message(self, catalog: Catalog) -> None:
        facts = NameFacts(3, title="Heat", year=1995, languages=("en", "fr"), work="heat 1995")
        file = media_file(1, caption="#Crime #crime #Noir_90s")
        await catalog.put(file)
        await catalog.store_facts({"unknown": facts})
        assert await catalog.entry(file.origin) == Entry(file, None, ("Crime", "Noir_90s"))
        await catalog.store_facts({file.key.file_unique_id: facts})
        again = media_file(2, key=file.key, name="another name.mkv")
        await catalog.put(again)
        await catalog.put(dataclasses.replace(file, caption="", edit_date=5))
        assert await catalog.entry(again.origin) == Entry(again, facts)
        better = dataclasses.replace(facts, version=4, languages=())
        await catalog.store_facts({file.key.file_unique_id: better})
        assert [entry.facts for entry in await catalog.dump(None, 9)] == [better, better]

    async def test_facts_are_deleted_with_the_last_message_of_the_file(self, catalog: Catalog) -> None:
        await catalog.put(media_file(1))
        await catalog.store_facts({media_file(1).key.file_unique_id: NameFacts(3, title="Heat")})
        await catalog.remove(media_file(1).origin)
        await catalog.put(media_file(1))
        assert await catalog.entry(media_file(1).origin) == Entry(media_file(1))

    async def test_a_file_that_moves_to_another_message_within_one_change_keeps_its_facts(
        self, catalog: Catalog
    ) -> None:
        facts, moving = NameFacts(3, title="Heat"), FileKey("moving")
        await catalog.put(media_file(3, key=moving))
        await catalog.store_facts({"moving": facts})
        moved = media_file(1, key=moving)
        await catalog.apply(Change(put=[media_file(3, key=FileKey("other")), moved]))
        assert await catalog.entry(moved.origin) == Entry(moved, facts)

    async def test_an_unparsed_name_comes_with_the_senders(self, catalog: Catalog) -> None:
        """C: which of them was decided from the text."""
        named, camera, nameless = (
            media_file(number, name=name, sent=Sent("video", sent, "video/mp4"))
            for number, name, sent in (
                (1, "same.mp4", "same.mp4"), (2, "Trip 2022.mp4", "VID_20240105_120000.mp4"), (3, "Film.mp4", ""),
            )
        )  # fmt: skip
        await catalog.apply(Change(put=[named, camera, nameless]))
        found = {one.name: one.sent_name for one in await catalog.unparsed_names(1, 9)}
        assert found == {"same.mp4": "", "Trip 2022.mp4": "VID_20240105_120000.mp4", "Film.mp4": ""}

    @pytest.mark.parametrize("known", [None, NameFacts(1, title="movie")], ids=["unread", "read by older rules"])
    @pytest.mark.parametrize("meanwhile", MEANWHILE)
    async def test_facts_of_a_name_that_changed_while_it_was_parsed_are_not_stored(
        self, catalog: Catalog, meanwhile: Change, known: NameFacts | None
    ) -> None:
        other = media_file(2, name="Paper Moons 2011.mkv")
        await catalog.apply(Change(put=[MOVIE, other, IN_GROUP]))
        if known is not None:
            await catalog.store_facts({"movie": known})
        facts = NameFacts(3, title="Paper Moons", year=2011)
        parsed = await catalog.unparsed_names(3, 9)
        assert [one.name for one in parsed] == [other.name, MOVIE.name]
        await catalog.apply(meanwhile)
        await catalog.store_facts({"movie": NameFacts(3, title="movie"), other.key.file_unique_id: facts}, parsed)
        again = await catalog.unparsed_names(3, 9)
        assert [one.file_unique_id for one in again] == ["movie"]
        assert (again[0].name, again[0].kind) != (MOVIE.name, MOVIE.kind)
        assert [one.file.name for one in await catalog.dump(None, 9) if one.facts == facts] == [other.name]
        better = NameFacts(3, title="Cold Ledger", year=2009)
        await catalog.store_facts({"movie": better}, again)
        assert await catalog.unparsed_names(3, 9) == ()
        assert {one.facts for one in await catalog.dump(None, 9) if one.file.key == MOVIE.key} == {better}

    async def test_facts_of_a_file_that_is_gone_or_no_longer_listed_are_not_stored(self, catalog: Catalog) -> None:
        files = [media_file(1), media_file(2), media_file(3)]
        await catalog.apply(Change(put=files))
        parsed = await catalog.unparsed_names(3, 9)
        hidden = dataclasses.replace(files[1], part_of=files[2].origin)
        await catalog.apply(Change(put=[hidden], gone=[files[0].origin]))
        await catalog.store_facts({one.file_unique_id: NameFacts(3, title=one.name) for one in parsed}, parsed)
        assert [one.facts for one in await catalog.dump(None, 9)] == [None, NameFacts(3, title=files[2].name)]
        await catalog.put(files[1])
        assert [one.name for one in await catalog.unparsed_names(3, 9)] == [files[1].name]

    async def test_unparsed_names_come_newest_first(self, catalog: Catalog) -> None:
        files = [media_file(number) for number in range(1, 6)]
        await catalog.apply(Change(put=[*files, media_file(6, key=files[1].key, name="newer.mkv")]))
        await catalog.put(media_file(7, part_of=Origin(CHANNEL, 6)))

        async def unparsed_names(version: int, limit: int = 9) -> list[str]:
            return [one.name for one in await catalog.unparsed_names(version, limit)]

        assert await catalog.unparsed_names(1, 1) == (UnparsedName(files[1].key.file_unique_id, "newer.mkv", "video"),)
        assert await unparsed_names(1) == ["newer.mkv", "film 5.mp4", "film 4.mp4", "film 3.mp4", "film 1.mp4"]
        await catalog.store_facts(
            {file.key.file_unique_id: NameFacts(1 + file.origin.message_id % 2) for file in files[:4]}
        )
        assert await unparsed_names(1) == ["film 5.mp4"]
        assert await unparsed_names(2) == ["newer.mkv", "film 5.mp4", "film 4.mp4"]
        assert await unparsed_names(3, 2) == ["newer.mkv", "film 5.mp4"]

    async def test_a_file_of_several_episodes_is_found_below_each(self, catalog: Catalog) -> None:
        """J."""
        facts = NameFacts(1, title="Low Country", season=2, episode=3, last_episode=5, work="s:low-country")
        await catalog.apply(Change(put=[media_file(1), media_file(2)]))
        single = dataclasses.replace(facts, episode=4, last_episode=None)
        await catalog.store_facts({media_file(1).key.file_unique_id: facts, media_file(2).key.file_unique_id: single})
        [season] = group((await catalog.page(CatalogQuery(work="s:low-country"))).items).seasons
        found = {one.number: sorted(entry.file.origin.message_id for entry in one.files) for one in season.episodes}
        assert found == {3: [1], 4: [1, 2], 5: [1]}
