"""The streaming engine over a real connection to Telegram: what is shared, kept, prepared and counted."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from streamvault.media.cells import CELL
from streamvault.media.model import Origin
from tests.support.http_client import opened, request
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import synthetic_bytes


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole_product(tmp_path) as whole:
        yield whole


async def get(whole: Whole, path: str, *, start: int = 0, stop: int | None = None) -> bytes:
    headers = {"Range": f"bytes={start}-{'' if stop is None else stop - 1}"}
    reply = await request(whole.address, path, headers=headers)
    assert reply.status == 206
    assert reply.complete
    return reply.body


async def stats(whole: Whole) -> dict[str, Any]:
    reply = await request(whole.address, "/api/stats")
    assert reply.status == 200
    found: dict[str, Any] = json.loads(reply.body)
    return found


async def test_viewers_who_start_together_cost_telegram_one_read(whole: Whole) -> None:
    size = 24 * MIB + 12_345
    target = await whole.post(size, dc_id=FOREIGN_DC)
    bodies = await asyncio.gather(*(get(whole, target) for _ in range(8)))
    assert set(bodies) == {synthetic_bytes(1, 0, size)}
    assert whole.getfile_bytes() <= 1.05 * size
    assert (await stats(whole))["cells"]["coalesced"] > 0


async def test_what_was_read_is_read_again_without_telegram(whole: Whole) -> None:
    size = 8 * MIB
    target = await whole.post(size)
    assert await get(whole, target) == synthetic_bytes(1, 0, size)
    asked = whole.getfile_bytes()
    for start in (0, 1, 3 * MIB + 5, size - 1):
        assert await get(whole, target, start=start) == synthetic_bytes(1, start, size - start)
    assert whole.getfile_bytes() == asked
    assert whole.services.metrics.registry.get_sample_value("streamvault_bytes_total", {"tier": "memory"})


async def test_the_disk_keeps_what_memory_cannot_and_outlives_a_restart(tmp_path: Path) -> None:
    size = 6 * MIB + 99
    async with whole_product(tmp_path / "one", cache_memory=0) as first:
        target = await first.post(size)
        assert await get(first, target) == synthetic_bytes(1, 0, size)
        asked = first.getfile_bytes()
        first.stop.set()
        await first.server
        async with whole_product(tmp_path / "one", world=first.world, cache_memory=0) as second:
            assert await get(second, target) == synthetic_bytes(1, 0, size)
            assert second.getfile_bytes() == asked
            assert (await stats(second))["cells"] | {"coalesced": 0} == {
                "memory": 0, "disk": size // CELL + 1, "telegram": 0, "coalesced": 0, "promoted": 0, "cancelled": 0,
            }  # fmt: skip


async def test_without_caches_every_byte_is_right_and_asked_for_again(tmp_path: Path) -> None:
    size = 3 * MIB
    async with whole_product(tmp_path, cache_memory=0, cache_disk=0) as whole:
        target = await whole.post(size)
        for _ in range(2):
            assert await get(whole, target) == synthetic_bytes(1, 0, size)
        assert whole.getfile_bytes() == 2 * size
        assert not (whole.services.settings.data_dir / "cache").exists()


async def test_requests_go_ahead_of_a_viewer_over_several_connections(whole: Whole) -> None:
    target = await whole.post(200 * MIB)
    with whole.world.emulator.faults.latency(0.05):
        async with opened(whole.address, target) as exchange:
            offset, most = 0, 0
            while offset < 96 * MIB:
                piece = await exchange.reader.readexactly(MIB)
                assert piece == synthetic_bytes(1, offset, MIB)
                offset += MIB
                most = max(most, whole.services.media.cells.in_flight)
            exchange.hang_up()
    assert most >= 8
    await until(lambda: whole.services.media.cells.in_flight == 0)


async def test_a_paused_viewer_asks_for_nothing(whole: Whole) -> None:
    target = await whole.post(200 * MIB)
    async with opened(whole.address, target, receive_buffer=65_536) as exchange:
        assert await exchange.reader.readexactly(MIB) == synthetic_bytes(1, 0, MIB)
        exchange.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await until(lambda: whole.services.media.cells.in_flight == 0)
        asked = whole.getfile_bytes()
        assert asked < 16 * MIB
        for reader in list(whole.services.media.cells._readers):
            reader.release_if_paused()
        assert whole.getfile_bytes() == asked
        exchange.hang_up()


async def test_opening_a_page_prepares_head_and_tail(whole: Whole) -> None:
    size = 40 * MIB
    target = await whole.post(size, dc_id=FOREIGN_DC)
    await until(lambda: whole.getfile_bytes() > 0)  # its post was seen
    await whole.services.media.prewarm.settled()
    asked = whole.getfile_bytes()
    assert asked <= MIB
    assert await get(whole, target, stop=1000) == synthetic_bytes(1, 0, 1000)
    assert await get(whole, target, start=size - 1000) == synthetic_bytes(1, size - 1000, 1000)
    assert whole.getfile_bytes() == asked
    reply = await request(whole.address, target.replace("/stream/", "/api/catalog/"))
    assert reply.status == 200


async def test_a_read_that_finds_a_message_deleted_mends_the_list(tmp_path: Path) -> None:
    """Nobody tells the bot of the deletion."""
    async with whole_product(tmp_path, cache_memory=0, cache_disk=0) as whole:
        target = await whole.post(MIB)
        chat_id, message_id = (int(part) for part in target.split("/")[2:])
        await whole.world.emulator.world.delete(whole.world.films.messages[message_id])
        await until(lambda: _status(whole, target, 410), timeout=20, pause=0.05)
        await until(lambda: _unknown(whole, Origin(chat_id, message_id)), timeout=20, pause=0.05)
        assert (await request(whole.address, target)).status == 404


async def _status(whole: Whole, target: str, wanted: int) -> bool:
    return (await request(whole.address, target)).status == wanted


async def _unknown(whole: Whole, origin: Origin) -> bool:
    return await whole.services.catalog.get(origin) is None


async def test_the_engine_tells_how_it_does(whole: Whole) -> None:
    target = await whole.post(4 * MIB)
    await get(whole, target)
    found = await stats(whole)
    assert found["streams"]["first_byte_p50"] > 0
    assert found["streams"]["aborted"] == 0
    assert found["cells"]["telegram"] + found["cells"]["memory"] >= 32
    assert found["requests"] == {"in_flight": 0, "waiting": 0}
    [home] = found["telegram"]
    assert home["dc_id"] == HOME_DC
    assert home["chunks"] > 0
    assert home["p50"] > 0
    reply = await request(whole.address, "/metrics")
    for name in ("cells_total", "shared_reads_total", "requests_in_flight", "loop_lag_seconds_bucket"):
        assert f"streamvault_{name}".encode() in reply.body
