"""The sample tables of a track of an MP4 file (stbl): its key frames, with their times and places."""

import struct
from array import array
from dataclasses import dataclass

from streamvault.playback.making.mp4_boxes import find
from streamvault.playback.making.reading import BadFile

MOST_SAMPLES = 4_000_000


@dataclass(frozen=True, slots=True)
class SampleKey:
    """A key frame: `pts` in the track's units on the film's clock, edits applied; where its bytes begin, and how many.

    `leading`: pictures that follow it in the file are shown before it.
    """

    pts: int
    position: int
    size: int
    leading: bool


def key_frames(table: bytes, shift: int) -> tuple[tuple[SampleKey, ...], int]:
    """The key frames of a track whose times are moved by `shift`, and where its last sample ends. Raises BadFile."""
    sizes = _sizes(find(table, b"stsz"))
    count = len(sizes)
    if not count:
        return (), 0
    decoded, offsets = _times(find(table, b"stts"), count), _offsets(find(table, b"ctts"), count)
    positions = _positions(table, sizes)
    synced = find(table, b"stss")
    numbers = [entry[0] - 1 for entry in struct.iter_unpack(">I", synced[8 : len(synced) & ~3])]
    keys = []
    for number in numbers if synced else range(count):
        if not 0 <= number < min(count, len(positions)):
            continue
        pts = decoded[number] + offsets[number]
        later = range(number + 1, min(number + 5, count))
        leading = any(decoded[after] + offsets[after] < pts for after in later)
        keys.append(SampleKey(pts + shift, positions[number], sizes[number], leading))
    tail = range(max(0, count - 32), count)
    end = max(decoded[number + 1] + offsets[number] for number in tail) + shift
    return tuple(keys), end


def _sizes(stsz: bytes) -> "array[int]":
    if len(stsz) < 12:
        return array("I")
    same, count = struct.unpack(">II", stsz[4:12])
    if count > MOST_SAMPLES:
        raise BadFile("the index of the MP4 file lists too many frames")
    if same:
        return array("I", [same] * count)
    sizes = array("I", stsz[12 : 12 + (min(4 * count, len(stsz) - 12) & ~3)])
    sizes.byteswap()
    return sizes


def _times(stts: bytes, count: int) -> "array[int]":
    """Decode times, and behind them where the last one ends."""
    times, now = array("q", [0]), 0
    for run, step in struct.iter_unpack(">II", stts[8 : 8 + (len(stts) - 8) // 8 * 8]):
        for _ in range(min(run, count + 1 - len(times))):
            now += step
            times.append(now)
    while len(times) <= count:
        times.append(now)
    return times


def _offsets(ctts: bytes, count: int) -> "array[int]":
    offsets = array("q")
    for run, offset in struct.iter_unpack(">Ii", ctts[8 : 8 + max(0, len(ctts) - 8) // 8 * 8]):
        offsets.extend([offset] * min(run, count - len(offsets)))
    offsets.extend([0] * (count - len(offsets)))
    return offsets


def _positions(table: bytes, sizes: "array[int]") -> "array[int]":
    short, long = find(table, b"stco"), find(table, b"co64")
    places = long or short
    width, form = (8, ">Q") if long else (4, ">I")
    chunks = [entry[0] for entry in struct.iter_unpack(form, places[8 : 8 + max(0, len(places) - 8) // width * width])]
    stsc = find(table, b"stsc")
    runs = list(struct.iter_unpack(">III", stsc[8 : 8 + max(0, len(stsc) - 8) // 12 * 12]))
    positions = array("Q")
    for number, (begin, per_chunk, _) in enumerate(runs):
        stop = runs[number + 1][0] if number + 1 < len(runs) else len(chunks) + 1
        for chunk in range(max(1, begin), min(stop, len(chunks) + 1)):
            at = chunks[chunk - 1]
            for _sample in range(min(per_chunk, len(sizes) - len(positions))):
                positions.append(at)
                at += sizes[len(positions) - 1]
    return positions
