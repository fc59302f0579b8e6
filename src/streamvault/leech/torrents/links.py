"""Magnet links and .torrent files as addresses; pure."""

import re
from urllib.parse import parse_qsl, urlsplit

PRIVATE = "x.private"
"""Parameter of a magnet link that was made of a private torrent."""


def is_private(magnet: str) -> bool:
    """Whether a link says that only its trackers may tell of peers."""
    return (PRIVATE, "1") in parse_qsl(urlsplit(magnet).query, max_num_fields=500)


def same_torrent(hash: str) -> str:
    """What is equal for links to the torrent of this hash; see addresses.Address.same."""
    return f"magnet:?xt=urn:btih:{hash}" if re.fullmatch("[0-9a-f]{40}", hash) else f"magnet:?xt=urn:btmh:1220{hash}"
