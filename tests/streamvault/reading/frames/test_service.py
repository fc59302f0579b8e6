"""Pictures are extracted one at a time, once, and a file without one is not tried again."""

import asyncio
import dataclasses
import io
from collections import Counter
from pathlib import Path

import pytest

from streamvault.errors import CatalogError, FileMissing, SourceBusy
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.media.placeholder import strip
from streamvault.reading.cache.disk import DiskCells
from streamvault.reading.cache.memory import MemoryCells
from streamvault.reading.frames import service
from streamvault.reading.frames.extractor import Still
from streamvault.reading.frames.service import QUEUE, FrameService, can_make_stills, still_key
from streamvault.reading.picture_cache import MEMORY, PictureCache
from tests.support.files import media_file
from tests.support.films import picture
from tests.support.sources import Forgetful
from tests.support.waiting import until
from tgemulator.world.stripped_thumbnails import QUALITY

STILL = Still(b"", b"\xff\xd8 a picture")
FILE = media_file(thumb_sizes=())
LONG = 5.0


class Maker:
    """Gives `result` (or raises it) once `gate` is open."""

    def __init__(self, result: Still | Exception | None = STILL) -> None:
        self.result = result
        self.made: list[str] = []
        self.at_once = 0
        self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, file: MediaFile) -> Still | None:
        self.made.append(file.key.file_unique_id)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await self.gate.wait()
        finally:
            self.at_once -= 1
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def memory() -> PictureCache:
    return PictureCache(MemoryCells(MEMORY))


def another(number: int) -> MediaFile:
    return dataclasses.replace(FILE, key=FileKey(f"film {number}"))


async def test_a_picture_is_made_once_and_kept() -> None:
    maker = Maker()
    async with FrameService(maker, memory()) as frames:
        found = await asyncio.gather(*(frames.picture(FILE, within=LONG) for _ in range(5)))
        assert {*found, await frames.picture(FILE, within=LONG)} == {STILL.picture}
        assert not await frames.has_none(FILE)
        assert (frames.counts.made, frames.counts.none, frames.counts.failed) == (1, 0, 0)
    assert len(maker.made) == 1


async def test_files_are_processed_in_order_one_at_a_time_and_the_queue_is_bounded() -> None:
    maker = Maker()
    maker.gate.clear()
    async with FrameService(maker, memory()) as frames:
        files = [another(number) for number in range(QUEUE + 3)]
        assert [await frames.picture(file, within=0.0) for file in files] == [None] * len(files)
        maker.gate.set()
        assert await frames.picture(files[QUEUE - 1], within=LONG) == STILL.picture
        assert maker.made == [file.key.file_unique_id for file in files[:QUEUE]]
        assert await frames.picture(files[QUEUE + 2], within=LONG) == STILL.picture
    assert maker.most == 1


async def test_a_caller_that_leaves_does_not_cancel_the_work() -> None:
    maker = Maker()
    maker.gate.clear()
    async with FrameService(maker, memory()) as frames:
        viewer = asyncio.create_task(frames.picture(FILE, within=LONG))
        await until(lambda: maker.at_once)
        viewer.cancel()
        await asyncio.wait([viewer])
        maker.gate.set()
        assert await frames.picture(FILE, within=LONG) == STILL.picture
    assert len(maker.made) == 1


async def test_a_file_without_a_picture_is_never_looked_at_again(tmp_path: Path) -> None:
    maker = Maker(None)
    for _ in range(2):  # processes
        async with (
            DiskCells(tmp_path / "thumbs", 8 << 20) as disk,
            FrameService(maker, PictureCache(Forgetful(), disk)) as frames,
        ):
            for _ in range(2):
                with pytest.raises(FileMissing):
                    await frames.picture(FILE, within=LONG)
                await disk.settled()
            assert await frames.has_none(FILE)
    assert len(maker.made) == 1


async def test_a_failing_read_is_raised_and_tried_again() -> None:
    maker = Maker(SourceBusy(30))
    async with FrameService(maker, memory()) as frames:
        for _ in range(2):
            with pytest.raises(SourceBusy):
                await frames.picture(FILE, within=LONG)
        maker.result = STILL
        assert await frames.picture(FILE, within=LONG) == STILL.picture
        assert frames.counts.failed == 2


async def test_files_that_cannot_hold_a_picture_are_not_read() -> None:
    maker = Maker()
    async with FrameService(maker, memory()) as frames:
        assert await frames.has_none(media_file(kind="voice"))
        with pytest.raises(FileMissing):
            await frames.picture(media_file(kind="voice"), within=LONG)
    assert not maker.made


async def test_closing_ends_what_is_under_way() -> None:
    maker = Maker()
    maker.gate.clear()
    frames = FrameService(maker, memory())
    async with frames:
        assert [await frames.picture(another(number), within=0.0) for number in range(3)] == [None] * 3
        await until(lambda: maker.at_once)
    assert maker.at_once == 0
    assert frames.counts.made == 0


@pytest.mark.parametrize("known", [False, True], ids=["unknown", "known"])
async def test_a_placeholder_is_reported_unless_telegram_sent_one(known: bool) -> None:
    tiny = tiny_jpeg()
    told: list[bytes] = []

    async def made(file: MediaFile, stripped: bytes) -> None:
        assert file == FILE
        told.append(stripped)

    file = dataclasses.replace(FILE, stripped=b"\x01\x01\x01x") if known else FILE
    async with FrameService(Maker(Still(tiny, b"picture")), memory(), on_placeholder=made) as frames:
        await frames.picture(file, within=LONG)
        await frames.picture(file, within=LONG)
    assert told == ([] if known else [strip(tiny)])


async def test_a_placeholder_is_reported_once_per_message_and_process(tmp_path: Path) -> None:
    tiny, told = tiny_jpeg(), list[tuple[Origin, bytes]]()

    async def made(file: MediaFile, stripped: bytes) -> None:
        told.append((file.origin, stripped))

    maker, posted_again = Maker(Still(tiny, b"picture")), dataclasses.replace(FILE, origin=Origin(-1, 1))
    async with DiskCells(tmp_path / "thumbs", 8 << 20) as disk:
        for _ in range(2):  # processes
            async with FrameService(maker, PictureCache(Forgetful(), disk), on_placeholder=made) as frames:
                for file in (FILE, posted_again, FILE):
                    await frames.picture(file, within=LONG)
                    await disk.settled()
    once = [(origin, strip(tiny)) for origin in (FILE.origin, posted_again.origin)]
    assert Counter(told) == Counter(once * 2)  # in any order: each is reported by a task of its own
    assert len(maker.made) == 1


async def test_a_placeholder_that_could_not_be_stored_is_reported_at_the_next_request() -> None:
    tiny, told = tiny_jpeg(), list[bytes]()

    async def made(file: MediaFile, stripped: bytes) -> None:
        told.append(stripped)
        if len(told) == 1:
            raise CatalogError("the database is away")

    async with FrameService(Maker(Still(tiny, b"picture")), memory(), on_placeholder=made) as frames:
        assert await frames.picture(FILE, within=LONG) == b"picture"
        await until(lambda: told)
        await all_reported(frames)
        assert await frames.picture(FILE, within=LONG) == b"picture"
        assert frames.counts.failed == 0
    assert told == [strip(tiny)] * 2


async def test_a_hanging_database_does_not_delay_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CLOSE_TIMEOUT", 0.01)
    begun = asyncio.Event()

    async def made(file: MediaFile, stripped: bytes) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with FrameService(Maker(Still(tiny_jpeg(), b"picture")), memory(), on_placeholder=made) as frames:
        assert await frames.picture(FILE, within=LONG) == b"picture"
        await begun.wait()
    assert frames.reporting == 0


async def all_reported(frames: FrameService) -> None:
    await until(lambda: not frames.reporting)


def tiny_jpeg() -> bytes:
    buffer = io.BytesIO()
    picture((40, 22), 3).save(buffer, "JPEG", quality=QUALITY, subsampling="4:2:0", optimize=False)
    return buffer.getvalue()


def test_the_key_of_a_picture_differs_from_that_of_the_file() -> None:
    assert still_key(FILE) != FILE.key
    assert can_make_stills()
