"""Films made by the FFmpeg that PyAV brings along, which is newer than the ffmpeg binary of many distributions."""

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av

from tests.support.chirp_films import chirp, picture

RATE = 24
"""Pictures a second."""
KEYS = (0.0, 0.7, 3.3, 6.1, 8.4)
"""Seconds of the key frames."""


def muxed(form: str, sounds: Sequence[tuple[str, int]], *, seconds: int = 9) -> bytes:
    """H.264 and a chirp in each of `sounds` (encoder, Hz), in a container of FFmpeg's name `form`."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as output:
        pictures: Any = output.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "g": "999"})
        pictures.width, pictures.height, pictures.pix_fmt = 160, 90, "yuv420p"
        tracks = [(_sound(output, coder, rate), chirp(seconds, rate=rate)[-1]) for coder, rate in sounds]
        packets = [_packets(pictures, picture(seconds, rate=str(RATE), size="160x90")[-1])]
        packets += [_packets(track, source) for track, source in tracks]
        for packet in sorted((one for track in packets for one in track), key=lambda one: one.dts * one.time_base):
            output.mux(packet)
    return buffer.getvalue()


def _sound(output: Any, coder: str, rate: int) -> Any:
    track = output.add_stream(coder, rate=rate, options={"strict": "-2"})
    track.layout = "stereo"
    return track


def _packets(track: Any, source: str) -> list[Any]:
    """All packets of a track that is encoded of this source of libavfilter."""
    keys = {round(second * RATE) for second in KEYS}
    packets = []
    with av.open(source, format="lavfi") as container:
        for number, frame in enumerate(container.decode()):
            if isinstance(frame, av.VideoFrame):
                frame.pict_type = av.video.frame.PictureType.I if number in keys else av.video.frame.PictureType.NONE
                frame.pts, frame.time_base = number, Fraction(1, RATE)
            packets += track.encode(frame)
    return [*packets, *track.encode(None)]
