"""The name of a browser for people, from its User-Agent: known words only, as anybody can send any text there."""

import re

UNKNOWN = "An unknown program"

_PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
    ("VLC/", "VLC"),
    ("Kodi/", "Kodi"),
    ("curl/", "curl"),
)
"""The first that a User-Agent holds: browsers name those that they want to be taken for as well."""
_SYSTEMS = (
    ("Tizen", "a Samsung TV"),
    ("Web0S", "an LG TV"),
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)

_PREVIEWS = re.compile(r"(?<!cu)bot|crawler|spider|preview|facebookexternalhit|whatsapp/", re.IGNORECASE)
"""How programs call themselves that look at links to describe them; CUBOT makes phones."""


def is_preview(user_agent: str) -> bool:
    """Whether it says of itself that no person sees what it reads."""
    return _PREVIEWS.search(user_agent) is not None


def browser_name(user_agent: str) -> str:
    """Such as "Firefox on Windows"."""
    program = _first(_PROGRAMS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    return f"{program or UNKNOWN} on {system}" if system else program or UNKNOWN


def _first(table: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in table if mark in user_agent), "")
