"""The cookies of a session, and of a log-in that waits: their names, and their fields.

Over https they are `__Host-sv_session` and `__Host-sv_login_CODE`, which browsers take only with Secure, for this host
and every path, so that no other host of the domain can set them; on a home network without https `sv_session` and
`sv_login_CODE`. All are kept from scripts and from requests of other sites.
"""

from collections.abc import Mapping

from starlette.requests import cookie_parser
from starlette.types import Scope

SECURE_SESSION, PLAIN_SESSION = "__Host-sv_session", "sv_session"
SECURE_LOGIN, PLAIN_LOGIN = "__Host-sv_login", "sv_login"


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


def login_of(cookies: Mapping[str, str], code: str, *, https: bool) -> str | None:
    """The secret of the log-in with this code that waits in this browser, in the same way."""
    return cookies.get(_login_name(code, https=https))


def session_field(value: str, *, seconds: int, https: bool) -> str:
    """The Set-Cookie field that gives a browser its session; 0 seconds take it away."""
    return _field(SECURE_SESSION if https else PLAIN_SESSION, value, seconds=seconds, https=https)


def login_field(code: str, value: str, *, seconds: int, https: bool) -> str:
    """The Set-Cookie field with the secret of a log-in that waits; 0 seconds take it away."""
    return _field(_login_name(code, https=https), value, seconds=seconds, https=https)


def _login_name(code: str, *, https: bool) -> str:
    """One for each log-in: a browser may have several pages that wait."""
    return f"{SECURE_LOGIN if https else PLAIN_LOGIN}_{code.lower()}"


def _field(name: str, value: str, *, seconds: int, https: bool) -> str:
    return f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if https else "")
