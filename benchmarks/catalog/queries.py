"""Measures searches: words by their frequency, some with filters, and lists without words."""

import asyncio
import dataclasses
import functools
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks.catalog.records import Record, chats, records
from benchmarks.streaming.table import Line, Target, percentile
from streamvault.catalog.base import Catalog, CatalogQuery, Sort
from streamvault.catalog.words import words

_T = TypeVar("_T")
BOUND = 50.0  # ms
COMMONEST = 10
SORTS: tuple[Sort, ...] = ("date", "name", "size")


def queries(count: int, *, seed: int = 6) -> list[CatalogQuery]:
    """The commonest words alone; then words by their frequency, some with their neighbours; a fifth with a filter."""
    rng = random.Random(seed)
    names = [[*record.file.name.replace(".", " ").split(), *record.file.caption.split()] for record in sample()]
    asked = [CatalogQuery(text=word) for word in commonest(names)]
    for record, name in rng.choices(list(zip(sample(), names, strict=True)), k=count - len(asked)):
        at = rng.randrange(len(name))
        text = " ".join(name[at : at + rng.choice((1, 1, 1, 2, 2, 3))])
        if rng.random() < 0.2:
            text = text[: max(1, len(text) - 2)]  # a word that is not finished
        filtered = rng.random()
        kind = record.file.kind if filtered < 0.1 else None
        asked.append(CatalogQuery(text=text, kind=kind, year=record.facts.year if 0.1 < filtered < 0.2 else None))
    return [dataclasses.replace(query, chat_ids=chats()) for query in asked]


def commonest(names: list[list[str]]) -> list[str]:
    """The words that most names contain."""
    found = Counter(word for name in names for word in set(words(" ".join(name))))
    return [word for word, _ in found.most_common(COMMONEST)]


@functools.cache
def sample() -> list[Record]:
    """The first 20,000 records, in which words are as frequent as in all."""
    return list(records(20_000))


async def measure_queries(catalog: Catalog, count: int, *, strict: bool) -> AsyncIterator[Line]:
    """The lines of the searches, in milliseconds."""
    target = Target("<=", BOUND) if strict else None
    asked = queries(count)
    lists = [CatalogQuery(chat_ids=chats(), sort=sort) for sort in SORTS]
    yield await measured("search", catalog.page, asked, target)
    yield await measured("facets", catalog.facets, asked, target)
    yield await measured("search of the ten commonest words", catalog.page, asked[:COMMONEST] * 5, target)
    yield await measured("facets of the ten commonest words", catalog.facets, asked[:COMMONEST] * 5, target)
    yield await measured("first page of the three unfiltered lists", catalog.page, lists * 20, target)
    yield await measured("facets of everything", catalog.facets, lists[:1] * 20, target)

    async def both(query: CatalogQuery) -> None:
        await asyncio.gather(catalog.page(query), catalog.facets(query))

    yield await measured("search and facets at once", both, asked)
    by_name = [dataclasses.replace(query, sort="name") for query in asked[:200]]
    yield await measured("search sorted by name", catalog.page, by_name)
    some = random.Random(8)
    jumps = [dataclasses.replace(one, offset=some.randrange(1, 50_000)) for one in lists * 7]
    yield await measured("jump by offset into the three unfiltered lists", catalog.page, jumps)
    yield await measured("histogram by month and by letter", catalog.histogram, lists[:2] * 10)
    yield await measured("works", catalog.works, asked[:200])
    origins = [record.file.origin for record in random.Random(7).choices(sample(), k=count)]
    yield await measured("a plain indexed lookup", catalog.get, origins)
    memory = Line("memory of this process", "MiB")
    memory.add(resident())
    yield memory


async def measured(
    what: str, ask_for: Callable[[_T], Awaitable[object]], asked: Sequence[_T], target: Target | None = None
) -> Line:
    """A line with the p95 of the calls, and p50 and maximum as its note."""
    times = [await timed(ask_for(query)) for query in asked]
    p50, p95, worst = percentile(times, 0.5), percentile(times, 0.95), max(times)
    line = Line(f"{what}: p95", "ms", target, note=f"p50 {p50:.1f}, max {worst:.1f} ms of {len(times)}")
    line.add(p95)
    return line


async def timed(call: Awaitable[object]) -> float:
    """The duration of a call in milliseconds."""
    began = time.perf_counter()
    await call
    return 1000 * (time.perf_counter() - began)


def resident() -> float:
    """Resident memory of this process in MiB."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024
