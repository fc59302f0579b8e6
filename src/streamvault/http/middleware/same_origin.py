"""Protection against cross-site request forgery: only allowed origins may send requests that change something."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class OriginCheck:
    """Raises HTTPException 403 for unsafe methods (RFC 9110 section 9.2.1) sent by a page of another origin.

    Browsers send Origin with all of these; requests without it come from programs, which hold no user's cookie. Allowed
    are the origin of the request's host, that of PUBLIC_URL (behind a proxy), what the browser itself calls
    same-origin, and CORS_ORIGINS; of those `*` allows requests without cookies only. A body must be JSON (else 415),
    which no HTML form can send.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str], *, public_url: str) -> None:
        self._app = app
        public = urlsplit(public_url)
        self._allowed = frozenset({*(origin.rstrip("/") for origin in origins), f"{public.scheme}://{public.netloc}"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE:
            headers = Headers(scope=scope)
            if headers.get("sec-fetch-site") != "same-origin":  # a forbidden field name: only the browser sets it
                own = f"{scope['scheme']}://{headers.get('host')}"
                self._check_origin(headers.getlist("origin"), own=own, cookie="cookie" in headers)
            _check_type(headers)
        await self._app(scope, receive, send)

    def _check_origin(self, origins: list[str], *, own: str, cookie: bool) -> None:
        if not origins or all(origin in self._allowed or origin == own for origin in origins):
            return
        if "*" in self._allowed and not cookie:  # every origin, but not as the person whose browser it is
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
