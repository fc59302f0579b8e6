"""A file that is packed while it passes: the same archive whatever interrupts it, and little that is read twice."""

import io
import random
import zipfile

import pytest

from streamvault.leech.model import Described
from streamvault.leech.packing.checksums import RECENT, Checksums
from streamvault.leech.packing.framing import Framing
from streamvault.leech.packing.source import ZipSource, packed_names
from streamvault.leech.sources.base import Checkpoint, SourceChanged
from streamvault.leech.transfer import TransferRun
from streamvault.media.uploads import PART
from tests.support.leeching import Killed, MemoryRecorder, MemoryUploads, Steps
from tests.support.proof import sample
from tests.support.ranged_source import RangedSource

HEAD = len(Framing("film.mp4", 0).head)
SIZES = (0, 1, PART - HEAD - 1, PART - HEAD, 3 * PART - HEAD - 1, 5 * PART + 7)


def data(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize(
    ("told", "wished", "expected"),
    [
        ("film.mkv", None, ("film.mkv", "film.mkv.zip")),
        ("film.mkv", "Garden", ("Garden.mkv", "Garden.mkv.zip")),
        ("film.mkv", "Garden.zip", ("film.mkv", "Garden.zip")),
        ("old.zip", None, ("old.zip", "old.zip.zip")),
        ("../../etc/passwd", None, ("passwd", "passwd.zip")),
        ("\u9f8d" * 300 + ".mkv", None, ("\u9f8d" * 82 + ".mkv", "\u9f8d" * 82 + ".mkv.zip")),
    ],
)
def test_names(told: str, wished: str | None, expected: tuple[str, str]) -> None:
    assert packed_names(told, wished) == expected


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("size", SIZES)
async def test_a_kill_at_any_step_leaves_the_same_archive(size: int, *, told: bool) -> None:
    whole = await transferred(RangedSource(data(size), told=told), None)
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        assert (file.testzip(), file.read("film.mp4")) == (None, data(size))
    steps = Steps()
    await transferred(RangedSource(data(size), told=told), steps)
    for killed in sample(range(steps.count), every=5):
        source = RangedSource(data(size), told=told)
        assert await transferred(source, Steps(killed_at=killed)) == whole, killed
        assert source.read <= size + 16 * PART


async def transferred(source: RangedSource, steps: Steps | None) -> bytes:
    """The archive as it was posted, in pieces of four parts; by two workers where a step ends the first."""
    steps = steps or Steps()
    uploads, recorder, ids = MemoryUploads(steps), MemoryRecorder(steps), iter(range(1, 1000))

    async def discard(_: object) -> None:
        raise AssertionError("nothing has changed")

    for _ in range(2):
        run = TransferRun(
            ZipSource(source), uploads, recorder.stored, recorder=recorder, post=uploads.post, discard=discard,
            new_file_id=lambda: next(ids),
        )  # fmt: skip
        try:
            await run.run()
        except Killed:
            source.open_now = 0
            steps.restart()
        else:
            break
    assert recorder.stored.complete
    assert recorder.stored.described is not None
    assert recorder.stored.described.name == "film.mp4.zip"
    found = b"".join(uploads.messages[number].data for number in sorted(uploads.messages))
    assert recorder.stored.described.size in (None, len(found))
    return found


async def read(source: ZipSource, checkpoint: Checkpoint | None) -> tuple[bytes, Described, dict[str, str]]:
    async with source.open(checkpoint) as opened:
        return b"".join([block async for block in opened.blocks]), opened.described, opened.state


async def test_any_byte_can_be_begun_at_and_a_place_without_its_sum_is_read_from_one_before() -> None:
    source = RangedSource(data(5 * PART))
    whole, described, state = await read(ZipSource(source), None)
    for offset in (0, 1, HEAD, PART - 1, PART, 3 * PART + 1, len(whole) - 30, len(whole) - 1):
        rest, again, _ = await read(ZipSource(source), Checkpoint(described, offset, None, dict(state)))
        assert (rest, again) == (whole[offset:], described)
    state.pop("zip_sums")
    rest, _, _ = await read(ZipSource(source), Checkpoint(described, 4 * PART, None, state))
    assert rest == whole[4 * PART :]
    with pytest.raises(SourceChanged):
        await read(ZipSource(RangedSource(data(7), etag="2")), Checkpoint(described, PART, None, state))
    with pytest.raises(SourceChanged):
        await read(ZipSource(source), Checkpoint(described, PART, None, {}))


def test_few_sums_are_kept_and_those_where_messages_begin() -> None:
    sums = Checksums(HEAD)
    for number in range(1, 9001):
        sums.add(number, number)
    again = Checksums.read(HEAD, str(sums))
    assert str(again) == str(sums)
    assert len(str(sums)) < 20 * (RECENT + 3)
    for position, known in ((8999, 8999), (8873, 8873), (8872, 8000), (4001, 4000), (3999, 0)):
        found = again.before(position * PART - HEAD)
        assert found == ((known * PART - HEAD, known) if known else (0, 0))
