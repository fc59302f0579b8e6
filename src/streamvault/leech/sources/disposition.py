"""Content-Disposition: the name of a file as servers write it (RFC 6266, 8187, 2231, 2047, and none of them); pure."""

import re
from binascii import Error as Base64Error
from email.errors import HeaderParseError
from email.header import decode_header
from urllib.parse import unquote_to_bytes

_FIELD = re.compile(
    rb"""[;\s]*([A-Za-z0-9!#$&+.^_`|~-]+?(?:\*\d+)?\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))""", re.DOTALL
)
_ESCAPED = re.compile(rb"\\([\"\\])")
_WORD = re.compile(r"=\?[^?\s]+\?[BbQq]\?[^?]*\?=")
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_CONTINUED = re.compile(r"filename\*(\d+)(\*?)")


def disposition_name(value: bytes) -> str:
    """The name in the value of a Content-Disposition field, decoded; "" where there is none."""
    fields: dict[str, bytes] = {}
    rest = value if re.match(rb"\s*filename", value, re.IGNORECASE) else value.partition(b";")[2]
    for found in _FIELD.finditer(rest):
        text = _ESCAPED.sub(rb"\1", found[2]) if found[2] is not None else _unquoted(found[3].strip())
        fields.setdefault(found[1].decode().lower(), text)
    extended = _extended(fields.get("filename*")) or _continued(fields)
    return extended or _plain(fields.get("filename", b""))


def percent_decoded(text: str) -> str:
    """`text` with percent codes decoded, if there are any and they are UTF-8."""
    if not _PERCENT.search(text):
        return text
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return text


def _extended(value: bytes | None) -> str:
    """RFC 8187: charset, language and percent codes between apostrophes; "" for what is none."""
    parts = (value or b"").split(b"'", 2)
    if len(parts) != 3:
        return percent_decoded(_decoded(value)) if value else ""
    try:
        return unquote_to_bytes(parts[2]).decode(parts[0].decode("ascii") or "utf-8")
    except (LookupError, ValueError):
        return ""


def _continued(fields: dict[str, bytes]) -> str:
    """RFC 2231: `filename*0*=`, `filename*1=` and so on."""
    parts = {
        int(found[1]): (found[2], value) for name, value in fields.items() if (found := _CONTINUED.fullmatch(name))
    }
    if 0 not in parts:
        return ""
    charset, joined = "utf-8", b""
    for number in range(len(parts)):
        if number not in parts:
            break
        encoded, value = parts[number]
        if encoded and number == 0 and value.count(b"'") >= 2:
            name, _, value = value.split(b"'", 2)
            charset = name.decode("ascii", "replace") or charset
        joined += unquote_to_bytes(value) if encoded else value
    try:
        return joined.decode(charset)
    except (LookupError, ValueError):
        return _decoded(joined)


def _plain(value: bytes) -> str:
    text = _decoded(value)
    if _WORD.search(text):
        return _words(text)
    decoded = percent_decoded(text)
    if decoded != text and "+" in text and " " not in text and "%20" not in text:
        return percent_decoded(text.replace("+", " "))  # as forms are encoded
    return decoded


def _words(text: str) -> str:
    """RFC 2047."""
    try:
        return "".join(
            part if isinstance(part, str) else part.decode(charset or "latin-1")
            for part, charset in decode_header(text)
        )
    except (HeaderParseError, Base64Error, LookupError, ValueError):
        return text


def _unquoted(value: bytes) -> bytes:
    return value[1:-1] if len(value) > 1 and value[:1] == value[-1:] == b"'" else value


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
