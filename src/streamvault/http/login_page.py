"""The log-in page: one document with its style and script inline, which its policy allows by their hashes.

It is served wherever somebody without rights asks for a page, and for a one-time link of the bot.
"""

import base64
import hashlib
import re
from functools import cache
from html import escape
from importlib.resources import files
from urllib.parse import quote

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from streamvault.media.bidi import without_bidi_controls

_SECTION = re.compile(r"""  <section [^>]*data-for="(?P<view>\w+)".*?</section>\n""", re.DOTALL)


def login_page() -> Response:
    """The page that shows a code and waits until it is confirmed in the bot."""
    return _page(_document("waiting"), 200)


async def show_login_page(scope: Scope, receive: Receive, send: Send) -> None:
    """The same as an application: what browsers without rights get for any page."""
    await login_page()(scope, receive, send)


def once_page(name: str, browser: str) -> Response:
    """The page of a one-time link: logs `browser` in as the person called `name`, with one button."""
    shown = escape(without_bidi_controls(name) or "yourself")
    return _page(_document("once").replace("@PERSON@", shown).replace("@BROWSER@", escape(browser)), 200)


def used_page() -> Response:
    """The page of a one-time link that was used or has expired."""
    return _page(_document("used"), 410)


def _page(document: str, status: int) -> Response:
    return Response(document, status, headers=_headers(), media_type="text/html; charset=utf-8")


@cache
def _document(view: str) -> str:
    html = _static("login.html").replace("ICON", f"data:image/svg+xml,{quote(_static('icon.svg'))}")
    html = _SECTION.sub(lambda found: found[0] if found["view"] == view else "", html)
    return html.replace("/*STYLE*/", _style()).replace("/*SCRIPT*/", _static("login.js"))


@cache
def _headers() -> dict[str, str]:
    policy = (
        f"default-src 'none'; connect-src 'self'; script-src '{_hash(_static('login.js'))}'; "
        f"style-src '{_hash(_style())}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "same-origin",  # the address may be a one-time link; a form needs an origin
        "X-Content-Type-Options": "nosniff",
    }


@cache
def _style() -> str:
    return _static("base.css") + _static("login.css")


@cache
def _static(name: str) -> str:
    return (files("streamvault.http") / "static" / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
