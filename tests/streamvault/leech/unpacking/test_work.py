"""Jobs that unpack: every file once and in order whatever dies, within the disk's budget, and nothing left behind."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.errors import NeverFits, NoRoom, SourceFailed, SourceRefused
from streamvault.leech.kept_rooms import NEED
from streamvault.leech.unpacking.fetching import SPARE
from tests.support.archives import raw_zip, tarred, zipped
from tests.support.leeching import Killed
from tests.support.proof import sample
from tests.support.ranged_source import RangedSource
from tests.support.unpacking import MIB, Unpacking

FILES = {
    "show/e10.mkv": random.Random(1).randbytes(2 * MIB + 500_001),
    "show/e2.txt": b"two",
    "show/e1.mkv": random.Random(2).randbytes(700_000),
    "show/e3.mkv.part": b"unfinished",
    "show/none.txt": b"",
}
ORDER = ["e1.mkv", "e2.txt", "e10.mkv", "e10.mkv"]
WHOLE = b"".join(FILES[f"show/{name}"] for name in ORDER[:3])


def unpacking(
    folder: Path, data: bytes, *, name: str = "show.zip", told: bool = True, budget: int = 100 * MIB
) -> Unpacking:
    folder.mkdir(exist_ok=True)
    return Unpacking(folder, RangedSource(data, name=name, told=told), budget=budget)


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
async def test_a_kill_at_any_step_leaves_each_file_once_in_order(kind: str, tmp_path: Path) -> None:
    data = zipped(FILES) if kind == "zip" else tarred(FILES, kind)
    first = unpacking(tmp_path / "whole", data)
    transfer = await first.work()
    assert [name for name, _ in first.posts] == ORDER
    assert b"".join(data for _, data in first.posts) == WHOLE
    assert (transfer.complete, [piece.start for piece in transfer.pieces][:3]) == (True, [0, 700_000, 700_003])
    assert transfer.described is not None
    assert (transfer.described.name, transfer.described.size) == ("show.zip", len(WHOLE))
    assert transfer.notes == (
        "left out: 1 left by an unfinished download (e3.mkv.part)", "left out: 1 empty (none.txt)",
    )  # fmt: skip
    assert first.left == []
    for step in sample(range(first.steps.count), every=5):
        job = unpacking(tmp_path / f"{step}", data)
        again = await job.through_kill(step)
        assert (job.posts, again.notes) == (first.posts, transfer.notes), step
        assert [piece.message_id for piece in again.pieces] == list(job.uploads.messages)
        assert job.left == []
        assert job.source.read <= len(data), "the archive was fetched again"


async def test_a_file_that_is_damaged_is_left_out_and_said(tmp_path: Path) -> None:
    data = bytearray(zipped(FILES, method=0))
    data[data.index(FILES["show/e10.mkv"][2 * MIB :][:50]) + 10] ^= 1
    job = unpacking(tmp_path, bytes(data))
    transfer = await job.work()
    assert [name for name, _ in job.posts] == ["e1.mkv", "e2.txt"]
    assert transfer.notes[-1] == "left out: 1 damaged (e10.mkv)"
    assert len(transfer.pieces) == 2
    with pytest.raises(SourceRefused, match="none of the 1 files"):
        await unpacking(tmp_path / "all", raw_zip((b"a", b"x"), crc=1)).work()


async def test_another_archive_at_the_same_address_begins_anew(tmp_path: Path) -> None:
    job = unpacking(tmp_path, zipped(FILES))
    await job.work()
    steps = job.steps.count
    job = unpacking(tmp_path / "again", zipped(FILES))
    job.steps.restart(steps - 20)
    with pytest.raises(Killed):
        await job.work()
    assert job.posts
    job.restart()
    await job.disk.open()
    job.source.data, job.source.etag = zipped({"new.txt": b"new"}), "2"
    await job.work()
    assert job.posts == [("new.txt", b"new")]


async def test_the_disk_is_reserved_before_anything_is_written(tmp_path: Path) -> None:
    data = zipped(FILES, method=0)
    job = unpacking(tmp_path, data, budget=2 * MIB)
    with pytest.raises(NeverFits, match=f"{len(data) + SPARE:,} bytes are needed on the disk, and at most 2,097,152"):
        await job.work()
    assert (job.source.read, job.left, job.posts) == (0, [], [])
    job = unpacking(tmp_path / "waits", data, budget=6 * MIB)
    async with job.disk.reserve("other", 4 * MIB):
        with pytest.raises(NoRoom):
            await job.work()
        assert job.job.transfer.source[NEED] == len(data) + SPARE
        asked = len(job.source.asked)
        with pytest.raises(NoRoom):
            await job.work()
        assert len(job.source.asked) == asked, "the source was asked again without room"
    await job.work()
    assert b"".join(data for _, data in job.posts) == WHOLE


async def test_one_of_unknown_size_takes_what_it_needs(tmp_path: Path) -> None:
    job = unpacking(tmp_path, zipped(FILES), told=False)
    await job.work()
    assert b"".join(data for _, data in job.posts) == WHOLE
    job = unpacking(tmp_path / "just", zipped(FILES), told=False, budget=5 * MIB)
    await job.work()
    assert b"".join(data for _, data in job.posts) == WHOLE
    job = unpacking(tmp_path / "small", zipped(FILES), told=False, budget=3 * MIB)
    with pytest.raises(NeverFits):
        await job.work()


async def test_what_is_not_unpacked_is_refused_by_its_name_or_first_bytes(tmp_path: Path) -> None:
    big = bytes(8 * MIB)
    for name, data in (
        ("a.zip.001", zipped(FILES)),
        ("a.bin", b"Rar!\x1a\x07" + big),
        ("a.zip", b"7z\xbc\xaf\x27\x1c" + big),
    ):
        job = unpacking(tmp_path / name, data, name=name)
        with pytest.raises(SourceRefused, match="leech it without -e"):
            await job.work()
        assert job.source.read <= MIB
        assert (job.left, job.posts) == ([], [])


class CutSource(RangedSource):
    """Its first answer ends at `cut`."""

    cut = 2 * MIB + 300_000

    async def _blocks(self, offset: int) -> AsyncIterator[bytes]:
        async for block in super()._blocks(offset):
            if len(self.asked) == 1 and self.read > self.cut:
                raise SourceFailed("the connection was cut")
            yield block


async def test_fetching_goes_on_at_its_byte_and_only_with_the_same_file(tmp_path: Path) -> None:
    data = zipped(FILES, method=0)
    for etag in ("1", "2"):
        job = Unpacking(tmp_path / etag, CutSource(data, name="show.zip"))
        (tmp_path / etag).mkdir()
        with pytest.raises(SourceFailed):
            await job.work()
        assert job.left == ["archive", "archive.json"]
        job.restart()
        await job.disk.open(keep=[job.job.id])
        job.source.etag = etag
        await job.work()
        assert b"".join(data for _, data in job.posts) == WHOLE
        assert job.left == []
        first, second, *third = job.source.asked
        assert (first, second > MIB, job.source.tails[1]) == (0, True, True)
        assert third == ([] if etag == "1" else [0])
