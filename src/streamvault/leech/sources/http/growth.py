"""Files that are still being written where they are read: what was announced at the beginning is not all of them."""

from email.utils import parsedate_to_datetime

from streamvault.errors import LeechError
from streamvault.leech.sources.comparing import refuse_total
from streamvault.leech.sources.http.client import Client
from streamvault.leech.sources.http.fields import Fields
from streamvault.leech.sources.http.ranges import content_length, parse_content_range
from streamvault.leech.sources.http.way import Way

RECENT = 600.0
"""Seconds since the last change of a file that may still be written."""


def is_recent(fields: Fields, now: float) -> bool:
    """Whether the file was changed a moment ago by the clock of its server. `now`: Unix seconds, where it has none."""
    try:
        changed = parsedate_to_datetime(fields.text("last-modified") or "").timestamp()
        date = fields.text("date")
        return (parsedate_to_datetime(date).timestamp() if date else now) - changed < RECENT
    except (ValueError, TypeError, OverflowError):
        return False


async def refuse_grown(client: Client, way: Way, size: int) -> None:
    """Ask for the bytes behind the end of a file that has been read. Raises SourceFailed where there are some; what
    else comes of it is no matter for a file that is there.
    """
    try:
        answer = await way.get([(b"Range", b"bytes=%d-" % size)], begun=True)
    except LeechError:
        return
    answer.close()
    told = parse_content_range(answer.fields.get("content-range"))
    total = content_length(answer.fields) if answer.status not in (206, 416) else told.total if told else None
    if total is not None and total > size:
        key, host = way.first.shown, str(way.first.host)
        refuse_total(client.hosts, key=key, host=host, size=size, total=total)
