"""Keeps answers that a credential decided out of caches that several people share (RFC 9111 section 5.2.2.7)."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamvault.http.middleware.access import token_of

_FOR_SHARED_CACHES = frozenset({"public", "s-maxage"})
_CREDENTIALS = ("Authorization", "Cookie")
_NOT_FOR_THEM = frozenset({"private", "no-store"})


class PrivateAnswers:
    """Every answer says `Cache-Control: private` (or no-store), but those of a public server to requests without any
    token or cookie, which are the same for everybody. A header field that may have decided is named in Vary, so that a
    browser does not show from its own cache what somebody saw who has logged out since. Files of the web UI whose names
    tell their content are the same for everybody everywhere.
    """

    def __init__(self, app: ASGIApp, *, public: bool) -> None:
        self._app = app
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        deciding = [name for name in _CREDENTIALS if name in Headers(scope=scope)]
        open_to_all = self._public and not deciding and token_of(scope) is None

        async def send_private(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if _is_asset(scope, message):
                    await send(message)
                    return
                if not open_to_all or "set-cookie" in headers:
                    headers["Cache-Control"] = made_private(", ".join(headers.getlist("cache-control")))
                    vary = headers.get("vary", "").lower()
                    for name in deciding:
                        if name.lower() not in vary:
                            headers.add_vary_header(name)
            await send(message)

        await self._app(scope, receive, send_private)


def _is_asset(scope: Scope, message: Message) -> bool:
    return scope["path"].startswith("/assets/") and message["status"] in (200, 304)


def made_private(directives: str) -> str:
    """The value of Cache-Control, without what lets shared caches keep an answer; no-cache if nothing else is left."""
    given = [directive.strip() for directive in directives.split(",") if directive.strip()]
    if _NOT_FOR_THEM & set(map(_name, given)):
        return directives
    kept = [directive for directive in given if _name(directive) not in _FOR_SHARED_CACHES]
    return ", ".join(("private", *(kept or ("no-cache",))))


def _name(directive: str) -> str:
    return directive.partition("=")[0].strip().lower()
