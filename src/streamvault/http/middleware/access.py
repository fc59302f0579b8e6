"""The gate in front of every route: who asks, and whether that is allowed. It denies by default.

It runs before the router, so a route that is added later is closed until http/rules has a rule for it. What a request
may do is decided in access/decision alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from urllib.parse import parse_qs

from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamvault.access.browsers import is_preview
from streamvault.access.decision import Denied, Request, Rule, decide
from streamvault.access.identity import NOBODY, Identity
from streamvault.access.service import Access, Credentials, Found
from streamvault.access.sessions import LONGEST
from streamvault.errors import AccessDenied, CatalogError, SourceBusy
from streamvault.http.addresses import is_https, viewer_address
from streamvault.http.cookies import cookies_of, session_field, session_of
from streamvault.http.middleware.live import Live, LiveRequests
from streamvault.http.middleware.token_path import path_token
from streamvault.http.paths import origin_in
from streamvault.http.rules import RuleTable

USER_COOKIE = "sv_user"
_YES_OR_NO = TypeAdapter(bool)


class _Preview(AccessDenied):
    """What describes links, as chats do, would become one of the viewers of a link."""


class AccessCheck:
    """Raises AccessDenied unless the request's credentials allow what it asks for.

    The identity is left in `scope["state"]["identity"]`, and in `["refused"]` whether a token was wrong that was needed
    for nothing but to know who asks. `live` ends the answers whose rights are taken away. `user_of` reads the cookie
    that tells browsers apart, `user_field` makes it.
    """

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        *,
        live: LiveRequests,
        user_of: Callable[[str | None], str | None],
        user_field: Callable[[Scope, str], str],
        public_url: str,
    ) -> None:
        self._app = app
        self._access = access
        self._live = live
        self._user_of = user_of
        self._user_field = user_field
        self._public_url = public_url
        self._table = RuleTable()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # there are no WebSocket routes
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        matched = self._table.find(scope["method"], scope["path"])
        credentials = self._credentials(scope, matched.rule)
        if not matched.rule.rights and not _is_asked_who(scope, matched.rule, credentials):
            scope.setdefault("state", {})["identity"] = self._access.anybody
            await self._app(scope, receive, send)
            return
        asked = Request(origin_in(matched.values), download=_downloads(scope))
        generation = self._access.cache.generation
        found = await self._found(credentials, asked, matched.rule)
        denied = self._denied(found, matched.rule, asked)
        if denied is not None and decide(self._access.anybody, matched.rule, asked) is None:
            # a link to less than what everybody may see takes nothing away
            found, denied = replace(found, identity=self._access.anybody), None
        if denied is not None:
            raise found.refused or AccessDenied(denied.reason, authenticated=denied.authenticated)
        state = scope.setdefault("state", {})
        state["identity"] = found.identity
        state["refused"] = not matched.rule.rights and not isinstance(found.refused, _Preview | None)
        await self._pass(
            scope, receive, send, credentials=credentials, found=found, rule=matched.rule, asked=asked,
            generation=generation,
        )  # fmt: skip

    async def _found(self, credentials: Credentials, asked: Request, rule: Rule) -> Found:
        try:
            return await self._access.identify(credentials, asked.origin)
        except (CatalogError, SourceBusy):
            if decide(self._access.anybody, rule, asked) is not None:
                raise
            return Found(self._access.anybody)  # what is open to everybody is so while the database or Telegram is away

    @staticmethod
    def _denied(found: Found, rule: Rule, asked: Request) -> Denied | None:
        return decide(found.identity, rule, asked)

    async def _pass(
        self, scope: Scope, receive: Receive, send: Send, *, credentials: Credentials, found: Found, rule: Rule,
        asked: Request, generation: int,
    ) -> None:  # fmt: skip
        self._access.uses.add(found.identity)
        fields = self._cookies(scope, found)
        if not rule.rights or found.identity.via not in ("session", "token", "link"):
            await self._app(scope, receive, partial(_send_with, send, fields) if fields else send)
            return

        same = credentials if found.viewer is None else replace(credentials, viewer=lambda: found.viewer)

        async def allowed() -> Identity | None:
            again = await self._access.identify(same, asked.origin)
            return again.identity if self._denied(again, rule, asked) is None else None

        live = self._live.add(allowed, found.identity)

        async def send_while_allowed(message: Message) -> None:
            if live.revoked and message.get("body") != b"":  # the end of an answer in order tells nothing
                raise AccessDenied("The access that this answer began with has ended.", authenticated=True)
            await _send_with(send, fields, message)

        try:
            while self._access.cache.generation != generation:  # something was revoked while it was asked who this is
                generation = self._access.cache.generation
                now = await allowed()
                live.revoked = now is None
                live.identity = scope["state"]["identity"] = now or found.identity
            scope["state"]["live"] = live
            await self._app(scope, receive, send_while_allowed)
        finally:
            self._live.remove(live)

    def _cookies(self, scope: Scope, found: Found) -> list[str]:
        fields = []
        if found.cookie is not None:
            fields.append(session_field(found.cookie, seconds=int(LONGEST), https=self._https(scope)))
        if found.viewer is not None:
            fields.append(self._user_field(scope, found.viewer))
        return fields

    def _credentials(self, scope: Scope, rule: Rule) -> Credentials:
        token, in_header = token_in(scope)
        cookies = cookies_of(scope)
        viewer = partial(self._viewer, scope, cookies, page=rule.page)
        return Credentials(token, session_of(cookies, https=self._https(scope)), in_header, viewer)

    def _https(self, scope: Scope) -> bool:
        return is_https(scope, self._public_url)

    def _viewer(self, scope: Scope, cookies: Mapping[str, str], *, page: bool) -> str | None:
        """Who counts as one viewer of a link: a browser by its cookie, all else by address and name; None for a browser
        that opens a page and has no cookie yet. Raises AccessDenied for what only describes the page."""
        user = self._user_of(cookies.get(USER_COOKIE))
        if user is not None:
            return user
        agent = Headers(scope=scope).get("user-agent", "")
        if page and is_preview(agent):
            raise _Preview("This link is for a number of viewers, which a preview is not.", authenticated=False)
        return None if _navigates(scope) else f"{viewer_address(scope)} {agent}"


def _is_asked_who(scope: Scope, rule: Rule, credentials: Credentials) -> bool:
    """Whether it is found out who asks for what needs no rights. A page is the same for everybody: its token matters
    only as it may be of a link that counts its viewers, of which nothing is known before the server is ready."""
    if rule.page:
        return credentials.token is not None and is_ready(scope)
    return rule.asks and (credentials.token is not None or credentials.cookie is not None)


async def _send_with(send: Send, cookies: list[str], message: Message) -> None:
    if message["type"] == "http.response.start":
        headers = MutableHeaders(scope=message)
        for field in cookies:
            headers.append("Set-Cookie", field)
    await send(message)


def _navigates(scope: Scope) -> bool:
    """Whether a browser opens a page, rather than what is in one."""
    mode = Headers(scope=scope).get("sec-fetch-mode")
    return _shows_pages(scope) if mode is None else mode == "navigate"


def _shows_pages(scope: Scope) -> bool:
    return scope["method"] in ("GET", "HEAD") and "text/html" in Headers(scope=scope).get("accept", "")


def _query(scope: Scope) -> dict[str, list[str]]:
    return parse_qs(scope["query_string"].decode("latin-1"))


def _downloads(scope: Scope) -> bool:
    """Whether the file is to be saved, as routes read it, which refuse what is neither yes nor no."""
    try:
        return _YES_OR_NO.validate_python(_query(scope).get("download", ["no"])[-1])
    except ValidationError:
        return False


def token_in(scope: Scope) -> tuple[str | None, bool]:
    """The token of a request, and whether it stands in the Authorization field, which comes last."""
    in_path = path_token(scope)
    if in_path is not None:
        return in_path, False
    query = _query(scope)
    if "token" in query:
        return query["token"][-1], False
    scheme, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
    return (credentials.strip(), True) if scheme.lower() == "bearer" else (None, False)


def token_of(scope: Scope) -> str | None:
    """The token of a request: of its path, its query, or its Authorization field."""
    return token_in(scope)[0]


def identity_of(scope: Scope) -> Identity:
    """Who asks, as the gate has found out."""
    found: Identity = scope.get("state", {}).get("identity", NOBODY)
    return found


def live_of(scope: Scope) -> Live | None:
    """The answer as one that ends when rights are taken away; None where nothing can be."""
    live: Live | None = scope.get("state", {}).get("live")
    return live


def is_ready(scope: Scope) -> bool:
    """Whether the server is ready; before that, files of the web UI are all that passes."""
    return bool(scope.get("state", {}).get("ready", True))


def is_refused(scope: Scope) -> bool:
    """Whether the token did not count, though the request was answered because it needed none."""
    return bool(scope.get("state", {}).get("refused", False))
