"""Texts of subtitles as payloads of WebVTT: italics, bold and underline are kept, all other marks go; pure."""

import html
import re
from collections.abc import Iterator
from typing import Literal

MOST_TEXT = 4096
"""Characters of one cue; what is beyond them is left out."""

Mark = tuple[Literal["text", "open", "close", "reset"], str]
"""A piece of text, or the letter (i, b, u) of a style that begins or ends; reset ends all."""

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)\b[^<>\n]*>|<\d[\d:.]*>|</?>")
_OVERRIDE = re.compile(r"\{\\[^{}\n]*\}|\{/?[ibuIBU]\}")
_ASS_BLOCK = re.compile(r"\{([^{}]*)\}")
_ASS_CODE = re.compile(r"\\(?:([ibu])(\d*)(?![a-z0-9&(])|p(\d+)|(r)(?!nd))")
_STYLES = ("b", "i", "u")
_BOLD, _ITALIC, _UNDERLINE = 1, 2, 4


def of_srt(text: str) -> str:
    """A cue of SubRip."""
    return payload(_tagged(_OVERRIDE.sub("", text)))


def of_vtt(text: str) -> str:
    """A cue of WebVTT; classes, voices, languages, ruby and times inside go."""
    return payload((kind, html.unescape(value) if kind == "text" else value) for kind, value in _tagged(text))


def of_ass(text: str) -> str:
    r"""The Text field of an ASS or SSA event: `\N` begins a line, drawings go."""
    return payload(_overridden(text))


def of_ass_packet(packet: str) -> str:
    """An event as Matroska holds it: ReadOrder, Layer, Style, Name, three margins, Effect, Text."""
    return of_ass(packet.split(",", 8)[-1])


def of_mov_text(packet: bytes) -> str:
    """A sample of 3GPP timed text (mov_text): two bytes of length, the text, then boxes of which `styl` counts."""
    size = int.from_bytes(packet[:2], "big")
    raw, rest = packet[2 : 2 + size], packet[2 + size :]
    wide = raw.startswith((b"\xfe\xff", b"\xff\xfe"))
    text = raw.decode("utf-16" if wide else "utf-8", "replace")
    return payload(_styled(text, rest))


def payload(marks: Iterator[Mark]) -> str:
    """The payload: escaped, without empty lines (which would end the cue), its tags closed in order."""
    written, length = list[str](), 0
    opened: list[str] = []
    for kind, value in marks:
        if kind == "text":
            value = value[: MOST_TEXT - length]
            length += len(value)
            written.append(html.escape(_plain(value), quote=False))
        elif kind == "open" and value not in opened:
            opened.append(value)
            written.append(f"<{value}>")
        elif kind == "close" and value in opened:
            written.append(_closed(opened, value))
        elif kind == "reset":
            written += [f"</{style}>" for style in reversed(opened)]
            opened.clear()
    written += [f"</{style}>" for style in reversed(opened)]
    text = _without_empty("".join(written))
    lines = (line.strip() for line in text.split("\n"))
    return _without_empty("\n".join(line for line in lines if line))


def _closed(opened: list[str], style: str) -> str:
    """The tags that end `style`, which may stand below others: those are begun again."""
    above = opened[opened.index(style) + 1 :]
    closing = "".join(f"</{one}>" for one in [*reversed(above), style])
    opened.remove(style)
    return closing + "".join(f"<{one}>" for one in above)


def _without_empty(text: str) -> str:
    """Without styles of nothing."""
    while (shorter := re.sub(r"<([biu])>(\s*)</\1>", r"\2", text)) != text:
        text = shorter
    return text


def _plain(text: str) -> str:
    """Without control characters, its lines ended by line feeds."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", " ", re.sub(r"\r\n?|\x85|\u2028|\u2029", "\n", text))


def _tagged(text: str) -> Iterator[Mark]:
    """Text with tags in angle brackets."""
    at = 0
    for tag in _TAG.finditer(text):
        yield "text", text[at : tag.start()]
        at = tag.end()
        name = (tag[2] or "").lower()
        name = {"em": "i", "strong": "b"}.get(name, name)
        if name in _STYLES:
            yield ("close", name) if tag[1] else ("open", name)
    yield "text", text[at:]


def _overridden(text: str) -> Iterator[Mark]:
    """ASS: `{\\i1}` and the like are override codes; any other text in braces is a comment."""
    at, drawing = 0, False
    for block in _ASS_BLOCK.finditer(text):
        if not drawing:
            yield "text", _ass_plain(text[at : block.start()])
        at = block.end()
        for style, on, level, reset in _ASS_CODE.findall(block[1]):
            if level:
                drawing = int(level[:4]) > 0
            elif reset:
                yield "reset", ""
            else:
                yield ("open", style) if on not in ("", "0") else ("close", style)
    if not drawing:
        yield "text", _ass_plain(text[at:])


def _ass_plain(text: str) -> str:
    return text.replace(r"\N", "\n").replace(r"\n", " ").replace(r"\h", "\u00a0")


def _styled(text: str, boxes: bytes) -> Iterator[Mark]:
    """Text with style records, which number its characters."""
    at = 0
    for first, last, face in _style_records(boxes):
        if not at <= first < last <= len(text):
            continue
        yield "text", text[at:first]
        styles = [style for style, bit in zip(_STYLES, (_BOLD, _ITALIC, _UNDERLINE), strict=True) if face & bit]
        yield from (("open", style) for style in styles)
        yield "text", text[first:last]
        yield "reset", ""
        at = last
    yield "text", text[at:]


def _style_records(boxes: bytes) -> Iterator[tuple[int, int, int]]:
    """First character, character after the last, and face bits, of each record of the `styl` box."""
    at = 0
    while at + 8 <= len(boxes):
        size, kind = int.from_bytes(boxes[at : at + 4], "big"), boxes[at + 4 : at + 8]
        if size < 8:
            return
        if kind == b"styl":
            records = boxes[at + 10 : at + size]
            for begin in range(0, len(records) - 11, 12):
                record = records[begin : begin + 12]
                yield int.from_bytes(record[:2], "big"), int.from_bytes(record[2:4], "big"), record[6]
        at += size
