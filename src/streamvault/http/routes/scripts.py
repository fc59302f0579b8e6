"""The scripts of others that the pages load when they need them; the address has the version, so it never changes.

A page puts the text into an inline script, which its policy allows by this hash: no address of this server may be
loaded as a script, where files of anybody are served too.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

from streamvault.http.etags import body_with_etag

HLS = "hls-1.7.4.min.js"

_FIELDS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Script:
    """A script and its hash as a content security policy names it."""

    body: bytes
    source: str


@cache
def script(name: str) -> Script:
    """A script of static/vendor; read once."""
    body = (files("streamvault.http") / "static" / "vendor" / name).read_bytes()
    return Script(body, f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'")


@router.api_route(f"/static/{HLS}", methods=["GET", "HEAD"])
async def hls(request: Request) -> Response:
    """hls.js, the full build."""
    return body_with_etag(request, script(HLS).body, media_type="text/javascript; charset=utf-8", fields=_FIELDS)
