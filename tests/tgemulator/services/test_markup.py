"""The buttons that Telegram accepts."""

import pytest
from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.services.markup import check_markup, url_is_good


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.org/watch?x=1#t", True),
        ("http://127.0.0.1:8080/", True),
        ("example.org", True),
        ("tg://resolve?domain=x", True),
        ("http://localhost/", False),
        ("http://LOCALHOST:8080/", False),
        ("http://nas:8080/", False),
        ("http://nas./", False),
        ("ftp://example.org/", False),
        ("javascript:alert(1)", False),
        ("http://example.org:99999/", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_urls_of_buttons_are_checked(url: str, good: bool) -> None:
    assert url_is_good(url) is good


def test_too_many_buttons_are_refused() -> None:
    data = raw.types.InlineButtonTypeCallback(data=b"x")
    button = raw.types.KeyboardInlineButton(text="x", type=data)
    rows = [raw.types.KeyboardInlineButtonRow(buttons=[button] * 8)] * 13
    with pytest.raises(RpcError, match="REPLY_MARKUP_TOO_LONG"):
        check_markup(raw.types.ReplyInlineMarkup(rows=rows))


def test_a_keyboard_without_buttons_is_none() -> None:
    assert check_markup(raw.types.ReplyInlineMarkup(rows=[])) is None
    assert check_markup(None) is None


def test_reply_keyboard_hide_is_kept() -> None:
    markup = raw.types.ReplyKeyboardHide()
    assert check_markup(markup) is markup
