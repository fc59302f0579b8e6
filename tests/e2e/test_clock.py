"""A machine whose clock is wrong: corrected from the first answer, told, shown by doctor, and never fatal."""

import logging
import time
from pathlib import Path

import pytest

from tests.e2e.test_doctor import doctor, findings
from tests.support.http_client import request
from tests.support.stack import ENTRY_DC, FOREIGN_DC, HOME_DC, MIB, emulator_world
from tests.support.whole import whole_product
from tgemulator.config import DcConfig, EmulatorConfig
from tgemulator.world.content import synthetic_bytes

DAYS = 40 * 86400.0
YEARS = 365.25 * 86400.0


@pytest.mark.parametrize(
    ("ahead", "word"),
    [
        (DAYS, "behind"),
        (-DAYS, "ahead of"),
        (100.0, "behind"),
        (-100.0, "ahead of"),
        (3 * YEARS, "behind"),
        (-10 * YEARS, "ahead of"),
    ],
)
async def test_a_wrong_clock_is_corrected_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, ahead: float, word: str
) -> None:
    dcs = (DcConfig(ENTRY_DC), DcConfig(HOME_DC), DcConfig(FOREIGN_DC))
    config = EmulatorConfig(dcs=dcs, clock=lambda: time.time() + ahead)
    async with emulator_world(config) as world:
        for _ in range(2):  # the second time with stored keys: nothing but their use tells the time
            caplog.clear()
            async with whole_product(tmp_path, world=world) as whole:
                reply = await request(whole.address, await whole.post(MIB, dc_id=FOREIGN_DC))
                assert reply.body == synthetic_bytes(1, 0, MIB)
                told = [record.getMessage() for record in caplog.records if "clock" in record.getMessage()]
                assert len(told) == 1, told
                assert word in told[0]
                assert [record.levelno for record in caplog.records if "clock" in record.getMessage()] == [
                    logging.WARNING
                ]
        code, out, _ = await doctor(world, tmp_path, "--json")
        assert code == 0
        clock = findings(out)["clock"]
        assert clock["status"] == "warning"
        assert word in clock["detail"]
        counters = world.emulator.counters
        assert counters.by("keys_created", "dc") == {HOME_DC: 1, FOREIGN_DC: 1}
        assert counters.value("logins") == 1
