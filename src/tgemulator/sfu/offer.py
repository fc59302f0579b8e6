"""The two JSON texts of a join: what the client offers, and what the media server answers.

Neither is part of Telegram's schema: both are a DataJSON that clients' WebRTC libraries write and read. Sources are
unsigned 32-bit numbers here, and signed ones in the texts and in the schema.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SIMULCAST, RETRANSMISSION = "SIM", "FID"
_OPUS, _VP8, _VP8_RTX, _H264, _H264_RTX = 111, 100, 101, 102, 103
_AUDIO_LEVEL = {"id": 1, "uri": "urn:ietf:params:rtp-hdrext:ssrc-audio-level"}
_SEND_TIME = {"id": 2, "uri": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"}
_PRIORITY = "2130706431"  # of a host candidate, RFC 8445


class OfferError(ValueError):
    """The client's parameters are not an offer."""


@dataclass(frozen=True, slots=True)
class SourceGroup:
    """Video sources that belong together: simulcast layers, or a layer with its retransmissions."""

    semantics: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What the client sends from: ICE credentials, the digest of its certificate ("AA:BB"), and its sources."""

    ufrag: str
    pwd: str
    fingerprint: str
    source: int
    groups: tuple[SourceGroup, ...] = ()

    @property
    def video_sources(self) -> tuple[int, ...]:
        """The simulcast layers from the smallest to the largest; empty for a client without video."""
        layers = [group.sources for group in self.groups if group.semantics == SIMULCAST]
        single = [group.sources[:1] for group in self.groups if group.semantics == RETRANSMISSION]
        return layers[0] if layers else tuple(source for sources in single for source in sources)

    @property
    def retransmissions(self) -> dict[int, int]:
        """The source of retransmitted packets -> the source that they repeat."""
        pairs = [group.sources for group in self.groups if group.semantics == RETRANSMISSION]
        return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


@dataclass(frozen=True, slots=True)
class Transport:
    """Where the media server listens for one participant, and with which credentials."""

    host: str
    port: int
    ufrag: str
    pwd: str
    fingerprint: str


def unsigned(source: int) -> int:
    """A source as RTP carries it."""
    return source & 0xFFFFFFFF


def signed(source: int) -> int:
    """A source as the schema and the offer carry it."""
    return (source & 0xFFFFFFFF) - ((source & 0x80000000) << 1)


def parse_offer(text: str) -> Offer:
    """The offer in the `params` of phone.joinGroupCall. OfferError if a field is missing or of the wrong kind."""
    try:
        found = json.loads(text)
        prints = [item["fingerprint"] for item in found["fingerprints"] if item["hash"].lower() == "sha-256"]
        return Offer(
            ufrag=_text(found, "ufrag"),
            pwd=_text(found, "pwd"),
            fingerprint=str(prints[0]).upper(),
            source=unsigned(int(found["ssrc"])),
            groups=tuple(_group(item) for item in found.get("ssrc-groups") or ()),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise OfferError(f"not an offer: {error}") from error


def answer_text(transport: Transport, *, codecs: tuple[str, ...] = ("VP8",), endpoint: str = "") -> str:
    """The answer for a client that speaks by itself; the video `codecs` in order of preference."""
    answer = {
        "transport": _transport(transport),
        "audio": {
            "payload-types": [{"id": _OPUS, "name": "opus", "clockrate": 48000, "channels": 2}],
            "rtp-hdrexts": [_AUDIO_LEVEL, _SEND_TIME],
        },
        "video": {
            "endpoint": endpoint,
            "payload-types": [part for codec in codecs for part in _video(codec)],
            "rtp-hdrexts": [_SEND_TIME],
        },
    }
    return json.dumps(answer)


def stream_text(*, rtmp: bool = False) -> str:
    """The answer for a client that listens to the call as a stream of chunks, or (`rtmp`) of an RTMP stream."""
    return json.dumps({"stream": True, "rtmp": True} if rtmp else {"stream": True})


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found[key]
    if not isinstance(value, str) or not value:
        raise OfferError(f"{key} is not a text")
    return value


def _group(item: Mapping[str, Any]) -> SourceGroup:
    return SourceGroup(_text(item, "semantics"), tuple(unsigned(int(source)) for source in item["sources"]))


def _transport(transport: Transport) -> dict[str, Any]:
    """The values of a candidate are strings, and "sha-256" is in lower case: clients insist on both."""
    candidate = {
        "generation": "0",
        "component": "1",
        "protocol": "udp",
        "port": str(transport.port),
        "ip": transport.host,
        "foundation": "1",
        "id": "1",
        "priority": _PRIORITY,
        "type": "host",
        "network": "0",
    }
    prints = [{"hash": "sha-256", "setup": "active", "fingerprint": transport.fingerprint}]
    return {"ufrag": transport.ufrag, "pwd": transport.pwd, "fingerprints": prints, "candidates": [candidate]}


def _video(codec: str) -> list[dict[str, Any]]:
    """The payload types of a codec and of its retransmissions, with REMB and without transport-cc."""
    number, repeated = (_H264, _H264_RTX) if codec == "H264" else (_VP8, _VP8_RTX)
    feedback = [{"type": "goog-remb"}, {"type": "nack"}, {"type": "nack", "subtype": "pli"}, *_FIR]
    profile = {"profile-level-id": "42e01f", "packetization-mode": "1"} if codec == "H264" else {}
    return [
        {"id": number, "name": codec, "clockrate": 90000, "channels": 0, "rtcp-fbs": feedback, "parameters": profile},
        {"id": repeated, "name": "rtx", "clockrate": 90000, "channels": 0, "parameters": {"apt": str(number)}},
    ]


_FIR = [{"type": "ccm", "subtype": "fir"}]
