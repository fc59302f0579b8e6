"""What answers without a file mean, in a sentence for people."""

from email.utils import parsedate_to_datetime

from streamvault.errors import LeechError, LinkExpired, SourceFailed, SourceRefused
from streamvault.leech.sources.http.fields import Fields

LONGEST_WAIT = 24 * 3600.0
"""Seconds of Retry-After that are obeyed at most."""
CROWDED = frozenset({403, 429, 503, 509})
"""What hosts answer to one connection too many."""
_LATER = frozenset({408, 421, 423, 425, 429, 509})
_GONE = frozenset({401, 403, 404, 410})
_WORDS = {
    401: "asks for a log-in (401): give the address with user:password@ before the host, or a link that needs none",
    402: "wants to be paid for the file (402)",
    403: "refuses access to the file (403): a log-in is needed, or the link has expired; give a link that needs none",
    404: "has no such file (404)",
    405: "does not give the file to a plain download (405)",
    407: "asks for the log-in of a proxy (407)",
    410: "no longer has the file (410)",
    451: "may not give the file for legal reasons (451)",
}


def error_of(status: int, fields: Fields, host: object, *, begun: bool, login: bool, now: float) -> LeechError:
    """The error for an answer that holds no file. `begun`: the address gave the file before; `login`: user and
    password were sent; `now`: Unix seconds.
    """
    if begun and status in _GONE:
        return LinkExpired(
            f"the link has expired: {host} gave the file before, and now refuses it ({status}); "
            "give a fresh link to go on from where it stopped"
        )
    if status == 401 and login:
        return SourceRefused(f"{host} does not accept the user and password of the address (401)")
    if status >= 500 or status in _LATER:
        return SourceFailed(f"{host} cannot give the file now ({status})", retry_after=retry_after(fields, now))
    if status in _WORDS:
        return SourceRefused(f"{host} {_WORDS[status]}")
    if status >= 400:
        return SourceRefused(f"{host} refuses the request ({status})")
    return SourceRefused(f"{host} answers without a file ({status})")


def retry_after(fields: Fields, now: float) -> float | None:
    """Seconds to wait by Retry-After, in either form; None where it asks for no time to come."""
    text = (fields.text("retry-after") or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:10]), LONGEST_WAIT) or None
    try:
        until = parsedate_to_datetime(text)
        begun = parsedate_to_datetime(fields.text("date") or "").timestamp() if fields.get("date") else now
        return min(max(until.timestamp() - begun, 0.0), LONGEST_WAIT) or None
    except (ValueError, TypeError, OverflowError):
        return None
