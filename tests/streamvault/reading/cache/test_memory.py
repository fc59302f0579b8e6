"""MemoryCells: the contract of all stores, and a model that it may miss against but never contradict."""

import random
from collections import OrderedDict

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from streamvault.media.cells import CELL
from streamvault.media.model import FileKey
from streamvault.reading.cache.memory import GHOST, OVERHEAD, MemoryCells
from tests.contracts.cell_store import CellStoreContract, Stores
from tests.support.cells import FILM, AnyCells, InMemory, content
from tests.support.proof import full


class TestMemoryCells(CellStoreContract):
    @pytest.fixture
    def stores(self) -> Stores:
        async def store(capacity: int) -> AnyCells:
            return InMemory(MemoryCells(capacity))

        return store


FILES = st.builds(FileKey, st.sampled_from("abc"))
CELLS = st.integers(0, 15)
SIZES = st.sampled_from((1, 2000, 4000))
ROOM = 10 * (4000 + OVERHEAD)


class AgainstModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryCells(ROOM)
        self.put_last: dict[tuple[FileKey, int], bytes] = {}

    @rule(key=FILES, cell=CELLS, size=SIZES, filler=st.integers(0, 255), edge=st.booleans())
    def put(self, key: FileKey, cell: int, size: int, filler: int, edge: bool) -> None:
        self.put_last[key, cell] = bytes([filler]) * size
        self.store.put(key, cell, self.put_last[key, cell], edge=edge)
        assert self.store.get(key, cell) == self.put_last[key, cell]

    @rule(key=FILES, cell=CELLS)
    def get(self, key: FileKey, cell: int) -> None:
        assert self.store.get(key, cell) in (None, self.put_last.get((key, cell)))

    @rule(cell=CELLS, edge=st.booleans())
    def put_something_too_large(self, cell: int, edge: bool) -> None:
        self.store.put(FileKey("large"), cell, bytes(ROOM), edge=edge)
        assert self.store.get(FileKey("large"), cell) is None

    @invariant()
    def within_its_capacity(self) -> None:
        there = {where: self.store.get(*where) for where in self.put_last}
        held = [len(data) + OVERHEAD for data in there.values() if data is not None]
        assert (self.store.held, len(self.store)) == (sum(held), len(held))
        assert self.store.held <= ROOM


AgainstModel.TestCase.settings = settings(max_examples=60 if full() else 20, stateful_step_count=60, deadline=None)
test_against_a_model = AgainstModel.TestCase


def test_every_byte_is_accounted_for_and_the_rest_is_less_than_a_cell() -> None:
    store = MemoryCells(32 * CELL)
    for cell in range(100):
        store.put(FILM, cell, content(FILM, cell), edge=cell % 3 == 0)
    assert store.held == len(store) * (CELL + OVERHEAD)
    assert 31 * CELL - 32 * (OVERHEAD + GHOST) <= store.held <= 32 * CELL


def test_hits_misses_and_evictions_are_counted() -> None:
    store = MemoryCells(2 * (CELL + OVERHEAD + GHOST))
    for cell in range(3):
        store.put(FILM, cell, content(FILM, cell), edge=False)
    found = [store.get(FILM, cell) is not None for cell in range(3)]
    assert (store.hits, store.misses, store.evictions) == (found.count(True), found.count(False), 1)


def test_a_smaller_value_frees_the_difference() -> None:
    store = MemoryCells(10 * CELL)
    store.put(FILM, 0, content(FILM, 0), edge=False)
    store.put(FILM, 0, content(FILM, 0, 10), edge=False)
    assert store.held == 10 + OVERHEAD


def test_a_cell_that_is_put_again_soon_stays_longer() -> None:
    store = MemoryCells(100 * (CELL + OVERHEAD))
    for cell in range(120):
        store.put(FILM, cell, content(FILM, cell), edge=False)
    assert store.get(FILM, 0) is None
    store.put(FILM, 0, content(FILM, 0), edge=False)
    for cell in range(120, 400):
        store.put(FILM, cell, content(FILM, cell), edge=False)
    assert store.get(FILM, 0) is not None


def test_more_is_found_than_with_lru_while_films_are_read_once_beside_popular_ones() -> None:
    chance, room = random.Random(7), 200
    store, lru = MemoryCells(room * (2000 + OVERHEAD)), OrderedDict[tuple[FileKey, int], None]()
    found = {"ours": 0, "lru": 0}
    for step in range(20_000):
        popular = chance.random() < 0.3
        where = (FileKey("popular"), int(chance.random() ** 2 * 150)) if popular else (FileKey("once"), step)
        found["ours"] += store.get(*where) is not None
        store.put(*where, bytes(2000), edge=False)
        found["lru"] += where in lru
        lru[where] = None
        lru.move_to_end(where)
        if len(lru) > room:
            lru.popitem(last=False)
    assert found["ours"] > 1.2 * found["lru"], found
