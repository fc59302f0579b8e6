"""STUN binding requests and their answers (RFC 8489), as far as an ICE-lite server needs them (RFC 8445, 2.5)."""

import binascii
import hashlib
import hmac
import socket
import struct
from dataclasses import dataclass

_COOKIE = 0x2112A442
_HEADER = struct.Struct("!HHI12s")
_BINDING, _SUCCESS, _UNAUTHORISED = 0x0001, 0x0101, 0x0111
_USERNAME, _INTEGRITY, _ERROR, _XOR_ADDRESS, _USE_CANDIDATE, _FINGERPRINT = 0x6, 0x8, 0x9, 0x20, 0x25, 0x8028
_INTEGRITY_SIZE, _FINGERPRINT_SIZE = 24, 8


@dataclass(frozen=True, slots=True)
class BindingRequest:
    """A binding request: `username` is "ufrag of the server:ufrag of the client"; `authentic` if its HMAC is right."""

    transaction: bytes
    username: str
    nominates: bool
    authentic: bool


def is_stun(datagram: bytes) -> bool:
    """Whether a datagram is STUN, and no DTLS, RTP or RTCP (RFC 7983)."""
    return len(datagram) >= _HEADER.size and datagram[0] < 4 and datagram[4:8] == _COOKIE.to_bytes(4, "big")


def parse_request(datagram: bytes, *, pwd: str) -> BindingRequest | None:
    """The binding request in a datagram, None for any other message and for a malformed one."""
    kind, length, cookie, transaction = _HEADER.unpack_from(datagram)
    if kind != _BINDING or cookie != _COOKIE or length + _HEADER.size != len(datagram):
        return None
    username, nominates, authentic, at = "", False, False, _HEADER.size
    while at + 4 <= len(datagram):
        attribute, size = struct.unpack_from("!HH", datagram, at)
        value = datagram[at + 4 : at + 4 + size]
        if attribute == _USERNAME:
            username = value.decode("utf-8", "replace")
        elif attribute == _USE_CANDIDATE:
            nominates = True
        elif attribute == _INTEGRITY:
            authentic = hmac.compare_digest(value, _digest(datagram[:at], pwd))
        at += 4 + size + -size % 4
    return BindingRequest(transaction, username, nominates, authentic)


def success(request: BindingRequest, address: tuple[str, int], *, pwd: str) -> bytes:
    """The answer to an authentic request that came from `address` (IPv4)."""
    port, host = address[1] ^ (_COOKIE >> 16), struct.unpack("!I", socket.inet_aton(address[0]))[0] ^ _COOKIE
    body = struct.pack("!HHBBHI", _XOR_ADDRESS, 8, 0, 1, port, host)
    return _signed(_SUCCESS, request.transaction, body, pwd=pwd)


def unauthorised(request: BindingRequest) -> bytes:
    """The answer to a request with a wrong HMAC or username: 401, without an HMAC."""
    reason = b"Unauthorized"
    body = struct.pack("!HHHBB", _ERROR, 4 + len(reason), 0, 4, 1) + reason
    return _fingerprinted(_HEADER.pack(_UNAUTHORISED, len(body), _COOKIE, request.transaction) + body)


def _signed(kind: int, transaction: bytes, body: bytes, *, pwd: str) -> bytes:
    """A message with MESSAGE-INTEGRITY and FINGERPRINT behind its other attributes."""
    message = _HEADER.pack(kind, len(body), _COOKIE, transaction) + body
    return _fingerprinted(message + struct.pack("!HH", _INTEGRITY, 20) + _digest(message, pwd))


def _digest(message: bytes, pwd: str) -> bytes:
    """The HMAC over a message that ends before MESSAGE-INTEGRITY, with the length that it has behind it."""
    length = len(message) - _HEADER.size + _INTEGRITY_SIZE
    return hmac.new(pwd.encode(), message[:2] + struct.pack("!H", length) + message[4:], hashlib.sha1).digest()


def _fingerprinted(message: bytes) -> bytes:
    length = len(message) - _HEADER.size + _FINGERPRINT_SIZE
    whole = message[:2] + struct.pack("!H", length) + message[4:]
    return whole + struct.pack("!HHI", _FINGERPRINT, 4, binascii.crc32(whole) ^ 0x5354554E)
