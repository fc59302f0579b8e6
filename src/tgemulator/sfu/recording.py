"""What one participant has sent: its packets with their times of arrival, as long as there is room for them."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from tgemulator.sfu.rtp import RtpPacket, SenderReport

MOST_AUDIO, MOST_VIDEO = 64 << 20, 256 << 20
"""Bytes of payload that are kept; the oldest are dropped."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A packet and when it arrived, in Unix seconds; `muted`: an administrator had muted the participant then."""

    at: float
    packet: RtpPacket
    muted: bool = False


@dataclass(slots=True)
class Counts:
    """How much has come from one source. `frames` counts the last packets of frames."""

    packets: int = 0
    bytes: int = 0
    frames: int = 0


class _Packets:
    """The newest packets of at most `most` bytes."""

    def __init__(self, most: int) -> None:
        self.held: deque[Arrival] = deque()
        self._left = most

    def add(self, arrival: Arrival) -> None:
        self.held.append(arrival)
        self._left -= len(arrival.packet.payload)
        while self._left < 0 and self.held:
            self._left += len(self.held.popleft().packet.payload)


@dataclass(slots=True)
class Recording:
    """The packets of one participant over all of its connections, retransmissions left out.

    `codec` is that of the video; `counts` and `reports`, the latest ones, are by source. `connected` and `closed` are
    the times (Unix seconds) at which connections became usable, and ended.
    """

    codec: str = "VP8"
    connected: list[float] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    counts: dict[int, Counts] = field(default_factory=dict)
    reports: dict[int, SenderReport] = field(default_factory=dict)
    _audio: _Packets = field(default_factory=lambda: _Packets(MOST_AUDIO))
    _video: _Packets = field(default_factory=lambda: _Packets(MOST_VIDEO))

    def add_audio(self, arrival: Arrival) -> None:
        """One more packet of Opus."""
        self._count(arrival.packet)
        self._audio.add(arrival)

    def add_video(self, arrival: Arrival) -> None:
        """One more packet of video."""
        self._count(arrival.packet)
        self._video.add(arrival)

    def audio(self, *, since: float = 0.0, until: float = float("inf")) -> list[Arrival]:
        """The packets of sound that arrived in [since, until), in the order in which they came."""
        return _between(self._audio.held, since, until)

    def video(self, *, since: float = 0.0, until: float = float("inf")) -> list[Arrival]:
        """The packets of video that arrived in [since, until), of every layer."""
        return _between(self._video.held, since, until)

    def sent_at(self, packet: RtpPacket, *, clock: int) -> float | None:
        """When a packet was sent by its sender's own clock, by which sound and picture of one client can be compared.

        `clock` is that of the RTP time in Hz. None before the first report of the source.
        """
        report = self.reports.get(packet.source)
        if report is None:
            return None
        ahead = ((packet.timestamp - report.timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        return report.clock + ahead / clock

    def clear(self) -> None:
        """Forget all packets and counts."""
        self.counts.clear()
        self._audio, self._video = _Packets(MOST_AUDIO), _Packets(MOST_VIDEO)

    def _count(self, packet: RtpPacket) -> None:
        counts = self.counts.setdefault(packet.source, Counts())
        counts.packets += 1
        counts.bytes += len(packet.payload)
        counts.frames += packet.marker


def _between(held: Iterable[Arrival], since: float, until: float) -> list[Arrival]:
    return [arrival for arrival in held if since <= arrival.at < until]
