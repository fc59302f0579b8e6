"""What a page of the web UI asks for as soon as it runs, as the Link field of its document (RFC 8288); pure.

A browser fetches it while it still reads the document and the first scripts, which saves one to two journeys to the
server each time that a page is opened. What is hinted at and not asked for would be fetched in vain, so that the
addresses are those of webui/src/api, letter by letter; a copy of the UI on another host works without hints.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

MANIFEST = ".vite/manifest.json"
"""Which files each module of the build needs; Vite writes it."""

_ENTRY = "index.html"
_PAGES = "src/pages/"
_HOME = ("home/index", "home/below")
_ONE_OF = {"channels": "channel", "collections": "collection"}
_ALSO = {"welcome": "login"}
_WHO = "/api/me"
_LISTS_OF_HOME = (
    "/api/catalog/facets", "/api/watch?limit=20&finished=false", "/api/watch?limit=40&finished=true",
)  # fmt: skip
_AS_SCRIPTS_WRITE = "!~*'()"
"""What encodeURIComponent leaves as it is, beside letters, digits and `-_.`."""

Manifest = Mapping[str, Mapping[str, Any]]


def files_of_pages(manifest: Manifest) -> dict[str, tuple[str, ...]]:
    """The files of each page beyond those that the document names itself, by the page's folder in webui/src/pages."""
    named = set(_closure(manifest, _ENTRY)) if _ENTRY in manifest else set()
    names = [name for name in manifest if name.startswith(_PAGES) and name.endswith("/index.tsx")]
    found = {name.removeprefix(_PAGES).removesuffix("/index.tsx"): [name] for name in names}
    found["home"] = [name for name in (f"{_PAGES}{one}.tsx" for one in _HOME) if name in manifest]
    files = {
        page: dict.fromkeys(file for name in of for file in _closure(manifest, name)) for page, of in found.items()
    }
    return {page: tuple(file for file in of if file not in named) for page, of in files.items()}


def link_field(path: str, files: Mapping[str, Sequence[str]], *, lists: bool) -> str:
    """The value of the field for the page at `path`; `lists`: whether whoever asks may see lists, without a token."""
    first, *rest = path.removeprefix("/").split("/", 1)
    page = _ONE_OF.get(first, first) if rest else _ALSO.get(first, first or "home")
    data = [_WHO, *_data(page, "".join(rest))] if lists else [_WHO]
    return ", ".join((*map(_file_link, files.get(page, ())), *map(_data_link, data)))


def _data(page: str, rest: str) -> Sequence[str]:
    if page == "home":
        return _LISTS_OF_HOME
    return [f"/api/works/{quote(rest, safe=_AS_SCRIPTS_WRITE)}"] if page == "work" else []


def _file_link(file: str) -> str:
    if file.endswith(".css"):
        return f"</{file}>; rel=preload; as=style; crossorigin"
    return f"</{file}>; rel=modulepreload"


def _data_link(address: str) -> str:
    return f"<{address}>; rel=preload; as=fetch; crossorigin"


def _closure(manifest: Manifest, name: str) -> Iterator[str]:
    """The files of a module and of all that it imports, each once."""
    seen, waiting = {name}, [name]
    while waiting:
        chunk = manifest.get(waiting.pop(), {})
        yield from (chunk["file"], *chunk.get("css", ())) if chunk else ()
        fresh = [one for one in chunk.get("imports", ()) if one not in seen]
        seen.update(fresh)
        waiting += fresh
