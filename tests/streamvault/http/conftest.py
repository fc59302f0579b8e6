"""One server per test, open to everybody."""

from collections.abc import AsyncIterator

import pytest

from tests.support.serving import Bench, serving


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with serving() as bench:
        yield bench
