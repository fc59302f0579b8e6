"""How fast the catalog stores and searches a million files.

    python -m benchmarks.catalog [--records N] [--queries N] [--keep FOLDER] [--database-url mongodb://...]

Generates records, stores them in batches as the backfill does, stores the facts of their names, and searches. Prints a
table for RESULTS.md and exits with 1 if a target is missed. `--keep` keeps the database there and uses it again.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from benchmarks.catalog.inserting import insert, store_facts
from benchmarks.catalog.queries import measure_queries
from benchmarks.streaming.table import HEADER, Line, heading
from streamvault.catalog.base import Catalog
from streamvault.catalog.sqlite.catalog import SqliteCatalog


@dataclass(frozen=True, slots=True)
class Options:
    """`strict`: the targets apply, which are those of SQLite."""

    records: int
    queries: int
    keep: Path | None
    database_url: str | None

    @property
    def strict(self) -> bool:
        return self.database_url is None


@asynccontextmanager
async def opened(options: Options, folder: Path) -> AsyncIterator[Catalog]:
    """The catalog to measure."""
    if options.database_url is None:
        async with SqliteCatalog(folder / "catalog.db") as catalog:
            yield catalog
        return
    from streamvault.catalog.mongo.catalog import MongoCatalog
    from streamvault.storage.mongo import MongoDatabase

    async with MongoDatabase(SecretStr(options.database_url)) as database, MongoCatalog(database) as mongo:
        yield mongo


async def measure(options: Options, folder: Path) -> AsyncIterator[Line]:
    """The lines of the table, each as soon as it is measured."""
    async with opened(options, folder) as catalog:
        if not (await catalog.counts()).files:
            for line in await insert(catalog, options.records, strict=options.strict):
                yield line
            for line in await store_facts(catalog, options.records):
                yield line
        if options.strict:
            yield _bytes(folder, (await catalog.counts()).files)
        async for line in measure_queries(catalog, options.queries, strict=options.strict):
            yield line


async def show(options: Options, folder: Path) -> bool:
    """Print the table; whether a target was missed."""
    missed = False
    async for line in measure(options, folder):
        print(line.markdown(), flush=True)
        missed |= line.missed
    return missed


def _bytes(folder: Path, files: int) -> Line:
    line = Line("database, for each message", "bytes")
    line.add(sum(path.stat().st_size for path in folder.glob("catalog.db*")) / max(files, 1))
    return line


def main() -> int:
    """Measure and print; exit code 1 if a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.catalog", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--database-url")
    options = Options(**vars(parser.parse_args()))
    print(heading(f"python -m benchmarks.catalog --records {options.records}"), HEADER, sep="\n\n", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        return int(asyncio.run(show(options, folder)))


if __name__ == "__main__":
    sys.exit(main())
