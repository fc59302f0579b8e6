"""One file in several messages, end to end: whichever of them goes, a viewer does not notice."""

from pathlib import Path

import pytest

from streamvault.media.model import Origin
from tests.support.http_client import opened
from tests.support.stack import FOREIGN_DC, MIB, chat_id_of
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import SyntheticContent, synthetic_bytes

SIZE, SEED = 24 * MIB + 5, 9


@pytest.mark.parametrize("told", [True, False], ids=["told", "not told"])
async def test_a_message_that_is_deleted_while_it_is_streamed_changes_nothing(tmp_path: Path, told: bool) -> None:
    async with whole_product(tmp_path, cache_memory=0, cache_disk=0, readahead=1) as whole:
        emulator, world = whole.world.emulator, whole.world.emulator.world
        emulator.world.tell_bots_of_deletions = told
        file = emulator.files.add(SyntheticContent(SIZE, SEED), dc_id=FOREIGN_DC, name="film.mkv")
        first = await world.post(whole.world.films, file=file)
        here = Origin(chat_id_of(whole.world.films), first.id)
        copies = [await world.post(channel, file=file) for channel in (whole.world.vault, whole.world.films)]
        await until(lambda: _is_known(whole, Origin(here.chat_id, copies[-1].id)))
        path = f"/stream/{here.chat_id}/{here.message_id}"
        async with opened(whole.address, path, receive_buffer=4096) as exchange:
            begun = await exchange.reader.readexactly(1000)
            await world.delete(first)
            if told:
                await until(lambda: _is_gone(whole, here))
            emulator.faults.expire_references()
            rest = await exchange.reader.readexactly(SIZE - len(begun))
        assert begun + rest == synthetic_bytes(SEED, 0, SIZE)
        sample = whole.services.metrics.registry.get_sample_value
        assert not sample("streamvault_streams_aborted_total")
        assert sample("streamvault_failovers_total", {"reason": "origin"})


async def _is_known(whole: Whole, origin: Origin) -> bool:
    return await whole.services.catalog.get(origin) is not None


async def _is_gone(whole: Whole, origin: Origin) -> bool:
    return not await _is_known(whole, origin)
