"""Addresses of data centres: the entry from the settings, all others from the server's help.getConfig."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from streamvault.errors import ConfigError

# A new installation connects here first (core.telegram.org/api/datacenter); help.getConfig lists the other addresses.
_TELEGRAM_ENTRY = {False: ("149.154.167.51", 443), True: ("2001:67c:4e8:f002::a", 443)}
_TELEGRAM_ENTRY_DC = 2


@dataclass(frozen=True, slots=True)
class DcAddress:
    """One address of a data centre; `host` is an IP address or a name, without brackets."""

    dc_id: int
    host: str
    port: int
    ipv6: bool = False
    media_only: bool = False
    cdn: bool = False


def parse_server(text: str) -> DcAddress:
    """TELEGRAM_SERVER: `dc@host:port`, an IPv6 address in brackets. ConfigError for anything else."""
    match = re.fullmatch(r"([0-9]{1,4})@(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]@:/\s]+)):([0-9]{1,5})", text.strip())
    if match is None or not 0 < int(match[4]) < 65536 or int(match[1]) == 0:
        raise ConfigError(
            f"TELEGRAM_SERVER is {text!r}; it is written as dc@host:port, such as 2@127.0.0.1:4430 or 2@[::1]:4430"
        )
    return DcAddress(int(match[1]), match[2] or match[3], int(match[4]), ipv6=match[2] is not None)


def entry_address(server: str | None, *, ipv6: bool) -> DcAddress:
    """The address to which an account without a session connects first."""
    if server is not None:
        return parse_server(server)
    host, port = _TELEGRAM_ENTRY[ipv6]
    return DcAddress(_TELEGRAM_ENTRY_DC, host, port, ipv6=ipv6)


def from_config(options: Iterable[Any]) -> tuple[DcAddress, ...]:
    """The dc_options of help.getConfig that this client supports: none with `tcpo_only` or `secret`."""
    return tuple(
        DcAddress(
            option.id,
            option.ip_address,
            option.port,
            ipv6=bool(option.ipv6),
            media_only=bool(option.media_only),
            cdn=bool(option.cdn),
        )
        for option in options
        if not option.tcpo_only and not option.secret
    )


class DataCentres:
    """The known addresses of the data centres of one server."""

    def __init__(self, entry: DcAddress, *, ip_version: str, trusted: bool) -> None:
        """`ip_version` is "4", "6" or "auto".

        `trusted`: the entry comes from the settings, so it is tried before the addresses that the server lists.
        """
        self.entry = entry
        self._families = {"4": (False,), "6": (True,)}.get(ip_version, (False, True))
        self._trusted = trusted
        self._known: tuple[DcAddress, ...] = ()

    def learn(self, addresses: tuple[DcAddress, ...]) -> None:
        """Replace the known addresses with those from the server or from the stored session."""
        self._known = addresses

    def find(self, dc_id: int, *, media: bool = False, cdn: bool = False) -> tuple[DcAddress, ...]:
        """The addresses of a DC, best first: media-only ones for `media` only, and then before the others.

        `cdn`: the addresses of a CDN DC, which are not returned otherwise.
        """
        entry = [self.entry] if self.entry.dc_id == dc_id and not cdn else []
        usable = [a for a in self._known if a.dc_id == dc_id and a.cdn == cdn and a.ipv6 in self._families]
        media_only = [a for a in usable if a.media_only and media]
        general = [a for a in usable if not a.media_only]
        ordered = media_only + (entry + general if self._trusted or not general else general)
        return tuple(dict.fromkeys(ordered))
