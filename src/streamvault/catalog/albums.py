"""The text of an album belongs to all of its files: which text that is; pure.

People write it to one of the messages that are posted together, and Telegram's clients show it below all of them. Where
several messages have a text, each is that of its own file. The text follows from the stored messages alone, so it does
not matter in which order they arrive; every change of a member decides again for all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from streamvault.media.model import MediaFile, Origin

Album = tuple[int, int]
"""A chat, and the id of an album in it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A message of an album: its own caption, and the text of the album that is stored with it."""

    album: Album
    caption: str
    text: str = ""


def album_of(file: MediaFile) -> Album | None:
    """The album of a message; None without one."""
    return None if file.album is None else (file.origin.chat_id, file.album)


def texts(members: Mapping[Origin, Member]) -> dict[Origin, str]:
    """The album text of each message, given all of the albums; "" for those with a caption of their own."""
    captions: defaultdict[Album, list[str]] = defaultdict(list)
    for member in members.values():
        if member.caption:
            captions[member.album].append(member.caption)
    return {
        origin: captions[one.album][0] if len(captions[one.album]) == 1 and not one.caption else ""
        for origin, one in members.items()
    }


def albums_of(files: Iterable[MediaFile]) -> set[Album]:
    """The albums of these files."""
    return {album for file in files if (album := album_of(file)) is not None}


def with_new(stored: Mapping[Origin, Member], new: Iterable[MediaFile]) -> dict[Origin, Member]:
    """The members after `new` messages were put: `stored` ones of the same messages are replaced."""
    found = dict(stored)
    for file in new:
        found.pop(file.origin, None)
        album = album_of(file)
        if album is not None:
            found[file.origin] = Member(album, file.caption)
    return found
