"""The paths in an archive as texts; pure.

An archive of an older program says nowhere in which coding its paths are. UTF-8 shows itself; of the others one is
found for all paths together, as one alone is often too short to tell.
"""

import re
from collections.abc import Sequence

CODINGS = ("cp932", "gbk", "big5", "cp949", "cp866", "cp1251", "cp437", "cp850", "cp1252", "cp1250", "cp1253", "cp1255")
"""Those that ZIP programs of this world write: of DOS and Windows, by country."""
LAST = "cp437"
"""What ZIP says where nothing else is said; every byte is a character there."""
_HANGUL, _HANZI = re.compile("[\uac00-\ud7a3]"), re.compile("[\u4e00-\u9fff\uf900-\ufaff]")
_LOOKED_AT = 64 * 1024
"""Bytes of paths that are enough."""


def texts_of(paths: Sequence[bytes | str]) -> list[str]:
    """The paths, decoded."""
    coding = coding_of([path for path in paths if isinstance(path, bytes)])
    return [path if isinstance(path, str) else path.decode(coding, errors="replace") for path in paths]


def coding_of(paths: Sequence[bytes]) -> str:
    """The coding of all of these paths."""
    telling = [path for path in dict.fromkeys(paths) if not path.isascii()]
    if all(_is_utf8(path) for path in telling):
        return "utf-8"
    told = b"\n".join(telling)
    fitting = [coding for coding in CODINGS if _fits(told, coding)]
    if not fitting:
        return LAST
    found = _found(told[:_LOOKED_AT], fitting)
    if found == "cp949" and "gbk" in fitting and _is_mixed(told.decode(found)):
        return "gbk"
    return found


def _found(told: bytes, fitting: Sequence[str]) -> str:
    try:
        from charset_normalizer import from_bytes  # of the extra `leech`
    except ImportError:
        return LAST
    best = from_bytes(told, cp_isolation=list(fitting), threshold=0.5).best()
    return LAST if best is None else best.encoding


def _is_mixed(text: str) -> bool:
    """Whether it has both Hangul and Hanja, as hardly anybody writes: that is Chinese, taken for Korean."""
    return bool(_HANGUL.search(text) and _HANZI.search(text))


def _is_utf8(path: bytes) -> bool:
    return _fits(path, "utf-8")


def _fits(told: bytes, coding: str) -> bool:
    try:
        told.decode(coding)
    except UnicodeDecodeError:
        return False
    return True
