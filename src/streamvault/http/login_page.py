"""The page of a one-time link: one document without scripts, whose style stands in it and is allowed by its hash.

It needs no built web UI.
"""

import base64
import hashlib
import re
from functools import cache
from html import escape
from importlib.resources import files
from urllib.parse import quote

from starlette.responses import Response

from streamvault.media.bidi import without_bidi_controls

_SECTION = re.compile(r"""  <section data-for="(?P<view>\w+)".*?</section>\n""", re.DOTALL)


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
    html = _static("once.html").replace("ICON", f"data:image/svg+xml,{quote(_static('icon.svg'))}")
    html = _SECTION.sub(lambda found: found[0] if found["view"] == view else "", html)
    return html.replace("/*STYLE*/", _static("once.css"))


@cache
def _headers() -> dict[str, str]:
    style = base64.b64encode(hashlib.sha256(_static("once.css").encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{style}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "same-origin",  # the address may be a one-time link; a form needs an origin
        "X-Content-Type-Options": "nosniff",
    }


@cache
def _static(name: str) -> str:
    return (files("streamvault.http") / "static" / name).read_text("utf-8")
