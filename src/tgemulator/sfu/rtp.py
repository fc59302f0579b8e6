"""RTP packets and the RTCP feedback that a media server sends (RFC 3550, 4585, draft-alvestrand-rmcat-remb)."""

import struct
from dataclasses import dataclass

AUDIO_CLOCK, VIDEO_CLOCK = 48_000, 90_000
_SENDER_REPORT = 200
_FEEDBACK, _PLI, _REMB = 206, 1, 15


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One packet without its header extensions and padding; `marker` ends a frame of video."""

    payload_type: int
    sequence: int
    timestamp: int
    source: int
    marker: bool
    payload: bytes


def is_rtcp(datagram: bytes) -> bool:
    """Whether a datagram that is RTP or RTCP is RTCP (RFC 5761)."""
    return len(datagram) > 1 and 192 <= datagram[1] <= 223


def parse_rtp(datagram: bytes) -> RtpPacket | None:
    """The packet in a decrypted datagram, None if it is malformed."""
    if len(datagram) < 12 or datagram[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, source = struct.unpack_from("!BBHII", datagram)
    start = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if len(datagram) < start + 4:
            return None
        start += 4 + 4 * int(struct.unpack_from("!H", datagram, start + 2)[0])
    stop = len(datagram) - (datagram[-1] if first & 0x20 else 0)
    if start > stop:
        return None
    return RtpPacket(second & 0x7F, sequence, timestamp, source, bool(second & 0x80), datagram[start:stop])


@dataclass(frozen=True, slots=True)
class SenderReport:
    """What the clock of a sender said (seconds since 1900) at an RTP time of one of its sources."""

    source: int
    clock: float
    timestamp: int


def sender_reports(datagram: bytes) -> list[SenderReport]:
    """The sender reports in a decrypted compound packet of RTCP."""
    found, at = [], 0
    while at + 8 <= len(datagram):
        _, kind, length = struct.unpack_from("!BBH", datagram, at)
        if kind == _SENDER_REPORT and at + 20 <= len(datagram):
            source, seconds, fraction, timestamp = struct.unpack_from("!IIII", datagram, at + 4)
            found.append(SenderReport(source, seconds + fraction / 2**32, timestamp))
        at += 4 * (length + 1)
    return found


def build_rtp(packet: RtpPacket) -> bytes:
    """A packet without extensions."""
    second = packet.payload_type | (0x80 if packet.marker else 0)
    header = struct.pack("!BBHII", 0x80, second, packet.sequence & 0xFFFF, packet.timestamp & 0xFFFFFFFF, packet.source)
    return header + packet.payload


def picture_loss(sender: int, source: int) -> bytes:
    """RTCP PLI: asks for a key frame of this source."""
    return struct.pack("!BBHII", 0x80 | _PLI, _FEEDBACK, 2, sender, source)


def remb(sender: int, sources: tuple[int, ...], *, bitrate: int) -> bytes:
    """RTCP REMB: the sender of these sources may use so many bit/s in all."""
    exponent = max(0, bitrate.bit_length() - 18)
    rate = struct.pack("!I", exponent << 18 | bitrate >> exponent)[1:]
    body = struct.pack("!II4sB", sender, 0, b"REMB", len(sources)) + rate
    body += b"".join(struct.pack("!I", source) for source in sources)
    return struct.pack("!BBH", 0x80 | _REMB, _FEEDBACK, len(body) // 4) + body
