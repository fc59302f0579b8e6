"""A viewer and a Telegram that sends wrong bytes."""

from pathlib import Path

import pytest

from tests.support.http_client import request
from tests.support.stack import FOREIGN_DC, MIB
from tests.support.whole import whole_product
from tgemulator.content import synthetic_bytes

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


async def test_bytes_that_stay_wrong_abort_the_stream(tmp_path: Path) -> None:
    async with whole_product(tmp_path, verify_chunks=True) as whole:
        target = await whole.post(SIZE, dc_id=FOREIGN_DC)
        with whole.world.emulator.faults.wrong_bytes():
            reply = await request(whole.address, target)
        assert reply.status == 502
        assert (await request(whole.address, target)).body == synthetic_bytes(1, 0, SIZE)
