"""The media server of all calls: an endpoint for each connection, and what it hears, by participant."""

from dataclasses import dataclass, field
from typing import Protocol

from tgemulator.faults.types import MediaFault, Target
from tgemulator.sfu.dtls import check_packages
from tgemulator.sfu.endpoint import Conditions, Endpoint
from tgemulator.sfu.offer import Offer, answer_text
from tgemulator.sfu.recording import Recording
from tgemulator.sfu.rtp import RtpPacket
from tgemulator.sfu.speaker import Speaker


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose connection it is: the call, the participant's peer, and whether it carries a presentation.

    `user` and `chat` are the account and the chat of the call, for the scopes of faults only.
    """

    call: int
    peer: tuple[str, int]
    user: int = field(default=0, compare=False)
    chat: int = field(default=0, compare=False)
    presentation: bool = False


class ActiveFaults(Protocol):
    """The faults that are switched on."""

    def of_media(self) -> list[MediaFault]: ...


class Sfu:
    """Selective forwarding unit on UDP of `host`. Makes nothing before the first join; `close` ends everything.

    `codecs`: the video codecs that it offers, in order of preference.
    """

    def __init__(self, host: str, faults: ActiveFaults) -> None:
        self.codecs: tuple[str, ...] = ("VP8",)
        self._host = host
        self._faults = faults
        self._endpoints: dict[Seat, Endpoint] = {}
        self._speakers: dict[Seat, Speaker] = {}
        self._recordings: dict[Seat, Recording] = {}

    def join(self, seat: Seat, offer: Offer) -> str:
        """Listen for a participant, instead of its earlier connection; the answer for the client, as JSON.

        OSError without a free port, MediaUnavailable without the packages that calls need.
        """
        check_packages()
        self.leave(seat)
        recording = self._recordings.setdefault(seat, Recording())
        recording.codec = self.codecs[0]
        endpoint = Endpoint(
            self._host,
            offer,
            recording=recording,
            conditions=lambda endpoint: self._conditions(seat, endpoint),
            forward=lambda packet: self.broadcast(seat, packet),
        )
        self._endpoints[seat] = endpoint
        answer = answer_text(endpoint.transport, codecs=self.codecs, endpoint=f"{seat.user}")
        self._conditions(seat, endpoint)  # a fault of dead connections closes it now
        return answer

    def leave(self, seat: Seat) -> None:
        """Close the connection of a participant, if there is one; what was heard stays."""
        endpoint, speaker = self._endpoints.pop(seat, None), self._speakers.pop(seat, None)
        if endpoint is not None:
            endpoint.close()
        if speaker is not None:
            speaker.stop()

    def mute(self, seat: Seat, muted: bool) -> None:
        """Mark what comes from now on as muted by an administrator, or no longer."""
        if seat in self._endpoints:
            self._endpoints[seat].audible = not muted
        if seat in self._speakers:
            self._speakers[seat].muted = muted

    def endpoint(self, seat: Seat) -> Endpoint | None:
        """The participant's connection, None without one."""
        return self._endpoints.get(seat)

    def recording(self, seat: Seat) -> Recording:
        """What was heard of a participant over all of its connections."""
        return self._recordings.setdefault(seat, Recording())

    def broadcast(self, sender: Seat, packet: RtpPacket) -> None:
        """Send a packet of a participant to all others that are connected to the call."""
        for seat, endpoint in self._endpoints.items():
            if seat.call == sender.call and seat.peer != sender.peer and not seat.presentation:
                endpoint.send(packet)

    def speak(self, seat: Seat, source: int, *, frequency: int) -> None:
        """Let a simulated participant send a tone of so many Hz to all who are connected, until it leaves."""
        self.leave(seat)
        self._speakers[seat] = Speaker(source, frequency, lambda packet: self.broadcast(seat, packet))

    def apply_faults(self) -> None:
        """Close the connections that a fault ends, at once."""
        for seat, endpoint in list(self._endpoints.items()):
            self._conditions(seat, endpoint)

    def close(self) -> None:
        """Close every connection."""
        for seat in [*self._endpoints, *self._speakers]:
            self.leave(seat)

    def _conditions(self, seat: Seat, endpoint: Endpoint) -> Conditions:
        """How datagrams of this connection fare now, by the faults in whose scope it is."""
        target = Target(0, False, "", seat.user, None, frozenset({seat.chat}))
        acting = [fault for fault in self._faults.of_media() if fault.acts_on(endpoint, target)]
        if any(fault.closed for fault in acting):
            endpoint.close()
        return Conditions(
            silent=any(fault.silent for fault in acting),
            loss=max((fault.loss for fault in acting), default=0.0),
            delay=sum(fault.delay for fault in acting),
        )
