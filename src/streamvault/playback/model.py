"""What a media file is made of (`Facts`), and where its key frames are (`KeyFrames`); pure values.

Both are read once by a child process and stored in the catalog under the version with which they were read.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

VERSION = 4
"""Version of the rules that read facts and key frames; rows of older ones are read again."""

TrackType = Literal["video", "audio", "subtitle"]
Addressing = Literal["clusters", "samples", "packets", "none"]
"""How bytes of a moment are found.

clusters: Matroska and WebM, header + bytes from a cluster. samples: MP4 and MOV, opened whole with its index.
packets: MPEG-TS and AVI. none: the file cannot be cut into segments.
"""


@dataclass(frozen=True, slots=True)
class Track:
    """One track, as the container says. `index` is its number in the file, counted from 0 over all tracks.

    `codec` is FFmpeg's name (h264, eac3, subrip ...); `codec_string` is RFC 6381's ("avc1.64001f", "ec-3", "" unknown).
    `language` as BCP 47's shortest ("en", "" unknown). `channels`, `sample_rate` (Hz) of sound; `width`, `height`
    (pixels as displayed), `bit_depth`, `hdr` ("" none, "pq", "hlg", "dovi": Dolby Vision on PQ or alone),
    `frame_rate` of pictures. Dolby Vision that nothing else decodes has its own `codec_string` ("dvh1.05.06").
    """

    index: int
    type: TrackType
    codec: str
    codec_string: str = ""
    profile: str = ""
    language: str = ""
    title: str = ""
    default: bool = False
    forced: bool = False
    channels: int | None = None
    sample_rate: int | None = None
    bit_rate: int | None = None
    width: int | None = None
    height: int | None = None
    bit_depth: int | None = None
    hdr: str = ""
    frame_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Chapter:
    """`start` and `end` in seconds of the film."""

    start: float
    end: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the container (fonts, covers); `size` in bytes."""

    name: str
    mime_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file holds.

    `container` is one of matroska, webm, mp4, mpegts, avi, or FFmpeg's name for others; `duration` in seconds (None:
    not known); `start` is the first timestamp in seconds. `seekable`: a seek costs few bytes. `open_gop`: some key
    frames are followed by pictures that need frames before them (Chromium's decoder stops there after a seek); None:
    not looked at. `reason`: why nothing of it can be repackaged, in words ("" where it can).
    """

    container: str
    duration: float | None
    start: float = 0.0
    tracks: tuple[Track, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    seekable: bool = True
    fragmented: bool = False
    open_gop: bool | None = None
    reason: str = ""

    def of_type(self, kind: TrackType) -> tuple[Track, ...]:
        """The tracks of one type, in the order of the file."""
        return tuple(track for track in self.tracks if track.type == kind)

    @property
    def video(self) -> Track | None:
        """The first picture track (covers are attachments), None in a file of sound."""
        return next(iter(self.of_type("video")), None)


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """`pts` in units of KeyFrames.time_base; `position` is the byte of the file where reading for it begins."""

    pts: int
    position: int


@dataclass(frozen=True, slots=True)
class KeyFrames:
    """The key frames of the picture track (of the sound where there is none), by time, as the file's index has them.

    `header`: bytes that are put before the bytes from a key frame's position, so that the two open as one file
    (`clusters` and `packets`); b"" where the file is opened as it is. `exact` False: the file has no index, and the
    key frames are points at regular times, whose positions were found by interpolation or are unknown (-1).
    """

    addressing: Addressing
    time_base: Fraction
    keys: tuple[KeyFrame, ...] = ()
    end: float = 0.0
    """Seconds at which the last packet ends."""
    header: bytes = field(default=b"", repr=False)
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Cut:
    """One segment: key frames [first, last) of KeyFrames.keys, from `start` to `end` (seconds of the film)."""

    first: int
    last: int
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Probed:
    """The result of one probe."""

    facts: Facts
    keys: KeyFrames
