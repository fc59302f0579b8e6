"""Cookies of one job, each for the host that set it alone."""

import re
from email.utils import parsedate_to_datetime

from streamvault.leech.sources.urls import Url

MOST = 50
"""Cookies of a host; more are ignored, as are hosts above as many."""
LONGEST = 4096
"""Bytes of a cookie."""
_VALID = re.compile(rb"[\x20-\x3a\x3c-\x7e\x80-\xff]*")


class Cookies:
    """A domain attribute is ignored, so that no cookie reaches another host."""

    def __init__(self) -> None:
        self._hosts: dict[str, dict[tuple[bytes, str], tuple[bytes, bool]]] = {}

    def take(self, url: Url, values: list[bytes]) -> None:
        """Keep what the Set-Cookie fields of an answer say."""
        for value in values:
            pair, *attributes = value.split(b";")
            name, equals, text = (part.strip() for part in pair.partition(b"="))
            if equals and name and len(pair) <= LONGEST and _VALID.fullmatch(pair):
                known = {
                    key.strip().lower(): held.strip() for key, _, held in (one.partition(b"=") for one in attributes)
                }
                self._keep(url, name, text, known)

    def header(self, url: Url) -> bytes | None:
        """The value of the Cookie field for a request, or None."""
        kept = self._hosts.get(str(url.host), {})
        found = [
            (path, name + b"=" + text)
            for (name, path), (text, secure) in kept.items()
            if _below(url.path, path) and (url.scheme == "https" or not secure)
        ]
        found.sort(key=lambda one: -len(one[0]))
        return b"; ".join(text for _, text in found) or None

    def _keep(self, url: Url, name: bytes, text: bytes, known: dict[bytes, bytes]) -> None:
        given = known.get(b"path", b"").decode("latin-1")
        path = given if given.startswith("/") else url.path.rpartition("/")[0] or "/"
        if len(self._hosts) >= MOST and str(url.host) not in self._hosts:
            return
        kept = self._hosts.setdefault(str(url.host), {})
        if _is_over(known):
            kept.pop((name, path), None)
        elif (name, path) in kept or len(kept) < MOST:
            kept[name, path] = (text, b"secure" in known)


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder if folder.endswith("/") else f"{folder}/")


def _is_over(known: dict[bytes, bytes]) -> bool:
    """Whether the cookie is deleted: by an age of none, or a date in the last century."""
    age = known.get(b"max-age")
    if age is not None:
        return not age.isdigit() or int(age[:10]) == 0
    try:
        return parsedate_to_datetime(known.get(b"expires", b"").decode("latin-1")).year < 2000
    except (ValueError, TypeError):
        return False
