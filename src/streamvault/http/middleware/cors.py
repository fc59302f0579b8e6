"""Cross-origin requests (the Fetch standard's CORS): which origins may read the answers of this server."""

import re
from collections.abc import Callable, Collection, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamvault.http.middleware.access import token_of

EXPOSED = "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Retry-After"
REQUEST_FIELDS = (
    "Accept-Encoding, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, "
    "Last-Event-ID, Range"
)
_MEDIA = re.compile(r"/(?:stream|thumb|hls|subtitles)/")
_PLAYLIST = re.compile(r"/api/.+\.m3u8?")


class Cors:
    """Adds the CORS header fields, and answers every OPTIONS itself, without an access check.

    The configured origins may read everything, with the user's cookie; `*` is every origin, without it. Where none is
    configured and the server is public, any page may read files and thumbnails, as `<video crossorigin>` requires; but
    not the catalog: else any page in a visitor's browser could list a server that only the visitor's network reaches.

    On a server that is not public, a page that has a token may read the files and playlists that the token opens,
    without a cookie, as Chromecast and players on other sites require. On a public one a token is worth nothing.
    """

    def __init__(
        self, app: ASGIApp, origins: Collection[str], *, public: bool, methods: Callable[[str], Iterable[str]]
    ) -> None:
        """`methods` gives the methods that a path has a route for."""
        self._app = app
        self._methods = methods
        self._origins = frozenset(origin.rstrip("/") for origin in origins)
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fields = self._fields(scope, Headers(scope=scope).get("origin"))
        if scope["method"] == "OPTIONS":
            methods = ", ".join((*self._methods(scope["path"]), "OPTIONS"))
            await _preflight(methods, fields)(scope, receive, send)
            return

        async def send_with_fields(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update({name: value for name, value in fields.items() if name != "Vary"})
                if "Vary" in fields:
                    headers.add_vary_header(fields["Vary"])
            await send(message)

        await self._app(scope, receive, send_with_fields)

    def _fields(self, scope: Scope, origin: str | None) -> dict[str, str]:
        everybody = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}
        if "*" in self._origins:
            return everybody
        vary = {"Vary": "Origin"} if self._origins else {}
        if origin is not None and origin in self._origins:
            allowed = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
            return {**everybody, **allowed, **vary}
        return {**everybody, **vary} if self._is_for_any_page(scope) else vary

    def _is_for_any_page(self, scope: Scope) -> bool:
        path = scope["path"]
        if self._public:
            return not self._origins and _MEDIA.match(path) is not None
        return (_MEDIA.match(path) or _PLAYLIST.fullmatch(path)) is not None and _carries_token(scope)


def _carries_token(scope: Scope) -> bool:
    """Whether a request has a token, or asks whether it may have one in its Authorization field."""
    asked = Headers(scope=scope).get("access-control-request-headers", "") if scope["method"] == "OPTIONS" else ""
    return bool(token_of(scope)) or "authorization" in map(str.strip, asked.lower().split(","))


def _preflight(methods: str, fields: dict[str, str]) -> Response:
    allowed = "Access-Control-Allow-Origin" in fields
    extra = {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": REQUEST_FIELDS,
        "Access-Control-Max-Age": "86400",
    }
    return Response(status_code=204, headers={"Allow": methods, **fields, **(extra if allowed else {})})
