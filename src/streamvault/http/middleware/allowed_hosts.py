"""The name that a request is sent to, on a server that is open to everybody (DNS rebinding).

A page of a foreign site may have its own host name resolve to this server's address; the browser then takes this
server for a part of that site, and hands it everything that needs no token. Such a name is never an address, a name
without a dot, or one of a domain that nobody can register (RFC 6761, RFC 6762, RFC 8375).
"""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from streamvault.http.middleware.readiness import PROBE_PATHS

_LOCAL_DOMAINS = (".localhost", ".local", ".home.arpa", ".internal", ".lan")


class HostCheck:
    """Refuses requests to foreign names: HTTPException 421. A request without a Host field is no browser's.

    Behind a trusted proxy both names count: that which the proxy was reached by, and that which it sent.
    """

    def __init__(self, app: ASGIApp, *, public_url: str, hosts: Collection[str]) -> None:
        """`hosts` are further names of this server, without a port."""
        self._app = app
        self._names = frozenset({host_name(urlsplit(public_url).netloc), *(host.lower() for host in hosts)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in PROBE_PATHS:
            given = (Headers(scope=scope).get("host", ""), scope.get("state", {}).get("own_host", ""))
            if any(map(self._is_foreign, given)):
                raise HTTPException(
                    421,
                    "This server is open to everybody, but not by this name: set PUBLIC_URL to the address that it is "
                    "reached by, or add the name to ALLOWED_HOSTS.",
                )
        await self._app(scope, receive, send)

    def _is_foreign(self, field: str) -> bool:
        name = host_name(field)
        return bool(name) and name not in self._names and not is_local(name)


def host_name(field: str) -> str:
    """The lower-cased name in a Host field (RFC 9110 section 7.2), without port, brackets and final dot."""
    name = field.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].removesuffix(".")


def is_local(name: str) -> bool:
    """Whether no stranger can own this name: an address, a name without a dot, or one of a local domain."""
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return "." not in name or name.endswith(_LOCAL_DOMAINS)
    return True
