"""What a magnet link says beside its hashes; pure."""

from urllib.parse import parse_qsl, urlsplit

PRIVATE = "x.private"
"""Parameter of a magnet link that was made of a private torrent."""


def is_private(magnet: str) -> bool:
    """Whether a link says that only its trackers may tell of peers."""
    return (PRIVATE, "1") in parse_qsl(urlsplit(magnet).query, max_num_fields=500)
