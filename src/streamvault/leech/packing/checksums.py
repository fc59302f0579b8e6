"""CRC-32 of the beginnings of a file, at the places from which a transfer may go on; pure."""

from streamvault.media.uploads import PART

RECENT = 128
"""Places that are kept behind the latest one: more than the parts that are on their way, or not recorded yet."""
FAR = 4000
"""Of the others each of this number: where messages begin, which are sent again when Telegram has lost their parts."""


class Checksums:
    """By place: `number` times PART bytes of the archive, of which the first `head` are not of the file."""

    def __init__(self, head: int, known: dict[int, int] | None = None) -> None:
        self._head = head
        self._known = dict(known or {})

    def add(self, number: int, crc: int) -> None:
        """Keep the CRC-32 of what stands before this place."""
        self._known[number] = crc
        old = number - RECENT
        if old % FAR:
            self._known.pop(old, None)

    def before(self, position: int) -> tuple[int, int]:
        """The last place in the file of which it is known, up to this one: bytes, and the CRC-32 of them."""
        usable = [number for number in self._known if number * PART - self._head <= position]
        if not usable:
            return 0, 0
        number = max(usable)
        return number * PART - self._head, self._known[number]

    def __str__(self) -> str:
        return " ".join(f"{number:x}:{crc:x}" for number, crc in self._known.items())

    @staticmethod
    def read(head: int, text: str) -> "Checksums":
        """Those of a text."""
        pairs = (one.partition(":") for one in text.split())
        return Checksums(head, {int(number, 16): int(crc, 16) for number, _, crc in pairs})
