"""VERIFY_CHUNKS: wrong bytes are detected and requested again; without it they are served unverified."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from streamvault.errors import CorruptRead, SourceBusy
from streamvault.media.model import MediaFile
from tests.streamvault.telegram.conftest import Connect, Online, calls, counted, right
from tests.support.stack import FOREIGN_DC, MIB, EmulatedWorld
from tests.support.waiting import until
from tgemulator.world.content import BytesContent, synthetic_bytes
from tgemulator.world.stored_file import Thumb

GET_FILE, GET_HASHES = "upload.getFile", "upload.getFileHashes"
TOKEN = "700000002:emulated-token-of-worker-2"


@pytest.fixture
async def verifying(connect: Connect) -> AsyncIterator[Online]:
    """The bot, with VERIFY_CHUNKS."""
    async with connect(verify_chunks=True) as made:
        yield made


@pytest.fixture
async def checked(world: EmulatedWorld, verifying: Online) -> MediaFile:
    """`film`, read by `verifying`."""
    return await verifying.file(await world.post_synthetic(8 * MIB + 5, dc_id=FOREIGN_DC))


async def test_without_verification_wrong_bytes_are_served_and_no_hashes_requested(
    world: EmulatedWorld, online: Online, film: MediaFile
) -> None:
    with world.emulator.faults.wrong_bytes(at=77, times=1):
        data = await online.source.fetch(film, 0, MIB)
    assert data != right()
    assert data[:77] + data[78:] == right()[:77] + right()[78:]
    assert calls(world, GET_HASHES) == 0


@pytest.mark.parametrize("at", [0, 300_000, MIB - 1], ids=lambda at: f"byte-{at}")
async def test_wrong_bytes_are_requested_again(
    world: EmulatedWorld, verifying: Online, checked: MediaFile, at: int
) -> None:
    with world.emulator.faults.wrong_bytes(at=at, times=1):
        assert await verifying.source.fetch(checked, MIB, MIB) == right(1)
    assert calls(world, GET_FILE) == 2
    assert counted(verifying, "failovers_total", reason="corrupt") == 1
    assert counted(verifying, "chunks_total", result="ok") == 1


async def test_bytes_that_stay_wrong_are_never_returned(
    world: EmulatedWorld, verifying: Online, checked: MediaFile
) -> None:
    with world.emulator.faults.wrong_bytes(at=5), pytest.raises(CorruptRead):
        await verifying.source.fetch(checked, 0, MIB)
    assert counted(verifying, "chunks_total", result="corrupt") == 1
    assert counted(verifying, "failovers_total", reason="corrupt") == 2
    assert await verifying.source.fetch(checked, 0, MIB) == right()


async def test_an_account_whose_bytes_are_wrong_is_replaced_by_another(world: EmulatedWorld, connect: Connect) -> None:
    worker = world.emulator.world.add_bot(TOKEN, home_dc=2)
    world.emulator.world.add_member(world.films, worker, admin=True)
    origin = await world.post_synthetic(4 * MIB, dc_id=FOREIGN_DC)
    async with connect(verify_chunks=True, worker_bot_tokens=(SecretStr(TOKEN),)) as online:
        await until(lambda: len(online.accounts.all) == 2)
        file = await online.file(origin)
        with world.emulator.faults.wrong_bytes(user=world.bot.id):
            assert [await online.source.fetch(file, i * MIB, MIB) for i in range(4)] == [right(i) for i in range(4)]
    assert counted(online, "failovers_total", reason="corrupt") >= 2
    assert counted(online, "failovers_total", reason="account") >= 1


async def test_every_chunk_is_right_and_each_window_costs_one_hash_request(
    world: EmulatedWorld, verifying: Online, checked: MediaFile
) -> None:
    for limit in (MIB, MIB // 8):
        chunks = await asyncio.gather(
            *(verifying.source.fetch(checked, offset, limit) for offset in range(0, checked.size, limit))
        )
        assert b"".join(chunks) == synthetic_bytes(1, 0, checked.size)
    assert calls(world, GET_HASHES) == 9


@pytest.mark.parametrize(("offset", "limit"), [(4096, 4096), (96 << 10, 64 << 10), (7 * MIB + 960 * 1024, 64 << 10)])
async def test_a_chunk_smaller_than_a_hashed_range_is_verified(
    world: EmulatedWorld, verifying: Online, checked: MediaFile, offset: int, limit: int
) -> None:
    with world.emulator.faults.wrong_bytes(at=60_000, times=1):
        assert await verifying.source.fetch(checked, offset, limit) == synthetic_bytes(1, offset, limit)
    assert counted(verifying, "failovers_total", reason="corrupt") == 1


async def test_a_file_without_hashes_is_served_unverified(
    world: EmulatedWorld, verifying: Online, checked: MediaFile
) -> None:
    for stored in world.emulator.files.files.values():
        stored.hashed = False
    for i in range(3):
        assert await verifying.source.fetch(checked, i * MIB, MIB) == right(i)
    with world.emulator.faults.wrong_bytes(times=1):
        assert await verifying.source.fetch(checked, 0, MIB) != right()
    assert calls(world, GET_HASHES) == 3


async def test_hashes_are_requested_concurrently_with_the_chunk(
    world: EmulatedWorld, verifying: Online, checked: MediaFile
) -> None:
    """Whichever of the two answers is held back, the other request is sent."""
    await verifying.source.fetch(checked, MIB, 4096)
    for held, other in ((GET_FILE, GET_HASHES), (GET_HASHES, GET_FILE)):
        window = (2 if held == GET_FILE else 3) * MIB
        before = calls(world, other)
        with world.emulator.faults.slow_answer(None, method=held, times=1):
            chunk = asyncio.create_task(verifying.source.fetch(checked, window, 128 << 10))
            await until(lambda other=other, before=before: calls(world, other) > before)  # type: ignore[misc]
            assert not chunk.done()
        assert await chunk == synthetic_bytes(1, window, 128 << 10)


async def test_an_expired_reference_is_refreshed_whichever_request_it_fails(
    world: EmulatedWorld, verifying: Online, checked: MediaFile
) -> None:
    await verifying.source.fetch(checked, 0, MIB)
    for method in (GET_HASHES, GET_FILE):
        window = 2 if method == GET_FILE else 3
        world.emulator.faults.error(400, "FILE_REFERENCE_EXPIRED", method=method, times=1)
        assert await verifying.source.fetch(checked, window * MIB, MIB) == right(window)
    assert counted(verifying, "reference_refreshes_total") == 2


async def test_a_flood_wait_of_the_hash_request_is_kept(
    world: EmulatedWorld, verifying: Online, checked: MediaFile
) -> None:
    await verifying.source.fetch(checked, 0, MIB)
    world.emulator.faults.flood_wait(300, method=GET_HASHES)
    before = calls(world, GET_HASHES)
    for _ in range(3):
        with pytest.raises(SourceBusy):
            await verifying.source.fetch(checked, MIB, MIB)
    assert calls(world, GET_HASHES) == before + 1


async def test_a_thumbnail_is_not_verified(world: EmulatedWorld, verifying: Online) -> None:
    thumbs = [Thumb("m", 320, 180, BytesContent(b"picture"))]
    file = await verifying.file(await world.post_file(BytesContent(b"film"), dc_id=FOREIGN_DC, thumbs=thumbs))
    assert await verifying.source.thumbnail(file) == b"picture"
    assert calls(world, GET_HASHES) == 0
