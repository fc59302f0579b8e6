"""Facts and key frames of AVI."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from streamvault.playback.making.groups import group_of
from streamvault.playback.making.opened import by_time, open_file, seconds, tracks_of, windows
from streamvault.playback.making.picture_order import PictureOrder
from streamvault.playback.making.reading import read_at
from streamvault.playback.model import Facts, KeyFrame, KeyFrames, Probed
from streamvault.playback.packing import NO_KEYS
from streamvault.playback.refusals import reason_of
from streamvault.reading.sandbox.model import BoundedFile

MOST_HEADER = 128 << 10
"""Bytes before the pictures and sound at most."""
LOOK = 4096
FIRST = 8
"""Packets among which there is one with a picture; codecs of Video for Windows begin with empty ones."""
MOST_LISTS = 64
"""Chunks of the file before its index at most."""
BEHIND = 256 << 10
"""Bytes behind the last picture of an index beyond which it is not that of the whole film; or 1/8 of the film."""
UNINDEXED = (
    "this AVI file has no index of all its pictures, as a recording or copy that was broken off; a player plays it"
)
UNORDERED = "AVI does not tell when its pictures are shown, and neither do they; a player guesses"


def probe_avi(file: BoundedFile) -> Probed:
    """Raises av.FFmpegError."""
    with open_file(file) as container:
        facts = Facts("avi", seconds(container.duration), seconds(container.start_time) or 0.0, tracks_of(container))
        facts = replace(facts, reason=reason_of(facts))
        if facts.reason or facts.video is None:
            return Probed(facts, NO_KEYS)
        stream: Any = container.streams[facts.video.index]
        last = max((entry.pos for entry in stream.index_entries), default=0)
        if not _has_index(file) or file.size - last > max(BEHIND, file.size // 8):
            return Probed(replace(facts, reason=UNINDEXED), NO_KEYS)
        keys = by_time((entry.timestamp, entry.pos) for entry in stream.index_entries if entry.is_keyframe)
        base, private = stream.time_base, bytes(stream.codec_context.extradata or b"")
        first = [bytes(packet) for packet in itertools.islice(container.demux(stream), FIRST)]
    if not _tells_order(facts.video.codec, private, first):
        return Probed(replace(facts, reason=UNORDERED), NO_KEYS)
    header = _header(file)
    end = facts.start + (facts.duration or 0.0)
    if len(keys) < 2:
        listed = windows("packets", facts.start, end, header=header, first=len(header))
    else:
        listed = KeyFrames("packets", base, keys, end, header)
    opened = _is_open(file, keys, facts.video.codec, private)
    return Probed(replace(facts, open_gop=opened, seekable=listed.exact), listed)


def _tells_order(codec: str, private: bytes, first: Sequence[bytes]) -> bool:
    """Whether it is known when pictures are shown: they are in the order of decoding. `first`: the first packets."""
    if codec == "h264":
        order = PictureOrder(private)
        return any(order(packet) is not None for packet in first)
    return codec != "hevc"


def _has_index(file: BoundedFile) -> bool:
    """Whether there is one of AVI behind the pictures and sound, or one of OpenDML of which the header tells."""
    at = 12
    for _ in range(MOST_LISTS):
        head = read_at(file, at, 12)
        if head[:4] == b"idx1":
            return True
        size = int.from_bytes(head[4:8], "little")
        if head[8:12] == b"hdrl" and _names_index(read_at(file, at, min(size, MOST_HEADER))):
            return True
        if len(head) < 12 or not size:
            return False
        at += 8 + size + 1 & ~1
    return False


def _names_index(header: bytes) -> bool:
    """Whether a header has a super index (OpenDML 1.02) with entries."""
    at = header.find(b"indx")
    while at >= 0:
        if any(header[at + 12 : at + 16]):
            return True
        at = header.find(b"indx", at + 4)
    return False


def _header(file: BoundedFile) -> bytes:
    """The bytes before the first chunk of pictures or sound."""
    head = read_at(file, 0, MOST_HEADER)
    at = 12
    while at + 12 <= len(head):
        if head[at : at + 4] == b"LIST" and head[at + 8 : at + 12] == b"movi":
            return head[: at + 12]
        at += 8 + int.from_bytes(head[at + 4 : at + 8], "little") + 1 & ~1
    return b""


def _is_open(file: BoundedFile, keys: tuple[KeyFrame, ...], codec: str, private: bytes) -> bool | None:
    """AVI does not tell when pictures are shown: a key frame that refreshes nothing counts as open."""
    if len(keys) < 2:
        return None
    head = read_at(file, keys[len(keys) // 2].position + 8, LOOK)
    return {"closed": False, "perhaps open": True, "unknown": None}[group_of(codec, private, head)]
