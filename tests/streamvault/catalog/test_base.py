"""Cursors survive the trip to a client and back; whatever else comes is refused."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.catalog.base import MAX_LIMIT, BadCursor, CatalogQuery, Cursor, fold
from streamvault.media.model import Origin

ORIGINS = st.builds(Origin, st.integers(-(1 << 62), 1 << 62), st.integers(1, 1 << 31))


@given(origin=ORIGINS, name=st.text(), number=st.integers(0, 1 << 40))
def test_a_cursor_survives_the_trip(origin: Origin, name: str, number: int) -> None:
    for cursor in (
        Cursor("date", "desc", number, origin),
        Cursor("size", "asc", number, origin),
        Cursor("name", "asc", name, origin),
    ):
        text = cursor.encode()
        assert text.isascii()
        assert not set(text) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        assert Cursor.decode(text, sort=cursor.sort, order=cursor.order) == cursor


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_a_cursor_or_is_refused(text: str) -> None:
    try:
        cursor = Cursor.decode(text, sort="date", order="desc")
    except BadCursor:
        return
    assert isinstance(cursor.value, int)


@pytest.mark.parametrize(
    "fields",
    [
        None,
        [],
        {},
        5,
        ["date", "desc", 1, 2],
        ["date", "desc", "text", 2, 3],
        ["date", "desc", 1, 2, 3, 4],
        ["date", "asc", 1, 2, 3],
        ["name", "desc", "x", 2, 3],
        ["date", "desc", 1 << 63, 2, 3],
        ["date", "desc", 1, 2, 1 << 63],
        ["date", "desc", True, 2, 3],
        ["date", "desc", 1, None, 3],
        ["date", "desc", 1.5, 2, 3],
    ],
)
def test_a_wrong_cursor_is_refused(fields: object) -> None:
    text = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
    with pytest.raises(BadCursor):
        Cursor.decode(text, sort="date", order="desc")


def test_a_name_cursor_without_valid_text_is_refused() -> None:
    text = base64.urlsafe_b64encode(b'["name","asc","\\ud800",2,3]').decode().rstrip("=")
    with pytest.raises(BadCursor):
        Cursor.decode(text, sort="name", order="asc")


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_a_query_is_bounded(limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        CatalogQuery(limit=limit)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
