"""The media server's end of one participant's connection: ICE-lite, DTLS, SRTP, and what comes over them."""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tgemulator.sfu import rtp, stun
from tgemulator.sfu.datagrams import Address, DatagramSocket
from tgemulator.sfu.dtls import DtlsClient, DtlsError, certificate, fingerprint
from tgemulator.sfu.offer import Offer, Transport
from tgemulator.sfu.recording import Arrival, Recording

log = logging.getLogger(__name__)

ALIVE = 10.0
"""Seconds without a datagram after which a connection counts as lost."""
QUIET = 0.3
"""Seconds after the answer in which nothing is answered: clients that are answered sooner may hang."""
_FEEDBACK_INTERVAL = 1.0
_BITRATE = 6_000_000
_KEY_FRAME_INTERVAL = 10.0
_OPUS = 111


@dataclass(slots=True)
class Conditions:
    """How datagrams fare on a connection now: `loss` is a share of them, `delay` in seconds, each way."""

    silent: bool = False
    loss: float = 0.0
    delay: float = 0.0


class Endpoint:
    """One connection of a participant. Listens from its making on, until `close`.

    `conditions` is asked for each datagram; `dropped` counts those that came and were lost by them. `audible` False
    marks what comes as muted by an administrator. `forward` gets each packet of sound that the others may hear.
    """

    def __init__(
        self,
        host: str,
        offer: Offer,
        *,
        recording: Recording,
        conditions: Callable[["Endpoint"], Conditions],
        forward: Callable[[rtp.RtpPacket], None],
    ) -> None:
        self.offer = offer
        self.recording = recording
        self.audible = True
        self.connected = False
        self.dropped = 0
        self._conditions, self._forward = conditions, forward
        self._loop = asyncio.get_running_loop()
        self._opens_at = self._loop.time() + QUIET
        self._socket = DatagramSocket(host, self._received)
        self._ufrag, self._pwd = secrets.token_hex(4), secrets.token_hex(12)
        self._peer: Address | None = None
        self._dtls: DtlsClient | None = None
        self._inbound: Any = None
        self._outbound: Any = None
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._source = secrets.randbits(31) | 1
        self._loss = 0.0
        self._heard_at = self._missed_at = 0.0
        self._next: dict[int, int] = {}

    @property
    def alive(self) -> bool:
        """Whether the connection is there, and something has come over it of late."""
        return self.connected and self._loop.time() - self._heard_at < ALIVE

    @property
    def transport(self) -> Transport:
        """What the answer to the client says of this end."""
        host, port = self._socket.address
        return Transport(host, port, self._ufrag, self._pwd, fingerprint(certificate()[1]))

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._socket.closed

    def close(self) -> None:
        """Stop listening at once: the client's datagrams are refused from now on. May be called again."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if not self._socket.closed and self.connected:
            self.recording.closed.append(time.time())
        self.connected = False
        self._socket.close()

    def request_key_frame(self) -> None:
        """Send a PLI for each video source."""
        for source in self.offer.video_sources:
            self._send_rtcp(rtp.picture_loss(self._source, source))

    def send(self, packet: rtp.RtpPacket) -> None:
        """Send a packet of another participant; lost before the connection is there."""
        if self._outbound is not None and self._peer is not None:
            self._send(self._outbound.protect(rtp.build_rtp(packet)))

    def _received(self, datagram: bytes, address: Address, at: float) -> None:
        """One datagram, as the conditions let it come."""
        conditions = self._conditions(self)
        if self.closed or self._loop.time() < self._opens_at:
            return
        if self._drops(conditions):
            self.dropped += 1
            return
        if conditions.delay:
            late = at + conditions.delay
            self._loop.call_later(conditions.delay, lambda: self._take(datagram, address, late))
        else:
            self._take(datagram, address, at)

    def _take(self, datagram: bytes, address: Address, at: float) -> None:
        """One datagram, by its kind (RFC 7983)."""
        if self.closed or not datagram:
            return
        self._heard_at = self._loop.time()
        if stun.is_stun(datagram):
            self._bind(datagram, address)
        elif 20 <= datagram[0] <= 63:
            self._shake(datagram)
        elif self._inbound is not None:
            self._hear(datagram, at)

    def _bind(self, datagram: bytes, address: Address) -> None:
        """Answer a binding request; the first authentic one begins the handshake."""
        request = stun.parse_request(datagram, pwd=self._pwd)
        if request is None:
            return
        if not request.authentic or request.username != f"{self._ufrag}:{self.offer.ufrag}":
            self._send(stun.unauthorised(request), address)
            return
        self._send(stun.success(request, address, pwd=self._pwd), address)
        if self._peer is None or request.nominates:
            self._peer = address
        if self._dtls is None:
            self._dtls = DtlsClient(self.offer.fingerprint)
            self._dtls.start()
            self._flush()

    def _shake(self, datagram: bytes) -> None:
        """One datagram of the handshake, or an alert that ends the connection."""
        if self._dtls is None:
            return
        try:
            self._dtls.receive(datagram)
        except DtlsError as error:
            log.info("%s", error)
            self.close()
            return
        self._flush()
        if self._dtls.done and not self.connected:
            self._inbound, self._outbound = self._dtls.sessions()
            self.connected = True
            self.recording.connected.append(time.time())
            self._give_feedback()
            self._ask_for_key_frames()

    def _flush(self) -> None:
        """Send what the handshake has to say, and again when it is due."""
        assert self._dtls is not None
        for datagram in self._dtls.outgoing():
            self._send(datagram)
        left = None if self._dtls.done else self._dtls.timeout()
        if left is not None:
            self._after("dtls", left, self._retransmit)

    def _retransmit(self) -> None:
        assert self._dtls is not None
        self._dtls.retransmit()
        self._flush()

    def _give_feedback(self) -> None:
        """REMB each second: without it a client lowers its video step by step."""
        sources = self.offer.video_sources
        if sources:
            self._send_rtcp(rtp.remb(self._source, sources, bitrate=_BITRATE))
            self._after("remb", _FEEDBACK_INTERVAL, self._give_feedback)

    def _ask_for_key_frames(self) -> None:
        if self.offer.video_sources:
            self.request_key_frame()
            self._after("pli", _KEY_FRAME_INTERVAL, self._ask_for_key_frames)

    def _hear(self, datagram: bytes, at: float) -> None:
        """One packet of RTP or RTCP; retransmissions are left out."""
        from pylibsrtp import Error

        try:
            if rtp.is_rtcp(datagram):
                reports = rtp.sender_reports(self._inbound.unprotect_rtcp(datagram))
                self.recording.reports |= {report.source: report for report in reports}
                return
            packet = rtp.parse_rtp(self._inbound.unprotect(datagram))
        except Error:
            return  # a replayed or forged packet, which SRTP drops
        if packet is None or packet.source in self.offer.retransmissions:
            return
        arrival = Arrival(at, packet, muted=not self.audible)
        if packet.payload_type == _OPUS:
            self.recording.add_audio(arrival)
            if self.audible:
                self._forward(packet)
        else:
            self.recording.add_video(arrival)
            self._miss(packet)

    def _miss(self, packet: rtp.RtpPacket) -> None:
        """Ask for a key frame after a hole in the video: once for the holes of a second."""
        expected = self._next.get(packet.source, packet.sequence)
        self._next[packet.source] = (packet.sequence + 1) & 0xFFFF
        if packet.sequence != expected and self._loop.time() - self._missed_at >= _FEEDBACK_INTERVAL:
            self._missed_at = self._loop.time()
            self.request_key_frame()

    def _drops(self, conditions: Conditions) -> bool:
        """Whether this datagram is lost: evenly, so that a test has the same loss each time."""
        if conditions.silent:
            return True
        self._loss += conditions.loss
        if self._loss < 1:
            return False
        self._loss -= 1
        return True

    def _send_rtcp(self, packet: bytes) -> None:
        if self._outbound is not None:
            self._send(self._outbound.protect_rtcp(packet))

    def _send(self, datagram: bytes, address: Address | None = None) -> None:
        """Send to `address`, or to the participant, as the conditions let it go."""
        to, conditions = address or self._peer, self._conditions(self)
        if to is None or self._drops(conditions):
            return
        if conditions.delay:
            self._loop.call_later(conditions.delay, self._socket.send, datagram, to)
        else:
            self._socket.send(datagram, to)

    def _after(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` later, once, instead of an earlier one of that name."""
        if name in self._timers:
            self._timers[name].cancel()
        if not self.closed:
            self._timers[name] = self._loop.call_later(seconds, action)
