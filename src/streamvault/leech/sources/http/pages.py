"""Web pages that come where a file was promised: log-ins, adverts, "your download begins"."""

from streamvault.errors import SourceRefused
from streamvault.leech.sources.magic import begins_page

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
