"""The tests that every store of cells passes.

A test module gives an implementation its suite by subclassing CellStoreContract and providing a fixture `stores`: a
function from a capacity in bytes to an open and empty store.
"""

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamvault.media.cells import CELL
from streamvault.media.model import FileKey
from tests.support.cells import FILM, AnyCells, content

Stores = Callable[[int], Awaitable[AnyCells]]

CAPACITY = 16 * 1024 * 1024
SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
KEYS = st.builds(FileKey, st.text(min_size=1, max_size=40), st.text(max_size=2))


async def read_through(store: AnyCells, key: FileKey, cells: int) -> None:
    """Read like a viewer: each cell is fetched, put, and read once."""
    for cell in range(cells):
        await store.put(key, cell, content(key, cell))
        await store.get(key, cell, 1)


async def share_of(store: AnyCells, key: FileKey, cells: range) -> float:
    """The fraction of the cells that is stored."""
    found = [(await store.get(key, cell, 1))[0] for cell in cells]
    assert all(data in (None, content(key, cell)) for cell, data in zip(cells, found, strict=True))
    return sum(data is not None for data in found) / len(cells)


class CellStoreContract:
    @pytest.fixture
    async def store(self, stores: Stores) -> AnyCells:
        return await stores(CAPACITY)

    async def test_nothing_is_there_at_first(self, store: AnyCells) -> None:
        assert await store.get(FILM, 0, 3) == [None, None, None]
        assert await store.get(FILM, 5, 0) == []

    async def test_what_was_put_is_there(self, store: AnyCells) -> None:
        for cell in (0, 1, 3, 7, 8, 17):
            await store.put(FILM, cell, content(FILM, cell))
        expected = [content(FILM, cell) if cell in (0, 1, 3, 7, 8, 17) else None for cell in range(20)]
        assert await store.get(FILM, 0, 20) == expected
        assert await store.get(FILM, 7, 2) == expected[7:9]

    async def test_far_into_a_file_of_4_gib(self, store: AnyCells) -> None:
        last = (4 << 30) // CELL - 1
        await store.put(FILM, last, content(FILM, last, 17), edge=True)
        assert await store.get(FILM, last - 1, 3) == [None, content(FILM, last, 17), None]

    @pytest.mark.parametrize("length", [1, 5, 4095, 4096, 4097, CELL - 1, CELL])
    async def test_the_last_cell_of_a_file_may_be_shorter(self, store: AnyCells, length: int) -> None:
        await store.put(FILM, 3, content(FILM, 3, length))
        assert await store.get(FILM, 3, 1) == [content(FILM, 3, length)]

    async def test_a_thumbnail_is_not_its_file(self, store: AnyCells) -> None:
        keys = [FileKey("ab"), FileKey("ab", "m"), FileKey("abm"), FileKey("a", "bm")]
        for key in keys:
            await store.put(key, 0, content(key, 0))
        assert [await store.get(key, 0, 1) for key in keys] == [[content(key, 0)] for key in keys]

    @settings(max_examples=40, deadline=None, suppress_health_check=SHARED)
    @given(keys=st.lists(KEYS, min_size=2, max_size=4, unique=True))
    async def test_any_key_is_its_own(self, store: AnyCells, keys: list[FileKey]) -> None:
        for key in keys:
            await store.put(key, 1, content(key, 1, 100))
        for key in keys:
            assert await store.get(key, 0, 2) == [None, content(key, 1, 100)]

    async def test_a_capacity_of_0_keeps_nothing(self, stores: Stores) -> None:
        store = await stores(0)
        await store.put(FILM, 0, content(FILM, 0), edge=True)
        assert await store.get(FILM, 0, 1) == [None]

    async def test_what_is_used_again_and_again_survives_a_long_read(self, stores: Stores) -> None:
        store = await stores(CAPACITY)
        hot, long = FileKey("hot"), FileKey("long")
        cells = range(CAPACITY // CELL // 2)
        for cell in cells:
            await store.put(hot, cell, content(hot, cell))
        for _ in range(2):
            assert await share_of(store, hot, cells) == 1
        await read_through(store, long, 10 * CAPACITY // CELL)
        assert await share_of(store, hot, cells) == 1

    async def test_without_that_the_long_read_takes_what_there_is(self, stores: Stores) -> None:
        store = await stores(CAPACITY)
        old, long = FileKey("old"), FileKey("long")
        await read_through(store, old, CAPACITY // CELL // 2)
        await read_through(store, long, 2 * CAPACITY // CELL)
        assert await share_of(store, old, range(CAPACITY // CELL // 2)) == 0
        assert await share_of(store, long, range(3 * CAPACITY // CELL // 2, 2 * CAPACITY // CELL)) > 0.4

    async def test_edges_outlast_what_is_read_in_between(self, stores: Stores) -> None:
        store = await stores(CAPACITY)
        for cell in (0, 1, 5000):
            await store.put(FILM, cell, content(FILM, cell), edge=True)
        await read_through(store, FileKey("long"), 4 * CAPACITY // CELL)
        assert [await share_of(store, FILM, range(cell, cell + 1)) for cell in (0, 1, 5000)] == [1, 1, 1]

    async def test_edges_alone_cannot_take_everything(self, stores: Stores) -> None:
        store = await stores(CAPACITY)
        for cell in range(CAPACITY // CELL // 2):
            await store.put(FILM, cell, content(FILM, cell))
        for number in range(CAPACITY // CELL):
            key = FileKey(f"probed {number}")
            await store.put(key, 0, content(key, 0), edge=True)
        assert await share_of(store, FILM, range(CAPACITY // CELL // 2)) == 1
        recent = [FileKey(f"probed {number}") for number in range(CAPACITY // CELL - 16, CAPACITY // CELL)]
        assert [await share_of(store, key, range(1)) for key in recent] == [1] * 16
