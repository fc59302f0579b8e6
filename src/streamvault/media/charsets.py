"""The charset of a text file, as far as its first bytes show it; pure."""

import codecs
import re

LOOKED_AT = 64 << 10
"""Bytes from the beginning that decide."""

_TEXT = re.compile(
    r"text/.+|.+\+xml|application/(?:json|yaml|sql|x-sh|x-subrip|x-cue|x-vobsub|vnd\.apple\.mpegurl|rtf)|audio/(?:x-mpegurl|x-scpls)"
)
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16le", codecs.BOM_UTF16_BE: "utf-16be"}


def is_text(mime_type: str) -> bool:
    """Whether files of this type are read by people or by parsers of text."""
    return _TEXT.fullmatch(mime_type) is not None


def charset_of(head: bytes, *, whole: bool) -> str:
    """The charset of a text that begins with `head`; "" if that does not show it, as with older encodings.

    `whole`: these are all bytes of the text, so that no character is cut off at their end.
    """
    for mark, charset in _MARKS.items():
        if head.startswith(mark):
            return "" if head.startswith(codecs.BOM_UTF32_LE) else charset
    if b"\0" in head:
        return _wide(head)
    return "utf-8" if head and _decodes(head, "utf-8", whole) else ""


def _wide(head: bytes) -> str:
    """UTF-16 without a byte order mark, if most characters are of ASCII."""
    low, high = head[0::2], head[1::2]
    for charset, letters, zeros in (("utf-16le", low, high), ("utf-16be", high, low)):
        if zeros.count(0) > len(zeros) // 2 and b"\0" not in letters and _decodes(head, charset, whole=False):
            return charset
    return ""


def _decodes(head: bytes, charset: str, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(charset)().decode(head, final=whole)
    except UnicodeDecodeError:
        return False
    return True
