"""What is in a torrent, and which files of it are posted; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from streamvault.errors import SourceRefused
from streamvault.leech.choice import MOST, Choosable
from streamvault.leech.file_names import clean_name
from streamvault.leech.torrents.lines import Entry, Head
from streamvault.leech.unpacking.choosing import MOST_FILES, left_out_notes, natural_key, why_not
from streamvault.leech.unpacking.choosing import Contents as Posted
from streamvault.leech.unpacking.model import Entry as Packed
from streamvault.leech.unpacking.model import Member

_PADDING = re.compile(r"(?:^|/)(?:\.pad/[0-9]+|_____padding_file_[^/]*)\Z")
"""Files that fill up a piece, of programs that do not mark them so."""


@dataclass(frozen=True, slots=True)
class Contents:
    """`entries`: all files, by the index that libtorrent has for each."""

    head: Head
    entries: tuple[Entry, ...]

    @property
    def id(self) -> str:
        """The hash by which a torrent is known: of version 1 where it has one, so that a hybrid is one torrent."""
        return self.head.v1 or self.head.v2 or ""

    @property
    def shown(self) -> list[int]:
        """The indexes of the files that people count, from 1."""
        return [index for index, one in enumerate(self.entries) if not is_padding(one)]


def is_padding(entry: Entry) -> bool:
    """Whether it is no file of anybody."""
    return entry.kind == "padding" or bool(_PADDING.search(entry.path))


def to_choose(contents: Contents) -> list[Choosable]:
    """What somebody can choose among. Raises SourceRefused for too much."""
    found = []
    for number, index in enumerate(contents.shown, 1):
        entry = contents.entries[index]
        if entry.size and entry.kind == "file":
            found.append(Choosable(number, entry.path.partition("/")[2] or entry.path, entry.size))
    if len(found) > MOST:
        raise SourceRefused(f"this torrent has {len(found):,} files: choose by numbers, or take all of them")
    return found


def posted_of(contents: Contents, chosen: Sequence[int], *, most: int, name: str | None = None) -> Posted:
    """The files to be posted, in natural order. `chosen`: numbers from 1, none for all; `most`: bytes of all of them, 0
    for any; `name`: wished for the only one. Member.number is libtorrent's index. Raises SourceRefused.
    """
    found: list[Member] = []
    left_out: dict[str, list[str]] = {}
    for index in _indexes(contents, chosen):
        entry = contents.entries[index]
        packed = Packed(entry.path, entry.size, 0, "link" if entry.kind == "link" else "file")
        why = why_not(packed, entry.path, "tar")
        if why:
            left_out.setdefault(why, []).append(entry.path)
        else:
            found.append(Member(index, entry.path, clean_name(entry.path), packed))
    posted = Posted(tuple(sorted(found, key=lambda one: (natural_key(one.path), one.number))), _tuples(left_out))
    _check(posted, most, name)
    return posted


def _indexes(contents: Contents, chosen: Sequence[int]) -> list[int]:
    shown = contents.shown
    if missing := [number for number in chosen if number > len(shown)]:
        files = "1 file" if len(shown) == 1 else f"{len(shown):,} files"
        raise SourceRefused(f"this torrent has {files}: there is no number {missing[0]:,}")
    return [shown[number - 1] for number in chosen] or shown


def _check(posted: Posted, most: int, name: str | None) -> None:
    count = len(posted.members)
    if not count:
        raise SourceRefused("; ".join(["nothing in this torrent is posted", *left_out_notes(posted.left_out)]))
    if count > MOST_FILES:
        raise SourceRefused(f"these are {count:,} files, and at most {MOST_FILES:,} are posted: choose some of them")
    if most and posted.size > most:
        raise SourceRefused(
            f"the files of this torrent have {posted.size:,} bytes, and at most {most:,} are taken (LEECH_MAX_SIZE)"
        )
    if name is not None and count > 1:
        raise SourceRefused(f"a name is for one file, and these are {count:,}: choose one, or leave out the name")


def _tuples(left_out: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {why: tuple(paths) for why, paths in left_out.items()}
