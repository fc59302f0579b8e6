"""Live streams, and those that have not begun: what is waited for, and what is refused; pure."""

from streamvault.errors import NotYet, SourceRefused
from streamvault.leech.ytdlp.lines import LATER, LIVE, Entry

PAUSE = 900.0
"""Seconds between two looks at a stream that was waited for."""
LONGEST = 12 * 3600.0
"""Seconds that such a stream may go on after its time."""
UPCOMING = "is_upcoming"
_RUNNING = frozenset({"is_live", "post_live", UPCOMING})


def check_time(entry: Entry, *, awaited: float | None, now: float) -> None:
    """Nothing for a video that is there. `awaited`: when it was to begin, of one that was waited for before. `now` in
    Unix seconds. Raises NotYet for what begins later, or has been waited for and is live; SourceRefused for what is
    live when it is asked for.
    """
    if entry.live not in _RUNNING:
        return
    if entry.live == UPCOMING and entry.starts is not None and entry.starts > now:
        raise NotYet(LATER, retry_after=max(entry.starts - now, PAUSE))
    if awaited is not None and now < awaited + LONGEST:
        raise NotYet("is live now, and is fetched when it is over", retry_after=PAUSE)
    raise SourceRefused(LIVE)
