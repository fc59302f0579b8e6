"""Web pages that come where a file was promised: log-ins, adverts, "your download begins"."""

from streamvault.errors import SourceRefused
from streamvault.leech.sources.magic import begins_page
from streamvault.media.types import is_playable, type_of

_ENDINGS = (".html", ".htm", ".xhtml", ".mhtml", ".shtml")
_TYPES = ("text/html", "application/xhtml+xml")


def is_page_type(content_type: str) -> bool:
    """Whether a Content-Type says that a web page follows."""
    return content_type.partition(";")[0].strip().lower() in _TYPES


def refuse_pages(host: object, first_path: str, content_type: str, *, name: str, attached: bool, head: bytes) -> None:
    """SourceRefused for a page that nobody asked for. `first_path`: of the address that was given; `attached`: the
    server gives the file a name.
    """
    wanted = (first_path if not attached else name).lower().endswith(_ENDINGS)
    if not wanted and (is_page_type(content_type) or begins_page(head)):
        raise SourceRefused(
            f"{host} answers with a web page and not with a file: "
            "it may want a log-in or a click; give the link of the file itself"
        )
    if _is_data(content_type) and is_playable(type_of(name)) and head.lstrip()[:1] in (b"{", b"["):
        raise SourceRefused(f"{host} answers with a message for programs and not with a film: it may want a log-in")


def _is_data(content_type: str) -> bool:
    mime_type = content_type.partition(";")[0].strip().lower()
    return mime_type == "application/json" or mime_type.endswith("+json")
