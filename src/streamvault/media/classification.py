"""Decides what a file is: its kind, name and MIME type, from all that its message says of it."""

from streamvault.media.model import MediaFile

VERSION = 1
"""Of the rules below: what was decided by an older version is decided again from MediaFile.sent."""


def classify(file: MediaFile) -> MediaFile:
    """`file` with `kind`, `name` and `mime_type` as decided from `sent`, caption, size and duration; idempotent.

    Without `sent` they are taken for what was sent, and kept there.
    """
    return file
