"""Words in names and texts that number a season or an episode, or tell a quality; pure."""

import re

LOOKED_AT = 1000
"""Characters of a name or a text in which such words are looked for."""
_GAP = r"[\s._-]{0,9}"
_SEASON_WORDS = r"seasons?|saison|temporada|stagione|staffel|sezon|сезон"
_COUNT = (
    rf"s\d{{1,4}}{_GAP}(?:e|ep){_GAP}\d{{1,4}}(?:{_GAP}(?:e|ep|-){_GAP}\d{{1,4}}){{0,99}}"
    rf"|(?:e|ep|eps){_GAP}\d{{1,4}}(?:-\d{{1,4}})?|s\d{{1,2}}(?:-s?\d{{1,2}})?|\d{{1,2}}[x×]\d{{2,3}}(?:-\d{{2,3}})?"
    rf"|(?:{_SEASON_WORDS}|episodes?|épisode|episodio|folge|серия|эпизод)"
    r"[\s._:#-]{0,9}\d{1,4}(?:-\d{1,4})?|\d{1,3}[\s._]{0,9}(?:сезон|серия)"
)
_QUALITIES = (
    r"(?:240|360|480|540|576|720|900|1080|1440|2160|4320)[pi]|[48]k",
    r"[xh][\s._]?26[45]|av1|hevc|avc|xvid|divx",
    r"blu[\s._-]?ray|b[dr]rip|bdremux|remux|web[\s._-]?(?:dl|rip)|hdtv(?:rip)?|hd[\s._-]?rip|dvd(?:rip|scr)?|cam[\s._-]?rip",
    r"10[\s._-]?bit|hdr10|ddp?[\s._]?[257]\.[01]|[uf]hd|hdr|aac|dts",
)
NUMBERS = re.compile(rf"(?<![^\W_])(?:{_COUNT})(?![^\W_])", re.IGNORECASE)
"""Matches a season or an episode, or both."""
QUALITY = re.compile(rf"(?<![^\W_])(?:{'|'.join(_QUALITIES)})(?![^\W_])", re.IGNORECASE)
QUALITIES = tuple(re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])", re.IGNORECASE) for words in _QUALITIES)
"""What QUALITY matches by kinds: resolutions, codecs, sources, others."""
SEASON = re.compile(
    rf"(?<![^\W_])(?<!\d-)(?:s\d{{1,4}}|(?:{_SEASON_WORDS})[\s._:#-]{{0,9}}\d{{1,4}}|\d{{1,3}}[\s._]{{0,9}}сезон|\d{{1,2}}(?=[x×]\d))"
    r"(?!-?s?\d)",
    re.IGNORECASE,
)
"""Matches the season within what NUMBERS matches, unless it is one of several."""
EPISODE = re.compile(r"(?<![a-z])(?:e|ep)s?[\s._-]{0,9}\d|episod|épisod|folge|серия|эпизод|\d[x×]\d", re.IGNORECASE)
"""Matches within what NUMBERS matches if it numbers an episode."""
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_BRACKETED_YEAR = re.compile(r"[(\[](?:19|20)\d\d[)\]]")


def is_release(text: str) -> bool:
    """Whether `text` is written like the name of a film or an episode, and is not just prose."""
    text = text[:LOOKED_AT]
    return bool(NUMBERS.search(text) or QUALITY.search(text) or _BRACKETED_YEAR.search(text))


def has_title(text: str) -> bool:
    """Whether something is left of `text` without such words and a year."""
    rest = " ".join(QUALITY.sub(" ", NUMBERS.sub(" ", text)).split()).strip(" .,:;|_-()[]")
    return any(char.isalnum() for char in rest) and not YEAR.fullmatch(rest)
