"""The text of an album belongs to all of its files."""

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from streamvault.catalog.base import Catalog, CatalogQuery, Change
from streamvault.media.classification import classify
from streamvault.media.model import MediaFile, Origin, Sent
from streamvault.media.name_facts import NameFacts
from tests.support.files import CHANNEL, media_file
from tests.support.proof import full
from tests.support.walking import empty, everything

TEXT = "Regatta at Dornum #sail"
ARRIVALS = tuple(itertools.product((1, 2, 3), (False, True)))
"""How many files come in one change, and whether the last one comes first."""


def album(*captions: str, number: int = 7, first: int = 1, chat_id: int = CHANNEL) -> list[MediaFile]:
    return [media_file(n, chat_id=chat_id, album=number, caption=caption) for n, caption in enumerate(captions, first)]


def nameless(number: int, caption: str = "", name: str = "", *, album: int = 7, **changes: Any) -> MediaFile:
    """A video of an album, as it is described when it comes."""
    return classify(
        media_file(number, album=album, name=name, caption=caption, sent=Sent("video", name, "video/mp4"), **changes)
    )


async def arrive(catalog: Catalog, files: Sequence[MediaFile], size: int, *, backwards: bool) -> None:
    left = iter(reversed(files) if backwards else files)
    while some := list(itertools.islice(left, size)):
        await catalog.apply(Change(put=some))


async def names(catalog: Catalog, text: str = "") -> list[str]:
    return [file.name for file in await everything(catalog, CatalogQuery(order="asc", text=text))]


async def found(catalog: Catalog, **query: str) -> list[int]:
    """The ids of the messages that a query finds, by its words, its tag and their facets alike."""
    asked = CatalogQuery(order="asc", text=query.get("text", ""), tag=query.get("tag", ""))
    files = await everything(catalog, asked)
    assert (await catalog.facets(asked)).total == len(files)
    return [file.origin.message_id for file in files]


class AlbumsContract:
    @pytest.mark.parametrize("with_text", range(4))
    async def test_its_text_leads_to_all_of_its_files_in_whatever_order_they_come(
        self, catalog: Catalog, with_text: int
    ) -> None:
        """H: live, and walks from the newest on, in one batch and in several."""
        files = album(*(TEXT if number == with_text else "" for number in range(4)))
        others = [media_file(20), media_file(3, chat_id=CHANNEL - 1, album=7), media_file(21, album=8)]
        for sizes, backwards in itertools.product(((4,), (1, 1, 1, 1), (2, 2), (1, 3)), (False, True)):
            await empty(catalog)
            left = iter(reversed(files) if backwards else files)
            for size in sizes:
                await catalog.apply(Change(put=list(itertools.islice(left, size))))
                await catalog.apply(Change(put=others))
            await self._all_have_its_text(catalog, files, with_text)

    async def _all_have_its_text(self, catalog: Catalog, files: list[MediaFile], with_text: int) -> None:
        assert await found(catalog, text="dornum") == [1, 2, 3, 4]
        assert await found(catalog, text='"regatta at dor*"') == [1, 2, 3, 4]
        assert await found(catalog, tag="sail") == [1, 2, 3, 4]
        assert (await catalog.facets(CatalogQuery())).tags == {"sail": 4}
        for number, file in enumerate(files):
            entry = await catalog.entry(file.origin)
            assert entry is not None
            assert entry.file == file
            assert (entry.text, entry.tags) == (TEXT, ("sail",))
            assert entry.album_text == ("" if number == with_text else TEXT)

    async def test_files_with_texts_of_their_own_are_found_by_those_only(self, catalog: Catalog) -> None:
        """H: a text each, or some with one."""
        for file in (*album("north #a", "south #b", "west #c"), *album("east #d", "", "up #e", first=11, number=8)):
            await catalog.put(file)
        for number, text, tag in (
            (1, "north", "a"),
            (2, "south", "b"),
            (3, "west", "c"),
            (11, "east", "d"),
            (13, "up ", "e"),
        ):
            assert await found(catalog, text=text) == [number]
            assert await found(catalog, tag=tag) == [number]
        assert len((await catalog.facets(CatalogQuery())).tags) == 5

    async def test_an_edit_of_its_text_is_one_of_all_files(self, catalog: Catalog) -> None:
        """H: old words lead to none, new ones to all."""
        files = album(TEXT, "", "", "")
        await catalog.apply(Change(put=files))
        await catalog.put(dataclasses.replace(files[0], caption="Harbour #port", edit_date=9))
        assert (await found(catalog, text="dornum"), await found(catalog, tag="sail")) == ([], [])
        assert (await found(catalog, text="harbour"), await found(catalog, tag="port")) == ([1, 2, 3, 4], [1, 2, 3, 4])
        await catalog.put(dataclasses.replace(files[0], edit_date=8))
        assert await found(catalog, text="dornum") == [], "an older version is dropped"
        await catalog.put(dataclasses.replace(files[2], caption="mine", edit_date=9))
        assert (await found(catalog, text="harbour"), await found(catalog, text="mine")) == ([1], [3])
        await catalog.put(dataclasses.replace(files[2], edit_date=10))
        assert await found(catalog, text="harbour") == [1, 2, 3, 4]
        await catalog.put(dataclasses.replace(files[0], caption="", edit_date=11))
        assert (await found(catalog, text="harbour"), await found(catalog, tag="port")) == ([], [])

    async def test_when_a_message_is_deleted_the_others_are_alike(self, catalog: Catalog) -> None:
        """H: the one with the text, and another one."""
        files = album(TEXT, "", "", "")
        await catalog.apply(Change(put=files))
        await catalog.remove(files[3].origin)
        assert await found(catalog, text="dornum") == [1, 2, 3]
        await catalog.remove(files[0].origin)
        assert len({entry.text for entry in await catalog.dump(None, 9)}) == 1
        assert await found(catalog, text="dornum") in ([], [2, 3])
        await catalog.apply(Change(put=[files[0]], gone=[files[1].origin]))
        assert await found(catalog, text="dornum") == [1, 3]

    async def test_a_message_that_leaves_its_album_leaves_its_text(self, catalog: Catalog) -> None:
        files = album(TEXT, "", "")
        await catalog.apply(Change(put=files))
        await catalog.put(dataclasses.replace(files[1], album=None, edit_date=5))
        assert await found(catalog, text="dornum") == [1, 3]
        await catalog.put(dataclasses.replace(files[0], album=9, edit_date=5))
        assert await found(catalog, text="dornum") == [1]

    async def test_facts_and_texts_of_albums_do_not_touch_each_other(self, catalog: Catalog) -> None:
        files = album(TEXT, "", "")
        await catalog.apply(Change(put=files))
        facts = NameFacts(1, title="Heat", year=1995, work="heat")
        await catalog.store_facts({files[1].key.file_unique_id: facts})
        assert await found(catalog, text="dornum heat") == [2]
        await catalog.put(dataclasses.replace(files[0], caption="Harbour", edit_date=9))
        assert await found(catalog, text="harbour heat") == [2]
        entry = await catalog.entry(files[1].origin)
        assert entry is not None
        assert (entry.facts, entry.album_text) == (facts, "Harbour")

    async def test_the_text_of_a_hidden_piece_belongs_to_its_album_too(self, catalog: Catalog) -> None:
        whole, piece, other = album("", TEXT, "")
        await catalog.apply(Change(put=[whole, dataclasses.replace(piece, part_of=whole.origin), other]))
        assert await found(catalog, text="dornum") == [1, 3]
        await catalog.put(dataclasses.replace(piece, part_of=Origin(CHANNEL, 1), caption="", edit_date=4))
        assert await found(catalog, text="dornum") == []

    async def test_many_albums_in_one_change(self, catalog: Catalog) -> None:
        files = [
            one
            for number in range(1, 151)
            for one in album(f"text{number} #t{number}", "", number=number, first=number * 10)
        ]
        await catalog.apply(Change(put=files[::2]))
        await catalog.apply(Change(put=files[1::2]))
        for number in (1, 77, 150):
            assert await found(catalog, text=f"text{number} ") == [number * 10, number * 10 + 1]
            assert await found(catalog, tag=f"t{number}") == [number * 10, number * 10 + 1]

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("Paper Moons S03E11 720p", "Paper Moons S03E11 720p.mp4"),
            ("🎬 Title: Cold Ledger (2009)\n@films", "Cold Ledger (2009).mp4"),
            ("Гавань, третий день #лето", "Гавань, третий день.mp4"),
            ("Birthday of Tim", "Birthday of Tim.mp4"),
        ],
    )
    async def test_files_without_a_name_are_called_by_its_text(self, catalog: Catalog, text: str, name: str) -> None:
        """C: whichever message has the text, and in whatever order they come."""
        sent = ("", "VID_20240105_120000.mp4", "movie.mp4")
        for with_text in range(3):
            files = [nameless(n, text if n == with_text else "", one) for n, one in enumerate(sent)]
            for size, backwards in ARRIVALS if full() else ARRIVALS[with_text::2]:
                await empty(catalog)
                await arrive(catalog, files, size, backwards=backwards)
                assert await names(catalog) == [name] * 3
                assert await names(catalog, f'"{text.split()[0]}"') == [name] * 3
                for file in files:
                    entry = await catalog.entry(file.origin)
                    assert entry is not None
                    assert entry.file.sent == file.sent

    async def test_names_follow_the_text_when_it_is_edited_and_when_it_goes(self, catalog: Catalog) -> None:
        """C"""
        files = [nameless(1, "Regatta"), nameless(2), nameless(3, name="Harbour Lights 1987.mp4"), nameless(4)]
        await catalog.apply(Change(put=files))
        assert await names(catalog) == ["Regatta.mp4", "Regatta.mp4", "Harbour Lights 1987.mp4", "Regatta.mp4"]
        await catalog.put(nameless(1, "Storm", edit_date=5))
        assert await names(catalog) == ["Storm.mp4", "Storm.mp4", "Harbour Lights 1987.mp4", "Storm.mp4"]
        assert [await found(catalog, text=word) for word in ("regatta", "storm")] == [[], [1, 2, 3, 4]]
        assert [file.name for file in await everything(catalog, CatalogQuery(sort="name", order="asc"))] == [
            "Harbour Lights 1987.mp4", "Storm.mp4", "Storm.mp4", "Storm.mp4",
        ]  # fmt: skip
        await catalog.put(nameless(4, "Lake", edit_date=5))  # each by its own only
        assert await names(catalog) == ["Storm.mp4", "video-2.mp4", "Harbour Lights 1987.mp4", "Lake.mp4"]
        await catalog.remove(files[0].origin)
        assert await names(catalog) == ["Lake.mp4", "Harbour Lights 1987.mp4", "Lake.mp4"]
        await catalog.remove(files[3].origin)
        assert await names(catalog) == ["video-2.mp4", "Harbour Lights 1987.mp4"]

    async def test_a_name_from_a_text_that_comes_later_is_parsed(self, catalog: Catalog) -> None:
        """C"""
        other = nameless(2)
        await catalog.put(other)
        unique_id = other.key.file_unique_id
        unparsed = await catalog.unparsed_names(3, 10)
        await catalog.store_facts({unique_id: NameFacts(3)}, unparsed)
        assert await catalog.unparsed_names(3, 10) == ()
        await catalog.put(nameless(1, "Paper Moons S03E11"))
        again = await catalog.unparsed_names(3, 10)
        assert {one.name for one in again} == {"Paper Moons S03E11.mp4"}
        assert unique_id in {one.file_unique_id for one in again}

    @pytest.mark.parametrize(
        ("text", "whole"),
        [
            ("Cold Ledger (2009) Part 1.mkv", "Cold Ledger (2009).mkv"),
            ("Paper Moons.mkv.001", "Paper Moons.mkv"),
            ("Sail.part1.mp4", "Sail.mp4"),
            ("Гавань Part 3.mkv", "Гавань.mkv"),
        ],
    )
    async def test_a_name_from_a_text_tells_of_no_piece(self, catalog: Catalog, text: str, whole: str) -> None:
        """C: neither the text of the album nor a message's own makes a piece; only the name that was sent does."""
        piece = nameless(4, name=text, caption="the real one")
        files = [nameless(1), nameless(2, text), nameless(3), dataclasses.replace(piece, album=None), nameless(5)]
        files[-1] = dataclasses.replace(files[-1], album=None, caption=text)
        files[-1] = classify(files[-1])
        for size, backwards in ARRIVALS:
            await empty(catalog)
            await arrive(catalog, files, size, backwards=backwards)
            assert [file.origin.message_id for file in await catalog.pieces(CHANNEL, whole)] == [4]
            await catalog.put(nameless(2, "Storm", edit_date=5))
            await catalog.put(dataclasses.replace(classify(nameless(6, text)), album=9))
            assert [file.origin.message_id for file in await catalog.pieces(CHANNEL, whole)] == [4]
            assert await names(catalog, "storm") == ["Storm.mp4"] * 3
