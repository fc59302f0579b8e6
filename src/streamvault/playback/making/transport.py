"""Facts of MPEG transport streams, which have no index."""

from dataclasses import replace
from typing import Any

from streamvault.playback.making.described import is_described
from streamvault.playback.making.groups import group_of
from streamvault.playback.making.opened import seconds, tracks_of, windows
from streamvault.playback.making.reading import read_at
from streamvault.playback.making.transport_clock import goes_back
from streamvault.playback.model import Facts, Probed
from streamvault.playback.packing import NO_KEYS
from streamvault.playback.refusals import reason_of
from streamvault.reading.sandbox.model import BoundedFile

PACKET = 188
MOST_LOOK = 900_000
"""Bytes from the beginning in which key frames are looked at."""
_SYNC = 0x47


def probe_transport(file: BoundedFile, container: Any) -> Probed:
    """`container` is the opened file."""
    facts = Facts("mpegts", seconds(container.duration), seconds(container.start_time) or 0.0, tracks_of(container))
    reason = reason_of(facts)
    if not reason and not is_described(container):
        reason = "nothing describes its pictures: none were found near the beginning of the file"
    number = container.streams[facts.video.index].id if facts.video else 0
    opened = _is_open(container, facts.video.index) if facts.video and not reason else None
    if not reason and facts.video and goes_back(file, number):  # moves the file's position: `container` is done with
        reason = "its clock goes back in the middle, as in recordings that were joined; a player plays it as it is"
    facts = replace(facts, seekable=False, reason=reason)
    if facts.reason:
        return Probed(facts, NO_KEYS)
    end = facts.start + (facts.duration or 0.0)
    keys = windows("packets", facts.start, end, header=_tables(read_at(file, 0, 400_000)), first=0)
    return Probed(replace(facts, open_gop=opened), keys)


def _is_open(container: Any, index: int) -> bool | None:
    """Whether a key frame behind the first one is followed by pictures shown before it."""
    stream = container.streams[index]
    codec, private = stream.codec_context.name, bytes(stream.codec_context.extradata or b"")
    key: int | None = None
    known: bool | None = None
    seen = 0
    for packet in container.demux(stream):
        if packet.pos is not None and packet.pos > MOST_LOOK:
            break
        if packet.pts is None:
            continue
        if key is not None and packet.pts < key:
            return True
        if packet.is_keyframe:
            seen += 1
            group = group_of(codec, private, bytes(packet)[:4096])
            known = known if group == "unknown" else False
            key = packet.pts if group == "perhaps open" and seen > 1 else None
    return known


def _tables(head: bytes) -> bytes:
    """The first packets of the program association table and of the program maps that it names."""
    at = next((at for at in range(min(PACKET * 2, len(head))) if _is_synced(head, at)), None)
    if at is None:
        return b""
    tables: dict[int, bytes] = {}
    wanted = {0}
    while at + PACKET <= len(head) and len(tables) < len(wanted):
        packet = head[at : at + PACKET]
        number = int.from_bytes(packet[1:3], "big") & 0x1FFF
        if packet[0] == _SYNC and packet[1] & 0x40 and number in wanted and number not in tables:
            tables[number] = packet
            if number == 0:
                wanted |= _maps(packet)
        at += PACKET
    return b"".join(tables.values())


def _is_synced(head: bytes, at: int) -> bool:
    return all(head[place : place + 1] == b"\x47" for place in range(at, at + 5 * PACKET, PACKET))


def _maps(packet: bytes) -> set[int]:
    """The packet numbers of the program maps in a program association table."""
    at = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
    section = packet[at + 1 + packet[at] :] if at < PACKET else b""
    if len(section) < 12:
        return set()
    length = min((int.from_bytes(section[1:3], "big") & 0xFFF) + 3 - 4, len(section))
    pairs = (section[place : place + 4] for place in range(8, length - 3, 4))
    return {int.from_bytes(pair[2:], "big") & 0x1FFF for pair in pairs if pair[:2] != b"\0\0"}
