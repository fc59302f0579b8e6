"""The charset of a text of people where its bytes do not show it: the one in which it reads most like a language; pure.

Old subtitles are in the code page of their author's Windows. Each candidate is judged by the share of its letters
beyond ASCII that are the frequent ones of the languages written in it.
"""

from streamvault.media.charsets import charset_of

_LOOKED_AT = 64 << 10
_HINT = 0.25
"""What a language that is known is worth, as a share of letters."""
_WHOLE = 0.45
"""What it is worth that all bytes form characters of several bytes: letters of one byte hardly ever do."""

_RUSSIAN = "оеаинтсрвлкмд"
_CANDIDATES = (
    ("cp1252", "en de fr es pt it nl sv da no nb nn fi is ca", "éèêàáâäãåæøöõóôüúûùçñíìîïßëÉÄÖÜ¿¡œ’“”–…«»"),
    ("cp1251", "ru uk be bg sr mk", _RUSSIAN),
    ("koi8-r", "ru", _RUSSIAN),
    ("cp866", "ru", _RUSSIAN),
    ("cp1256", "ar fa ur", "اليمونتربةكده"),
    ("cp1255", "he yi", "אבגדהוזחטיךכלםמןנסעףפץצקרשת"),
    ("cp1253", "el", "αοειτσνηρπκυάίόέ"),
    ("cp1254", "tr az", "ışğüöçİŞıâî"),
    ("cp1250", "pl cs sk hu hr sl ro", "ąęłśżźćńóěščřžýáíéúůőűöüđțșăâîťďňľ„”–…"),
    ("cp1257", "lt lv et", "ąčęėįšųūžāēģīķļņõäöü"),
    ("cp1258", "vi", "đơưăâêôĐàáạ"),
    ("cp874", "th", "านรอกเงยมลว่้ีัิ"),
    ("cp932", "ja", "のいたてにはしでをがるなとれっかまもだこん、。"),
    ("gb18030", "zh", "的一是不了我你在有这他们来，。"),
    ("big5", "zh", "的一是不了我你在有這他們來，。"),
    ("cp949", "ko", "이다는에가고을지어나하아의도를"),
)  # fmt: skip
"""Charset, languages (ISO 639-1), frequent letters."""
_OF_SEVERAL_BYTES = frozenset({"cp932", "gb18030", "big5", "cp949"})
_LATIN = frozenset({"cp1252", "cp1254", "cp1250", "cp1257", "cp1258"})
"""Charsets of languages most of whose letters are of ASCII."""
_DEFAULT = "cp1252"


def decode_text(data: bytes, language: str = "") -> str:
    """`data` as text; `language` (BCP 47) is a hint. Bytes that are no text in the charset become U+FFFD."""
    charset = charset_of(data, whole=True) or guess_charset(data, language)
    return data.decode(charset, "replace").removeprefix("\ufeff")


def guess_charset(data: bytes, language: str = "") -> str:
    """The most likely of the old charsets, in Python's names."""
    head = data[:_LOOKED_AT]
    if len(data) > _LOOKED_AT:
        head = head[: head.rfind(b"\n") + 1] or head
    hint = language.partition("-")[0].lower()
    scores = [(_score(head, charset, letters) + _HINT * (hint in languages.split()), charset)
              for charset, languages, letters in _CANDIDATES]  # fmt: skip
    best, charset = max(scores, key=lambda scored: scored[0])
    return charset if best > _HINT else _DEFAULT


def _score(data: bytes, charset: str, letters: str) -> float:
    try:
        text = data.decode(charset)
    except UnicodeDecodeError:
        return -1.0
    beyond = [char for char in text if char > "\x7f"]
    if not beyond:
        return 0.0
    if charset in _LATIN and len(beyond) > sum(char.isalpha() for char in text) // 2:
        return 0.0
    share = sum(1.0 if char in letters else 0.5 * (char.lower() in letters) for char in beyond) / len(beyond)
    return share + (_WHOLE if charset in _OF_SEVERAL_BYTES else 0.0)
