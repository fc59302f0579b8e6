"""The clock of an MPEG transport stream at some places of it, read out of the heads of its pictures."""

import itertools
from collections.abc import Iterator, Sequence

from streamvault.media.cells import CELL
from streamvault.playback.making.reading import read_at
from streamvault.reading.sandbox.model import BoundedFile

PLACES = 4
"""Parts of the file between which the clock is looked at: each place costs one cell of the file."""
CLOSER = 8
_LOOK = 1 << 16
_MOST_LOOKS = 8
_SIZES = (188, 192, 204)
_TURN = 1 << 33
"""Units of 1/90000 s after which the clock begins at 0 again."""
_MOST_BACK = 90_000
"""Units by which the clock may go back, since places may lie close together."""


def goes_back(file: BoundedFile, track: int) -> bool:
    """Whether the clock goes back between two places, as in recordings that were joined; `track` is the packets' id.

    Where it advances least, a short recording may be joined between two places: there it is looked at more closely.
    """
    found = _moments(file, 0, file.size, PLACES, track)
    if _is_back(found):
        return True
    steps = [(_step(before[1], after[1]), before, after) for before, after in itertools.pairwise(found)]
    if not steps:
        return False
    step, before, after = min(steps)
    if 2 * step * len(steps) >= sum(one for one, _, _ in steps):
        return False
    return _is_back([*_moments(file, before[0], after[0], CLOSER, track), after])


def _moments(file: BoundedFile, begin: int, end: int, count: int, track: int) -> list[tuple[int, int]]:
    """(place, moment) at regular places of [begin, end), as far as there are pictures."""
    last = max(begin, end - _LOOK)
    places = sorted({_in_one_cell(begin + (last - begin) * number // count) for number in range(count + 1)})
    found = ((place, _moment(file, place, track)) for place in places)
    return [(place, moment) for place, moment in found if moment is not None]


def _in_one_cell(place: int) -> int:
    """The place, or one before it from which a look reads one cell of the file only."""
    return min(place, place // CELL * CELL + CELL - _LOOK)


def _is_back(found: Sequence[tuple[int, int]]) -> bool:
    return any(_step(before[1], after[1]) > _TURN // 2 for before, after in itertools.pairwise(found))


def _step(before: int, after: int) -> int:
    step = (after - before) % _TURN
    return 0 if step > _TURN - _MOST_BACK else step


def _moment(file: BoundedFile, place: int, track: int) -> int | None:
    """When the first picture that begins behind a place is decoded, in units of 1/90000 s."""
    for look in range(_MOST_LOOKS):
        data = read_at(file, place + look * _LOOK, _LOOK)
        for packet in _packets(data):
            if packet[1] & 0x40 and int.from_bytes(packet[1:3], "big") & 0x1FFF == track:
                moment = _decoded(packet)
                if moment is not None:
                    return moment
    return None


def _packets(data: bytes) -> Iterator[bytes]:
    found = next(
        ((at, size) for at in range(min(204, len(data))) for size in _SIZES if _is_synced(data, at, size)), None
    )
    if found is not None:
        for at in range(found[0], len(data) - 187, found[1]):
            if data[at] == 0x47:
                yield data[at : at + 188]


def _is_synced(data: bytes, at: int, size: int) -> bool:
    return len(data) > at + 5 * size and all(data[place] == 0x47 for place in range(at, at + 5 * size, size))


def _decoded(packet: bytes) -> int | None:
    """The decoding time in the head of an elementary stream's packet (ISO/IEC 13818-1, 2.4.3.6)."""
    at = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
    head = packet[at : at + 19]
    if len(head) < 14 or head[:3] != b"\0\0\1" or not head[7] & 0x80:
        return None
    time = head[14:] if head[7] & 0x40 and len(head) == 19 else head[9:14]
    return _number(time)


def _number(time: bytes) -> int:
    """33 bits among marker bits."""
    return (
        (time[0] >> 1 & 7) << 30 | int.from_bytes(time[1:3], "big") >> 1 << 15 | int.from_bytes(time[3:5], "big") >> 1
    )
