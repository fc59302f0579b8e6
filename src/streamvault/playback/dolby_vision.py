"""The configuration record of Dolby Vision: what its pictures are for decoders that do not know it; pure."""

from dataclasses import dataclass
from typing import Literal

BOXES = (b"dvcC", b"dvvC", b"dvwC")
"""Types of the boxes, and of Matroska's mappings, that hold the record."""

_ALONE = frozenset({1, 3, 5})
"""Profiles whose pictures have colours of their own, so that decoders of the codec alone show them green and purple."""

_BY_NUMBER = frozenset({10, 20})
"""Profiles of which only the number of compatibility tells that."""

_NAMES = {"hevc": "dvh1", "av1": "dav1", "h264": "dva1"}
_BASES: dict[int, Literal["", "hlg"]] = {2: "", 4: "hlg"}
"""What pictures are without Dolby Vision, by the number of compatibility, where that is not PQ."""


@dataclass(frozen=True, slots=True)
class DolbyVision:
    """`compatibility`: what the pictures are for other decoders; 0 nothing, 1 HDR10, 2 SDR, 4 HLG, 6 Blu-ray."""

    profile: int
    level: int
    compatibility: int

    @property
    def alone(self) -> bool:
        """Whether only decoders of Dolby Vision show its colours."""
        return self.profile in _ALONE or (self.profile in _BY_NUMBER and not self.compatibility)

    @property
    def hdr(self) -> str:
        """As Track.hdr."""
        return "dovi" if self.alone else _BASES.get(self.compatibility, "dovi")

    def codec_string(self, codec: str) -> str:
        """What browsers call pictures that are `alone`; "" for codecs that have no Dolby Vision."""
        name = _NAMES.get(codec)
        return f"{name}.{self.profile:02d}.{self.level:02d}" if name else ""


def read_record(record: bytes) -> DolbyVision | None:
    """None if it is cut off, or empty."""
    if len(record) < 5:
        return None
    flags = int.from_bytes(record[2:4], "big")
    return DolbyVision(profile=flags >> 9, level=flags >> 3 & 63, compatibility=record[4] >> 4)


def of_sample_entry(entry: bytes) -> DolbyVision | None:
    """Of the record in a sample entry of MP4, None without one."""
    places = [entry.index(kind) for kind in BOXES if kind in entry]
    return read_record(entry[min(places) + 4 :]) if places else None


def needs_decoder(codec_string: str) -> bool:
    """Whether this is the name of pictures that only decoders of Dolby Vision show."""
    return codec_string.partition(".")[0] in _NAMES.values()
