"""Which files have a picture in them that we could take out: a frame of a video, the cover of an album."""

from streamvault.media.model import MediaFile

STILL = "still1"
"""The `thumb_size` of such a picture, as FileKey wants it; with the version of what makes it, so that a better one
makes all of them anew."""

_KINDS = frozenset({"video", "animation", "video_note", "audio"})
_TYPES = ("video/", "audio/")
_EXTENSIONS = frozenset({
    "3gp", "asf", "avi", "flac", "flv", "m2ts", "m4a", "m4b", "m4v", "mka", "mkv", "mov", "mp3", "mp4", "mpeg",
    "mpg", "mts", "ogg", "ogv", "opus", "ts", "vob", "webm", "wma", "wmv",
})  # fmt: skip


def may_hold_still(file: MediaFile) -> bool:
    """Whether it is worth looking. Films are often sent as documents, sometimes without a type."""
    if not file.size or file.part_of is not None:
        return False
    if file.kind in _KINDS or (file.kind == "document" and file.mime_type.startswith(_TYPES)):
        return True
    return file.kind == "document" and file.name.rpartition(".")[2].lower() in _EXTENSIONS
