"""How a file of a job is posted: as a film, as music, as a photo, or as a document, and what is said of that; pure."""

from dataclasses import dataclass, field

from streamvault.leech.mp4.atoms import BadAtoms, leading
from streamvault.leech.sources.magic import type_by_bytes
from streamvault.media import photos
from streamvault.media.types import kind_of
from streamvault.media.uploads import Audio, Original, Photo, Video

PICTURES = frozenset({"image/jpeg", "image/png"})
UNREADABLE = "posted as a document, as what it holds could not be read"
NO_PHOTO = "posted as a document, as {why}"


@dataclass(frozen=True, slots=True)
class Appearance:
    """`shown_as` None: as a document. `mime_type`: None for what the source says; `thumb`: a JPEG; `note`: what people
    should know, "" for nothing. `caption`: None for the one of the template; `original`: see Post.
    """

    shown_as: Video | Audio | Photo | None = None
    mime_type: str | None = None
    thumb: bytes | None = field(default=None, repr=False)
    note: str = ""
    caption: str | None = None
    original: Original | None = None


DOCUMENT = Appearance()
UNREAD = Appearance(note=UNREADABLE)


def is_looked_into(head: bytes) -> bool:
    """Whether a file that begins so is more than a document; its name does not count, as a list of other addresses may
    have any.
    """
    mime_type = type_by_bytes(head)
    return mime_type in PICTURES or kind_of(mime_type) != "document"


def of_picture(head: bytes, size: int, *, big: bool) -> Appearance:
    """A JPEG or PNG. `big`: it went by saveBigFilePart, which Telegram has not for photos."""
    why = "its size was not known" if big else photos.refusal(head, size)
    sides = photos.picture_size(head)
    if why or sides is None:
        return Appearance(note=NO_PHOTO.format(why=why))
    return Appearance(Photo(*sides))


def of_other(mime_type: str) -> Appearance:
    """What begins like neither film, song nor picture, and has this type by its source."""
    return UNREAD if kind_of(mime_type) != "document" else DOCUMENT


def index_first(head: bytes, size: int) -> bool:
    """Whether an MP4 file of `size` bytes that begins so has its index before its media."""
    try:
        kinds = [atom.kind for atom in leading(head, size)]
    except BadAtoms:
        return False
    return b"moov" in kinds and b"mdat" not in kinds[: kinds.index(b"moov")]
