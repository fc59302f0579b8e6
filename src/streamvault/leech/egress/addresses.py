"""Which IP addresses are public, by IANA's registries of special-purpose addresses; pure."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_V4 = [
    (IPv4Network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "an unspecified address"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a network of a provider's own"),
        ("127.0.0.0/8", "this machine"),
        ("168.63.129.16/32", "a metadata service"),
        ("169.254.169.254/32", "a metadata service"),
        ("169.254.0.0/16", "a link-local network"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "a reserved network"),
        ("192.0.2.0/24", "a reserved network"),
        ("192.88.99.0/24", "a reserved network"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "a reserved network"),
        ("198.51.100.0/24", "a reserved network"),
        ("203.0.113.0/24", "a reserved network"),
        ("224.0.0.0/4", "a multicast group"),
        ("240.0.0.0/4", "a reserved network"),
    )
]
_V6 = [
    (IPv6Network(network), kind)
    for network, kind in (
        ("::/128", "an unspecified address"),
        ("::1/128", "this machine"),
        ("64:ff9b:1::/48", "a private network"),
        ("fd00:ec2::254/128", "a metadata service"),
        ("fc00::/7", "a private network"),
        ("fe80::/10", "a link-local network"),
        ("fec0::/10", "a private network"),
        ("ff00::/8", "a multicast group"),
        ("2001::/23", "a reserved network"),
        ("2001:db8::/32", "a reserved network"),
        ("3fff::/20", "a reserved network"),
    )
]
PUBLIC_V6 = IPv6Network("2000::/3")
_TRANSLATED = [IPv6Network(network) for network in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")]
"""IPv4-mapped, IPv4-translated (RFC 2765) and NAT64 addresses: as public as the IPv4 address at their end."""
_6TO4 = IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)
SPECIAL_V4, SPECIAL_V6 = [network for network, _ in _V4], [network for network, _ in _V6]
"""Networks that are not public."""
TRANSLATING_V6 = [*_TRANSLATED, _6TO4]
"""Networks of IPv6 addresses that stand for IPv4 addresses, beside those in SPECIAL_V6."""


def refusal(address: Address, allowed: Iterable[Network] = ()) -> str | None:
    """What kind of address it is if sources may not be reached there, else None. `allowed`: networks that are reached
    whatever they are; an IPv6 address that stands for an IPv4 address lies in that one's networks, too.
    """
    inner = _inner(address)
    if any(one in network for network in allowed for one in (address, *inner) if one.version == network.version):
        return None
    if isinstance(address, IPv4Address):
        return _kind(address)
    found = [kind for kind in map(_kind, inner) if kind is not None]
    if found:
        return found[0]
    if any(address in network for network in _TRANSLATED):
        return None
    for network, kind in _V6:
        if address in network:
            return kind
    return None if address in PUBLIC_V6 else "a reserved network"


def _kind(address: IPv4Address) -> str | None:
    return next((kind for network, kind in _V4 if address in network), None)


def _inner(address: Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    return list(_embedded(address)) if isinstance(address, IPv6Address) else []


def _embedded(address: IPv6Address) -> Iterator[IPv4Address]:
    bits = int(address)
    if any(address in network for network in _TRANSLATED):
        yield IPv4Address(bits & 0xFFFFFFFF)
    elif address in _6TO4:
        yield IPv4Address(bits >> 80 & 0xFFFFFFFF)
    elif address.teredo is not None:
        yield address.teredo[1]
    if bits >> 32 & 0xFFFFFFFF in _ISATAP:
        yield IPv4Address(bits & 0xFFFFFFFF)
