"""Addresses of sources, byte for byte: nothing is decoded and encoded again, as a signature may be over every byte."""

import re
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import unquote_to_bytes

from streamvault.errors import SourceRefused
from streamvault.leech.egress.hosts import parse_host

LONGEST = 16 * 1024
"""Bytes of an address."""
_PORTS = {"http": 80, "https": 443, "ftp": 21}
_PARTS = re.compile(rb"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(?:#.*)?", re.DOTALL)
"""RFC 3986, appendix B."""
_ILLEGAL = re.compile(rb"[^\x21-\x7e]")
_CONTROLS = re.compile(rb"[\x00-\x1f\x7f]")
_PORT = re.compile(rb"(.*?)(?::([0-9]*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Url:
    """`target`: path and query as they are sent. `login`: user and password, decoded; shown by nothing here."""

    scheme: str
    host: str | IPv4Address | IPv6Address
    port: int
    target: str
    login: tuple[bytes, bytes] | None = field(default=None, repr=False)

    @property
    def authority(self) -> str:
        """The value of the Host field."""
        host = f"[{self.host}]" if isinstance(self.host, IPv6Address) else str(self.host)
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """The address without user and password."""
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def path(self) -> str:
        """`target` without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What stands behind the first question mark."""
        return self.target.partition("?")[2]

    def trusts(self, other: "Url") -> bool:
        """Whether what was given for this address may be sent to the other one: the same host, scheme and port, or
        the same host by https where this is http, both at their usual ports.
        """
        upgraded = (self.scheme, self.port, other.scheme, other.port) == ("http", 80, "https", 443)
        return self.host == other.host and (upgraded or (self.scheme, self.port) == (other.scheme, other.port))


def parse_url(text: str | bytes, schemes: tuple[str, ...] = ("http", "https")) -> Url:
    """An address as it was given, with blanks around it. Raises SourceRefused, whose text holds nothing of the address
    but its host's name.
    """
    given = text.strip().encode("utf-8", "surrogatepass") if isinstance(text, str) else text.strip()
    if len(given) > LONGEST:
        raise SourceRefused(f"the address is longer than {LONGEST} bytes")
    if _CONTROLS.search(given):
        raise SourceRefused("the address holds control characters")
    scheme, authority, path, query = _split(given)
    if scheme is None or authority is None:
        raise SourceRefused(f"the address does not begin with {_spoken(schemes)}")
    return _built(scheme, authority, path, query, schemes)


def resolve_reference(base: Url, reference: bytes) -> Url:
    """The address that a Location field means (RFC 3986, 5.2); its bytes outside ASCII are quoted as they are. Raises
    SourceRefused.
    """
    given = _CONTROLS.sub(b"", reference.strip())
    if len(given) > LONGEST:
        raise SourceRefused(f"{base.host} redirects to an address longer than {LONGEST} bytes")
    scheme, authority, path, query = _split(given)
    schemes = ("http", "https")
    if scheme is not None:
        if authority is None:
            raise SourceRefused(f"{base.host} redirects to something that is no web address")
        return _built(scheme, authority, path, query, schemes)
    if authority is not None:
        return _built(base.scheme.encode(), authority, _without_dots(path), query, schemes)
    own = base.path.encode()
    if not path:
        return replace(base, target=_target(own, query if query is not None else base.target.encode()[len(own) :]))
    if not path.startswith(b"/"):
        path = own[: own.rfind(b"/") + 1] + path
    return replace(base, target=_target(_without_dots(path), query))


def _split(given: bytes) -> tuple[bytes | None, bytes | None, bytes, bytes | None]:
    """Scheme, authority, path, and query with its question mark."""
    found = _PARTS.fullmatch(given)
    assert found is not None
    return found[1], found[2], found[3], found[4]


def _built(scheme: bytes, authority: bytes, path: bytes, query: bytes | None, schemes: tuple[str, ...]) -> Url:
    name = scheme.decode().lower()
    if name not in schemes:
        raise SourceRefused(f"{name}: is not read here: only {_spoken(schemes)}")
    login, _, place = authority.rpartition(b"@")
    has_login = b"@" in authority
    if b"\\" in authority:
        raise SourceRefused("the address has a backslash in its host")
    host, port = _host_and_port(place)
    try:
        parsed = parse_host(host)
    except ValueError as error:
        raise SourceRefused(f"the address {error}") from None
    number = _PORTS[name] if not port else int(port)
    if not 0 < number < 65536:
        raise SourceRefused("the address names a port that does not exist")
    return Url(name, parsed, number, _target(path, query), _login(login) if has_login else None)


def _host_and_port(place: bytes) -> tuple[str, bytes | None]:
    found = _PORT.fullmatch(place)
    assert found is not None
    host, port = found[1], found[2]
    if port is not None and len(port) > 5:
        raise SourceRefused("the address names a port that does not exist")
    if not host.startswith(b"[") and b":" in host:
        raise SourceRefused("the address names a port that is no number")
    try:
        return host.decode(), port
    except UnicodeDecodeError:
        return host.decode("latin-1"), port


def _login(text: bytes) -> tuple[bytes, bytes]:
    user, _, password = text.partition(b":")
    return unquote_to_bytes(user), unquote_to_bytes(password)


def _target(path: bytes, query: bytes | None) -> str:
    return _ILLEGAL.sub(lambda found: b"%%%02X" % found[0][0], (path or b"/") + (query or b"")).decode()


def _without_dots(path: bytes) -> bytes:
    """RFC 3986, 5.2.4, for a path that begins with a slash, or is empty."""
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b"..":
            del kept[-1:]
        elif segment != b".":
            kept.append(segment)
    if segments and segments[-1] in (b".", b".."):
        kept.append(b"")
    return b"/" + b"/".join(kept) if segments else path


def _spoken(schemes: tuple[str, ...]) -> str:
    return " or ".join(f"{scheme}://" for scheme in schemes)
