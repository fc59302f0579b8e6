"""docs/ACCESS.md holds what the application does; every route has a rule, and every rule a route."""

import re
from pathlib import Path

import pytest
from fastapi import APIRouter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.routing import Match

from streamvault.http import app as application
from streamvault.http.app import create_app, routes_of
from streamvault.http.openapi import described_app
from streamvault.http.routes import me
from streamvault.http.rules import RULES, UNKNOWN, RuleTable
from tests.support import access_table
from tests.support.access_table import COLUMNS, COMMAND, app_of, between_marks, filled, site_of
from tests.support.proof import full

PAGE = Path(__file__).parents[3] / "docs" / "ACCESS.md"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "get", "MADEUP", "")


async def test_the_table_is_what_the_application_does() -> None:
    made = await access_table.table()
    assert between_marks(PAGE.read_text("utf-8")) == made, f"`{COMMAND}` writes docs/ACCESS.md anew"
    assert made.count("\n") > 40


async def test_nobody_does_anything_by_a_method_that_a_route_does_not_have() -> None:
    for column in (COLUMNS[0], COLUMNS[1], COLUMNS[-4]):
        async with site_of(column) as site:
            asker = await column.make(site)
            for path, rules in RULES.items():
                for method in {"POST", "PUT", "DELETE", "PATCH", "TRACE", "MADEUP"} - set(rules):
                    status = (await asker.ask(method, filled(path))).status_code
                    assert status in (401, 403, 405), f"{column.name}: {method} {path}"


def route_beside(path: str, *methods: str) -> APIRouter:
    router = APIRouter()
    router.add_api_route(path, lambda: {"open": "to all"}, methods=list(methods))
    return router


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/api/secrets", ("GET",)), ("/api/people", ("PATCH",)), ("/api/me/{id}", ("DELETE",)), ("/api/Links", ("GET",))],
)
async def test_a_route_without_a_rule_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, path: str, methods: tuple[str, ...]
) -> None:
    class Part:
        router = route_beside(path, *methods)

    async with site_of(COLUMNS[0]) as site:
        services = app_of(site).state.services
        monkeypatch.setattr(application, "_PARTS", (*application._PARTS, Part))
        with pytest.raises(RuntimeError, match=re.escape(f"{methods[0]} {path}")):
            create_app(services)


async def test_a_rule_without_a_route_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    async with site_of(COLUMNS[0]) as site:
        services = app_of(site).state.services
        monkeypatch.setattr(application, "_PARTS", tuple(part for part in application._PARTS if part is not me))
        with pytest.raises(RuntimeError, match="GET /api/me"):
            create_app(services)


APP = described_app()
TABLE = RuleTable()
PATHS = [filled(path) for path in RULES]
ODD = [
    "/",
    "//",
    ".",
    "..",
    "/./",
    "/../",
    "\n",
    "\r",
    "\x00",
    "%2F",
    "%2e",
    " ",
    "?",
    "#",
    ";",
    "\u00e9",
    "\ud7ff",
    "٣",
]


@st.composite
def odd_paths(draw: st.DrawFn) -> str:
    """A path of the application with something put into it, taken out of it, or in other letters."""
    path = draw(st.sampled_from(PATHS))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(path)))
        what = draw(st.sampled_from([*ODD, *PATHS]))
        path = path[:at] + what + path[at + draw(st.integers(0, 2)) :]
    return path.upper() if draw(st.integers(0, 9)) == 0 else path


@settings(max_examples=500 if full() else 150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(METHODS), odd_paths() | st.text(max_size=60).map("/".__add__))
@example("GET", "/api/people\n")
@example("GET", "//api/people")
@example("GET", "/stream/-1/2//api/people")
def test_no_path_reaches_a_route_under_another_rule(method: str, path: str) -> None:
    scope = {"type": "http", "method": method, "path": path, "headers": [], "app": APP}
    reached = [route for route in routes_of(APP) if route.matches(scope)[0] is Match.FULL]
    rule = TABLE.find(method, path).rule
    if reached:
        assert rule == RULES[reached[0].path][method]
    else:
        assert rule == UNKNOWN or any(route.matches(scope)[0] is Match.PARTIAL for route in routes_of(APP))
    routed = any(route.matches(scope)[0] is Match.FULL for route in APP.routes)
    assert routed == bool(reached), "the router knows another path than the list of routes"
