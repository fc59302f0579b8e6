"""The ffmpeg commands that decode a file for a call: sound as 48 kHz stereo s16le, pictures as yuv420p of one size.

They read from an address on loopback and write to standard output, at the pace at which that is read. Both kinds seek
exactly, so that sound and picture begin at the same place.
"""

import shlex
from dataclasses import dataclass

RATE, CHANNELS = 48_000, 2
LOUDNESS = "loudnorm=I=-16:TP=-1.5:LRA=11"
"""EBU R 128 in one pass: quiet and loud items sound alike."""
DOWNMIX = "aresample=48000,aformat=channel_layouts=stereo"
"""ffmpeg's own matrix keeps the centre and the surround channels; a mono track goes to both sides."""
FADE = 0.05
"""Seconds in which sound comes up, as a seek would click."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The size in pixels and the frame rate of what is sent, whatever the file has."""

    width: int = 1280
    height: int = 720
    rate: int = 30

    def __post_init__(self) -> None:
        """Raises ValueError for odd sizes, which yuv420p cannot have."""
        if self.width % 2 or self.height % 2 or min(self.width, self.height, self.rate) < 1:
            raise ValueError("the sides of a picture are even numbers")


@dataclass(frozen=True, slots=True)
class Source:
    """An address of a file, and where and how it is played; see model.Item and Call."""

    address: str
    position: float = 0.0
    track: int = 0
    volume: int = 100


def sound_command(source: Source, *, normalise: bool = True) -> str:
    """The command for the sound of a file, for a shell."""
    filters = [DOWNMIX, *([LOUDNESS, "aresample=48000"] if normalise else [])]
    if source.volume != 100:
        filters.append(f"volume={source.volume / 100:.2f}")
    filters.append(f"afade=t=in:d={FADE}")
    output = ["-map", f"0:a:{source.track}", "-vn", "-sn", "-dn", "-af", ",".join(filters)]
    return shlex.join([*_input(source), *output, "-f", "s16le", "-ar", str(RATE), "-ac", str(CHANNELS), "pipe:1"])


def picture_command(source: Source, picture: Picture) -> str:
    """The command for the picture of a file, for a shell: turned as it says, in its own aspect, with bars around it."""
    size = f"{picture.width}:{picture.height}"
    filters = (
        "scale=iw*sar:ih",
        f"scale={size}:force_original_aspect_ratio=decrease:force_divisible_by=2",
        f"pad={size}:(ow-iw)/2:(oh-ih)/2",
        "setsar=1",
        f"fps={picture.rate}",
        "format=yuv420p",
    )
    # V: no covers and other attached pictures
    output = ["-map", "0:V:0", "-an", "-sn", "-dn", "-vf", ",".join(filters), "-f", "rawvideo", "pipe:1"]
    return shlex.join([*_input(source), *output])


def _input(source: Source) -> list[str]:
    seek = ["-ss", f"{source.position:.3f}"] if source.position > 0 else []
    return [
        "ffmpeg", "-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "2",
        "-protocol_whitelist", "http,tcp", "-multiple_requests", "1",
        "-reconnect", "1", "-reconnect_on_network_error", "1", "-reconnect_streamed", "1", "-reconnect_delay_max", "4",
        *seek, "-i", source.address,
    ]  # fmt: skip
