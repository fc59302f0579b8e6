"""Which files contain a picture that can be extracted: a frame of a video, the cover of an audio file."""

from streamvault.media.model import MediaFile

STILL = "still1"
"""The `thumb_size` of such a picture in its FileKey. It ends with the version of the extraction: a higher number makes
all pictures again."""

_KINDS = frozenset({"video", "animation", "video_note", "audio"})
_TYPES = ("video/", "audio/")
_EXTENSIONS = frozenset({
    "3gp", "asf", "avi", "flac", "flv", "m2ts", "m4a", "m4b", "m4v", "mka", "mkv", "mov", "mp3", "mp4", "mpeg",
    "mpg", "mts", "ogg", "ogv", "opus", "ts", "vob", "webm", "wma", "wmv",
})  # fmt: skip


def may_hold_still(file: MediaFile) -> bool:
    """Whether extraction is worth trying. Films are often sent as documents, sometimes without a MIME type."""
    if not file.size or file.part_of is not None:
        return False
    if file.kind in _KINDS or (file.kind == "document" and file.mime_type.startswith(_TYPES)):
        return True
    return file.kind == "document" and file.name.rpartition(".")[2].lower() in _EXTENSIONS
