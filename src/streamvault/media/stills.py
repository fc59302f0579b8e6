"""Which files contain a picture that can be extracted: a frame of a video, the cover of an audio file."""

from streamvault.media.model import MediaFile
from streamvault.media.types import UNKNOWN, kind_of, type_of

STILL = "still1"
"""The `thumb_size` of such a picture in its FileKey. It ends with the version of the extraction: a higher number makes
all pictures again."""

SIDE = 320
"""Pixels of its longer side at most."""

_KINDS = frozenset({"video", "animation", "video_note", "audio", "document"})


def may_hold_still(file: MediaFile) -> bool:
    """Whether extraction is worth trying: not of pieces of a file that was cut, whose type tells nothing."""
    if not file.size or file.part_of is not None or file.kind not in _KINDS:
        return False
    mime_type = type_of(file.name) if file.mime_type == UNKNOWN else file.mime_type
    return mime_type == "image/gif" or kind_of(mime_type) != "document"
