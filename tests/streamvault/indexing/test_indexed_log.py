"""What was indexed is counted in the log, not listed."""

import logging

import pytest

from streamvault.indexing import indexed_log
from streamvault.indexing.indexed_log import IndexedLog
from tests.support.sources import media_file
from tests.support.waiting import until


async def test_many_posts_are_one_line_after_the_first(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """18: one INFO line per post."""
    monkeypatch.setattr(indexed_log, "EVERY", 0.01)
    caplog.set_level(logging.DEBUG)
    counted = IndexedLog()
    files = [media_file(number) for number in range(1, 401)]
    counted.add([])
    for file in files:
        counted.add([file])

    def said() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]

    await until(lambda: len(said()) == 2)
    assert said() == ["files indexed: 1, in channels: 1", "files indexed: 399, in channels: 1"]
    assert sum(record.levelno == logging.DEBUG for record in caplog.records) == 400
    counted.add(files[:3])
    await until(lambda: len(said()) == 3)
    assert said()[2] == "files indexed: 3, in channels: 1"
