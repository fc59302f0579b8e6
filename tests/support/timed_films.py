"""A film whose picture and sound both tell the time: numbered pictures, and a beep at each whole second."""

from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av

from tests.support.chirp_films import made
from tests.support.ffmpeg_films import BLOCKS, frame_number

RATE = 25
SECONDS = 60
TONES = {"eng": 440, "deu": 1320}
"""Hz of the film's sounds, AC-3 and AAC, by language."""

_KEYS = "0.7,2.3,5.1,5.9,8.2,11,13.4,16.6,21,22.2,26.8,31.4,33,38.2,42,44.8,49.6,51,55.4"
_NUMBERED = "[1]scale=320:16:flags=neighbor[row];[0][row]overlay=format=auto[picture]"
_LOUD = 0.25 * (1 << 15)


def _beeps(tone: int) -> tuple[str, ...]:
    wave = f"(0.06+0.6*lt(t-floor(t)\\,0.2))*sin(2*PI*{tone}*t)"
    return ("-f", "lavfi", "-i", f"aevalsrc={wave}|{wave}:s=48000:d={SECONDS}:c=stereo")


def matroska() -> Path:
    """60 s of H.264 with B-frames and irregular key frames; AC-3 and AAC."""
    low, high = TONES.values()
    return made(
        "timed.mkv", "-f", "lavfi", "-i", f"testsrc2=s=320x180:r={RATE}:d={SECONDS}",
        "-f", "lavfi", "-i", BLOCKS.format(rate=RATE, seconds=SECONDS), *_beeps(low), *_beeps(high),
        "-filter_complex", _NUMBERED, "-map", "[picture]", "-map", "2", "-map", "3",
        "-c:v", "libx264", "-preset", "veryfast", "-x264-params", "keyint=1000:scenecut=0:bframes=3:open-gop=0",
        "-pix_fmt", "yuv420p", "-force_key_frames", _KEYS, "-c:a:0", "ac3", "-c:a:1", "aac",
        "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger", "-disposition:a:0", "default",
    )  # fmt: skip


def mp4() -> Path:
    """The same pictures with the same first sound in AAC: what a browser plays as it is."""
    source = ("-i", str(matroska()), "-map", "0:v", "-map", "0:a:0", "-c:v", "copy", "-c:a", "aac")
    return made("timed.mp4", *source, "-movflags", "+faststart")


def offsets(path: Path | str, *, audio: int = 0) -> list[float]:
    """How much later than its picture each beep begins, in seconds, from the second 1 on."""
    with av.open(str(path)) as container:
        pictures = {}
        for frame in container.decode(video=0):
            plane = frame.planes[0]
            pictures[frame_number(bytes(plane), plane.line_size, frame.width)] = float(frame.pts * frame.time_base)
    with av.open(str(path)) as container:
        starts = onsets(container.decode(audio=audio))
    found = []
    for second in range(1, SECONDS):
        shown = pictures.get(second * RATE)
        if shown is not None:
            found.append(min((start - shown for start in starts), key=abs))
    return found


def onsets(frames: Iterable[Any]) -> list[float]:
    """Seconds at which it gets loud, to a millisecond, after at least 0.3 seconds that are not."""
    found, loud, mono = [], -1.0, av.AudioResampler("s16", "mono")
    for frame in frames:
        begin = float(frame.pts * frame.time_base)
        step = frame.sample_rate // 1000
        samples = array("h", b"".join(bytes(one.planes[0])[: 2 * one.samples] for one in mono.resample(frame)))
        for at in range(0, len(samples), step):
            if max(samples[at : at + step]) > _LOUD:
                moment = begin + at / frame.sample_rate
                if moment - loud > 0.3:
                    found.append(moment)
                loud = moment
    return found
