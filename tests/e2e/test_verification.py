"""A viewer and a Telegram that sends wrong bytes."""

from pathlib import Path

import pytest

from tests.support.http_client import request
from tests.support.stack import ENTRY_DC, FOREIGN_DC, HOME_DC, MIB, emulator_world
from tests.support.whole import whole_product
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.world.content import synthetic_bytes

SIZE = 4 * MIB + 12_345


@pytest.mark.parametrize("verify", [True, False], ids=["verified", "as-it-comes"])
async def test_wrong_bytes_reach_a_viewer_only_where_nothing_is_verified(tmp_path: Path, verify: bool) -> None:
    async with whole_product(tmp_path, verify_chunks=verify) as whole:
        target = await whole.post(SIZE, dc_id=FOREIGN_DC)
        with whole.world.emulator.faults.wrong_bytes(at=99, times=3):
            reply = await request(whole.address, target)
        assert (reply.status, len(reply.body), reply.complete) == (200, SIZE, True)
        right = reply.body == synthetic_bytes(1, 0, SIZE)
        assert right == verify


async def test_bytes_that_stay_wrong_end_in_an_error(tmp_path: Path) -> None:
    async with whole_product(tmp_path, verify_chunks=True) as whole:
        target = await whole.post(SIZE, dc_id=FOREIGN_DC)
        with whole.world.emulator.faults.wrong_bytes():
            reply = await request(whole.address, target)
        assert reply.status == 502
        assert (await request(whole.address, target)).body == synthetic_bytes(1, 0, SIZE)


@pytest.mark.parametrize("trouble", ["none", "wrong-bytes", "dropped"])
async def test_a_popular_film_comes_from_a_cdn_byte_by_byte(tmp_path: Path, trouble: str) -> None:
    dcs = (DcConfig(ENTRY_DC), DcConfig(HOME_DC), DcConfig(FOREIGN_DC), DcConfig(203, media_port=None, cdn=True))
    async with (
        emulator_world(EmulatorConfig(dcs=dcs)) as world,
        whole_product(tmp_path, world=world, cdn=True) as whole,
    ):
        target = await whole.post(SIZE, dc_id=FOREIGN_DC)
        for stored in world.emulator.files.files.values():
            stored.cdn = True
        faults = world.emulator.faults
        if trouble == "wrong-bytes":
            faults.wrong_bytes(at=99, dc=203)
        if trouble == "dropped":
            faults.drop(method="upload.getCdnFile", times=3)
        reply = await request(whole.address, target)
        assert (reply.status, reply.complete) == (200, True)
        assert reply.body == synthetic_bytes(1, 0, SIZE)
        assert world.emulator.counters.value("getcdnfile") > 0
        assert (whole.getfile_bytes() > 0) == (trouble == "wrong-bytes")
