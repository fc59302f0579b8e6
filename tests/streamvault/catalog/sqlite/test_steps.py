"""How much work SQLite has with lists, in steps of its virtual machine."""

import sqlite3
from pathlib import Path

import pytest

from streamvault.catalog.base import CatalogQuery, Change, Sort
from streamvault.catalog.sqlite import statements
from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.catalog.sqlite.query import conditions
from streamvault.media.model import FileKey
from tests.support.files import CHANNEL, media_file

EVERY = 100


def steps(path: Path, query: CatalogQuery) -> int:
    """The hundreds of steps that a page takes."""
    found = conditions(query, [CHANNEL], completed={"film": ["film"]})
    assert found is not None
    ticks = 0

    def tick() -> int:
        nonlocal ticks
        ticks += 1
        return 0

    connection = sqlite3.connect(path)
    connection.set_progress_handler(tick, EVERY)
    rows = connection.execute(*statements.page(query, found)).fetchall()
    connection.close()
    assert len(rows) == 1
    return ticks


@pytest.mark.parametrize("groups", [0, 2, 1])
async def test_a_file_in_many_messages_costs_as_much_for_each(tmp_path: Path, groups: int) -> None:
    """Whether none of the messages, every second one, or all but one are behind others."""
    few, many = (tmp_path / f"{count}.db" for count in (250, 1000))
    for path, count in ((few, 250), (many, 1000)):
        in_groups = [bool(groups and n % groups == 0 and n > 1) for n in range(1, count + 1)]
        same = FileKey("same")
        new = [media_file(n, key=same, name="film.mp4", in_group=group) for n, group in enumerate(in_groups, 1)]
        async with SqliteCatalog(path) as catalog:
            await catalog.apply(Change(put=new))
    sorts: tuple[Sort, ...] = ("date", "name", "size")
    for query in (CatalogQuery(text=text, sort=sort) for sort in sorts for text in ("", "film")):
        assert steps(many, query) < 6 * steps(few, query), query
