"""What each route needs: the table that the gate (middleware/access) looks requests up in, before the router.

A route without a row here stops the start of the application, and so does a row without a route; a path without a
route is closed to strangers.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.routing import Route, compile_path

from streamvault.access.decision import Rule
from streamvault.access.identity import Right
from streamvault.http import paths as paths  # registers the convertors of paths

_READ: frozenset[Right] = frozenset({"read"})
_FILE = "{chat_id:chat}/{message_id:message}"

OPEN = Rule()
UI = Rule(ui=True)
PAGE = Rule(ui=True, page=True)
WHO = Rule(asks=True)
LIST = Rule(_READ, "list")
OF_FILE = Rule(_READ, "file")
MEDIA = Rule(_READ, "file", media=True)
SERVER = Rule(_READ, "server")
OWN = Rule(_READ, "self", person=True, login=True)
PEOPLE = Rule(frozenset({"people"}))
LINKS = Rule(frozenset({"links"}))
MAKE_LINKS = Rule(frozenset({"links"}), also=_READ)  # nobody shares what they may not see
JOBS = Rule(frozenset({"leech"}))
INDEX = Rule(frozenset({"index"}))
VOICE = Rule(frozenset({"voice"}))
PLAY_IN_CALL = Rule(frozenset({"voice"}), also=_READ)
LISTEN = Rule(frozenset({"index", "read", "leech", "voice"}))  # each topic needs some of them
SEE_INDEX = Rule(frozenset({"index", "read"}))
UNKNOWN = SERVER
"""Of a path that no route has: who may see the library is told that there is nothing here."""

Rules = Mapping[str, Mapping[str, Rule]]

CONFIG = "/config.json"
PAGES = (
    "/", "/films", "/series", "/music", "/photos", "/documents", "/files", "/channels", "/channels/{chat_id:chat}",
    "/collections", "/collections/{collection}", "/favourites", "/history", "/hidden", "/library", "/search",
    "/work/{key}", f"/watch/{_FILE}", "/manage", "/manage/{section}", "/leech", "/calls", "/settings",
    "/welcome", "/login",
)  # fmt: skip
"""The addresses of the web UI's pages, which all get the same document."""
UI_FILES = (
    "/manifest.webmanifest", "/sw.js", "/icon.svg", "/icon-192.png", "/icon-512.png", "/icon-maskable.png",
    "/apple-touch-icon.png", "/robots.txt", "/THIRD_PARTY.txt",
)  # fmt: skip
"""Its files whose names do not tell their content."""


def _reading(rule: Rule) -> dict[str, Rule]:
    return {"GET": rule, "HEAD": rule}


def _changing(rule: Rule, *methods: str) -> dict[str, Rule]:
    return dict.fromkeys(methods, rule)


RULES: Rules = {
    **dict.fromkeys(PAGES, _reading(PAGE)),
    **dict.fromkeys(("/login", *UI_FILES, "/assets/{name:path}", CONFIG), _reading(UI)),
    "/healthz": _reading(OPEN),
    "/readyz": _reading(OPEN),
    "/metrics": _reading(SERVER),
    "/docs": _reading(SERVER),
    "/openapi.json": _reading(SERVER),
    "/login/{once}": _reading(OPEN) | _changing(OPEN, "POST"),
    "/api/me": _reading(WHO),
    "/api/login/start": _changing(OPEN, "POST"),
    "/api/login/wait": {"GET": OPEN},
    "/api/logout": _changing(WHO, "POST"),
    "/api/sessions": _reading(OWN),
    "/api/sessions/{id}": _changing(OWN, "DELETE"),
    "/api/people": _reading(PEOPLE) | _changing(PEOPLE, "POST"),
    "/api/people/{id}": _changing(PEOPLE, "PUT", "DELETE"),
    "/api/tokens": _reading(OWN) | _changing(OWN, "POST"),
    "/api/tokens/{id}": _changing(OWN, "DELETE"),
    "/api/links": _reading(LINKS) | _changing(MAKE_LINKS, "POST"),
    "/api/links/{id}": _changing(LINKS, "DELETE"),
    "/api/audit": _reading(PEOPLE),
    "/api/chats": _reading(PEOPLE),
    "/api/chats/{chat_id:chat}": _changing(PEOPLE, "POST"),
    f"/stream/{_FILE}": _reading(MEDIA),
    f"/stream/{_FILE}/{{file_name:path}}": _reading(MEDIA),
    f"/hls/{_FILE}/master.m3u8": _reading(MEDIA),
    f"/hls/{_FILE}/video.m3u8": _reading(MEDIA),
    f"/hls/{_FILE}/audio/{{track:index}}.m3u8": _reading(MEDIA),
    f"/hls/{_FILE}/{{version}}/{{track:index}}/init.mp4": _reading(MEDIA),
    f"/hls/{_FILE}/{{version}}/{{track:index}}/{{number:index}}.m4s": _reading(MEDIA),
    f"/hls/{_FILE}/text/{{track:index}}.m3u8": _reading(MEDIA),
    f"/hls/{_FILE}/{{version}}/{{track:index}}/{{number:index}}.vtt": _reading(MEDIA),
    f"/subtitles/{_FILE}": _reading(MEDIA),
    f"/subtitles/{_FILE}/{{name}}.vtt": _reading(MEDIA),
    f"/thumb/{_FILE}": _reading(OF_FILE),
    "/api/catalog": _reading(LIST),
    "/api/catalog.m3u8": _reading(LIST),
    "/api/catalog.m3u": _reading(LIST),
    "/api/catalog/facets": _reading(LIST),
    "/api/catalog/histogram": _reading(LIST),
    f"/api/catalog/{_FILE}": _reading(OF_FILE),
    f"/api/facts/{_FILE}": _reading(OF_FILE),
    "/api/works": _reading(SERVER),
    "/api/works/facets": _reading(SERVER),
    "/api/works/histogram": _reading(SERVER),
    "/api/works/{key}": _reading(SERVER),
    "/api/watch": _reading(SERVER),
    f"/api/watch/{_FILE}": _reading(OF_FILE) | _changing(OF_FILE, "PUT", "DELETE"),
    "/api/favourites": _reading(SERVER),
    f"/api/favourites/{_FILE}": _changing(SERVER, "PUT", "DELETE"),
    "/api/hidden": _reading(SERVER),
    f"/api/hidden/{_FILE}": _changing(SERVER, "PUT", "DELETE"),
    "/api/collections": _reading(SERVER) | _changing(SERVER, "POST"),
    "/api/collections/{collection}": _reading(SERVER) | _changing(SERVER, "PUT", "DELETE"),
    f"/api/collections/{{collection}}/{_FILE}": _changing(SERVER, "PUT", "DELETE"),
    "/api/index": _reading(SEE_INDEX) | _changing(INDEX, "POST"),
    "/api/index/events": _reading(SEE_INDEX),
    "/api/jobs": _reading(JOBS) | _changing(JOBS, "POST"),
    "/api/jobs/{id}": _reading(JOBS),
    "/api/jobs/{id}/entries": _reading(JOBS) | _changing(JOBS, "PUT"),
    "/api/jobs/{id}/pause": _changing(JOBS, "POST"),
    "/api/jobs/{id}/resume": _changing(JOBS, "POST"),
    "/api/jobs/{id}/cancel": _changing(JOBS, "POST"),
    "/api/jobs/{id}/retry": _changing(JOBS, "POST"),
    "/api/feeds": _reading(JOBS) | _changing(JOBS, "POST"),
    "/api/feeds/try": _changing(JOBS, "POST"),
    "/api/feeds/{id:id}": _reading(JOBS) | _changing(JOBS, "DELETE"),
    "/api/feeds/{id:id}/answer": _changing(JOBS, "POST"),
    "/api/feeds/{id:id}/retry": _changing(JOBS, "POST"),
    "/api/mirrors": _reading(JOBS) | _changing(JOBS, "POST"),
    "/api/mirrors/{id}": _changing(JOBS, "DELETE"),
    "/api/mirrors/{id}/deletions": _changing(JOBS, "POST"),
    "/api/voice": _reading(VOICE),
    "/api/voice/chats": _reading(VOICE),
    "/api/voice/{chat_id:chat}": _reading(VOICE),
    "/api/voice/{chat_id:chat}/play": _changing(PLAY_IN_CALL, "POST"),
    **{
        f"/api/voice/{{chat_id:chat}}/{what}": _changing(VOICE, "POST")
        for what in ("pause", "resume", "skip", "seek", "volume", "loop", "shuffle", "stop")
    },
    "/api/voice/{chat_id:chat}/queue": _changing(VOICE, "PUT", "DELETE"),
    "/api/voice/{chat_id:chat}/queue/{id:id}": _changing(VOICE, "DELETE"),
    "/api/events": _reading(LISTEN),
    "/api/stats": _reading(SERVER),
}
"""By path and method."""


@dataclass(frozen=True, slots=True)
class Matched:
    """The rule of a request, and the values in its path."""

    rule: Rule
    values: Mapping[str, object]


class RuleTable:
    """Finds the rule of a request."""

    def __init__(self, rules: Rules = RULES) -> None:
        self._rules: list[tuple[re.Pattern[str], Mapping[str, object], Mapping[str, Rule]]] = []
        for path, of in rules.items():
            pattern, _, convertors = compile_path(path)
            self._rules.append((pattern, convertors, of))

    def find(self, method: str, path: str) -> Matched:
        """The rule of this request; for a method that the path does not have, the strictest of the path's."""
        for pattern, _, of in self._rules:
            match = pattern.match(path)
            if match is not None:
                rule = of.get(method) or _strictest(of.values())
                return Matched(rule, match.groupdict())
        return Matched(UNKNOWN, {})


def without_rule(routes: Iterable[Route], rules: Rules = RULES) -> list[str]:
    """The methods and paths of these routes that have no row in the table."""
    return [
        f"{method} {route.path}"
        for route in routes
        for method in sorted(route.methods or ())
        if method not in rules.get(route.path, {})
    ]


def without_route(routes: Iterable[Route], rules: Rules = RULES) -> list[str]:
    """The rows of the table, as method and path, that none of these routes has."""
    there = {(method, route.path) for route in routes for method in route.methods or ()}
    return [f"{method} {path}" for path, of in rules.items() for method in of if (method, path) not in there]


def _strictest(rules: Iterable[Rule]) -> Rule:
    """An open one only where all are open."""
    return max(rules, key=lambda rule: (bool(rule.rights), rule.login, rule.person, "read" not in rule.rights))
