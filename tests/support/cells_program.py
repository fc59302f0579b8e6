"""A process of its own around DiskCells, for tests that kill it or give it a bad disk.

    python -m tests.support.cells_program write|full FOLDER CAPACITY

`write` puts cells until it is killed, a line for each. `full` puts and reads some MiB, and prints what came of it.
"""

import asyncio
import json
import logging
import sys
from itertools import count
from pathlib import Path

from streamvault.media.cells import PER_WINDOW
from streamvault.reading.cache.disk import DiskCells
from streamvault.reading.cache.space import space_of
from tests.support.cells import FILM, allocated, content

FULL_CELLS = 10 * PER_WINDOW
"""What `full` puts."""


async def write(cells: DiskCells) -> None:
    """Cells 0, 1, 2 ... of FILM, some of them edges, a few at once."""
    for cell in count():
        cells.put(FILM, cell, content(FILM, cell), edge=cell % 11 == 0)
        if cell % 3 == 0:
            await cells.settled()
            await cells.get(FILM, max(0, cell - 20), 20)
            print(cell, flush=True)  # noqa: T201 - its parent waits for it


async def full(cells: DiskCells, folder: Path) -> dict[str, object]:
    """Put more than the disk takes; which cells are right, wrong or missing afterwards."""
    for cell in range(FULL_CELLS):
        cells.put(FILM, cell, content(FILM, cell), edge=False)
        await cells.settled()
    got = await cells.get(FILM, 0, FULL_CELLS)
    right = sum(data == content(FILM, cell) for cell, data in enumerate(got))
    missing = got.count(None)
    return {
        "right": right,
        "missing": missing,
        "wrong": len(got) - right - missing,
        "failures": cells.failures,
        "written": cells.written,
        "free": space_of(folder).free if folder.exists() else 0,
        "counted": cells.held >= allocated(folder) - 258 * 4096 if folder.exists() else True,
    }


async def main(what: str, folder: Path, capacity: int) -> None:
    """Warnings go to the standard error stream, a line for each."""
    logging.basicConfig(format="%(message)s")
    async with DiskCells(folder, capacity) as cells:
        if what == "write":
            await write(cells)
        else:
            print(json.dumps(await full(cells, folder)))  # noqa: T201 - its parent reads it


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
