"""A small UI in memory, as the build of the web UI has files; and whether there is a built one."""

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import pytest

from streamvault.http.web import Ui, built_ui, open_ui

THEME = 'document.documentElement.dataset.theme = localStorage.theme ?? "dark";'
HTML = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>StreamVault</title>
<script>{THEME}</script><script type="module" crossorigin src="/assets/index-Ab1_-x9Z.js"></script>
<link rel="stylesheet" crossorigin href="/assets/index-D2f0.css"></head><body><div id="root"></div></body></html>
"""
SCRIPT = b"export const answer = 42;\n" + b"// so long that it is compressed\n" * 40
FILES: Mapping[str, bytes] = {
    "index.html": HTML.encode(),
    "index.html.gz": gzip.compress(HTML.encode()),
    "index.html.br": b"\x1b brotli of the page",
    "icon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "manifest.webmanifest": b'{"name": "StreamVault"}',
    "sw.js": b"self.addEventListener('install', () => {});",
    "config.json": b'{"api": "https://elsewhere.example.org"}',
    "_headers": b"/*\n",
    "assets/index-Ab1_-x9Z.js": SCRIPT,
    "assets/index-Ab1_-x9Z.js.gz": gzip.compress(SCRIPT),
    "assets/index-Ab1_-x9Z.js.br": b"\x1b brotli of the script",
    "assets/index-Ab1_-x9Z.js.map": b"{}",
    "assets/index-D2f0.css": b"body { margin: 0 }",
    "assets/engine-77.wasm": b"\0asm",
    "assets/serif-5e.woff2": b"wOF2",
    "assets/fonts/deep-1.woff2": b"wOF2 deep",
    "assets/odd-2.xyz": b"?",
}


@dataclass
class MemoryFolder:
    """A folder or a file of FILES, as web.Folder."""

    name: str
    data: bytes | None = None
    entries: dict[str, "MemoryFolder"] = field(default_factory=dict)

    def is_dir(self) -> bool:
        return self.data is None

    def iterdir(self) -> "Iterator[MemoryFolder]":
        return iter(self.entries.values())

    def joinpath(self, child: str) -> "MemoryFolder":
        return self.entries[child]

    def read_bytes(self) -> bytes:
        if self.data is None:
            raise FileNotFoundError(self.name)
        return self.data


def folder_of(files: Mapping[str, bytes]) -> MemoryFolder:
    """These files by their paths."""
    root = MemoryFolder("ui")
    for path, data in files.items():
        *folders, name = path.split("/")
        inside = root
        for one in folders:
            inside = inside.entries.setdefault(one, MemoryFolder(one))
        inside.entries[name] = MemoryFolder(name, data)
    return root


@cache
def small_ui() -> Ui:
    """The UI of FILES."""
    ui = open_ui(folder_of(FILES))
    assert ui is not None
    return ui


def the_built_ui() -> Ui:
    """The UI of this clone; fails the test where it is not built."""
    ui = built_ui()
    if ui is None:
        pytest.fail("the web UI is not built: run `make ui`, or the tests by `make test`", pytrace=False)
    return ui
