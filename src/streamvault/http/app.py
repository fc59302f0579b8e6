"""Puts the web application together: its middleware and its routes.

Every request passes TokenPath, ForwardedHeaders, Compression, PrivateAnswers, Cors, ProblemMiddleware, RequestLimits,
ReadinessGate, HostCheck (with PUBLIC_ACCESS), OriginCheck, Refusals, AccessCheck and RateLimits, in this order, before
a route. What any of them refuses becomes a problem (RFC 9457) that allowed origins can read.
"""

from functools import partial
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match, Route

from streamvault import __version__
from streamvault.http import api_page, users
from streamvault.http.dependencies import HttpServices
from streamvault.http.middleware import problems
from streamvault.http.middleware.access import AccessCheck
from streamvault.http.middleware.allowed_hosts import HostCheck
from streamvault.http.middleware.compression import Compression
from streamvault.http.middleware.cors import Cors
from streamvault.http.middleware.forwarded import ForwardedHeaders
from streamvault.http.middleware.live import LiveRequests
from streamvault.http.middleware.private_answers import PrivateAnswers
from streamvault.http.middleware.rate_limits import RateLimits
from streamvault.http.middleware.readiness import ReadinessGate
from streamvault.http.middleware.refusals import Refusals
from streamvault.http.middleware.request_limits import RequestLimits
from streamvault.http.middleware.same_origin import OriginCheck
from streamvault.http.middleware.token_path import TokenPath
from streamvault.http.routes import (
    catalog,
    chats,
    collections,
    events,
    facts,
    favourites,
    feeds,
    health,
    hidden,
    hls,
    indexing,
    jobs,
    links,
    login,
    login_pages,
    me,
    mirrors,
    people,
    playlists,
    stats,
    stream,
    subtitles,
    thumbnails,
    ui,
    voice,
    watching,
    works,
)
from streamvault.http.routes.event_topics import look_at_states
from streamvault.http.rules import without_route, without_rule
from streamvault.http.schema import DescribedApp

__all__ = ["HttpServices", "create_app"]

_LIMITS = frozenset({"rate_limit", "stream_limit", "day_limit"})
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
_PARTS = (
    health, me, login, login_pages, people, links, stats, stream, hls, subtitles, thumbnails, catalog, playlists, works,
    chats, indexing, jobs, feeds, mirrors, voice, events, watching, favourites, hidden, collections, facts, ui,
)  # fmt: skip


def create_app(services: HttpServices) -> FastAPI:
    """The application over `services`, which the caller opens and closes."""
    app = DescribedApp(title="StreamVault", version=__version__, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.services = services
    methods = partial(_methods, app)
    problems.install(app, methods)
    settings = services.settings
    public = settings.public_access
    limited = services.metrics.requests_limited_total
    counting: dict[str, Any] = {
        "limits": services.limits,
        "limited": lambda why: limited.labels(why=why).inc(),
        # who sets a limit means it for all; the defaults are not for a proxy nearby, behind which all are one
        "spare_proxies": not any(getattr(settings, name) for name in _LIMITS & settings.model_fields_set),
    }
    app.add_middleware(RateLimits, **counting)
    live = LiveRequests()
    services.access.on_revoked(live.recheck)
    look_at_states(services)
    if services.walks is not None:
        services.walks.listen(partial(services.events.publish, "index"))
    app.add_middleware(
        AccessCheck, access=services.access, live=live, user_of=services.users.user,
        user_field=partial(users.cookie_field, services), public_url=settings.public_url,
    )  # fmt: skip
    audit = services.access.audit
    app.add_middleware(Refusals, **counting, refused_often=lambda address: audit.note("refused often", address=address))
    app.add_middleware(OriginCheck, origins=settings.cors_origins, public_url=settings.public_url)
    if public:
        app.add_middleware(HostCheck, public_url=settings.public_url, hosts=settings.allowed_hosts)
    app.add_middleware(ReadinessGate, readiness=services.readiness)
    app.add_middleware(RequestLimits)
    app.add_middleware(problems.ProblemMiddleware)
    app.add_middleware(Cors, origins=settings.cors_origins, public=public, methods=methods)
    app.add_middleware(PrivateAnswers, public=public)
    app.add_middleware(Compression)
    app.add_middleware(ForwardedHeaders, trusted=settings.trusted_proxies)
    app.add_middleware(TokenPath)
    for part in _PARTS:  # the routes themselves: include_router would work each one's parameters out once more
        app.router.routes.extend(part.router.routes)
    app.add_api_route("/docs", _docs, methods=["GET", "HEAD"], include_in_schema=False)
    _check_rules(app)
    return app


def _check_rules(app: FastAPI) -> None:
    """Raise RuntimeError for a route without a rule, which would be open to whoever may read the library, and for a
    rule without a route, which would wait for one that needs another."""
    routes = routes_of(app)
    if missing := without_rule(routes):
        raise RuntimeError(f"http/rules has no row for: {', '.join(missing)}")
    if left := without_route(routes):
        raise RuntimeError(f"http/rules has rows for what is not routed: {', '.join(left)}")


def routes_of(app: FastAPI) -> list[Route]:
    """Every route of the application, in the order of the router."""
    return [route for route in app.routes if isinstance(route, Route)]


def _methods(app: FastAPI, path: str) -> list[str]:
    """The methods that this path has a route for."""
    return [method for method in _METHODS if _is_routed(app, method, path)]


def _is_routed(app: FastAPI, method: str, path: str) -> bool:
    scope = {"type": "http", "method": method, "path": path, "headers": [], "app": app}
    return any(route.matches(scope)[0] is Match.FULL for route in app.routes)


async def _docs(request: Request) -> Response:
    """The API's description for people."""
    return HTMLResponse(api_page.document(request.app.openapi()), headers=api_page.HEADERS)
