"""Reads the cues of a text track: those in the bytes of one segment, or those of the whole track."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from av.stream import Discard

from streamvault.playback import subtitle_text
from streamvault.playback.choices import TEXT_SUBTITLES
from streamvault.playback.making.splice import open_at, open_whole
from streamvault.playback.subtitle_files import MOST_CUES
from streamvault.reading.sandbox.model import Call


def segment_cues(call: Call) -> Mapping[str, Any]:
    """A JobFunction: the cues in the bytes of one segment.

    Arguments: `track` (of the text), `video` (of the key frames), `position`, `start` and `stop` (pts of its first key
    frame and of the next segment's; None at the end), `origin` (seconds of the file's clock at which the film begins).
    Blob 0: the header. Sends a line of JSON for each cue: start and end in milliseconds, text. Returns their number.
    """
    wanted = call.arguments
    with open_at(call, wanted["position"], wanted["start"], track=wanted["video"]) as container:
        video, text = container.streams[wanted["video"]], container.streams[wanted["track"]]
        stop = wanted["stop"]
        if call.blobs and call.blobs[0]:
            packets = _until_key_frame(container, video, text, stop=stop)
        else:  # the container has an index: the text is read without the pictures
            limit = None if stop is None else stop * video.time_base
            packets = _until_time(container, text, limit=limit)
        return {"cues": _send(call, text, packets, origin=wanted["origin"])}


def track_cues(call: Call) -> Mapping[str, Any]:
    """A JobFunction: the same of the whole track. Arguments: `track`, `origin`."""
    with open_whole(call) as container:
        text = container.streams[call.arguments["track"]]
        packets = _until_time(container, text, limit=None)
        return {"cues": _send(call, text, packets, origin=call.arguments["origin"])}


def _until_key_frame(container: Any, video: Any, text: Any, *, stop: int | None) -> Iterator[Any]:
    """The packets of `text` in the bytes before the key frame at `stop` of `video`."""
    for packet in container.demux([video, text]):
        if packet.stream.index == text.index:
            yield packet
        elif stop is not None and packet.is_keyframe and packet.pts is not None and packet.pts >= stop:
            return


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
