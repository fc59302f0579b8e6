"""The addresses of clients, as limits count them."""

import ipaddress
from functools import lru_cache

from starlette.types import Scope


def client_of(scope: Scope) -> str:
    """Whom a request comes from, for limits per address; "" where the server does not know.

    Behind a reverse proxy on this machine that is the client which it names in X-Forwarded-For.
    """
    client = scope.get("client")
    return network_of(client[0]) if client else ""


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
    return str(ipaddress.ip_network((found, 64), strict=False))
