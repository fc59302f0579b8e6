"""Segments of a film, made in this process by the functions of the sandbox's children."""

import io
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from streamvault.playback.making.audio import make_audio
from streamvault.playback.making.opening import make_opening
from streamvault.playback.making.video import make_video
from streamvault.playback.timeline import Timeline
from streamvault.reading.sandbox.model import Call

_BLOCK = 1 << 15
_CLUSTER = b"\x1f\x43\xb6\x75"


class FileInMemory(io.BytesIO):
    """What a job reads."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.size, self.most = len(data), 1 << 30
        self._blocks: set[int] = set()

    def read(self, size: int | None = -1, /) -> bytes:
        begin = self.tell()
        data = super().read(size)
        self._blocks.update(range(begin // _BLOCK, -(-(begin + len(data)) // _BLOCK)))
        return data

    @property
    def count(self) -> int:
        """Bytes of the file that were read, those that were read again counted once, in whole blocks."""
        return len(self._blocks) * _BLOCK


@dataclass
class Film:
    """The film, its cuts ([pts, position] of key frames), and its tracks."""

    data: bytes
    seconds: float = 4.0
    header: bytes = b""
    cuts: list[tuple[int, int]] = field(default_factory=list)
    end: float = 0.0
    origin: int = 0
    video: int = 0
    sounds: list[int] = field(default_factory=list)
    copied: list[int] = field(default_factory=list)
    time_base: Fraction = Fraction(1)
    open_gop: bool = False

    @classmethod
    def of(cls, path: Path, *, seconds: float = 4.0) -> "Film":
        film = cls(path.read_bytes(), seconds)
        with av.open(io.BytesIO(film.data)) as container:
            stream = container.streams.video[0]
            film.time_base, film.video = Fraction(stream.time_base or 1), stream.index
            container.seek(int((container.duration or 0) * 0.9 / 1e6 / film.time_base), stream=stream)
            keys = [(entry.timestamp, entry.pos) for entry in stream.index_entries if entry.is_keyframe]
            film.sounds = [sound.index for sound in container.streams.audio]
            film.copied = [sound.index for sound in container.streams.audio if sound.codec_context.name == "aac"]
            film.end = (container.duration or 0) / 1e6
            film.origin = round(Fraction(container.start_time or 0, 10**6) / film.time_base)
            matroska = "matroska" in container.format.name
        film.header = film.data[: film.data.index(_CLUSTER)] if matroska else b""
        film.cuts = [keys[0]]
        for key in keys[1:]:
            if (key[0] - film.cuts[-1][0]) * film.time_base >= film.seconds:
                film.cuts.append(key)
        return film

    def run(self, function: Callable[[Call], Mapping[str, Any]], **arguments: Any) -> tuple[Mapping[str, Any], bytes]:
        """What a job returns, and the bytes that it sends."""
        sent: list[bytes] = []
        blobs = (self.header,) if self.header else ()
        result = function(Call(FileInMemory(self.data), arguments, blobs, sent.append))
        return result, b"".join(sent)

    def opening(self) -> tuple[Mapping[str, Any], dict[int, bytes]]:
        """What make_opening tells, and the initialization segments by track."""
        told, data = self.run(
            make_opening, video=self.video, sounds=self.sounds, copied=self.copied, open_gop=self.open_gop
        )
        inits, at = {}, 0
        for track, size in told["inits"]:
            inits[track] = data[at : at + size]
            at += size
        return told, inits

    def common(self, number: int) -> dict[str, Any]:
        """The arguments that the jobs of a segment share."""
        return {
            "number": number, "start": self.cuts[number][0],
            "stop": self.cuts[number + 1][0] if number + 1 < len(self.cuts) else None,
            "origin": self.origin, "end": self.end, "exact": True,
            "time_base": [self.time_base.numerator, self.time_base.denominator],
        }  # fmt: skip

    def segment(self, told: Mapping[str, Any], track: int, number: int) -> bytes:
        """A media segment."""
        position, same = self.cuts[number][1], self.common(number)
        if track == self.video:
            return self.run(make_video, track=track, position=position, delay=told["delay"], **same)[1]
        places = [[position, pts] for pts, position in reversed(self.cuts[max(0, number - 2) : number + 1])]
        sound = told["sounds"][str(track)]
        return self.run(make_audio, sound=sound, places=places, video=self.video, **same)[1]

    def joined(self, track: int) -> bytes:
        """The track's initialization segment and all its media segments."""
        told, inits = self.opening()
        return inits[track] + b"".join(self.segment(told, track, number) for number in range(len(self.cuts)))


def packets(data: bytes, track: int = 0, *, decoded: bool = False) -> list[tuple[float, bytes]]:
    """The time (s) at which each packet of a track is shown, or `decoded`, and its bytes."""
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams[track]
        unit = Fraction(stream.time_base or 1)
        return [
            (float(moment * unit), bytes(packet))
            for packet in container.demux(stream)
            if packet.size and (moment := packet.dts if decoded else packet.pts) is not None
        ]


def left_channel(data: bytes, track: int, *, rate: int, length: int) -> "array[float]":
    """A continuous decode of a track's left channel: `length` samples, from time 0 of the file on."""
    line = array("f")
    with av.open(io.BytesIO(data)) as container:
        stream = container.streams[track]
        resampler = av.AudioResampler("fltp", "stereo", rate)
        for packet in container.demux(stream):
            for frame in packet.decode():
                if not line:
                    line = array("f", [0.0]) * round(float((frame.pts or 0) * Fraction(frame.time_base or 1)) * rate)
                frame.pts = None
                for part in resampler.resample(frame):
                    line.frombytes(memoryview(part.planes[0])[: 4 * part.samples])
    return line[:length]


@dataclass
class Repackaged:
    """A film whose segments are made as the server has them made, in this process."""

    data: bytes
    timeline: Timeline
    reads: list[int] = field(default_factory=list)
    """The bytes that each job has read."""
    _made: dict[int, bytes] = field(default_factory=dict)

    @property
    def video(self) -> int:
        assert self.timeline.facts.video is not None
        return self.timeline.facts.video.index

    @property
    def sounds(self) -> list[int]:
        return [track.index for track in self.timeline.facts.of_type("audio")]

    def _run(
        self, function: Callable[[Call], Mapping[str, Any]], arguments: Mapping[str, Any], *, spliced: bool
    ) -> Any:
        sent: list[bytes] = []
        header = self.timeline.keys.header
        blobs = (header,) if header and spliced else ()
        file = FileInMemory(self.data)
        result = function(Call(file, arguments, blobs, sent.append))
        self.reads.append(file.count)
        return result, b"".join(sent)

    def joined(self, track: int) -> bytes:
        """A track's initialization segment and its media segments, made once."""
        if track not in self._made:
            self._made[track] = self._join(track)
        return self._made[track]

    def _join(self, track: int) -> bytes:
        told, data = self._run(make_opening, self.timeline.opening_job(video=self.video), spliced=False)
        at, parts = 0, list[bytes]()
        for one, size in told["inits"]:
            parts += [data[at : at + size]] if one == track else []
            at += size
        for number in range(len(self.timeline.cuts)):
            if track == self.video:
                arguments = self.timeline.video_job(number, track=track, delay=told["delay"])
                parts.append(self._run(make_video, arguments, spliced=True)[1])
            else:
                arguments = self.timeline.sound_job(number, video=self.video, sound=told["sounds"][str(track)])
                parts.append(self._run(make_audio, arguments, spliced=True)[1])
        return b"".join(parts)
