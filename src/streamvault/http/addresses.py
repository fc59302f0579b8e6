"""The addresses of clients, as limits count them, and whether a request came over https.

Both read what ForwardedHeaders (middleware/forwarded.py) has written into the scope: what a proxy says of a request
counts only if the proxy is one of TRUSTED_PROXIES.
"""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope


def client_of(scope: Scope) -> str:
    """Whom a request comes from, for limits per address; "" where the server does not know."""
    client = scope.get("client")
    return network_of(client[0]) if client else ""


def viewer_address(scope: Scope) -> str:
    """The same, for what viewers share and nobody gains by a wrong address: places, and work for each of them.

    Without TRUSTED_PROXIES a proxy on this machine is believed here, so that its clients do not count as one.
    """
    viewer = scope.get("state", {}).get("viewer")
    return network_of(viewer) if viewer else client_of(scope)


def is_https(scope: Scope, public_url: str) -> bool:
    """Whether the client speaks https: to this server, to a trusted proxy, or to the host of an https PUBLIC_URL."""
    public = urlsplit(public_url)
    by_proxy = public.scheme == "https" and Headers(scope=scope).get("host") == public.netloc
    return scope.get("scheme") == "https" or by_proxy


def is_by_proxy(scope: Scope) -> bool:
    """Whether a request comes from this machine, or by a proxy nearby that TRUSTED_PROXIES does not name: the clients
    of neither are told apart."""
    return bool(scope.get("state", {}).get("by_proxy", False)) or _is_loopback(client_of(scope))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1024)
def network_of(address: str) -> str:
    """An IPv4 address itself; of an IPv6 address its first 64 bits: one customer has all addresses of such a network.

    What is no address counts as it stands, cut at 64 characters.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(found if found.is_loopback else ipaddress.ip_network((found, 64), strict=False))
