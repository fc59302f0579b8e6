"""The Range table end to end: Kurigram over TCP, files of every size that matters, at home and in a foreign DC."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.streamvault.http.routes.range_cases import SIZES, ask, check_row, rows_for
from tests.support.stack import FOREIGN_DC, HOME_DC
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import synthetic_bytes

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Whole]:
    async with whole_product(tmp_path_factory.mktemp("ranges")) as whole:
        yield whole


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def posted(whole: Whole) -> dict[tuple[int, int], tuple[str, int]]:
    """Path and seed of each file, by data centre and size."""
    found: dict[tuple[int, int], tuple[str, int]] = {}
    for dc in (HOME_DC, FOREIGN_DC):
        for size in SIZES:
            seed = len(found) + 1
            found[dc, size] = (await whole.post(size, dc_id=dc, seed=seed), seed)
    return found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dc", [HOME_DC, FOREIGN_DC], ids=["home", "foreign"])
async def test_range(whole: Whole, posted: dict[tuple[int, int], tuple[str, int]], dc: int, size: int) -> None:
    target, seed = posted[dc, size]
    for row in rows_for(size):
        reply = await ask(row, target, address=whole.address, size=size)
        check_row(row, reply, size=size, expected_bytes=lambda start, stop: synthetic_bytes(seed, start, stop - start))
