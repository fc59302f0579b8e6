"""What is computed of many files at once is computed beside the loop, on which streams are served."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from types import FrameType

import pytest

from streamvault.catalog.base import Catalog, Change
from streamvault.media.model import MediaFile
from streamvault.media.name_facts import NameFacts
from tests.contracts.catalog_albums import nameless

COSTLY = ("classify", "name_in", "joined_words")
ON_THE_LOOP = 20
"""Files for which the loop may do it."""
ALBUMS, MEMBERS = 6, 10


@contextmanager
def called_on_this_thread() -> Iterator[Counter[str]]:
    """How often this thread calls the functions of the product meanwhile, by name."""
    found = Counter[str]()

    def called(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_globals.get("__name__", "").startswith("streamvault."):
            found[frame.f_code.co_name] += 1

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        yield found
    finally:
        sys.setprofile(before)


def albums(*, text: str, edited: int | None = None) -> list[list[MediaFile]]:
    """Albums of files without names; the first one of each has the text, if there is one."""
    return [
        [
            nameless(number * 100 + n, f"{text} {number}" if text and not n else "", album=number, edit_date=edited)
            for n in range(MEMBERS)
        ]
        for number in range(1, ALBUMS + 1)
    ]


class ThreadsContract:
    @pytest.mark.parametrize("before", ["", "Storm"])
    @pytest.mark.parametrize("together", [True, False])
    async def test_what_the_texts_of_albums_decide(self, catalog: Catalog, before: str, together: bool) -> None:
        """C: with all of their files, and with the message alone that holds the text."""
        if not together:
            await catalog.apply(Change(put=[*chain.from_iterable(albums(text=before))]))
        new = albums(text="Regatta", edited=5)
        change = Change(put=[*chain.from_iterable(new)] if together else [album[0] for album in new])
        with called_on_this_thread() as called:
            await catalog.apply(change)
        assert "apply" in called
        assert all(called[name] <= ON_THE_LOOP for name in COSTLY), called
        names = [entry.file.name for entry in await catalog.dump(None, 1000)]
        assert names == [f"Regatta {number}.mp4" for number in range(1, ALBUMS + 1) for _ in range(MEMBERS)]

    async def test_words_of_facts(self, catalog: Catalog) -> None:
        files = [*chain.from_iterable(albums(text="Regatta"))]
        await catalog.apply(Change(put=files))
        with called_on_this_thread() as called:
            await catalog.store_facts({file.key.file_unique_id: NameFacts(1, title="Ant Hill") for file in files})
        assert "store_facts" in called
        assert all(called[name] <= ON_THE_LOOP for name in COSTLY), called
        assert {entry.facts and entry.facts.title for entry in await catalog.dump(None, 1000)} == {"Ant Hill"}
