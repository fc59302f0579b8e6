"""What is said of a database that is not there."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from streamvault.doctor.checks import check_database


@pytest.mark.parametrize(
    ("place", "status"), [("new.db", "ok"), ("gone/new.db", "failed"), ("gone/too/new.db", "failed")]
)
async def test_a_database_that_is_not_there_is_not_created_nor_is_its_folder(
    tmp_path: Path, place: str, status: str
) -> None:
    settings = SimpleNamespace(mongodb_url=None, database_path=tmp_path / place)
    [finding] = [found async for found in check_database(cast(Any, settings))]
    assert finding.status == status
    assert str(tmp_path / place) in finding.detail
    assert list(tmp_path.iterdir()) == []


async def test_a_database_that_cannot_be_created_is_told_with_its_mend(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = SimpleNamespace(mongodb_url=None, database_path=tmp_path / "file" / "new.db")
    [finding] = [found async for found in check_database(cast(Any, settings))]
    assert (finding.status, "DATABASE_URL" in finding.mend) == ("failed", True)
