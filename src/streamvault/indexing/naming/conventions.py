"""Spells out what releases abbreviate or misplace: 720 without p, 264 without x, [group][Title][05]."""

import re

from streamvault.indexing.naming.languages import named

_SOURCE = (
    r"web(?:[\s._\-]?(?:rip|dl|hd|cap))?|blu[\s._\-]?ray|b[dr][\s._\-]?rip|bd[\s._\-]?remux|remux|hd[\s._\-]?rip|hdtv(?:rip)?|uhd"
    r"|dvd(?:[\s._\-]?(?:rip|scr|9|5))?|amzn|nf|dsnp|hmax|tvrip|satrip|dsrip|hc|cam|hdcam|hdts|telesync"
)
_CODEC = r"[xh][\s._]?26[45]|hevc|avc|xvid|divx|av1|vp9|10[\s._]?bit|8bit"
TAG = rf"(?:{_SOURCE}|{_CODEC}|\d{{3,4}}[pi]|4k|hdr(?:10)?)(?![^\W_])"
"""What tells that the title is over."""
_BEFORE = r"(?<=[\s._\-\[(])"
_AFTER = r"(?=[\s._\-\])]|$)"
_SIZE = re.compile(rf"{_BEFORE}(480|540|576|720|1080|1440|2160){_AFTER}")
_REAL_SIZE = re.compile(r"(?<![^\W_])(?:\d{3,4}[pi]|\d{3,4}x\d{3,4}|[48]k)(?![^\W_])", re.IGNORECASE)
_ANNOUNCED = re.compile(
    rf"(?<!\d)(?:19|20)\d\d(?!\d)|(?<![^\W_])(?:s\d{{1,4}}[\s._\-]*)?e\d|(?<!\d)\d{{1,2}}x\d\d|(?<![^\W_])(?:{_SOURCE})(?![^\W_])",
    re.IGNORECASE,
)
_SOURCES = re.compile(rf"(?<![^\W_])(?:{_SOURCE})(?![^\W_])", re.IGNORECASE)
_TAG_NEXT = re.compile(rf"[\s._\-\[(]*{TAG}", re.IGNORECASE)
_TITLE_NOT_NEXT = re.compile(
    rf"[\s._]*(?:$|[\[\](){{-]|{TAG}|[xh]?26[45]|(?:dd|ddp|aac|ac3|dts)[\d.]*(?![^\W_]))", re.IGNORECASE
)
_CODEC_NUMBER = re.compile(rf"(?<![xh][\s._]){_BEFORE}(26[45]){_AFTER}", re.IGNORECASE)
_CHANNELS = re.compile(r"((?<!\d)(?:19|20)\d\d[\s._\-)\]]{1,3})[257]\.[01](?!\d)")
_TITLE_IN_BRACKETS = re.compile(r"^(\[[^\]]*\])\s*\[([^\]]*[^\W\d][^\]]*)\]\s*(?=\[\d)")
_TITLE_IN_PARENTHESES = re.compile(r"^\(([^()]*[^\W\d][^()]*)\)\s*(?=[(\[](?:19|20)\d\d[)\]])")
_NUMBERED_GROUP = re.compile(r"^\[\d{1,2}x\d+\](?=.*\bs\d+e\d)", re.IGNORECASE)
_COPY = re.compile(r"^copy of\s+(?=\w)", re.IGNORECASE)


def spell_out(text: str) -> str:
    """`text` with the p of its resolution and the x of its codec, its title outside brackets.

    Channels that look like a date and a group that looks like an episode are left out.
    """
    text = _NUMBERED_GROUP.sub("", _COPY.sub("", text))
    text = _TITLE_IN_PARENTHESES.sub(r"\1 ", _TITLE_IN_BRACKETS.sub(r"\1 \2 ", text))
    return _CHANNELS.sub(r"\1", _codec(_resolution(text)))


def _resolution(text: str) -> str:
    """The last 720 and the like with a p, where a tag follows it, or nothing that can belong to a title."""
    if _REAL_SIZE.search(text):
        return text
    for found in reversed(list(_SIZE.finditer(text))):
        announced = _ANNOUNCED.search(text, 0, found.start()) and _is_title_over(text, found.end())
        if found.start() and (announced or _TAG_NEXT.match(text, found.end())):
            return f"{text[: found.end()]}p{text[found.end() :]}"
    return text


def _is_title_over(text: str, at: int) -> bool:
    """Whether a tag, a bracket, a language or nothing is at this place."""
    gap = len(text) - len(text[at:].lstrip(" ._"))
    return _TITLE_NOT_NEXT.match(text, at) is not None or any(start == gap for start, _ in named(text))


def _codec(text: str) -> str:
    """264 behind a resolution or a source as x264."""
    found = _CODEC_NUMBER.search(text)
    if found and (_REAL_SIZE.search(text, 0, found.start()) or _SOURCES.search(text, 0, found.start())):
        return f"{text[: found.start()]}x{text[found.start() :]}"
    return text
