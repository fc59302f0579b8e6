"""The joining catalog after any history of changes: its rows are those that the messages alone give."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from streamvault.catalog.base import Catalog, Change
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.indexing.arrangement import arrange
from streamvault.indexing.joining import JoiningCatalog
from streamvault.indexing.recompute import Recompute
from streamvault.media.classification import posted
from streamvault.media.model import FileKey, MediaFile, Origin
from tests.support.catalogs import MemoryCatalog
from tests.support.cut_files import MIB, document
from tests.support.files import CHANNEL

NAMES = ["Film.mkv.001", "Film.mkv.002", "Film.mkv.003", "Film.part1.mkv", "Film.part2.mkv", "other.mp4"]
steps = st.lists(
    st.one_of(
        st.builds(
            document, st.integers(1, 6), st.sampled_from(NAMES), st.sampled_from([MIB, 5]),
            key=st.builds(FileKey, st.sampled_from("abcdef")), date=st.just(1000),
            edit_date=st.sampled_from([None, 2000, 3000]),
        ),
        st.builds(Origin, st.just(CHANNEL), st.integers(1, 6)),
    ),
    max_size=14,
)  # fmt: skip


def no(_: MediaFile) -> bool:
    return False


async def follow(history: list[MediaFile | Origin], store: Catalog) -> None:
    """A catalog over `store` goes through `history`, and beside it one that joins nothing: the rows are compared."""
    plain, catalog = MemoryCatalog(), JoiningCatalog(store)
    for step in history:
        change = Change(gone=[step]) if isinstance(step, Origin) else Change(put=[step])
        await plain.apply(change)
        await catalog.apply(change)
    rows = shown([entry.file for entry in await store.dump(None, 99)])
    assert shown([posted(file) for file in rows.values()]) == shown(plain.files.values())
    arranged = arrange(await plain.pieces(CHANNEL, "Film.mkv"), {}, continues=no)
    assert rows == shown([*plain.files.values(), *arranged])
    await Recompute(catalog).walk()
    assert shown([entry.file for entry in await store.dump(None, 99)]) == rows


def shown(rows: Iterable[MediaFile]) -> dict[Origin, MediaFile]:
    """Rows by message, the last one of each, as what they are decided to be."""
    return {row.origin: replace(row, sent=None) for row in rows}


@given(steps)
@settings(deadline=None)
def test_after_any_history_the_rows_are_those_that_the_messages_alone_give(history: list[MediaFile | Origin]) -> None:
    asyncio.run(follow(history, MemoryCatalog()))


@given(steps)
@settings(max_examples=20, deadline=None)
def test_the_same_on_sqlite(history: list[MediaFile | Origin]) -> None:
    async def run() -> None:
        with TemporaryDirectory() as folder:
            async with SqliteCatalog(Path(folder) / "catalog.db") as store:
                await follow(history, store)

    asyncio.run(run())
