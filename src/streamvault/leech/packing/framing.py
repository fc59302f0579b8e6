"""What stands before and behind the bytes of the only file of a ZIP archive; pure.

By APPNOTE.TXT 6.3 of PKWARE: method 0 (stored), the name in UTF-8, sizes and CRC-32 in a data descriptor behind the
bytes, as they are known there at the earliest. Nothing depends on the time or the machine.
"""

import struct
from dataclasses import dataclass

ENDING = ".zip"

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4sBB5H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
_FULL = 0xFFFFFFFF
_FLAGS = 0x0808
"""Bit 3: there is a data descriptor; bit 11: the name is UTF-8."""
_TIME, _DATE = 0, 0x21
"""The first of January 1980, the earliest that can be expressed."""
_UNIX, _MODE = 3, 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Framing:
    """The archive of a file `name` of `size` bytes, None where that is not known before its end."""

    name: str
    size: int | None

    @property
    def wide(self) -> bool:
        """Whether sizes and places have 64 bits: where they need them, or may."""
        return self.size is None or len(self._name) + _LOCAL.size + self.size + 16 > _FULL

    @property
    def head(self) -> bytes:
        """What stands before the file."""
        if not self.wide:
            return self._local(20, 0, b"")
        return self._local(45, _FULL, struct.pack("<HHQQ", 1, 16, 0, 0))

    @property
    def whole(self) -> int | None:
        """Bytes of the archive."""
        return None if self.size is None else len(self.head) + self.size + len(self.tail(self.size, 0))

    def tail(self, size: int, crc: int) -> bytes:
        """What stands behind the file, of `size` bytes with this CRC-32."""
        described = struct.pack("<4sIQQ" if self.wide else "<4s3I", b"PK\x07\x08", crc, size, size)
        at = len(self.head) + size + len(described)
        return described + (self._end_64(at, size, crc) if self.wide else self._end(at, size, crc))

    @property
    def _name(self) -> bytes:
        return self.name.encode()

    def _local(self, version: int, sizes: int, extra: bytes) -> bytes:
        fields = (version, _FLAGS, 0, _TIME, _DATE, 0, sizes, sizes, len(self._name), len(extra))
        return _LOCAL.pack(b"PK\x03\x04", *fields) + self._name + extra

    def _central(self, version: int, size: int, crc: int, extra: bytes) -> bytes:
        fields = (version, _UNIX, version, _FLAGS, 0, _TIME, _DATE, crc, size, size, len(self._name), len(extra))
        return _CENTRAL.pack(b"PK\x01\x02", *fields, 0, 0, 0, _MODE, 0) + self._name + extra

    def _end(self, at: int, size: int, crc: int) -> bytes:
        entry = self._central(20, size, crc, b"")
        return entry + _END.pack(b"PK\x05\x06", 0, 0, 1, 1, len(entry), at, 0)

    def _end_64(self, at: int, size: int, crc: int) -> bytes:
        entry = self._central(45, _FULL, crc, struct.pack("<HHQQ", 1, 16, size, size))
        record = _END_64.pack(b"PK\x06\x06", _END_64.size - 12, 45, 45, 0, 0, 1, 1, len(entry), at)
        locator = _LOCATOR.pack(b"PK\x06\x07", 0, at + len(entry), 1)
        return entry + record + locator + _END.pack(b"PK\x05\x06", 0, 0, 1, 1, len(entry), _FULL, 0)
