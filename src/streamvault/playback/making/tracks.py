"""Tracks of a file as PyAV shows them."""

import re
from typing import Any

from av.stream import Disposition

from streamvault.playback.codecs import Coding, codec_string
from streamvault.playback.dolby_vision import DolbyVision
from streamvault.playback.languages import short_code
from streamvault.playback.model import Track, TrackType

MOST_TRACKS = 256
MOST_TITLE = 200
"""Characters."""

_TYPES: dict[str, TrackType] = {"video": "video", "audio": "audio", "subtitle": "subtitle"}
_HDR = {16: "pq", 18: "hlg"}
"""By the numbers of transfer characteristics (ITU-T H.273)."""
_PICTURES = frozenset({"mjpeg", "png", "gif", "bmp", "webp", "tiff"})


def streams_of(container: Any) -> list[Any]:
    """The streams that are tracks: no covers, attachments, data or streams of unknown codecs."""
    return [stream for stream in list(container.streams)[:MOST_TRACKS] if _is_track(stream)]


def _is_track(stream: Any) -> bool:
    if stream.type not in _TYPES or stream.codec_context is None:
        return False
    cover = bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))
    return not (stream.type == "video" and (cover or (codec_of(stream) in _PICTURES and stream.frames == 1)))


def codec_of(stream: Any) -> str:
    """FFmpeg's name of its codec, whatever the decoder's."""
    return str(stream.codec_context.codec.canonical_name)


def track_of(stream: Any, *, dolby_vision: DolbyVision | None = None, rotation: int = 0, private: bytes = b"") -> Track:
    """`private`: its extradata where FFmpeg does not show them."""
    context, kind = stream.codec_context, _TYPES[stream.type]
    codec = codec_of(stream)
    private = bytes(context.extradata or b"") or private
    profile = str(stream.profile or "")
    common: dict[str, Any] = {
        "index": stream.index,
        "type": kind,
        "codec": codec,
        "profile": profile,
        "language": short_code(stream.language or ""),
        "title": _title(stream.metadata),
        "default": bool(stream.disposition & Disposition.default),
        "forced": bool(stream.disposition & Disposition.forced),
    }
    if kind == "subtitle":
        return Track(**common, codec_string=codec_string(Coding(codec)))
    common["bit_rate"] = context.bit_rate or _said_rate(stream.metadata)
    if kind == "audio":
        name = codec_string(Coding(codec, private, profile))
        channels, rate = context.channels or None, context.sample_rate or None
        return Track(**common, codec_string=name, channels=channels, sample_rate=rate)
    return Track(**common, **_picture(stream, codec, private, profile, dolby_vision=dolby_vision, rotation=rotation))


def _picture(
    stream: Any, codec: str, private: bytes, profile: str, *, dolby_vision: DolbyVision | None, rotation: int
) -> dict[str, Any]:
    context = stream.codec_context
    width, height = context.width, context.height
    rate = stream.average_rate or stream.guessed_rate
    frame_rate = round(float(rate), 3) if rate and 0 < rate < 1000 else None
    depth = _depth(context.pix_fmt or "")
    aspect = stream.sample_aspect_ratio
    shown = round(width * float(aspect)) if aspect and 0.1 < aspect < 10 else width
    hdr = dolby_vision.hdr if dolby_vision else _HDR.get(int(context.color_trc or 0), "")
    name = codec_string(Coding(codec, private, profile, width, height, frame_rate, depth or 8))
    if dolby_vision and dolby_vision.alone:
        name = dolby_vision.codec_string(codec)
    size = (height, shown) if rotation in (90, 270) else (shown, height)
    return {
        "codec_string": name,
        "width": size[0] or None,
        "height": size[1] or None,
        "bit_depth": depth,
        "hdr": hdr,
        "frame_rate": frame_rate,
    }


def _depth(pixels: str) -> int | None:
    """Bits per component of a pixel format, by its name: yuv420p10le has 10."""
    found = re.search(r"p(\d{1,2})(?:le|be)$", pixels)
    return int(found[1]) if found else (8 if pixels else None)


def _title(metadata: dict[str, str]) -> str:
    title = metadata.get("title") or metadata.get("name") or ""
    return "".join(letter for letter in title if letter.isprintable()).strip()[:MOST_TITLE]


def _said_rate(metadata: dict[str, str]) -> int | None:
    """Bits per second as mkvmerge writes it among the tags."""
    said = next((value for name, value in metadata.items() if name.upper().startswith("BPS")), "")
    return int(said) if said.isdecimal() and len(said) < 12 else None
