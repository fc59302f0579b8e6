"""DiskCells against a model: whatever happens to the process, the disk and the files, no byte is ever wrong."""

import asyncio
import contextlib
import errno
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from streamvault.media.cells import CELL
from streamvault.media.model import FileKey
from streamvault.reading.cache.disk import DiskCells
from streamvault.reading.cache.lifecycle import RETRY
from tests.support.bad_disk import BadFolder, Faults
from tests.support.cells import allocated, content, segments
from tests.support.proof import full
from tests.support.sources import ManualClock

CAPACITY = 5 * 1024 * 1024
KEYS = st.builds(FileKey, st.sampled_from("abc"), st.sampled_from(("", "m")))
CELLS = st.integers(0, 40)
LENGTHS = (CELL, 70_000, 5)


def cell_of(key: FileKey, cell: int) -> bytes:
    return content(key, cell, LENGTHS[cell % len(LENGTHS)])


def copy_if_there(source: str, target: str) -> None:
    """Copy a file that the store may just be removing."""
    with contextlib.suppress(FileNotFoundError):
        shutil.copy2(source, target)


class AgainstModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.home = Path(tempfile.mkdtemp())
        self.folder = self.home / "cells"
        self.generation = 0
        self.faults = Faults()
        self.clock = ManualClock()
        self.put_so_far: set[tuple[FileKey, int]] = set()

    @initialize()
    def start(self) -> None:
        self.faults = Faults()
        self.cells = DiskCells(
            self.folder, CAPACITY, clock=self.clock, open_folder=lambda path: BadFolder(path, self.faults)
        )
        self.runner.run(self.cells.__aenter__())

    def stop(self) -> None:
        self.runner.run(self.cells.__aexit__(None, None, None))

    @rule(key=KEYS, first=CELLS, count=st.integers(1, 12), edge=st.booleans(), settle=st.booleans())
    def put(self, key: FileKey, first: int, count: int, edge: bool, settle: bool) -> None:
        async def put() -> None:
            for cell in range(first, first + count):
                self.put_so_far.add((key, cell))
                self.cells.put(key, cell, cell_of(key, cell), edge=edge)
            if settle:
                await self.cells.settled()

        self.runner.run(put())

    @rule(key=KEYS, first=CELLS, count=st.integers(1, 20))
    def get(self, key: FileKey, first: int, count: int) -> None:
        got = self.runner.run(self.cells.get(key, first, count))
        assert len(got) == count
        for cell, data in zip(range(first, first + count), got, strict=True):
            assert data is None or ((key, cell) in self.put_so_far and data == cell_of(key, cell))

    @rule()
    def reopen(self) -> None:
        self.stop()
        self.start()

    @rule()
    def lose_power_keeping_what_is_on_the_disk_now(self) -> None:
        self.generation += 1
        copy = self.home / f"cells {self.generation}"
        shutil.copytree(self.folder, copy, copy_function=copy_if_there)
        self.stop()
        shutil.rmtree(self.folder)
        copy.rename(self.folder)
        self.start()

    @rule(crash_at=st.integers(1, 8))
    def be_killed_soon(self, crash_at: int) -> None:
        self.faults.crash_at, self.faults.changes = crash_at, 0

    @rule(which=st.integers(0, 1000), at=st.integers(0, 2**20), cut=st.booleans())
    def damage_a_segment_while_closed(self, which: int, at: int, cut: bool) -> None:
        self.stop()
        if found := segments(self.folder):
            path = found[which % len(found)]
            raw = path.read_bytes() or b"?"
            at %= len(raw)
            path.write_bytes(raw[:at] if cut else raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        self.start()

    @rule(
        operation=st.sampled_from(("open", "create", "read", "write", "rename", "remove")),
        number=st.sampled_from((errno.ENOSPC, errno.EIO, errno.EROFS)),
    )
    def break_the_disk(self, operation: str, number: int) -> None:
        self.faults.failing[operation] = number

    @rule()
    def mend_the_disk(self) -> None:
        self.faults.failing.clear()
        self.clock.advance(3 * RETRY)

    @invariant()
    def within_its_capacity(self) -> None:
        if not self.faults.failing and self.faults.crash_at is None:
            self.runner.run(self.cells.settled())
            assert allocated(self.folder) <= CAPACITY

    def teardown(self) -> None:
        if hasattr(self, "cells"):
            self.stop()
        self.runner.close()
        shutil.rmtree(self.home)


AgainstModel.TestCase.settings = settings(max_examples=1000 if full() else 25, stateful_step_count=40, deadline=None)
test_against_a_model = AgainstModel.TestCase
