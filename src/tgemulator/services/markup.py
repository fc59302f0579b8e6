"""Checks keyboards under messages as Telegram does (core.telegram.org/api/bots/buttons)."""

from typing import Any
from urllib.parse import urlsplit

from pyrogram import raw

from tgemulator.errors import RpcError

MOST_DATA = 64
MOST_BUTTONS = 100
_INLINE = (
    raw.types.InlineButtonTypeUrl,
    raw.types.InlineButtonTypeCallback,
    raw.types.InlineButtonTypeCopy,
    raw.types.InlineButtonTypeSwitchInline,
    raw.types.InlineButtonTypeWebView,
    raw.types.InlineButtonTypeDisabled,
)
_URL_SCHEMES = frozenset({"http", "https", "tg", "ton"})


def check_markup(markup: Any) -> Any:
    """The markup as it is stored, None for none or an empty one.

    RpcError 400 BUTTON_TEXT_INVALID, BUTTON_URL_INVALID, BUTTON_DATA_INVALID, BUTTON_TYPE_INVALID,
    REPLY_MARKUP_TOO_LONG.
    """
    if markup is None:
        return None
    rows = getattr(markup, "rows", [])
    buttons = [button for row in rows for button in row.buttons]
    if len(buttons) > MOST_BUTTONS:
        raise RpcError(400, "REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        if not button.text.strip():
            raise RpcError(400, "BUTTON_TEXT_INVALID")
        if isinstance(markup, raw.types.ReplyInlineMarkup):
            _check_inline(button.type)
    return markup if buttons or not hasattr(markup, "rows") else None


def _check_inline(kind: Any) -> None:
    if not isinstance(kind, _INLINE):
        raise RpcError(400, "BUTTON_TYPE_INVALID")
    if isinstance(kind, raw.types.InlineButtonTypeCallback) and not 1 <= len(kind.data) <= MOST_DATA:
        raise RpcError(400, "BUTTON_DATA_INVALID")
    if isinstance(kind, raw.types.InlineButtonTypeUrl) and not url_is_good(kind.url):
        raise RpcError(400, "BUTTON_URL_INVALID")


def url_is_good(url: str) -> bool:
    """Whether Telegram accepts a button's URL: a known scheme, and a host with a dot that is not localhost."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if parts.scheme in ("tg", "ton"):
        return bool(host)
    return parts.scheme in _URL_SCHEMES and "." in host.strip(".") and host != "localhost" and " " not in url
