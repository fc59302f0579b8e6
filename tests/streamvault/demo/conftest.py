"""The demo's media, made once and kept in pytest's cache."""

from pathlib import Path

import pytest

from streamvault.demo.media import Sample, ensure_media
from tests.support.demo import nobody_else


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Path:
    """The media folder, shared with the end-to-end tests."""
    assert request.config.cache is not None
    return Path(request.config.cache.mkdir("streamvault-demo")) / "media"


@pytest.fixture
async def samples(folder: Path) -> dict[str, Sample]:
    """Every sample."""
    with nobody_else(folder.parent):
        return await ensure_media(folder)
