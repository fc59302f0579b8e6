"""The one check in front of every route: what is not open to everybody needs a link token."""

from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from streamvault.access.links import LinkSigner
from streamvault.http.middleware.readiness import LIFE_SIGNS
from streamvault.http.paths import origin_of


class AccessCheck:
    """Denies by default: a path that nobody thought of is as closed as any other.

    With `public`, whoever reaches the server may pass. Otherwise `?token=` or `Authorization: Bearer`
    must open the file of the path, or the whole server. Raises AccessDenied.
    """

    def __init__(self, app: ASGIApp, links: LinkSigner, *, public: bool) -> None:
        self._app = app
        self._links = links
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # no route speaks it
            return
        if scope["type"] == "http" and not self._public and scope["path"] not in LIFE_SIGNS:
            self._links.check(token_of(scope), origin_of(scope["path"]))
        await self._app(scope, receive, send)


def token_of(scope: Scope) -> str | None:
    """The token of a request; the query wins, as it is what a link carries."""
    query: dict[str, list[str]] = parse_qs(scope["query_string"].decode("latin-1"))
    if "token" in query:
        return query["token"][-1]
    scheme, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else None
