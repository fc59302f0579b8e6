"""A request as a child process sends it to the proxy, and the heads that go on from there; pure."""

import base64
import binascii
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

import h11

from streamvault.leech.egress.hosts import parse_host

LONGEST_HEAD = 64 * 1024
"""Bytes of the head of a request or an answer."""
_AUTHORITY = re.compile(r"(\[[^\]]*\]|[^:@/?#\\]+):([0-9]{1,5})")
_ABSOLUTE = re.compile(r"http://(\[[^\]]*\]|[^:@/?#\\]+)(?::([0-9]{0,5}))?([/?].*)?", re.IGNORECASE)
_HOP_BY_HOP = frozenset(
    {b"connection", b"host", b"keep-alive", b"proxy-authorization", b"proxy-connection", b"te", b"trailer", b"upgrade"}
)
_OWN = re.compile(rb"(?:proxy-)?connection|keep-alive", re.IGNORECASE)


class Unproxied(Exception):
    """A request that is not passed on: the status of the answer, and why."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class ProxyRequest:
    """`head`: what is sent to the host first; None for a tunnel (CONNECT), which carries TLS only. `secret`: what the
    child identifies itself by.
    """

    host: str | IPv4Address | IPv6Address
    port: int
    head: bytes | None
    secret: str


def parse_request(data: bytes) -> ProxyRequest:
    """The request with this head: CONNECT, or one for an absolute address of scheme http. Raises Unproxied."""
    try:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST_HEAD)
        connection.receive_data(data)
        event = connection.next_event()
    except h11.RemoteProtocolError as error:
        raise Unproxied("400 Bad Request", f"this is no request: {error}") from None
    if not isinstance(event, h11.Request):
        raise Unproxied("400 Bad Request", "this is no request")
    secret = _secret(dict(event.headers).get(b"proxy-authorization", b""))
    target = event.target.decode("latin-1")
    if event.method == b"CONNECT":
        host, port = _place(_AUTHORITY.fullmatch(target), 0)
        return ProxyRequest(host, port, None, secret)
    found = _ABSOLUTE.fullmatch(target)
    host, port = _place(found, 80)
    assert found is not None
    return ProxyRequest(host, port, _head(event, host, port, found[3] or "/"), secret)


def answer_head(head: bytes) -> bytes:
    """The head of an answer, which says that the connection ends with it: the next request may be for another host."""
    kept = [line for line in head.splitlines() if line and not _OWN.fullmatch(line.partition(b":")[0].strip())]
    return b"\r\n".join([*kept, b"Connection: close", b"", b""])


def is_interim(head: bytes) -> bool:
    """Whether another answer follows (100 Continue, 103 Early Hints)."""
    words = head.split(None, 2)
    return len(words) > 1 and len(words[1]) == 3 and words[1].startswith(b"1")


def _place(found: re.Match[str] | None, usual: int) -> tuple[str | IPv4Address | IPv6Address, int]:
    if found is None:
        raise Unproxied("400 Bad Request", "only addresses that begin with http:// or https:// are reached")
    try:
        host = parse_host(found[1])
    except ValueError as error:
        raise Unproxied("400 Bad Request", f"the address {error}") from None
    port = int(found[2] or usual)
    if not 0 < port < 65536:
        raise Unproxied("400 Bad Request", "the address names a port that does not exist")
    return host, port


def _head(request: h11.Request, host: str | IPv4Address | IPv6Address, port: int, target: str) -> bytes:
    name = f"[{host}]" if isinstance(host, IPv6Address) else str(host)
    target = target if target.startswith("/") else f"/{target}"
    lines = [
        request.method + b" " + target.encode("latin-1") + b" HTTP/1.1",
        f"Host: {name}{'' if port == 80 else f':{port}'}".encode(),
        *(field + b": " + value for field, value in request.headers.raw_items() if field.lower() not in _HOP_BY_HOP),
        b"Connection: close",
    ]
    return b"\r\n".join([*lines, b"", b""])


def _secret(field: bytes) -> str:
    """The password of Basic credentials, "" without any."""
    scheme, _, coded = field.partition(b" ")
    if scheme.lower() != b"basic":
        return ""
    try:
        return base64.b64decode(coded.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
