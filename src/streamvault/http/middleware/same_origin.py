"""Requests that change something come from our own pages, from allowed ones, or from no page at all."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


class OriginCheck:
    """Refuses POST, PUT, DELETE and the like that a strange web page makes a browser send: HTTPException 403.

    Browsers tell the page's origin with all of these; programs tell none, and carry nobody's cookie. Our own
    origin is the host of the request, or that of PUBLIC_URL behind a proxy, or what the browser calls the same;
    CORS_ORIGINS are welcome too. A body is JSON (415), which no HTML form can send.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str], *, public_url: str) -> None:
        self._app = app
        public = urlsplit(public_url)
        self._welcome = frozenset({*(origin.rstrip("/") for origin in origins), f"{public.scheme}://{public.netloc}"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _HARMLESS:
            headers = Headers(scope=scope)
            if headers.get("sec-fetch-site") != "same-origin":  # no page can write this field
                self._check_origin(headers.getlist("origin"), own=f"{scope['scheme']}://{headers.get('host')}")
            _check_type(headers)
        await self._app(scope, receive, send)

    def _check_origin(self, told: list[str], *, own: str) -> None:
        if not told or "*" in self._welcome or all(origin in self._welcome or origin == own for origin in told):
            return
        raise HTTPException(
            403,
            "Pages of this origin may change nothing here: set PUBLIC_URL if it is this server, or add it "
            "to CORS_ORIGINS.",
        )


def _check_type(headers: Headers) -> None:
    has_body = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and media_type != "application/json":
        raise HTTPException(415, "Send the body as JSON, with Content-Type: application/json.")
