"""Every row of the Range table against the real server, for files of several sizes."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.streamvault.http.routes.range_cases import ROWS, SIZES, ask, check_row, rows_for
from tests.support.serving import Bench, serving
from tests.support.sources import media_file, pattern

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench() -> AsyncIterator[Bench]:
    async with serving() as bench:
        for number, size in enumerate(SIZES, start=1):
            bench.finder.add(media_file(size), message_id=number)
        yield bench


@pytest.mark.parametrize("size", SIZES)
async def test_range(bench: Bench, size: int) -> None:
    target = f"/stream/-1001234567890/{SIZES.index(size) + 1}"
    for row in rows_for(size):
        reply = await ask(row, target, address=bench.address, size=size)
        check_row(row, reply, size=size, expected_bytes=pattern)


async def test_the_range_table_has_every_row() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) >= 40
    assert {row.clause.split(".")[0] for row in ROWS} == {"5", "9", "13", "14", "15"}
