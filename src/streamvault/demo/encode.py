"""Writes the demo's films, music and pictures with PyAV; the same input gives the same file.

Packets are interleaved by time as they are encoded, so that no file is held in memory as a whole.
"""

import io
import zlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.stream import Disposition
from PIL import Image

from streamvault.demo.footage import FRAME_RATE, Picture, Reel, frames, picture
from streamvault.demo.pictures import Scene, Size
from streamvault.demo.soundtrack import AudioTrack, PacketStream, add_track, with_times
from streamvault.demo.tunes import Tune

VIDEO_SIZE: Size = (576, 324)
COVER_SIZE = 640


@dataclass(frozen=True, slots=True)
class Subtitle:
    """One line of text, shown from `start` to `stop` seconds."""

    start: float
    stop: float
    text: str


@dataclass(frozen=True, slots=True)
class Film:
    """A film's content and codecs. `container` holds FFmpeg's muxer options, `styled` an ASS file of German subtitles.

    `indexed` False: a Matroska file is cut off before its index, as a download may be. `clock`: the time is on every
    frame of a landscape.
    """

    title: str
    scene: Scene | Reel
    seconds: int
    tracks: tuple[AudioTrack, ...] = ()
    codec: str = "libx264"
    container: tuple[tuple[str, str], ...] = ()
    subtitles: tuple[Subtitle, ...] = ()
    styled: str = ""
    chapters: tuple[tuple[float, str], ...] = ()
    size: Size = VIDEO_SIZE
    clock: bool = True
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class Song:
    """A music file's content, tags and codec; the cover is `scene`. `start` as in AudioTrack; `track` from 1, or 0."""

    title: str
    artist: str
    album: str
    scene: Picture
    tune: Tune
    seconds: int
    codec: str
    start: float | None = None
    track: int = 0


_CUES = bytes.fromhex("1c53bb6b")
"""The element of Matroska that holds its index, at the end of a file."""

CODEC_OPTIONS = {
    "libx264": {"preset": "ultrafast", "crf": "24", "profile": "baseline", "threads": "1"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8", "b": "900k", "threads": "1"},
    "libx265": {"preset": "ultrafast", "crf": "26", "x265-params": "log-level=none:pools=none:frame-threads=1"},
}


def write_film(film: Film, path: Path, *, file_format: str) -> None:
    """Encode `film` into `path` as FFmpeg's `file_format` ("mp4", "matroska", "webm")."""
    options = {"fflags": "+bitexact", **dict(film.container)}
    with av.open(str(path), "w", format=file_format, container_options=options) as output:
        output.metadata["title"] = film.title
        if film.chapters:
            output.set_chapters(_chapters(film))
        streams = [_video(output, film)]
        streams += [add_track(output, track, seconds=film.seconds) for track in film.tracks]
        if film.subtitles:
            streams.append(_subtitles(output, film.subtitles))
        if film.styled:
            streams.append(_styled(output, film.styled))
        _interleave(output, streams)
    if not film.indexed:
        with path.open("r+b") as file:
            file.truncate(file.read().rindex(_CUES))


def write_song(song: Song, path: Path, *, file_format: str) -> None:
    """Encode `song` into `path` with its tags and its cover."""
    options = {"fflags": "+bitexact", **({"id3v2_version": "3"} if file_format == "mp3" else {})}
    with av.open(str(path), "w", format=file_format, container_options=options) as output:
        output.metadata.update({"title": song.title, "artist": song.artist, "album": song.album})
        if song.track:
            output.metadata["track"] = str(song.track)
        audio = add_track(output, AudioTrack(song.tune, song.codec, start=song.start), seconds=song.seconds)
        cover = output.add_mux_stream("mjpeg", width=COVER_SIZE, height=COVER_SIZE)
        cover.disposition = Disposition.attached_pic
        cover.metadata["comment"] = "Cover (front)"
        packet = av.Packet(jpeg(cover_art(song.scene, song.title)))
        packet.stream, packet.pts, packet.dts, packet.time_base = cover, 0, 0, Fraction(1, 1000)
        packet.is_keyframe = True
        output.start_encoding()
        output.mux(packet)
        _interleave(output, [audio])


def write_voice(tune: Tune, path: Path, *, seconds: int) -> None:
    """Encode an Ogg/Opus voice message."""
    with av.open(str(path), "w", format="ogg", container_options={"fflags": "+bitexact"}) as output:
        _interleave(output, [add_track(output, AudioTrack(tune, "libopus"), seconds=seconds)])


def cover_art(scene: Picture, title: str) -> Image.Image:
    """A square cover; the title decides the moment of a landscape."""
    return picture(scene, (COVER_SIZE, COVER_SIZE), at=0.35 + zlib.crc32(title.encode()) % 40 / 100)


def jpeg(picture: Image.Image, *, quality: int = 85) -> bytes:
    """`picture` as baseline JPEG."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=quality, optimize=True)
    return buffer.getvalue()


def thumbnail(picture: Image.Image, *, longest: int = 320) -> tuple[bytes, Size]:
    """JPEG no longer than `longest` pixels on a side, and its size (width, height)."""
    small = picture.copy()
    small.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return jpeg(small, quality=82), small.size


def _interleave(output: Any, streams: list[PacketStream]) -> None:
    heads = [next(stream, None) for stream in streams]
    while any(head is not None for head in heads):
        index = min((head[0], index) for index, head in enumerate(heads) if head is not None)[1]
        head = heads[index]
        if head is not None:
            output.mux(head[1])
        heads[index] = next(streams[index], None)


def _video(output: Any, film: Film) -> PacketStream:
    stream = output.add_stream(film.codec, rate=FRAME_RATE, options=dict(CODEC_OPTIONS[film.codec]))
    stream.width, stream.height = film.size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.gop_size = FRAME_RATE * 2
    return _encode_video(stream, film)


def _encode_video(stream: Any, film: Film) -> PacketStream:
    clock = film.title if film.clock else ""
    for frame in frames(film.scene, film.size, seconds=film.seconds, clock=clock):
        yield from with_times(stream.encode(frame))
    yield from with_times(stream.encode(None))


def _subtitles(output: Any, lines: tuple[Subtitle, ...]) -> PacketStream:
    stream = output.add_mux_stream("subrip")
    stream.metadata["language"] = "eng"
    stream.metadata["title"] = "English"
    return _subtitle_packets(stream, lines)


def _styled(output: Any, text: str) -> PacketStream:
    source = av.open(io.BytesIO(text.encode()), format="ass")
    stream = output.add_stream_from_template(source.streams.subtitles[0])
    stream.metadata["language"] = "deu"
    stream.metadata["title"] = "Deutsch"
    return _copied(source, stream)


def _copied(source: Any, stream: Any) -> PacketStream:
    with source:
        for packet in source.demux():
            if packet.size:
                packet.stream = stream
                yield float(packet.pts * packet.time_base), packet


def _subtitle_packets(stream: Any, lines: tuple[Subtitle, ...]) -> PacketStream:
    for line in lines:
        packet = av.Packet(line.text.encode())
        packet.stream, packet.time_base = stream, Fraction(1, 1000)
        packet.pts = packet.dts = round(line.start * 1000)
        packet.duration = round((line.stop - line.start) * 1000)
        yield line.start, packet


def _chapters(film: Film) -> list[dict[str, Any]]:
    stops = [start for start, _ in film.chapters[1:]] + [float(film.seconds)]
    return [
        {
            "id": number,
            "start": round(start * 1000),
            "end": round(stop * 1000),
            "time_base": Fraction(1, 1000),
            "metadata": {"title": title},
        }
        for number, ((start, title), stop) in enumerate(zip(film.chapters, stops, strict=True), 1)
    ]
