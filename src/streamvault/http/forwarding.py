"""What reverse proxies say of a request: its client, its scheme and its host (X-Forwarded-For, -Proto and -Host).

Each proxy appends to these fields, so they are read from the right, and only as far as trusted proxies wrote them: what
stands farther left was sent by the client, who may write anything.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

MAX_HOPS = 32
"""Proxies of a chain that are looked at."""

_FIELDS = {b"x-forwarded-for": "for", b"x-forwarded-proto": "proto", b"x-forwarded-host": "host"}
_LONGEST = 255
"""Characters of an element; a longer one is no address and no host."""
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Forwarded:
    """`client`: an IP address. `scheme` (http or https) and `host` (with a port, if any): None where no proxy says."""

    client: str
    scheme: str | None = None
    host: str | None = None


def forwarded(peer: str, headers: Iterable[tuple[bytes, bytes]], trusted: Networks) -> Forwarded:
    """What counts of a request that `peer` sent; the peer alone unless it is trusted.

    The client is the rightmost address that is no trusted proxy, or the leftmost where all are. Where a proxy names
    none (`unknown`, `_hidden`, malformed), the proxy itself counts as the client. Scheme and host are what the proxy
    says that names the client.
    """
    nearest = parsed(peer)
    if nearest is None or not is_in(nearest, trusted):
        return Forwarded(peer)
    told = _elements(headers)
    client, proxy = _client(nearest, told["for"][-MAX_HOPS:], trusted)
    scheme, host = (_by(told[name], proxy) for name in ("proto", "host"))
    return Forwarded(
        str(client),
        scheme.lower() if scheme.lower() in ("http", "https") else None,
        host if len(host) <= _LONGEST and _HOST.fullmatch(host) else None,
    )


def parsed(text: str) -> Address | None:
    """The address in an element of X-Forwarded-For, which may have a port behind it; None where there is none."""
    text = text.strip().strip('"')
    if len(text) > _LONGEST:
        return None
    if text.startswith("["):
        text, end, port = text[1:].partition("]")
        if not end:
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        port = f":{port}"
    else:
        port = ""
    if port and not re.fullmatch(r":[0-9]{1,5}", port, re.ASCII):
        return None
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_in(address: Address, networks: Networks) -> bool:
    """Whether one of `networks` holds this address."""
    return any(address in network for network in networks)


def _client(nearest: Address, chain: Sequence[str], trusted: Networks) -> tuple[Address, int]:
    """The client, and the number of the proxy that names it, `nearest` being 0."""
    last = nearest
    for number, element in enumerate(reversed(chain)):
        named = parsed(element)
        if named is None:
            return last, number
        if not is_in(named, trusted):
            return named, number
        last = named
    return last, max(0, len(chain) - 1)


def _elements(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    """The elements of each field from left to right; a repeated field continues the one before it (RFC 9110, 5.3)."""
    found: dict[str, list[str]] = {"for": [], "proto": [], "host": []}
    for name, value in headers:
        field = _FIELDS.get(name.lower())
        if field is not None:
            found[field] += [element.strip() for element in value.decode("latin-1").split(",")]
    return found


def _by(elements: list[str], proxy: int) -> str:
    """What the proxy of this number said, the nearest one being 0; a proxy may have replaced what others said."""
    return elements[-1 - min(proxy, len(elements) - 1)] if elements else ""
