"""Derived values of a MediaFile."""

from dataclasses import replace

import pytest

from tests.support.sources import media_file


@pytest.mark.parametrize(("date", "edit_date", "modified"), [(100, None, 100), (100, 200, 200), (300, 200, 300)])
def test_modified_is_the_later_date(date: int, edit_date: int | None, modified: int) -> None:
    assert replace(media_file(1), date=date, edit_date=edit_date).modified == modified
