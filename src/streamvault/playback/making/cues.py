"""Reads the cues of a text track: those in the bytes of one segment, or those of the whole track."""

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from av.stream import Discard

from streamvault.playback import subtitle_text
from streamvault.playback.choices import TEXT_SUBTITLES
from streamvault.playback.making.splice import open_at, open_whole
from streamvault.playback.making.windows import LEAD
from streamvault.playback.subtitle_files import MOST_CUES
from streamvault.reading.sandbox.model import Call

_SAME = Fraction(1, 2000)
"""Seconds by which times of the same picture may differ in units of different size."""


def segment_cues(call: Call) -> Mapping[str, Any]:
    """A JobFunction: the cues in the bytes of one segment; those of its time where the film has no index.

    Arguments: as making.video's, but `track` is that of the text, and `video` that of the key frames. Blob 0: the
    header. Sends a line of JSON for each cue: start and end in milliseconds, text. Returns their number.
    """
    wanted = call.arguments
    unit = Fraction(*wanted["time_base"])
    start, origin = wanted["start"] * unit, wanted["origin"] * unit
    stop = None if wanted["stop"] is None else wanted["stop"] * unit
    begin = wanted["start"] if wanted["exact"] else max(wanted["origin"], wanted["start"] - round(LEAD / unit))
    end = wanted["end"] + float(origin)
    with open_at(call, wanted["position"], begin, track=wanted["video"], unit=unit, end=end) as container:
        video, text = container.streams[wanted["video"]], container.streams[wanted["track"]]
        if call.blobs and call.blobs[0]:
            packets = _until_picture(container, video, text, stop=stop, exact=wanted["exact"])
        else:  # the container tells where its text lies, which is read without the pictures
            packets = _until_time(container, text, limit=stop)
        if not wanted["exact"]:
            packets = _within(packets, start if wanted["number"] else None, stop)
        return {"cues": _send(call, text, packets, origin=float(origin))}


def track_cues(call: Call) -> Mapping[str, Any]:
    """A JobFunction: the same of the whole track. Arguments: `track`, `origin`."""
    with open_whole(call) as container:
        text = container.streams[call.arguments["track"]]
        packets = _until_time(container, text, limit=None)
        return {"cues": _send(call, text, packets, origin=call.arguments["origin"])}


def _until_picture(container: Any, video: Any, text: Any, *, stop: Fraction | None, exact: bool) -> Iterator[Any]:
    """The packets of `text` in the bytes before the key frame of `video` at `stop`.

    Not `exact`: before the first picture that is shown long enough behind it that text of before is no more to come.
    """
    for packet in container.demux([video, text]):
        if packet.stream.index == text.index:
            yield packet
        elif stop is not None and packet.pts is not None:
            moment = packet.pts * video.time_base
            if (packet.is_keyframe and moment >= stop - _SAME) if exact else moment >= stop + LEAD:
                return


def _within(packets: Iterator[Any], start: Fraction | None, stop: Fraction | None) -> Iterator[Any]:
    """Those of the packets that begin from `start` until before `stop`."""
    for packet in packets:
        if packet.pts is not None:
            moment = packet.pts * packet.time_base
            if (start is None or moment >= start) and (stop is None or moment < stop):
                yield packet


def _until_time(container: Any, text: Any, *, limit: Any) -> Iterator[Any]:
    """The packets of `text` that begin before `limit` seconds."""
    for stream in container.streams:
        if stream.index != text.index:
            stream.discard = Discard.all
    for packet in container.demux(text):
        if limit is not None and packet.pts is not None and packet.pts * text.time_base >= limit:
            return
        yield packet


def _send(call: Call, text: Any, packets: Iterator[Any], *, origin: float) -> int:
    codec = text.codec_context.name if text.codec_context else ""
    if codec not in TEXT_SUBTITLES:
        raise ValueError(f"track {text.index} holds {codec or 'an unknown codec'}, which is no text")
    sent = 0
    for packet in packets:
        if packet.pts is None or not packet.size:
            continue
        start = round((float(packet.pts * text.time_base) - origin) * 1000)
        end = start + round(float((packet.duration or 0) * text.time_base) * 1000)
        payload = _payload(codec, bytes(packet))
        if payload and end > max(start, 0) and sent < MOST_CUES:
            call.write(json.dumps([max(0, start), end, payload]).encode() + b"\n")
            sent += 1
    return sent


def _payload(codec: str, data: bytes) -> str:
    if codec == "mov_text":
        return subtitle_text.of_mov_text(data)
    text = data.decode("utf-8", "replace")
    if codec in ("ass", "ssa"):
        return subtitle_text.of_ass_packet(text)
    return subtitle_text.of_vtt(text) if codec == "webvtt" else subtitle_text.of_srt(text)
