"""How many bytes files of a torrent need on the disk, and which of them fit at the same time; pure.

A file begins and ends within pieces that it shares with its neighbours. Their parts of these are written, too.
"""

from collections.abc import Sequence

from streamvault.leech.torrents.contents import Contents
from streamvault.leech.unpacking.model import Member

SPARE = 16 << 20
"""Bytes beside those of the files: the torrent's own file, and directories."""
_BLOCK = 4096
"""Bytes of which a file system gives whole ones."""


def needed(contents: Contents, members: Sequence[Member]) -> int:
    """Bytes on the disk for these files at the same time."""
    indexes = sorted(member.number for member in members)
    runs = sum(index - 1 != before for index, before in zip(indexes, [-2, *indexes], strict=False))
    own = sum(-(-member.entry.size // _BLOCK) * _BLOCK for member in members)
    shared = min(2 * runs * contents.head.piece, max(0, contents.head.total - sum(one.entry.size for one in members)))
    return own + shared + SPARE


def least_needed(contents: Contents, members: Sequence[Member]) -> int:
    """Bytes for the largest of them alone."""
    return max(needed(contents, [member]) for member in members)


def batch_of(contents: Contents, members: Sequence[Member], room: int) -> Sequence[Member]:
    """The first files that fit into `room` bytes at the same time, one at least."""
    fits, beyond = 1, len(members) + 1
    while beyond - fits > 1:
        middle = (fits + beyond) // 2
        if needed(contents, members[:middle]) <= room:
            fits = middle
        else:
            beyond = middle
    return members[:fits]
