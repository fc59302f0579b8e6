"""Cross-origin requests (the Fetch standard's CORS): which origins may read the answers of this server."""

import re
from collections.abc import Callable, Collection, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EXPOSED = "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Retry-After"
REQUEST_FIELDS = (
    "Accept-Encoding, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, Range"
)
_MEDIA = re.compile(r"/(?:stream|thumb)/")


class Cors:
    """Adds the CORS header fields, and answers every OPTIONS itself, without an access check.

    The configured origins may read everything, with the user's cookie; `*` is every origin, without it. Where none is
    configured and the server is public, any page may read files and thumbnails, as `<video crossorigin>` requires; but
    not the catalog: else any page in a visitor's browser could list a server that only the visitor's network reaches.
    """

    def __init__(
        self, app: ASGIApp, origins: Collection[str], *, public: bool, methods: Callable[[str], Iterable[str]]
    ) -> None:
        """`methods` gives the methods that a path has a route for."""
        self._app = app
        self._methods = methods
        self._origins = frozenset(origin.rstrip("/") for origin in origins)
        self._open_media = public and not self._origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        fields = self._fields(scope["path"], Headers(scope=scope).get("origin"))
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

    def _fields(self, path: str, origin: str | None) -> dict[str, str]:
        if "*" in self._origins or (self._open_media and _MEDIA.match(path)):
            return {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}
        if not self._origins:
            return {}
        if origin is None or origin not in self._origins:
            return {"Vary": "Origin"}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Expose-Headers": EXPOSED,
            "Vary": "Origin",
        }


def _preflight(methods: str, fields: dict[str, str]) -> Response:
    allowed = "Access-Control-Allow-Origin" in fields
    extra = {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": REQUEST_FIELDS,
        "Access-Control-Max-Age": "600",
    }
    return Response(status_code=204, headers={"Allow": methods, **fields, **(extra if allowed else {})})
