"""The number by which the messages of a catalog are ordered, beginning with their dates."""

import zlib

from streamvault.media.model import MediaFile

DATE_BITS, BELOW_DATE = 38, 24
"""Bits of the date in a key, and of what stands below it."""


def row_key(file: MediaFile) -> int:
    """A positive 63-bit number that orders messages by date, and those of one second in one chat by id.

    Two messages may collide: an engine gives the second the next free number.
    """
    chat = zlib.crc32(str(file.origin.chat_id).encode()) & 0xFF
    date = max(0, min(file.date, (1 << DATE_BITS) - 1))
    return date << BELOW_DATE | chat << 16 | file.origin.message_id & 0xFFFF
