"""How texts are compared: without compatibility forms, case, accents and variant letters; the same for every database.

The tables are the standard library's Unicode data and, for what it does not decompose, those below. Sources: Unicode
Technical Report 30 (folding), the normalizers of Lucene for Arabic, Persian, Sorani and Hindi, PostgreSQL's unaccent.
"""

import re
import unicodedata
from collections.abc import Callable

_LATIN = {
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ŋ": "n", "ĸ": "k", "æ": "ae", "œ": "oe",
    "þ": "th", "ə": "e", "ǝ": "e", "ɛ": "e", "ɔ": "o", "ɵ": "o", "ƒ": "f", "ɓ": "b", "ƀ": "b", "ƃ": "b", "ƈ": "c",
    "ȼ": "c", "ɖ": "d", "ɗ": "d", "ƌ": "d", "ɇ": "e", "ɠ": "g", "ǥ": "g", "ɣ": "g", "ƕ": "hv", "ɨ": "i", "ɩ": "i",
    "ɉ": "j", "ƙ": "k", "ƚ": "l", "ɫ": "l", "ɲ": "n", "ƞ": "n", "ƥ": "p", "ɍ": "r", "ʂ": "s", "ƫ": "t", "ƭ": "t",
    "ʈ": "t", "ʉ": "u", "ʊ": "u", "ʋ": "v", "ƴ": "y", "ɏ": "y", "ƶ": "z", "ȥ": "z", "ⱥ": "a", "ⱦ": "t",
}  # fmt: skip
"""Letters that are written with a stroke, a hook or as one, as people type them."""
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
_ARABIC = {
    **dict.fromkeys("ٱٲٳ", "ا"), **dict.fromkeys("ىیۍێېے", "ي"), **dict.fromkeys("کڪ", "ك"),
    **dict.fromkeys("ةۃہھە", "ه"), "ۆ": "و", "ڵ": "ل", "ڕ": "ر", "\u0640": "",
}  # fmt: skip
"""Arabic, Persian, Urdu and Kurdish forms of one letter; the tatweel only makes words longer."""
_OTHERS = {
    "װ": "וו", "ױ": "וי", "ײ": "יי",
    "ൺ": "ണ", "ൻ": "ന", "ർ": "ര", "ൽ": "ല", "ൾ": "ള", "ൿ": "ക", "ৎ": "ত",
    "×": "x", "♯": "#", "\u2044": "/", "ʺ": "", **dict.fromkeys("®©™℠°", ""),
}  # fmt: skip
"""Hebrew digraphs, letters that Malayalam and Bengali write with or without a code point of their own, signs."""
_LETTERS = _LATIN | _SMALL_CAPITALS | _ARABIC | _OTHERS | dict.fromkeys("\u115f\u1160\u3164\uffa0", "")
_BEFORE = str.maketrans({"゛": "\u3099", "゜": "\u309a", "™": "", "℠": "", "´": "'", "\u1ffd": "'", "\u200b": " "})
"""What NFKC would take apart into a space and a mark, or turn into letters."""
_STAY = frozenset((8, 84, 91, 103, 118, 129, 130, 132))
"""Combining classes of vowel signs (Telugu, Thai, Lao, Tibetan) and of the voicing of kana, which make other words."""
_VIRAMA = 9
_INDIC = range(0x0900, 0x0E00)
_ACCENTED = frozenset("ЁёЀѐЍѝ")
"""Cyrillic letters with an accent; those that Unicode decomposes else (й, ї, ў) are letters of their own."""
_NASAL = re.compile("(?<=[ऀ-ॿ])(?:[ङञणन]्(?=[क-नस])|म्(?=[प-भ]))|ँ")
"""Devanagari writes a nasal before another consonant as a letter or as a dot."""
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u180b-\u180d\u034f\U0001f3fb-\U0001f3ff]")


class Table(dict[int, str]):
    """A table for str.translate that calls `change` once for each character and keeps the result."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def __missing__(self, code: int) -> str:
        self[code] = self._change(chr(code))
        return self[code]


def fold(text: str) -> str:
    """`text` as tags, titles and words are compared; folding it again changes nothing.

    Marks go where they are accents or may be left out (Hebrew points, Arabic vowels), and stay where they are vowels or
    other letters (Thai, Indic scripts, kana, й). Invisible characters go, digits of all scripts become 0 to 9.
    """
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFKC", text.translate(_BEFORE))
    return unicodedata.normalize("NFKC", _NASAL.sub("ं", composed).translate(_FOLDED))


def _folded(char: str) -> str:
    """One character of composed text, folded."""
    once = _fold_once(char)
    return once if len(once) == 1 and once == char else "".join(map(_fold_once, once))


def _fold_once(char: str) -> str:
    if _is_dropped(char):
        return ""
    if (digit := unicodedata.decimal(char, None)) is not None:
        return str(digit)
    if "\u0400" <= char <= "\u052f" and char not in _ACCENTED:
        return char.casefold()
    bare = "".join(c for c in unicodedata.normalize("NFKD", char) if not _is_dropped(c)).casefold()
    return unicodedata.normalize("NFKC", "".join(_LETTERS.get(c, c) for c in bare))


def _is_dropped(char: str) -> bool:
    """Whether a character is an accent or invisible."""
    kind = unicodedata.combining(char)
    if kind == _VIRAMA:
        return ord(char) in _INDIC
    return (
        (kind != 0 and kind not in _STAY)
        or unicodedata.category(char) in ("Cf", "Me")
        or bool(_VARIATION.fullmatch(char))
    )


_FOLDED = Table(_folded)
