"""The demo's media, made once per machine."""

from pathlib import Path

import pytest

from streamvault.demo.media import Sample, ensure_media
from tests.support.demo import demo_folder, nobody_else


@pytest.fixture
def folder() -> Path:
    """The media folder, shared with the end-to-end tests."""
    return demo_folder() / "media"


@pytest.fixture
async def samples(folder: Path) -> dict[str, Sample]:
    """Every sample."""
    with nobody_else(folder.parent):
        return await ensure_media(folder)
