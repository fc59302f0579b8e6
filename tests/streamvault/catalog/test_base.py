"""Cursors, keys, sort values and tags."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.catalog.base import MAX_LIMIT, BadCursor, CatalogQuery, Cursor, row_key
from streamvault.catalog.tags import tags
from streamvault.media.model import MediaFile
from tests.support.files import CHANNEL, media_file

KEYS = st.integers(0, (1 << 62) - 1)


@given(key=KEYS, name=st.text(), number=st.integers(0, 1 << 40))
def test_a_cursor_is_decoded_as_it_was_encoded(key: int, name: str, number: int) -> None:
    for cursor in (
        Cursor("date", "desc", key, key),
        Cursor("size", "asc", number, key),
        Cursor("name", "asc", name, key),
    ):
        text = cursor.encode()
        assert text.isascii()
        assert not set(text) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        assert Cursor.decode(text, sort=cursor.sort, order=cursor.order) == cursor


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_a_cursor_or_raises_bad_cursor(text: str) -> None:
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
        ["date", "desc", 1],
        ["date", "desc", "text", 2],
        ["date", "desc", 1, 2, 3],
        ["date", "asc", 1, 2],
        ["name", "desc", "x", 2],
        ["date", "desc", 1 << 63, 2],
        ["date", "desc", 1, 1 << 63],
        ["date", "desc", True, 2],
        ["date", "desc", 1, False],
        ["date", "desc", 1, None],
        ["date", "desc", 1.5, 2],
    ],
    ids=json.dumps,
)
def test_a_wrong_cursor_raises_bad_cursor(fields: object) -> None:
    text = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
    with pytest.raises(BadCursor):
        Cursor.decode(text, sort="date", order="desc")


def test_a_name_cursor_with_lone_surrogates_raises_bad_cursor() -> None:
    text = base64.urlsafe_b64encode(b'["name","asc","\\ud800",2]').decode().rstrip("=")
    with pytest.raises(BadCursor):
        Cursor.decode(text, sort="name", order="asc")


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1])
def test_a_query_is_bounded(limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        CatalogQuery(limit=limit)


MESSAGES = st.builds(
    lambda chat_id, message_id, date: media_file(message_id, chat_id=chat_id, date=date),
    st.integers(-(1 << 52), 1 << 52),
    st.integers(1, (1 << 31) - 1),
    st.integers(-5, 1 << 40),
)


@given(first=MESSAGES, second=MESSAGES)
def test_keys_order_by_date_and_fit_64_bits(first: MediaFile, second: MediaFile) -> None:
    one, two = row_key(first), row_key(second)
    assert 0 <= one < 1 << 62
    if 0 <= first.date < second.date < 1 << 38:
        assert one < two


def test_keys_of_one_second_in_one_chat_are_in_the_order_of_messages() -> None:
    assert row_key(media_file(1, date=5)) < row_key(media_file(2, date=5)) < row_key(media_file(1, date=6))


@pytest.mark.parametrize(
    ("caption", "found"),
    [
        ("", ()),
        ("#One and #two, #ONE", ("One", "two")),
        ("#été #Кино #映画 #ETE", ("été", "Кино", "映画")),
        ("#snake_case #1 #2nd #_ #x", ("snake_case", "2nd", "x")),
        ("a#b /#c https://x.org/#d (#e)", ("e",)),
        ("##f #g#h", ("f",)),
        (" ".join(f"#t{number}" for number in range(30)), tuple(f"t{number}" for number in range(20))),
    ],
    ids=range(7),
)
def test_tags_of_a_caption(caption: str, found: tuple[str, ...]) -> None:
    assert tags(caption) == found


def test_the_channel_of_the_tests_has_a_key() -> None:
    assert row_key(media_file(1, chat_id=CHANNEL, date=0)) > 0
