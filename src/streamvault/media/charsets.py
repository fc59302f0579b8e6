"""The charset of a text file, as far as its first bytes show it; pure."""

import codecs
import re

LOOKED_AT = 64 << 10
"""Bytes from the beginning that decide."""

_TEXT = re.compile(
    r"text/.+|.+\+xml|application/(?:json|yaml|sql|x-sh|x-subrip|x-cue|x-vobsub|vnd\.apple\.mpegurl|rtf)|audio/(?:x-mpegurl|x-scpls)"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]|\x1b(?!\[|\Z)")
"""What texts do not hold, but other encodings of seven bits and bytes of programs do. ESC [ begins a colour in logs."""
_HZ = b"~{"
"""Begins Chinese characters in an encoding of seven bits."""
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16le", codecs.BOM_UTF16_BE: "utf-16be"}


def is_text(mime_type: str) -> bool:
    """Whether files of this type are read by people or by parsers of text."""
    return _TEXT.fullmatch(mime_type) is not None


def charset_of(head: bytes, *, whole: bool) -> str:
    """The charset of a text that begins with `head`; "" if that does not show it, as with older encodings.

    Those of seven bits (ISO 2022, HZ) are valid UTF-8, as short texts in UTF-16 may be: their control bytes tell them.

    `whole`: these are all bytes of the text, so that no character is cut off at their end.
    """
    for mark, charset in _MARKS.items():
        if head.startswith(mark):
            return "" if head.startswith(codecs.BOM_UTF32_LE) else charset
    if b"\0" in head:
        return _wide(head)
    if not head or (head.isascii() and _HZ in head):
        return ""
    return "utf-8" if _is_text_in("utf-8", head, whole) else ""


def _wide(head: bytes) -> str:
    """UTF-16 without a byte order mark, if most characters are of ASCII."""
    for charset, zeros in (("utf-16le", head[1::2]), ("utf-16be", head[0::2])):
        if zeros.count(0) > len(zeros) // 2 and _is_text_in(charset, head, whole=False):
            return charset
    return ""


def _is_text_in(charset: str, head: bytes, whole: bool) -> bool:
    try:
        text = codecs.getincrementaldecoder(charset)().decode(head, final=whole)
    except UnicodeDecodeError:
        return False
    return _CONTROLS.search(text) is None
