"""Clusters of Matroska and WebM: the frames in one, and where they are in a file that has no index."""

from collections.abc import Iterator

from streamvault.playback.making.ebml import element_at, parse_head, unsigned
from streamvault.playback.making.matroska import CLUSTER, CRC, VOID, MatroskaTrack
from streamvault.playback.making.reading import read_at
from streamvault.reading.sandbox.model import BoundedFile


def block_heads(
    file: BoundedFile, cluster: int, track: MatroskaTrack, scan: int, *, head: int = 4096
) -> Iterator[tuple[int, bytes]]:
    """(time in units, first bytes) of the frames of a track from a cluster on, within `scan` blocks of any track."""
    element = element_at(file, cluster)
    if element is None or element.id != CLUSTER:
        return
    time, at = 0, element.data
    for _ in range(scan):
        block = element_at(file, at)
        if block is None or block.end is None:
            return
        if block.id == CLUSTER or block.id == 0xA0:  # the next cluster; a group: its block is the first inside
            at = block.data
            continue
        if block.id == 0xE7:
            time = unsigned(read_at(file, block.data, min(block.size or 0, 8)))
        elif block.id in (0xA3, 0xA1):
            data = read_at(file, block.data, min(block.size or 0, head))
            number = parse_number(data)
            if number is not None and number[0] == track.number and len(data) > number[1] + 3:
                offset = int.from_bytes(data[number[1] : number[1] + 2], "big", signed=True)
                yield time + offset, track.prefix + data[number[1] + 3 :]
        at = block.end


def parse_number(data: bytes) -> tuple[int, int] | None:
    """(value, bytes) of the number of variable length at the beginning of `data`."""
    if not data or not data[0]:
        return None
    length = 9 - data[0].bit_length()
    return int.from_bytes(data[:length], "big") & (1 << 7 * length) - 1, length


def cluster_from(
    file: BoundedFile, position: int, end: int, *, most: int = 24 << 20, step: int = 1 << 17
) -> tuple[int, int] | None:
    """(position, time in units) of the first cluster that begins within [position, end), looked for in `most` bytes.

    A search through the bytes, for files without an index: what it finds has a plausible head and begins with its time.
    """
    window, base = b"", position
    while base < end and base - position < most:
        data = read_at(file, base + len(window), min(step, end - base - len(window)))
        window += data
        at = window.find(b"\x1f\x43\xb6\x75")
        while at >= 0:
            if at + 64 > len(window) and data:
                break
            found = _cluster_time(window, at, base)
            if found is not None:
                return base + at, found
            at = window.find(b"\x1f\x43\xb6\x75", at + 4)
        if not data:
            return None
        keep = at if at >= 0 else max(0, len(window) - 3)
        window, base = window[keep:], base + keep
    return None


def _cluster_time(data: bytes, at: int, base: int) -> int | None:
    cluster = parse_head(data, at)
    inner = None if cluster is None else parse_head(data, cluster.data)
    while inner is not None and inner.id in (VOID, CRC) and inner.end is not None:
        inner = parse_head(data, inner.end)
    if inner is None or inner.id != 0xE7 or inner.size is None or not 0 < inner.size <= 8:
        return None
    return unsigned(data[inner.data : inner.data + inner.size])


def last_cluster(file: BoundedFile, body: int, end: int, *, most: int = 4 << 20) -> tuple[int, int] | None:
    """(position, time in units) of the last cluster, looked for from the end backwards in `most` bytes."""
    stop, back = end, 1 << 17
    while stop > body and end - stop < most:
        begin = max(body, stop - back)
        found, at = None, begin
        while (cluster := cluster_from(file, at, min(end, stop + 64))) is not None and cluster[0] < stop:
            found, at = cluster, cluster[0] + 4
        if found:
            return found
        stop = begin
    return None
