"""Extracts a picture from a media file with PyAV. Imported by the sandbox's processes only."""

import io
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import av
from av.stream import Disposition
from PIL import Image, ImageStat

from streamvault.media.placeholder import LONGEST
from streamvault.media.stills import SIDE
from streamvault.reading.sandbox.model import BoundedFile, Call

QUALITY = 80

TINY_QUALITY = 20
"""The JPEG quality whose tables are in the header that stripped thumbnails share."""

MOST_PIXELS = 40_000_000
"""Pixels of a frame at most; 8K has 33 million."""

MOMENTS = (0.1, 0.25, 0.5)
"""Fractions of the duration at which to look, until a frame has enough contrast."""

UNKNOWN = 5.0
"""Seconds at which to look if the duration is unknown."""

SEEKING = 3 / 4
"""Fraction of the cells that seeking may use; the rest is for the frames at the head of the file."""

PACKETS = 2000
"""Packets to read until a key frame, at most."""

FIRST = 3
"""Frames to look at without seeking."""

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mpeg", "flv", "asf", "ogg", "mp3", "flac", "aac",
    "wav", "aiff", "m4v", "h264", "hevc", "mpegvideo",
)  # fmt: skip
_VIDEO = frozenset({
    "h264", "hevc", "libdav1d", "av1", "vp8", "vp9", "mpeg4", "mpeg2video", "mpeg1video", "msmpeg4", "msmpeg4v2",
    "wmv1", "wmv2", "wmv3", "vc1", "theora", "mjpeg", "flv", "h263", "prores", "vp6", "vp6f", "png", "gif", "webp",
    "bmp",
})  # fmt: skip
_AUDIO = frozenset({
    "aac", "mp3", "mp3float", "ac3", "eac3", "opus", "vorbis", "flac", "alac", "dca", "wmav1", "wmav2", "mp2",
    "mp2float", "pcm_s16le",
})  # fmt: skip
_OPTIONS = {
    "format_whitelist": ",".join(_FORMATS),  # no playlists: they would open other files
    "codec_whitelist": ",".join(sorted(_VIDEO | _AUDIO)),
    "protocol_whitelist": "none",
    "probesize": str(1 << 20),
    "analyzeduration": "2000000",
}
_COVERS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


def take_still(call: Call) -> Mapping[str, Any]:
    """A JobFunction: writes a placeholder JPEG and one of SIDE pixels; `{"tiny": bytes, "picture": bytes}`, 0 for none.

    Its argument `duration` is in seconds, 0: unknown. Exceptions beside FFmpeg's and Pillow's own end the job, which
    the server treats as no picture, too.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    picture = taken(call.file, call.arguments["duration"])
    if picture is None:
        return {"tiny": 0, "picture": 0}
    tiny, large = _tiny(picture), to_jpeg(picture, quality=QUALITY)
    call.write(tiny + large)
    return {"tiny": len(tiny), "picture": len(large)}


def taken(file: BoundedFile, duration: float) -> Image.Image | None:
    """The picture of a file, as it is displayed, of SIDE pixels at most; None where there is none. `duration` in
    seconds, 0: unknown.
    """
    picture, most = None, file.most
    for file.most, moments in ((int(most * SEEKING), MOMENTS), (most, ())):
        file.seek(0)
        try:
            with av.open(file, options=_OPTIONS, metadata_errors="replace") as container:
                picture = _look(container, duration, moments=moments)
        except (av.FFmpegError, Image.DecompressionBombError):
            continue
        if picture is not None:
            return picture
    return None


def _look(container: Any, duration: float, *, moments: tuple[float, ...]) -> Image.Image | None:
    streams = [stream for stream in container.streams.video if stream.codec_context.name in _VIDEO]
    covers = [stream for stream in streams if stream.disposition & Disposition.attached_pic]
    films = [stream for stream in streams if stream not in covers]
    if films:
        return _best(_frames(container, films[0], duration, moments=moments))
    return _cover(container, covers[0]) if covers else None


def _best(pictures: Iterator[Image.Image]) -> Image.Image | None:
    """The first picture that is not almost uniform or black; else the one with most contrast."""
    best, most = None, -1.0
    for picture in pictures:
        shown = ImageStat.Stat(picture.convert("L").resize((32, 32)))
        contrast = shown.stddev[0]
        if contrast >= 10 and shown.mean[0] >= 20:
            return picture
        if contrast > most:
            best, most = picture, contrast
    return best


def _frames(container: Any, stream: Any, duration: float, *, moments: tuple[float, ...]) -> Iterator[Image.Image]:
    """Key frames at these fractions of the duration; the first frames of the file if `moments` is empty."""
    context = stream.codec_context
    context.thread_type, context.thread_count = "NONE", 1
    if not 0 < context.width * context.height <= MOST_PIXELS:
        return
    if not moments:
        yield from _first_frames(container, stream)
        return
    seconds = (container.duration or 0) / av.time_base or duration
    begin = container.start_time or 0
    for moment in moments if seconds else (0.0,):
        at = moment * seconds if seconds else UNKNOWN
        _seek(container, stream, begin + int(at * av.time_base))
        frame = _key_frame(container, stream)
        if frame is not None:
            yield _displayed(frame, stream)


def _seek(container: Any, stream: Any, at: int) -> None:
    """Seek to the key frame behind `at` (microseconds) if the index has one, else to the one before it.

    FFmpeg's own forward search would read the whole file.
    """
    index = stream.index_entries
    found = index.search_timestamp(int(at / av.time_base / stream.time_base), backward=False)
    if found >= 0:
        container.seek(index[found].timestamp, stream=stream)
    else:
        container.seek(at)


def _key_frame(container: Any, stream: Any) -> Any:
    """The next key frame. The decoder is flushed after its packet, so that no later packet is read."""
    context = stream.codec_context
    for packet in itertools.islice(container.demux(stream), PACKETS):
        if packet.is_keyframe and packet.size:
            frames = context.decode(packet) or context.decode(None)
            context.flush_buffers()
            if frames:
                return frames[0]
    return None


def _first_frames(container: Any, stream: Any) -> Iterator[Image.Image]:
    packets = itertools.islice(container.demux(stream), PACKETS)
    frames = (frame for packet in packets for frame in packet.decode())
    for frame in itertools.islice(frames, FIRST):
        yield _displayed(frame, stream)


def _displayed(frame: Any, stream: Any) -> Image.Image:
    """The frame as it is displayed: with its sample aspect ratio and rotation applied."""
    width, height = float(frame.width), float(frame.height)
    aspect = stream.sample_aspect_ratio or 1
    if 0.1 < aspect < 10:
        width *= float(aspect)
    scale = min(1.0, SIDE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    picture: Image.Image = frame.to_image(width=size[0], height=size[1])
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture


def _cover(container: Any, stream: Any) -> Image.Image | None:
    packet = next((packet for packet in container.demux(stream) if packet.size), None)
    if packet is None:
        return None
    try:
        with Image.open(io.BytesIO(bytes(packet)), formats=_COVERS) as cover:
            cover.draft("RGB", (2 * SIDE, 2 * SIDE))
            cover.thumbnail((SIDE, SIDE))
            return cover.convert("RGB")
    except (OSError, ValueError, SyntaxError):  # Pillow's errors for invalid pictures
        return None


def _tiny(picture: Image.Image) -> bytes:
    """A JPEG that media.placeholder.strip accepts."""
    small = picture.convert("RGB")
    small.thumbnail((LONGEST, LONGEST))
    return to_jpeg(small, quality=TINY_QUALITY, subsampling="4:2:0", optimize=False)


def to_jpeg(picture: Image.Image, **how: Any) -> bytes:
    """Baseline; `how` are Pillow's options."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **how)
    return buffer.getvalue()
