"""The access check before every route. It denies by default.

The check runs before the router, so a route that is added later is closed until a token or PUBLIC_ACCESS opens it; only
PROBE_PATHS are exempt. A token for one file opens the paths that belong to that file (http/paths), one for the server
opens all.
"""

from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from streamvault.access.links import LinkSigner
from streamvault.http.middleware.readiness import PROBE_PATHS
from streamvault.http.middleware.token_path import path_token
from streamvault.http.paths import origin_of


class AccessCheck:
    """Raises AccessDenied unless the request's token opens the file of the path, or the whole server.

    The token is that of the path, `?token=` or `Authorization: Bearer`. With `public`, none is needed.
    """

    def __init__(self, app: ASGIApp, links: LinkSigner, *, public: bool) -> None:
        self._app = app
        self._links = links
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # there are no WebSocket routes
            return
        if scope["type"] == "http" and not self._public and scope["path"] not in PROBE_PATHS:
            path = scope["path"]
            self._links.check(token_of(scope), origin_of(path), index=is_index(path))
        await self._app(scope, receive, send)


def is_index(path: str) -> bool:
    """Whether a path lies under /api/index."""
    return path == "/api/index" or path.startswith("/api/index/")


def token_of(scope: Scope) -> str | None:
    """The token of a request: that of the path, else of the query, else of the header field."""
    in_path = path_token(scope)
    if in_path is not None:
        return in_path
    query: dict[str, list[str]] = parse_qs(scope["query_string"].decode("latin-1"))
    if "token" in query:
        return query["token"][-1]
    scheme, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else None
