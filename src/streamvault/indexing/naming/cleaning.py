"""Removes the adverts of uploaders from a name, and spells out what guessit would misread."""

import re
import unicodedata
from dataclasses import dataclass

from streamvault.indexing.naming.conventions import spell_out
from streamvault.indexing.naming.counting import count
from streamvault.indexing.naming.endings import is_video, split
from streamvault.indexing.naming.ranges import first_of
from streamvault.media.part_names import part_name

MOST = 240
"""Characters of a name that are parsed."""
_RAW = 1000
_MOST_PIECES = 100
# "Film Part 2.mkv" is a film
_PART = re.compile(r"[. _-]part(?:\d{1,3}|[. _-]0\d{1,2})(?:\.\w{2,5})?$", re.IGNORECASE)

_SITES = "com|net|org|info|site|online|xyz|club|se|ws|to|cc|tv|me|in|re|mx|tf|lol|pw|io|ru|ag|am|bz|vip|top|link|ink|co"
_ADVERTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"https?:/{1,2}[^\s\[\](){}]+",
        r"\bt\.me_[a-z0-9]+",
        r"\b(?:t|telegram)\.(?:me|dog)/(?:joinchat/|s/|\+)?[\w+-]+",
        # two labels only, because the name itself may follow after a dot
        r"\bwww\.[\w-]{1,60}\.[a-z]{2,8}(?:/\S*)?",
        rf"(?:^|(?<=[\[({{\s]))[\w-]{{2,60}}\.(?:{_SITES})(?=\s|[\])}}_|~]|-\s|$)",
    )
)
_JOIN = (
    r"(?:\b(?:tg|telegram|channel)[\s_:~\-|]*)?"
    r"(?:\bjoin(?:[\s_]+(?:us|now|our|on|in|at|telegram|channel|@))*[\s_:~\-|]*)?(?:\bby[\s_]+)?"
)
_CHANNEL_WORDS = "bot|channel|cinema|films?|group|hd|hub|movies?|official|serials?|series|tv|world|zone"
_HANDLE = re.compile(rf"{_JOIN}@[\s_]?[a-z]\w{{2,31}}", re.IGNORECASE)
_HANDLE_LAST = re.compile(rf"{_JOIN}@[a-z]\w{{2,40}}\W*$", re.IGNORECASE)
_HANDLE_SHORT = re.compile(rf"{_JOIN}@[a-z][a-z0-9]{{1,31}}(?:_(?:{_CHANNEL_WORDS})(?![^\W_]))*", re.IGNORECASE)
_PHRASES = re.compile(
    r"\bjoin[\s_]+us(?:[\s_]+(?:on|in|at))?(?:[\s_]+telegram)?\b|\b(?:on|our)[\s_]+telegram(?:[\s_]+channel)?\b"
    r"|\bfull[\s_]+(?:hd[\s_]+)?movie\b|\b(?:uploaded|encoded|ripped|powered)[\s_]+by[\s_:]+\w+"
    r"|^\W*telegram\s*[:~\-|]+|^\W*exclusive\b(?=\W+\w)|^\W*(?:фильм|сериал|мультфильм|فيلم|فیلم|مسلسل|سریال|انمي|انیمیشن)\s+"
    r"|(?<!\w)(?:مترجمة|مترجم|مدبلجة|مدبلج|كاملة|كامل|زیرنویس|دوبله)(?!\w)",
    re.IGNORECASE,
)
_HOLLOW = re.compile(r"[\[({][\s_.,:;|~+\-]*[\])}]")
_BRACKETS = str.maketrans(
    dict.fromkeys("【《「『〔〖«", "[") | dict.fromkeys("】》」』〕〗»", "]") | dict.fromkeys("/\\", " ")
)
# Spider-Man.Far.From.Home: guessit would take the part before the dash for a release group
_DASHED = re.compile(r"^[A-Z][\w']*-[A-Z0-9][\w']*(?=\.)")
# (500) Days of Summer
_NUMBERED = re.compile(r"^\((\d{1,3})\)\s+(?=\w)")


@dataclass(frozen=True, slots=True)
class CleanName:
    """`stem` is at most MOST characters, with its first episode alone; `last_episode` is that of a range, if any.

    `ending` has its dot, or is "". `part` is the number of a part that plays by itself: Holiday.part001.mkv.
    """

    stem: str
    ending: str
    last_episode: int | None = None
    part: int | None = None


def clean(name: str) -> CleanName:
    """The name without handles, URLs, emoji and styled letters.

    Seasons and episodes in words that guessit does not know become S01 and E01.
    """
    name = _plain(name if len(name) <= _RAW else name[: _RAW - 16] + name[-16:])
    whole, part = _without_part(name)
    stem, ending = split(whole)
    for advert in _ADVERTS:
        stem = advert.sub(" ", stem)
    stem = _PHRASES.sub(" ", _without_handles(stem)).translate(_BRACKETS)
    if not any(map(str.isspace, stem.strip())):
        stem = stem.replace("_", " ")
    stem, last = first_of(spell_out(_NUMBERED.sub(r"\1 ", stem)))
    stem = _DASHED.sub(lambda found: found[0].replace("-", " "), count(stem))
    stem = " ".join(_HOLLOW.sub(" ", stem).split()).strip(" _-|~:;,+")
    return CleanName(stem[:MOST].rstrip(), ending, last, part)


def _without_part(name: str) -> tuple[str, int | None]:
    """The name of the whole that this is a piece of, and the number of a part. "Show.103" without an ending is none."""
    piece = part_name(name)
    if piece is None or (piece.number >= _MOST_PIECES and not is_video(split(piece.whole)[1])):
        return name, None
    return piece.whole, piece.number if _PART.search(name) else None


def _plain(text: str) -> str:
    """Styled letters and digits, and digits of other scripts, as plain ones; emoji as spaces."""
    return unicodedata.normalize("NFKC", "".join(map(_character, text)))


def _character(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else " "
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "So":
            letter = unicodedata.normalize("NFKC", character)
            return letter if len(letter) == 1 and letter.isalnum() else " "
        case "Cf" | "Mn" if (
            character in "\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff\u202a\u202b\u202c\u202d\u202e"
        ):
            return ""
        case "Cc" | "Cs" | "Co" | "Cn" | "Sk" | "Zl" | "Zp":
            return " "
    return character


def _without_handles(stem: str) -> str:
    """Without @channels. If underscores stand for spaces, a handle that is not last ends at the first underscore."""
    if "@" not in stem:
        return stem
    spaced = " " in stem.strip()
    rest = _HANDLE.sub(" ", stem) if spaced else _HANDLE_SHORT.sub(" ", _HANDLE_LAST.sub(" ", stem))
    if not any(character.isalpha() for character in rest):
        rest = _HANDLE_SHORT.sub(" ", stem)
    return rest.replace("@", " ")
