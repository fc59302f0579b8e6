"""The HLS playlist of a rendition of subtitles (RFC 8216 section 3.5); pure."""

import math
from collections.abc import Sequence


def text_media(durations: Sequence[float], *, folder: str, query: str = "") -> str:
    """`folder` holds the segments, `query` is put behind their addresses; `durations` in seconds."""
    longest = max(durations, default=1.0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, math.floor(longest + 0.5))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    for number, seconds in enumerate(durations):
        lines += [f"#EXTINF:{seconds:.6f},", f"{folder}/{number}.vtt{query}"]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"
