"""Measures insertion: the records, and the facts of their names."""

import itertools
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from benchmarks.catalog.records import records
from benchmarks.streaming.table import Line, Target
from streamvault.catalog.base import Catalog, Change

BATCH = 500
_T = TypeVar("_T")


async def insert(catalog: Catalog, count: int, *, strict: bool) -> list[Line]:
    """Store the records; generating them is not measured."""
    took, tail = 0.0, 0.0
    done = 0
    for batch in batches(records(count), BATCH):
        change = Change(put=[record.file for record in batch], marks={"benchmark": str(done)})
        began = time.perf_counter()
        await catalog.apply(change)
        took += (last := time.perf_counter() - began)
        tail = max(tail, last)
        done += len(batch)
    rate = Line("insertion in batches of 500", "messages/s", Target(">=", 2000) if strict else None)
    rate.add(count / took)
    longest = Line("the longest batch", "ms")
    longest.add(1000 * tail)
    return [rate, longest]


async def store_facts(catalog: Catalog, count: int) -> list[Line]:
    """Store the facts of each name; generating them is not measured."""
    took, files = 0.0, 0
    for batch in batches(records(count), BATCH):
        facts = {record.file.key.file_unique_id: record.facts for record in batch}
        began = time.perf_counter()
        await catalog.store_facts(facts)
        took += time.perf_counter() - began
        files += len(facts)
    line = Line("facts of names stored, 500 at once", "files/s")
    line.add(files / took)
    return [line]


def batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Lists of up to `size` items."""
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch
