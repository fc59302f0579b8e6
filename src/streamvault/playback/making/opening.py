"""Describes the tracks of a film for the making of segments, and makes their initialization segments."""

import io
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import av

from streamvault.playback.codecs import object_type
from streamvault.playback.making import aac, adts
from streamvault.playback.making.fmp4 import TrackHeader, aac_description, av1_description, find_box, initialization
from streamvault.playback.making.splice import open_whole
from streamvault.playback.making.video import TIMESCALE, delay_of
from streamvault.playback.sound import ENCODED_CHANNELS
from streamvault.reading.sandbox.model import Call

_LOOKED_AT = 64
"""Packets of each sound track from which its beginning is computed."""

_MOST_PACKETS = 4000
"""Packets of all tracks to read for it."""

_MOST_SECONDS = 3
"""Seconds of the film to read for it, since a track may begin late or be empty."""

_SIZED = 16
"""Packets of those that are decoded to learn their size."""

_VARIABLE = frozenset({"vorbis"})
"""Codecs whose packets differ in size, although many in a row may not."""

_HE = (5, 29)
"""Object types of HE-AAC."""

_AV1 = frozenset({"av1", "libdav1d", "libaom-av1"})
"""Names of decoders, which libav does not take for the name of the codec."""


def make_opening(call: Call) -> Mapping[str, Any]:
    """A JobFunction: the initialization segments of the tracks, and what their segments depend on.

    Arguments: `video` (index of the picture track, None), `sounds` (indices of the sound tracks), `copied` (those of
    them that are sent as they are, if their packets tell how), `open_gop` (whether groups of pictures are open). Sends
    the initialization segments one after the other. Returns `inits` ([track, bytes] each), `delay` of the pictures,
    `width` and `height`, and for each of `sounds` the arguments of make_audio that belong to the track.
    """
    video, sounds = call.arguments["video"], call.arguments["sounds"]
    inits: list[list[int]] = []
    described: dict[str, Any] = {"inits": inits, "delay": 0, "sounds": {}}

    def send(track: int, data: bytes) -> None:
        call.write(data)
        inits.append([track, len(data)])

    with open_whole(call) as container:
        if video is not None:
            stream = container.streams[video]
            rate = float(stream.average_rate) if stream.average_rate else None
            described["delay"] = delay_of(stream.codec_context.name, rate, open_gop=call.arguments["open_gop"])
            described["pictures"] = [TIMESCALE, stream.width, stream.height]
            send(video, _pictures(stream, described["delay"]))
        beginnings = _first_packets(container, sounds, video)
        for index in sounds:
            sound, config = _sound(
                container.streams[index], beginnings[index], copied=index in call.arguments["copied"]
            )
            described["sounds"][str(index)] = sound
            channels = container.streams[index].codec_context.channels if sound["copied"] else ENCODED_CHANNELS
            description = aac_description(config, sound["rate"], channels)
            send(index, initialization(TrackHeader("audio", sound["rate"], description)))
    return described


def _pictures(stream: Any, delay: int) -> bytes:
    """The initialization segment of a picture track."""
    if stream.codec_context.name in _AV1 and stream.codec_context.extradata:
        description = av1_description(bytes(stream.codec_context.extradata), stream.width, stream.height)
    else:
        description = _described(stream)
    return initialization(TrackHeader("video", TIMESCALE, description, stream.width, stream.height, delay))


def _described(stream: Any) -> bytes:
    """The `stsd` box that libav's muxer writes for a picture track."""
    buffer = io.BytesIO()
    flags = {"movflags": "empty_moov+default_base_moof+frag_custom"}
    with av.open(buffer, "w", format="mp4", options=flags) as output:
        copy = output.add_stream_from_template(stream)
        copy.codec_tag = {"hevc": "hvc1", "h264": "avc1"}.get(stream.codec_context.name, copy.codec_tag)
        output.start_encoding()
        described = buffer.getvalue()
    return find_box(described, b"stsd")


def _first_packets(container: Any, sounds: Sequence[int], video: int | None) -> dict[int, list[Any]]:
    """The first packets of these tracks."""
    found: dict[int, list[Any]] = {index: [] for index in sounds}
    if not sounds:
        return found
    missing = set(sounds)
    read = [*sounds, *([] if video is None else [video])]
    began: Fraction | None = None
    for number, packet in enumerate(container.demux([container.streams[index] for index in read])):
        moment = None if packet.dts is None else packet.dts * Fraction(packet.time_base)
        began = moment if began is None else began
        if began is not None and moment is not None and moment - began > _MOST_SECONDS:
            break
        if packet.stream.index in found and packet.size and packet.pts is not None:
            found[packet.stream.index].append(packet)
            if len(found[packet.stream.index]) >= _LOOKED_AT:
                missing.discard(packet.stream.index)
        if not missing or number > _MOST_PACKETS:
            break
    return found


def _sound(stream: Any, packets: Sequence[Any], *, copied: bool) -> tuple[dict[str, Any], bytes]:
    """The arguments of a sound track's segments, and the AudioSpecificConfig of what they hold."""
    context = stream.codec_context
    config = _copied_config(stream, packets) if copied else None
    silence = aac.silent_frame(config) if config is not None else b""
    copied = bool(silence)
    rate = int(context.sample_rate or 48_000)
    out = rate if copied else aac.encoded_rate(rate)
    frame = _frame_size(stream, packets, config if copied else None)
    begin = _beginning(stream, packets, rate=rate, frame=frame)
    sound = {"track": stream.index, "rate": out, "source_rate": rate, "frame": frame, "begin": begin, "copied": copied}
    if config is not None and copied:
        return {**sound, "silence": silence.hex()}, config
    return sound, aac.config_of(out, ENCODED_CHANNELS)


def _copied_config(stream: Any, packets: Sequence[Any]) -> bytes | None:
    """The AudioSpecificConfig of AAC; None if nothing tells it, or when the track begins."""
    if stream.codec_context.name != "aac" or not packets:
        return None
    private = bytes(stream.codec_context.extradata or b"")
    return private or adts.config(bytes(packets[0]))


def _frame_size(stream: Any, packets: Sequence[Any], config: bytes | None) -> int:
    """Samples of each source packet, 0 where they differ. `config`: of a track that is copied."""
    context = stream.codec_context
    if config is not None:  # HE-AAC: `sample_rate` is that of the output, which has twice the samples
        is_he = context.profile in ("HE-AAC", "HE-AACv2") or object_type(config) in _HE
        return 2048 if is_he else 1024
    if context.name in _VARIABLE:
        return 0
    frames = [frame for packet in packets[:_SIZED] for frame in _decoded(context, packet)]
    sizes = {frame.samples for frame in frames[1:]}  # the encoder's delay is cut off the first one
    return sizes.pop() if len(sizes) == 1 else 0


def _decoded(context: Any, packet: Any) -> Sequence[Any]:
    try:
        frames: Sequence[Any] = context.decode(packet)
    except av.FFmpegError:
        return ()
    return frames


def _beginning(stream: Any, packets: Sequence[Any], *, rate: int, frame: int) -> int:
    """The sample at which the track begins, counted from time 0 of the file's clock.

    Containers round times (Matroska to 1 ms), so that the mean of several packets tells more than the first.
    """
    if not packets:
        return 0
    unit = Fraction(stream.time_base) * rate
    first = Fraction(packets[0].pts * unit)
    if not frame:
        return round(first)
    late = sorted(packet.pts * unit - number * frame for number, packet in enumerate(packets))
    usual = late[len(late) // 2]
    regular = [one for one in late if abs(one - usual) <= unit]
    begin = round(Fraction(sum(regular)) / len(regular))
    return begin - frame * math.ceil((begin - first) / frame) if begin > first + frame else begin
