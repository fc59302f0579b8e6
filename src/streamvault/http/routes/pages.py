"""The pages of the catalog and the player: one HTML document with its style and script inline.

As everything is in the document, a link token for one file's page opens all that the page needs, and no static files
have to be served without access control. The content security policy allows exactly this style and this script by
their hashes.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from streamvault.http import paths as paths  # registers the convertors `chat` and `message`
from streamvault.http.routes.scripts import HLS, script

router = APIRouter(include_in_schema=False)

STYLES = ("base.css", "account.css", "catalog.css", "player.css")
SCRIPTS = ("common.js", "account.js", "catalog.js", "ways.js", "hls.js", "film.js", "player.js")


@dataclass(frozen=True, slots=True)
class Page:
    """The document and its header fields."""

    body: bytes
    headers: dict[str, str]


@router.api_route("/", methods=["GET", "HEAD"])
async def index(request: Request) -> Response:
    """The catalog."""
    return _answer(request)


@router.api_route("/watch/{chat_id:chat}/{message_id:message}", methods=["GET", "HEAD"])
async def watch(request: Request) -> Response:
    """One file; the script reads chat and message from the URL."""
    return _answer(request)


@cache
def page() -> Page:
    """The document with style, script and icon inserted; made once."""
    style, code = (_joined(names) for names in (STYLES, SCRIPTS))
    code = code.replace("HLS_SCRIPT", HLS)
    html = _joined(("index.html",)).replace("ICON", f"data:image/svg+xml,{quote(_joined(('icon.svg',)))}")
    body = html.replace("/*STYLE*/", style).replace("/*SCRIPT*/", code).encode()
    policy = (
        "default-src 'self'; "
        f"script-src '{_hash(code)}' {script(HLS).source}; style-src '{_hash(style)}'; img-src 'self' data:; "
        "media-src 'self' blob: data:; worker-src blob:; "  # what hls.js makes: sources, empty tracks, its worker
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": policy,
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Referrer-Policy": "no-referrer",  # a link token must not travel to other sites
        "X-Content-Type-Options": "nosniff",
    }
    return Page(body, headers)


def _answer(request: Request) -> Response:
    document = page()
    if request.headers.get("if-none-match") == document.headers["ETag"]:
        return Response(status_code=304, headers=document.headers)
    return Response(document.body, headers=document.headers, media_type="text/html; charset=utf-8")


def _joined(names: tuple[str, ...]) -> str:
    folder = files("streamvault.http") / "static"
    return "".join((folder / name).read_text("utf-8") for name in names)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
