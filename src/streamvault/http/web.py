"""The built web UI: the files of the package folder `ui`, which `make ui` writes (from webui/).

A file is looked up by its name among those that were there when the folder was opened, and read from disk when it is
asked for. Beside some lie the same bytes compressed (`.br`, `.gz`), which are no names of their own.
"""

import base64
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from streamvault.http.encodings import IDENTITY
from streamvault.http.page_hints import MANIFEST, files_of_pages

log = logging.getLogger(__name__)

PAGE = "index.html"
ASSETS = "assets/"

_COMPRESSED = {"br": ".br", "gzip": ".gz"}
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_OTHER = "application/octet-stream"
_NOT_SERVED = (".map", *_COMPRESSED.values())

_POLICY = (
    "default-src 'none'; script-src 'self'{scripts}; style-src 'self'{styles}; img-src 'self' data: blob:; "
    "media-src 'self' blob: data:; connect-src 'self'; worker-src 'self' blob:; font-src 'self' data: blob:; "
    "manifest-src 'self'; frame-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


class Folder(Protocol):
    """What is needed of importlib's Traversable and of a Path."""

    @property
    def name(self) -> str: ...
    def is_dir(self) -> bool: ...
    def iterdir(self) -> "Iterator[Folder]": ...
    def joinpath(self, child: str) -> "Folder": ...
    def read_bytes(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class UiFile:
    """A file of the UI. `tag`: of its content. `sizes`: bytes in each coding that it lies in."""

    media_type: str
    tag: str
    sizes: Mapping[str, int]
    places: Mapping[str, Folder]

    def read(self, coding: str) -> bytes:
        """Its bytes in one of the codings. Raises OSError if the folder was written anew since it was opened."""
        data = self.places[coding].read_bytes()
        if len(data) != self.sizes[coding]:
            raise OSError("the file has changed")
        return data


@dataclass(frozen=True, slots=True)
class Ui:
    """All files by their path in the folder, the policy of the page, and the files of each page (page_hints)."""

    files: Mapping[str, UiFile]
    policy: str
    pages: Mapping[str, tuple[str, ...]]

    @property
    def page(self) -> UiFile:
        """The one document of all pages."""
        return self.files[PAGE]


def open_ui(folder: Folder | Path) -> Ui | None:
    """The UI in this folder; None if there is none."""
    there = dict(_names(folder)) if folder.is_dir() else {}
    if PAGE not in there:
        return None
    served = {name: _file(name, there) for name in there if not name.endswith(_NOT_SERVED)}
    pages = files_of_pages(json.loads(there[MANIFEST].read_bytes())) if MANIFEST in there else {}
    return Ui(served, policy_of(there[PAGE].read_bytes().decode("utf-8")), pages)


@cache
def built_ui() -> Ui | None:
    """The UI of this installation, opened once; says in the log if there is none."""
    ui = open_ui(files("streamvault.http") / "ui")
    if ui is None:
        log.warning("the web UI is not built: run `make ui` and start the server again; the API works without it")
    return ui


def policy_of(document: str) -> str:
    """The content security policy of a page: only this origin's files, and what stands in the document itself."""
    inline = _Inline()
    inline.feed(document)
    inline.close()
    return _POLICY.format(scripts=_sources(inline.texts["script"]), styles=_sources(inline.texts["style"]))


class _Inline(HTMLParser):
    """Collects the texts of scripts and styles that stand in a document."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.texts and "src" not in dict(attrs):
            self._inside = tag
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[self._inside][-1] += data


def _sources(texts: list[str]) -> str:
    digests = (hashlib.sha256(text.replace("\r\n", "\n").encode()).digest() for text in texts)
    return "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def _names(folder: Folder | Path, before: str = "") -> Iterator[tuple[str, Folder]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _names(entry, f"{before}{entry.name}/")
        else:
            yield before + entry.name, entry


def _file(name: str, there: Mapping[str, Folder]) -> UiFile:
    body = there[name].read_bytes()
    places = {coding: there[name + end] for coding, end in _COMPRESSED.items() if name + end in there}
    sizes = {coding: len(place.read_bytes()) for coding, place in places.items()}
    ending = f".{name.rpartition('.')[2]}"
    tag = hashlib.sha256(body).hexdigest()[:32]
    return UiFile(_TYPES.get(ending, _OTHER), tag, {**sizes, IDENTITY: len(body)}, {**places, IDENTITY: there[name]})
