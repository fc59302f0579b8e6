"""One running demo for all end-to-end tests of a module; its media are kept between test runs."""

from collections.abc import Iterator

import pytest

from tests.support.demo import Demo, running_demo


@pytest.fixture(scope="module")
def demo(request: pytest.FixtureRequest) -> Iterator[Demo]:
    """A running `streamvault demo`."""
    assert request.config.cache is not None
    with running_demo(request.config.cache.mkdir("streamvault-demo")) as running:
        yield running
