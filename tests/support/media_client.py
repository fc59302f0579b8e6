"""A participant's side of a call's media in Python: ICE, DTLS as the server, and SRTP.

What it sends is built here; the STUN request by RFC 8489, independent of the code that it tests.
"""

import asyncio
import binascii
import hashlib
import hmac
import json
import secrets
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from OpenSSL import SSL
from pylibsrtp import Policy, Session

from tgemulator.sfu.dtls import certificate, fingerprint
from tgemulator.sfu.rtp import RtpPacket, build_rtp

SOURCE, CAMERA, CAMERA_AGAIN = 1001, 2001, 2002


class MediaClient(asyncio.DatagramProtocol):
    """One client; `connected` is set once it may send. `received` are the decrypted RTP and RTCP packets."""

    def __init__(self, *, source: int = SOURCE, video: bool = False) -> None:
        self.source = source
        self.ufrag, self.pwd = secrets.token_hex(2), secrets.token_hex(12)
        self.video = video
        self.connected = asyncio.Event()
        self.answered = asyncio.Event()
        self.received: list[bytes] = []
        self.refused = 0
        self._ssl: Any = None
        self._inbound: Any = None
        self._outbound: Any = None
        self._transport: Any = None
        self._server = ("", 0)

    @property
    def offer(self) -> str:
        """The `params` of phone.joinGroupCall."""
        groups = [{"semantics": "SIM", "sources": [CAMERA]}, {"semantics": "FID", "sources": [CAMERA, CAMERA_AGAIN]}]
        prints = [{"hash": "sha-256", "setup": "passive", "fingerprint": fingerprint(certificate()[1])}]
        found = {"ufrag": self.ufrag, "pwd": self.pwd, "fingerprints": prints, "ssrc": self.source}
        return json.dumps(found | ({"ssrc-groups": groups} if self.video else {}))

    def take(self, answer: str) -> None:
        """The answer to the offer: where to send to."""
        transport = json.loads(answer)["transport"]
        candidate = transport["candidates"][0]
        self._server, self.remote = (candidate["ip"], int(candidate["port"])), transport

    def bind(self, *, pwd: str | None = None) -> None:
        """Send a binding request, with a wrong HMAC if another `pwd` is given."""
        user = f"{self.remote['ufrag']}:{self.ufrag}".encode()
        body = struct.pack("!HH", 6, len(user)) + user + bytes(-len(user) % 4) + struct.pack("!HH", 0x25, 0)
        header = struct.pack("!HHI12s", 1, len(body) + 24, 0x2112A442, secrets.token_bytes(12))
        mac = hmac.new((pwd or self.remote["pwd"]).encode(), header + body, hashlib.sha1).digest()
        signed = header[:2] + struct.pack("!H", len(body) + 32) + header[4:] + body + struct.pack("!HH", 8, 20) + mac
        self._transport.sendto(
            signed + struct.pack("!HHI", 0x8028, 4, binascii.crc32(signed) ^ 0x5354554E), self._server
        )

    async def connect(self) -> None:
        """Ask until the server answers, and wait for the end of the handshake."""
        await self.ask(self.connected)

    async def ask(self, event: asyncio.Event, *, pwd: str | None = None) -> None:
        """Send binding requests at intervals, as ICE does, until that has happened."""
        while not event.is_set():
            self.bind(pwd=pwd)
            try:
                async with asyncio.timeout(0.05):
                    await event.wait()
            except TimeoutError:
                continue

    def send(self, packet: RtpPacket) -> None:
        """Send one packet."""
        self._transport.sendto(self._outbound.protect(build_rtp(packet)), self._server)

    def send_rtcp(self, packet: bytes) -> None:
        """Send one packet of RTCP."""
        self._transport.sendto(self._outbound.protect_rtcp(packet), self._server)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if data[0] < 4:
            self.refused += data[:2] == b"\1\x11"
            self.answered.set()
        elif 20 <= data[0] <= 63:
            self._shake(data)
        elif self._inbound is not None:
            rtcp = 192 <= data[1] <= 223
            self.received.append(self._inbound.unprotect_rtcp(data) if rtcp else self._inbound.unprotect(data))

    def _shake(self, data: bytes) -> None:
        """One datagram of the handshake."""
        if self._ssl is None:
            self._ssl = _dtls_server()
        self._ssl.bio_write(data)
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            self._flush()
            return
        self._flush()
        if not self.connected.is_set():
            self._outbound, self._inbound = _sessions(self._ssl)
            self.connected.set()

    def _flush(self) -> None:
        while True:
            try:
                self._transport.sendto(self._ssl.bio_read(65536), self._server)
            except SSL.WantReadError:
                return


def _dtls_server() -> Any:
    key, own = certificate()
    context = SSL.Context(SSL.DTLS_METHOD)
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    context.use_certificate(own)
    context.use_privatekey(key)
    context.set_tlsext_use_srtp(b"SRTP_AES128_CM_SHA1_80")
    made = SSL.Connection(context, None)
    made.set_accept_state()
    made.set_ciphertext_mtu(1200)
    return made


def _sessions(made: Any) -> tuple[Any, Any]:
    """SRTP for what the DTLS server sends, and what it gets (RFC 5764, 4.2)."""
    material = made.export_keying_material(b"EXTRACTOR-dtls_srtp", 60)
    client, server = material[:16] + material[32:46], material[16:32] + material[46:60]
    profile: Callable[[bytes, int], Policy] = lambda key, kind: Policy(  # noqa: E731
        key=key, ssrc_type=kind, srtp_profile=Policy.SRTP_PROFILE_AES128_CM_SHA1_80
    )
    return Session(profile(server, Policy.SSRC_ANY_OUTBOUND)), Session(profile(client, Policy.SSRC_ANY_INBOUND))


@asynccontextmanager
async def media_client(**options: Any) -> AsyncIterator[MediaClient]:
    """A client with an open socket, closed with the block."""
    loop = asyncio.get_running_loop()
    transport, client = await loop.create_datagram_endpoint(lambda: MediaClient(**options), local_addr=("127.0.0.1", 0))
    try:
        yield client
    finally:
        transport.close()
