"""The session cookie: its names, and its field.

Over https it is `__Host-sv_session`, which browsers take only with Secure, for this host and every path; on a home
network without https `sv_session`. Both are kept from scripts and from requests of other sites.
"""

from collections.abc import Mapping

from starlette.requests import cookie_parser
from starlette.types import Scope

SECURE_SESSION, PLAIN_SESSION = "__Host-sv_session", "sv_session"


def cookies_of(scope: Scope) -> dict[str, str]:
    """The cookies of a request by name."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie":
            found |= cookie_parser(value.decode("latin-1"))
    return found


def session_of(cookies: Mapping[str, str], *, https: bool) -> str | None:
    """The value of the session cookie; over https that of the secure one alone, which no other host can have set."""
    return cookies.get(SECURE_SESSION) or (None if https else cookies.get(PLAIN_SESSION))


def session_field(value: str, *, seconds: int, https: bool) -> str:
    """The Set-Cookie field that gives a browser its session; 0 seconds take it away."""
    name = SECURE_SESSION if https else PLAIN_SESSION
    return f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if https else "")
