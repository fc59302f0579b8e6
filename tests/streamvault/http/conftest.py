"""One server per test: with public access, or closed."""

from collections.abc import AsyncIterator

import pytest

from tests.support.serving import Bench, serving
from tests.support.site import Site, open_site


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with serving() as bench:
        yield bench


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site() as site:
        yield site


@pytest.fixture
async def closed_site() -> AsyncIterator[Site]:
    async with open_site(public_access=False) as site:
        yield site
