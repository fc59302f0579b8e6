"""The order in which pictures of H.264 are shown, from their slice headers (ITU-T H.264, 7.3 and 8.2.1); pure.

AVI numbers pictures in the order of decoding and tells nothing else of their times.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from streamvault.playback import codecs

_HEAD = 64
"""Bytes of a slice in which its header's first fields are."""
_HIGH = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""Profiles whose parameter sets tell of chroma."""
_SLICE, _IDR, _SPS = 1, 5, 7


class _Bits:
    """Bits of a NAL unit behind its first byte. Raises IndexError at the end."""

    def __init__(self, unit: bytes) -> None:
        self._data = unit[1:].replace(b"\0\0\3", b"\0\0")
        self._at = 0

    def take(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = value << 1 | self._data[self._at >> 3] >> (7 - (self._at & 7)) & 1
            self._at += 1
        return value

    def unsigned(self) -> int:
        """ue(v)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise IndexError("no Exp-Golomb code")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """se(v)."""
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)


@dataclass(frozen=True, slots=True)
class _Sequence:
    """What of a sequence parameter set is needed; `kind` is pic_order_cnt_type."""

    kind: int
    number_bits: int
    order_bits: int
    whole_frames: bool
    planes: bool


def _sequence(unit: bytes) -> _Sequence:
    bits = _Bits(unit)
    profile, planes = bits.take(8), False
    bits.take(16)
    bits.unsigned()
    if profile in _HIGH:
        chroma = bits.unsigned()
        planes = chroma == 3 and bool(bits.take(1))
        bits.unsigned(), bits.unsigned(), bits.take(1)
        if bits.take(1):
            for number in range(12 if chroma == 3 else 8):
                _skip_scaling(bits, 16 if number < 6 else 64)
    number_bits, kind, order_bits = bits.unsigned() + 4, bits.unsigned(), 0
    if kind == 0:
        order_bits = bits.unsigned() + 4
    elif kind == 1:
        return _Sequence(kind, number_bits, 0, whole_frames=True, planes=planes)
    bits.unsigned(), bits.take(1), bits.unsigned(), bits.unsigned()
    return _Sequence(kind, number_bits, order_bits, whole_frames=bool(bits.take(1)), planes=planes)


def _skip_scaling(bits: _Bits, size: int) -> None:
    if not bits.take(1):
        return
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed() + 256) % 256
        last = following or last


class PictureOrder:
    """Reads packets in the order of decoding, from a key frame on; `extradata` of the track."""

    def __init__(self, extradata: bytes) -> None:
        self._sequence: _Sequence | None = None
        self._length = (extradata[4] & 3) + 1 if extradata[:1] == b"\1" and len(extradata) > 6 else 0
        self._before: tuple[int, int] | None = None
        """The high and low part of the order of the last picture that others refer to."""
        self._run = -1
        sets = [extradata[8:]] if self._length else codecs.units(extradata)
        for unit in sets:
            self._learn(unit)

    def __call__(self, data: bytes) -> tuple[int, int] | None:
        """A key to sort packets by the times at which they are shown; None where the packet does not tell."""
        for unit in self._units(data):
            self._learn(unit)
            if unit and unit[0] & 31 in (_SLICE, _IDR):
                try:
                    return self._ordered(unit[:_HEAD])
                except IndexError:
                    return None
        return None

    def _learn(self, unit: bytes) -> None:
        if unit and unit[0] & 31 == _SPS:
            try:
                self._sequence = _sequence(unit)
            except IndexError:
                self._sequence = None

    def _ordered(self, unit: bytes) -> tuple[int, int] | None:
        found, bits, is_idr = self._sequence, _Bits(unit), unit[0] & 31 == _IDR
        if found is None or found.kind == 1:
            return None
        if is_idr or self._run < 0:
            self._run += 1
            self._before = (0, 0) if is_idr else None
        if found.kind == 2:  # shown as they are decoded
            self._before = (0, self._before[1] + 1 if self._before else 1)
            return self._run, self._before[1]
        bits.unsigned(), bits.unsigned(), bits.unsigned()
        bits.take((2 if found.planes else 0) + found.number_bits)
        if not found.whole_frames and bits.take(1):
            bits.take(1)
        if is_idr:
            bits.unsigned()
        low, period = bits.take(found.order_bits), 1 << found.order_bits
        high, last = self._before or (0, low)
        if low < last and last - low >= period // 2:
            high += period
        elif low > last and low - last > period // 2:
            high -= period
        if unit[0] & 0x60:
            self._before = (high, low)
        return self._run, high + low

    def _units(self, data: bytes) -> Iterator[bytes]:
        if not self._length:
            yield from codecs.units(data)
            return
        at = 0
        while at + self._length < len(data):
            size = int.from_bytes(data[at : at + self._length], "big")
            yield data[at + self._length : at + self._length + size]
            at += self._length + size


def shown_at(moments: Sequence[Fraction], packets: Sequence[bytes], order: PictureOrder) -> list[Fraction | None]:
    """When each packet is shown; `moments`: when each is decoded. What is shown first is at the first moment.

    None of a packet that does not tell: it holds no picture, or a damaged one. Raises ValueError if none of them tells.
    """
    keys = [order(packet) for packet in packets]
    told = [number for number, key in enumerate(keys) if key is not None]
    if packets and not told:
        raise ValueError("no picture tells when it is shown")
    shown: list[Fraction | None] = [None] * len(packets)
    for number, later in zip(told, sorted(told, key=lambda number: keys[number] or (0, 0)), strict=True):
        shown[later] = moments[number]
    return shown
