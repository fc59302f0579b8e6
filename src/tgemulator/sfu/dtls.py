"""DTLS-SRTP as its client (RFC 5764): a handshake over datagrams, and the SRTP sessions that it keys.

pyOpenSSL and pylibsrtp are imported where they are needed, as an emulator without calls has to run without them.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

_PROFILE = b"SRTP_AES128_CM_SHA1_80"
_LABEL = b"EXTRACTOR-dtls_srtp"
_KEY, _SALT = 16, 14
_DATAGRAM = 1200
_RECORD = 65_536
_LIFETIME = timedelta(days=3650)


class MediaUnavailable(RuntimeError):
    """A package that calls need is not installed; the text says which."""


class DtlsError(Exception):
    """The handshake has failed: the peer refused it, or has another certificate than its offer says."""


def check_packages() -> None:
    """MediaUnavailable without pyopenssl and pylibsrtp, so that a join says so at once."""
    for module, package in (("OpenSSL", "pyopenssl"), ("pylibsrtp", "pylibsrtp")):
        try:
            import_module(module)
        except ImportError as error:
            raise MediaUnavailable(f"group calls need {package}: pip install {package}") from error


@cache
def certificate() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The key and self-signed certificate of the media server, made once in a process."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tgemulator")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + _LIFETIME)
    return key, builder.sign(key, hashes.SHA256())


def fingerprint(made: x509.Certificate) -> str:
    """The SHA-256 digest of a certificate as SDP writes it, "AA:BB:..."."""
    return hashlib.sha256(made.public_bytes(Encoding.DER)).digest().hex(":").upper()


class DtlsClient:
    """One handshake, without I/O: datagrams go in by `receive`, and come out of `outgoing`."""

    def __init__(self, expected: str) -> None:
        """`expected`: the digest of the peer's certificate."""
        from OpenSSL import SSL

        key, own = certificate()
        context = SSL.Context(SSL.DTLS_METHOD)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, lambda *_: True)
        context.use_certificate(own)
        context.use_privatekey(key)
        context.set_tlsext_use_srtp(_PROFILE)
        self._ssl: Any = SSL.Connection(context, None)
        self._ssl.set_connect_state()
        self._ssl.set_ciphertext_mtu(_DATAGRAM)
        self._error, self._want_read = SSL.Error, SSL.WantReadError
        self._expected = expected
        self.done = False

    def start(self) -> None:
        """Begin the handshake."""
        self._step()

    def receive(self, datagram: bytes) -> None:
        """Take a datagram of the peer. DtlsError if it ends the handshake or the connection."""
        self._ssl.bio_write(datagram)
        if not self.done:
            self._step()
            return
        try:
            self._ssl.recv(_RECORD)  # takes an alert out of its buffer; clients send no data
        except self._want_read:
            return
        except self._error as error:
            raise DtlsError(f"the client has closed the connection: {error}") from error

    def outgoing(self) -> list[bytes]:
        """The datagrams that have to be sent now."""
        found = []
        while True:
            try:
                found.append(self._ssl.bio_read(_RECORD))
            except self._want_read:
                return found

    def timeout(self) -> float | None:
        """Seconds until `retransmit` is due, None while nothing is waited for."""
        left: float | None = self._ssl.DTLSv1_get_timeout()
        return left

    def retransmit(self) -> None:
        """Send the last flight again, if its time is over."""
        self._ssl.DTLSv1_handle_timeout()

    def sessions(self) -> tuple[Any, Any]:
        """The SRTP sessions for what comes in, and for what goes out (pylibsrtp.Session)."""
        from pylibsrtp import Policy, Session

        material = self._ssl.export_keying_material(_LABEL, 2 * (_KEY + _SALT))
        keys, salts = material[: 2 * _KEY], material[2 * _KEY :]
        profile = Policy.SRTP_PROFILE_AES128_CM_SHA1_80
        own = Policy(key=keys[:_KEY] + salts[:_SALT], ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)
        other = Policy(key=keys[_KEY:] + salts[_SALT:], ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=profile)
        return Session(other), Session(own)

    def _step(self) -> None:
        """Go on with the handshake as far as what has come in allows."""
        try:
            self._ssl.do_handshake()
        except self._want_read:
            return
        except self._error as error:
            raise DtlsError(f"the DTLS handshake failed: {error}") from error
        peer = self._ssl.get_peer_certificate(as_cryptography=True)
        if peer is None or fingerprint(peer) != self._expected:
            raise DtlsError("the certificate is not the one of the offer")
        self.done = True
