"""Which archives are unpacked, told by their names and first bytes; pure."""

import re

from streamvault.errors import SourceRefused
from streamvault.leech.unpacking.model import Kind
from streamvault.leech.unpacking.tar_headers import BLOCK, is_header

LOOKED_AT = BLOCK
"""First bytes that are enough."""
WITHOUT = "leech it without -e to have it as it is"
_PART = re.compile(r"\.(?:(?:zip|7z|rar|tar)\.[0-9]{2,4}|z[0-9]{2}|r[0-9]{2}|part[0-9]+\.rar)\Z", re.IGNORECASE)
_OTHERS = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "compressed by Zstandard"),
)
_COMPRESSED: tuple[tuple[bytes, Kind], ...] = (
    (b"\x1f\x8b\x08", "tar.gz"),
    (b"BZh", "tar.bz2"),
    (b"\xfd7zXZ\x00", "tar.xz"),
)


def check_name(name: str) -> None:
    """Raises SourceRefused for a part of an archive."""
    if _PART.search(name):
        raise SourceRefused(f"this is one part of an archive in several files, which are not joined here: {WITHOUT}")


def kind_of_archive(head: bytes) -> Kind:
    """What begins with `head`, LOOKED_AT bytes or all there are; one that is compressed is taken to be a tar. Raises
    SourceRefused for what is not unpacked.
    """
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith((b"PK\x07\x08", b"PK00PK\x03\x04")):
        raise SourceRefused(f"this is one part of a ZIP archive in several files, which are not joined here: {WITHOUT}")
    for magic, what in _OTHERS:
        if head.startswith(magic):
            raise SourceRefused(f"this is {what}, and only ZIP and tar (also .gz, .bz2, .xz) are unpacked: {WITHOUT}")
    for magic, kind in _COMPRESSED:
        if head.startswith(magic):
            return kind
    if is_header(head):
        return "tar"
    raise SourceRefused(f"this is no archive that is unpacked here, which are ZIP and tar: {WITHOUT}")
