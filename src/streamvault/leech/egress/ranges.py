"""The addresses that are not public, as ranges for programs that filter by themselves; pure."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network

from streamvault.leech.egress.addresses import PUBLIC_V6, SPECIAL_V4, SPECIAL_V6, TRANSLATING_V6, Network


def filter_rules(allowed: Iterable[Network] = ()) -> list[tuple[str, str, bool]]:
    """First and last address of a range, and whether it is refused; a later rule goes before an earlier one. Stricter
    than addresses.refusal: IPv6 addresses that stand for IPv4 addresses are refused, whatever those are.
    """
    refused: list[Network] = [IPv6Network("::/0"), *SPECIAL_V4, *SPECIAL_V6, *TRANSLATING_V6]
    rules = [_rule(network, refused=True) for network in refused]
    rules.insert(1, _rule(PUBLIC_V6, refused=False))
    return [*rules, *(_rule(network, refused=False) for network in allowed)]


def _rule(network: IPv4Network | IPv6Network, *, refused: bool) -> tuple[str, str, bool]:
    return str(network.network_address), str(network.broadcast_address), refused
