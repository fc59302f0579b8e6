"""How fast facts are read from file names, by the child process that the server uses, and how many are right.

    python -m benchmarks.names

Names of the tests' table, each with a number added, are read by a NameReader over a catalog in memory. The child has
the lowest priority, so that the rate depends on the load of the machine; its processor time per name does not, and has
to be at most TARGET. A name of the field's table is right if all its facts are: title, year, season, episodes,
resolution, codec, languages and work.
"""

import asyncio
import resource
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streamvault.catalog.base import UnparsedName
from streamvault.indexing.naming.process import NameProcess
from streamvault.indexing.naming.reader import NameReader
from streamvault.media.name_facts import NameFacts
from tests.support.names import field_names

NAMES, RUNS = 2000, 3
TARGET = 30.0
"""Milliseconds of processor time."""
TABLE = Path(__file__).parent.parent / "tests/streamvault/indexing/naming/names.tsv"


class PendingNames:
    """A catalog of names without facts; `done` is set when none is left."""

    def __init__(self, names: list[str]) -> None:
        self._pending = [UnparsedName(str(number), name, "document") for number, name in enumerate(names)]
        self.done = asyncio.Event()
        self.works: set[str] = set()

    async def unparsed_names(self, version: int, limit: int) -> tuple[UnparsedName, ...]:
        if not self._pending:
            self.done.set()
        return tuple(self._pending[-limit:])

    async def store_facts(self, facts: Mapping[str, NameFacts], parsed: Sequence[UnparsedName] = ()) -> None:
        del self._pending[-len(facts) :]
        self.works |= {each.work for each in facts.values()}


@dataclass(frozen=True, slots=True)
class Run:
    """Names per second; ms of the child's processor time per name; seconds to the first answer; memory in MiB."""

    rate: float
    cost: float
    start: float
    memory: float


def names() -> list[str]:
    """NAMES different names."""
    table = [line.split("\t")[0] for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]
    return [
        f"{stem} {number}.{end}"
        for number in range(NAMES)
        for stem, _, end in [table[number % len(table)].rpartition(".")]
    ]


async def measure() -> Run:
    """Run one child process from start to end."""
    before, began = _processor_time(), time.perf_counter()
    child = NameProcess()
    await child.read([("The.Matrix.1999.mkv", "video")])
    started = time.perf_counter()
    pending = PendingNames(names())
    async with NameReader(pending, child=child):
        await pending.done.wait()
        ended = time.perf_counter()
        memory = _memory(child.pid)
    cost = (_processor_time() - before) * 1000 / NAMES
    return Run(NAMES / (ended - started), cost, started - began, memory)


async def right() -> tuple[int, int]:
    """How many names of the field's table are read right, and how many there are."""
    rows = list(field_names())
    child = NameProcess()
    try:
        read = await child.read([(row.name, row.kind) for row in rows])
    finally:
        await child.close()
    return sum(facts == row.facts for facts, row in zip(read, rows, strict=True)), len(rows)


def _processor_time() -> float:
    """Processor seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory(pid: int | None) -> float:
    """The process' peak memory in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> int:
    """Print the table; exit code 1 if a name costs more than the target."""
    runs = [asyncio.run(measure()) for _ in range(RUNS)]
    rate, cost, start, memory = (
        statistics.median(column) for column in zip(*((r.rate, r.cost, r.start, r.memory) for r in runs), strict=True)
    )
    hits, rows = asyncio.run(right())
    print(
        "| names a second | processor time of a name | target | first answer after | memory of the child | read right |"
    )
    print("|---|---|---|---|---|---|")
    print(f"| {rate:.0f} | {cost:.1f} ms | <= {TARGET:.0f} ms | {start:.1f} s | {memory:.0f} MiB | {hits} of {rows} |")
    return 0 if cost <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
