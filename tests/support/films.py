"""Small real films and songs, made with PyAV, and ones that only look like it."""

import io
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.stream import Disposition
from PIL import Image, ImageDraw

RATE = 12


def film(
    *,
    seconds: int = 4,
    dark: int = 0,
    size: tuple[int, int] = (160, 90),
    form: str = "mp4",
    **how: str,
) -> bytes:
    """A film with a key frame every second, black for the first `dark` seconds; `how` are the muxer's options."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form, container_options=how) as output:
        options = {"g": str(RATE), "threads": "1", "preset": "ultrafast"}
        stream: Any = output.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(seconds * RATE):
            frame = av.VideoFrame.from_image(picture(size, number if number >= dark * RATE else None))
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def song(cover: bytes | None, *, form: str = "mp3", codec: str = "libmp3lame") -> bytes:
    """A second of silence, with `cover` (JPEG) in it."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as output:
        stream: Any = output.add_stream(codec, rate=44_100)
        if cover is not None:
            attached: Any = output.add_mux_stream("mjpeg", width=64, height=64)
            attached.disposition = Disposition.attached_pic
            packet = av.Packet(cover)
            packet.stream, packet.pts, packet.dts, packet.time_base = attached, 0, 0, Fraction(1, 1000)
            packet.is_keyframe = True
            output.start_encoding()
            output.mux(packet)
        frame = av.AudioFrame(format=stream.format.name, layout="stereo", samples=1152)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate = 44_100
        for number in range(40):
            frame.pts = number * 1152
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return buffer.getvalue()


def picture(size: tuple[int, int], number: int | None) -> Image.Image:
    """A bright square that moves with `number`; None: nothing but black."""
    drawn = Image.new("RGB", size)
    if number is not None:
        width, height = size
        ImageDraw.Draw(drawn).rectangle((number % width, 0, width, height), fill=(250, 160, number % 200))
        ImageDraw.Draw(drawn).rectangle((0, 0, width // 3, height), fill=(20, 60, 200))
    return drawn


def jpeg(size: tuple[int, int] = (640, 640)) -> bytes:
    """A picture as JPEG."""
    buffer = io.BytesIO()
    picture(size, 7).save(buffer, "JPEG")
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Stretched:
    """A tgemulator Content: `head`, then zeros, then `tail` at the very end."""

    head: bytes
    tail: bytes
    size: int

    def read(self, offset: int, limit: int) -> bytes:
        stop = min(offset + limit, self.size)
        data = bytearray(max(0, stop - offset))
        for start, part in ((0, self.head), (self.size - len(self.tail), self.tail)):
            first, last = max(offset, start), min(stop, start + len(part))
            if first < last:
                data[first - offset : last - offset] = part[first - start : last - start]
        return bytes(data)


def late_index(data: bytes, size: int, *, index: int = 0) -> Stretched:
    """An MP4 of `size` bytes whose moov is at its end.

    `index` fills that up to so many bytes, with boxes that say nothing but have to be read.
    """
    places = dict(boxes(data))
    free, moov = places[b"free"], data[places[b"moov"] :]
    if index:
        filling = struct.pack(">I4s8x", 16, b"free") * ((index - len(moov)) // 16)
        moov = struct.pack(">I4s", len(moov) + len(filling), b"moov") + filling + moov[8:]
    length = size - len(moov) - free
    head = data[:free] + struct.pack(">I4sQ", 1, b"mdat", length) + data[free + 16 : places[b"moov"]]
    return Stretched(head, moov, size)


def boxes(data: bytes) -> list[tuple[bytes, int]]:
    """The top-level boxes of an MP4 and where they begin."""
    found, offset = [], 0
    while offset < len(data):
        found.append((data[offset + 4 : offset + 8], offset))
        offset += int.from_bytes(data[offset : offset + 4], "big")
    return found
