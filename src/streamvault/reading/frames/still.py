"""Takes a picture out of a media file with PyAV. Only the child process imports this."""

import io
from collections.abc import Iterator
from typing import Any, Protocol

import av
from av.stream import Disposition
from PIL import Image, ImageStat

from streamvault.media.placeholder import LONGEST, expand

SIDE = 320
"""Pixels of the longest side."""

QUALITY = 80

MOST_PIXELS = 40_000_000
"""8K has 33 millions."""

MOMENTS = (0.1, 0.25, 0.5)
"""Parts of the duration at which to look, until there is something to see."""

UNKNOWN = 5.0
"""Seconds at which to look if the duration is not known."""

SEEKING = 5 / 8
"""Part of the cells that may be spent before the head of the file has to do."""

PACKETS = 2000
"""Packets that are read for a key frame."""

_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "avi", "mpegts", "mpeg", "flv", "asf", "ogg", "mp3", "flac", "aac",
    "wav", "aiff", "m4v", "h264", "hevc", "mpegvideo",
)  # fmt: skip
_VIDEO = frozenset({
    "h264", "hevc", "libdav1d", "av1", "vp8", "vp9", "mpeg4", "mpeg2video", "mpeg1video", "msmpeg4", "msmpeg4v2",
    "wmv1", "wmv2", "wmv3", "vc1", "theora", "mjpeg", "flv", "h263", "prores", "vp6", "vp6f", "png", "gif",
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


class Bounded(Protocol):
    """A file of which at most `most` cells come."""

    most: int

    def read(self, count: int = -1) -> bytes: ...
    def seek(self, offset: int, whence: int = 0) -> int: ...
    def tell(self) -> int: ...


def take_still(file: Bounded, duration: float) -> tuple[bytes, bytes] | None:
    """A tiny JPEG and one of SIDE pixels; None if nothing can be seen. `duration` in seconds, 0: unknown.

    What FFmpeg or Pillow raise beside their own errors ends the process, which says the same.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    picture, most = None, file.most
    for file.most, moments in ((int(most * SEEKING), MOMENTS), (most, ())):
        file.seek(0)
        try:
            with av.open(file, options=_OPTIONS, metadata_errors="replace") as container:
                picture = _look(container, duration, moments=moments)
        except (av.FFmpegError, Image.DecompressionBombError):
            continue
        if picture is not None:
            return _tiny(picture), _jpeg(picture, quality=QUALITY)
    return None


def _look(container: Any, duration: float, *, moments: tuple[float, ...]) -> Image.Image | None:
    streams = [stream for stream in container.streams.video if stream.codec_context.name in _VIDEO]
    covers = [stream for stream in streams if stream.disposition & Disposition.attached_pic]
    films = [stream for stream in streams if stream not in covers]
    if films:
        return _best(_frames(container, films[0], duration, moments=moments))
    return _cover(container, covers[0]) if covers else None


def _best(pictures: Iterator[Image.Image]) -> Image.Image | None:
    """The first that is not almost black, white or empty; else the one with most to see."""
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
    """Key frames at these parts of the duration; without any, the first ones that come."""
    context = stream.codec_context
    context.thread_type, context.thread_count = "NONE", 1
    if not 0 < context.width * context.height <= MOST_PIXELS:
        return
    context.skip_frame = "NONKEY"
    if not moments:
        yield from _decoded(container, stream, most=3)
        return
    seconds = (container.duration or 0) / av.time_base or duration
    begin = container.start_time or 0
    for moment in moments if seconds else (0.0,):
        at = moment * seconds if seconds else UNKNOWN
        container.seek(begin + int(at * av.time_base), backward=True)
        yield from _decoded(container, stream, most=1)


def _decoded(container: Any, stream: Any, *, most: int) -> Iterator[Image.Image]:
    for number, packet in enumerate(container.demux(stream)):
        for frame in packet.decode():
            yield _drawn(frame, stream)
            most -= 1
            if not most:
                return
        if number >= PACKETS:
            return


def _drawn(frame: Any, stream: Any) -> Image.Image:
    """The frame as it is to be seen: its pixels may not be square, and it may lie on its side."""
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
    except (OSError, ValueError, SyntaxError):  # what Pillow says of pictures that are none
        return None


def _tiny(picture: Image.Image) -> bytes:
    """Such a JPEG as placeholder.strip takes: with the same tables as Telegram's."""
    small = picture.convert("RGB")
    small.thumbnail((LONGEST, LONGEST))
    with Image.open(io.BytesIO(expand(b"\x01\x01\x01\x00"))) as model:
        tables = getattr(model, "quantization", None)
    return _jpeg(small, qtables=tables, subsampling="4:2:0", optimize=False)


def _jpeg(picture: Image.Image, **how: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", **how)
    return buffer.getvalue()
