"""Chunks and thumbnails from the emulated Telegram, with references, migrations, floods and errors."""

import asyncio
import dataclasses
from typing import Any

import pytest
from pyrogram import raw

from streamvault.errors import FileGone, FileMissing, ShortRead, SourceBusy, SourceError, SourceUnavailable
from streamvault.media.model import MediaFile
from tests.streamvault.telegram.conftest import Connect, Online, calls, right
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB, EmulatedWorld
from tgemulator.world.content import BytesContent, synthetic_bytes
from tgemulator.world.stored_file import Thumb

GET_FILE, GET_MESSAGES = "upload.getFile", "channels.getMessages"


@pytest.mark.parametrize("dc_id", [HOME_DC, FOREIGN_DC])
@pytest.mark.parametrize("size", [1, MIB - 1, MIB, MIB + 1, 2 * MIB])
async def test_every_byte_is_right(world: EmulatedWorld, online: Online, dc_id: int, size: int) -> None:
    file = await online.file(await world.post_synthetic(size, dc_id=dc_id, seed=size))
    assert file.size == size
    data = b"".join([await online.source.fetch(file, offset, MIB) for offset in range(0, size, MIB)])
    assert data == synthetic_bytes(size, 0, size)
    assert world.emulator.counters.value("errors", code=406) == 0


async def test_offsets_beyond_two_gigabytes_and_at_the_end_of_the_file(world: EmulatedWorld, online: Online) -> None:
    size = (3 << 30) + 12345
    file = await online.file(await world.post_synthetic(size, dc_id=FOREIGN_DC, seed=9))
    for offset, limit in ((2 << 30, MIB), ((3 << 30) - 4096, 4096), (3 << 30, 128 << 10)):
        assert await online.source.fetch(file, offset, limit) == synthetic_bytes(9, offset, min(limit, size - offset))


async def test_a_message_is_read_once_for_a_listing_and_its_chunks(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    for i in range(3):
        await online.source.fetch(film, i * MIB, MIB)
    assert calls(world, GET_MESSAGES) == 1


async def test_concurrent_chunks_share_one_read_of_an_unknown_location(world: EmulatedWorld, connect: Connect) -> None:
    origin = await world.post_synthetic(MIB, dc_id=FOREIGN_DC)
    async with connect() as before:
        file = await before.file(origin)
    async with connect() as online:
        await asyncio.gather(*(online.source.fetch(file, 0, MIB) for _ in range(10)))
    assert calls(world, GET_MESSAGES) == 2


async def test_concurrent_chunks_share_one_refresh_of_an_expired_reference(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    await online.source.fetch(film, 0, MIB)
    for _ in range(2):
        before = calls(world, GET_MESSAGES)
        world.emulator.faults.expire_references()
        chunks = await asyncio.gather(*(online.source.fetch(film, i * MIB, MIB) for i in range(8)))
        assert chunks == [right(i) for i in range(8)]
        assert calls(world, GET_MESSAGES) == before + 1


@pytest.mark.parametrize(
    "text", ["FILE_REFERENCE_EXPIRED", "FILE_REFERENCE_0_EXPIRED", "FILE_REFERENCE_INVALID", "FILEREF_UPGRADE_NEEDED",
             "FILE_ID_INVALID", "LOCATION_INVALID"],
)  # fmt: skip
async def test_every_kind_of_stale_location_is_refreshed(
    world: EmulatedWorld, online: Online, film: MediaFile, text: str
) -> None:
    world.emulator.faults.error(406 if "UPGRADE" in text else 400, text, method=GET_FILE, times=1)
    assert await online.source.fetch(film, 0, MIB) == right()


async def test_a_location_that_stays_invalid_ends_in_an_error(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    world.emulator.faults.error(400, "FILE_REFERENCE_EXPIRED", method=GET_FILE)
    with pytest.raises(SourceError):
        await online.source.fetch(film, 0, MIB)
    assert calls(world, GET_FILE) <= 8


async def test_a_migrated_file_is_found_and_its_dc_remembered(world: EmulatedWorld, online: Online) -> None:
    origin = await world.post_synthetic(2 * MIB, dc_id=HOME_DC)
    file = await online.file(origin)
    for stored in world.emulator.files.files.values():
        stored.dc_id = FOREIGN_DC
    assert await online.source.fetch(file, 0, MIB) == right()
    assert await online.source.fetch(file, MIB, MIB) == right(1)
    assert world.emulator.counters.value("errors", code=303) == 1


async def test_a_flood_wait_is_reported_and_no_request_is_sent_before_its_end(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    await online.source.fetch(film, 0, MIB)
    world.emulator.faults.flood_wait(300, method=GET_FILE)
    for _ in range(5):
        with pytest.raises(SourceBusy) as busy:
            await online.source.fetch(film, 0, MIB)
        assert 295 < busy.value.retry_after <= 300
    assert calls(world, GET_FILE) == 2
    value = online.metrics.registry.get_sample_value(
        "streamvault_flood_wait_seconds", {"account": online.accounts.main.name}
    )
    assert value == 300


async def test_a_short_chunk_is_never_returned(world: EmulatedWorld, online: Online, film: MediaFile) -> None:
    for keep in (4096, 0, MIB - 1):
        with world.emulator.faults.short_chunk(keep), pytest.raises(ShortRead):
            await online.source.fetch(film, 0, MIB)
    assert await online.source.fetch(film, 0, MIB) == right()
    sample = online.metrics.registry.get_sample_value
    assert sample("streamvault_chunks_total", {"result": "short"}) == 3
    assert sample("streamvault_chunks_total", {"result": "ok"}) == 1


@pytest.mark.parametrize(
    ("code", "text"), [(-503, "Timeout"), (500, "INTERNAL"), (500, "SOMETHING_NEW_77"), (504, "X")]
)
async def test_an_internal_error_of_telegram_is_unavailable(
    world: EmulatedWorld, online: Online, film: MediaFile, code: int, text: str
) -> None:
    with world.emulator.faults.error(code, text, method=GET_FILE), pytest.raises(SourceUnavailable):
        await online.source.fetch(film, 0, MIB)
    assert await online.source.fetch(film, 0, MIB) == right()


async def test_an_unknown_error_writes_no_file(
    world: EmulatedWorld, online: Online, film: MediaFile, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with world.emulator.faults.error(400, "NEVER_HEARD_OF", method=GET_FILE), pytest.raises(SourceError):
        await online.source.fetch(film, 0, MIB)
    assert not list(tmp_path.glob("unknown*"))


async def test_a_deleted_message_and_an_edited_one_no_longer_hold_the_file(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    other = await online.file(await world.post_synthetic(MIB, dc_id=FOREIGN_DC, seed=2))
    messages = world.films.messages
    await world.emulator.world.delete(messages[film.origin.message_id])
    replacement = world.emulator.files.add(BytesContent(b"another"), dc_id=FOREIGN_DC, name="another.mp4")
    await world.emulator.world.edit(messages[other.origin.message_id], file=replacement)
    world.emulator.faults.expire_references()
    for file in (film, other):
        with pytest.raises(FileGone):
            await online.source.fetch(file, 0, MIB)


async def test_a_size_that_differs_from_the_messages_is_an_error(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    world.emulator.faults.expire_references()
    with pytest.raises(SourceError):
        await online.source.fetch(dataclasses.replace(film, size=film.size + 1), 0, MIB)


async def test_a_thumbnail_is_returned_whole_and_is_missing_for_a_file_without_one(
    world: EmulatedWorld, online: Online
) -> None:
    picture = bytes(range(256)) * 40
    attributes = [raw.types.DocumentAttributeVideo(duration=3.5, w=640, h=360)]
    thumbs = [
        Thumb("s", 90, 50, BytesContent(b"small")),
        Thumb("m", 320, 180, BytesContent(picture)),
        Thumb("i", 40, 22, BytesContent(b"stripped")),
    ]
    origin = await world.post_file(BytesContent(b"film"), dc_id=FOREIGN_DC, attributes=attributes, thumbs=thumbs)
    file = await online.file(origin)
    assert file.thumb_sizes == ("s", "m")
    assert await online.source.thumbnail(file) == picture
    assert await online.source.fetch(file, 0, 4096) == b"film"
    with pytest.raises(FileMissing):
        await online.source.thumbnail(dataclasses.replace(file, thumb_sizes=()))
