"""Header fields that describe a file: its type, its name, its validators; pure."""

import re
import unicodedata
from urllib.parse import quote

from streamvault.http.conditions import Validators
from streamvault.media.model import MediaFile
from streamvault.media.types import UNKNOWN, type_of

MAX_NAME = 120
"""Characters of a file name in a header; the middle of longer ones is left out, so that the extension stays."""

_ATTR_CHARS = "!#$&+-.^_`|~"
_MIME = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_SEPARATORS = re.compile(r"[/\\]")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_BLANK = re.compile(
    r"[\s\u00ad\u115f\u1160\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3164\ufeff\uffa0]*+(\.[A-Za-z0-9]{1,5}|)\s*"
)
"""A name of which nothing is seen, or its ending alone."""
_NOT_PLAIN = re.compile(r'["%/\\]|[^\x20-\x7e]')
_HARMLESS = re.compile(r"(?:video|audio|image)/(?!svg).*|application/pdf", re.IGNORECASE)
_CODE = re.compile(
    r"(?:text|application)/(?:x-)?(?:java|ecma|live|j)script[0-9.]*|text/(?:css|html)|application/.*xhtml\+xml"
    r"|multipart/.*"
)
"""What browsers run, apply or render as parts of a page, with types of its own inside."""
TEXT = "text/plain"
SANDBOX = "sandbox; default-src 'none'"
"""The policy for files that a browser might render as a page of this origin: no scripts, no loading."""


def validators(file: MediaFile) -> Validators:
    """A strong entity tag made of the file's identity and size: a Telegram document never changes."""
    parts = (file.key.file_unique_id, f"{file.size:x}", file.key.thumb_size)
    tag = "-".join(quote(part, safe="") for part in parts if part)
    return Validators(f'"{tag}"', file.modified)


def content_type(file: MediaFile) -> str:
    """The media type without parameters that the file is served as; guessed from its name where the sender gave none.

    Scripts, styles and pages are texts: the policy of the web UI lets it load scripts and styles of its own origin,
    where files of anybody lie too.
    """
    given = file.mime_type.partition(";")[0].strip().lower()
    media_type = given if _MIME.fullmatch(given) and given != UNKNOWN else type_of(file.name)
    return TEXT if _CODE.fullmatch(media_type) else media_type


def security(media_type: str) -> dict[str, str]:
    """Fields that keep a file from running scripts on this origin, whatever its type."""
    fields = {"X-Content-Type-Options": "nosniff"}
    return fields if _HARMLESS.fullmatch(media_type) else fields | {"Content-Security-Policy": SANDBOX}


def content_disposition(name: str, *, download: bool) -> str:
    """RFC 6266 with an ASCII `filename`, and RFC 8187's `filename*` where the name is not ASCII."""
    kind = "attachment" if download else "inline"
    shown = _presentable(name)
    plain = "".join(char for char in unicodedata.normalize("NFKD", shown) if not unicodedata.combining(char))
    ascii_name = _NOT_PLAIN.sub("_", plain).strip(" .") or "file"
    field = f'{kind}; filename="{ascii_name}"'
    return field if ascii_name == shown else f"{field}; filename*=UTF-8''{quote(shown, safe=_ATTR_CHARS)}"


def _presentable(name: str) -> str:
    """`name` without separators, control and direction characters; never empty, "." or ".."."""
    whole = name.encode("utf-8", "replace").decode()
    text = _SEPARATORS.sub("_", _UNSEEN.sub(" ", whole))
    blank = _BLANK.fullmatch(text)
    text = f"file{blank[1]}" if blank else text.strip(" .")
    if len(text) > MAX_NAME:
        text = f"{text[: MAX_NAME - 31]}…{text[-30:]}"
    return text or "file"
