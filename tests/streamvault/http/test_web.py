"""The files of the built UI, and the policy of its page."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from streamvault.http.web import UiFile, open_ui, policy_of
from tests.support.ui import FILES, THEME, folder_of, small_ui


def source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def directives(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in map(str.split, policy.split(";"))}


def test_compressed_files_and_source_maps_are_no_names_of_their_own() -> None:
    files = small_ui().files
    assert {name for name in FILES if not name.endswith((".br", ".gz", ".map"))} == set(files)
    assert set(files["assets/index-Ab1_-x9Z.js"].sizes) == {"identity", "gzip", "br"}
    assert set(files["assets/index-D2f0.css"].sizes) == {"identity"}


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("assets/index-Ab1_-x9Z.js", "text/javascript; charset=utf-8"),
        ("assets/index-D2f0.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("manifest.webmanifest", "application/manifest+json"),
        ("assets/engine-77.wasm", "application/wasm"),
        ("assets/fonts/deep-1.woff2", "font/woff2"),
        ("assets/odd-2.xyz", "application/octet-stream"),
    ],
)
def test_types(name: str, media_type: str) -> None:
    assert small_ui().files[name].media_type == media_type


def test_there_is_none_without_its_page(tmp_path: Path) -> None:
    assert open_ui(tmp_path / "missing") is None
    assert open_ui(folder_of({"assets/a.js": b""})) is None


def test_a_folder_on_disk_is_read_and_what_was_written_anew_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<p>")
    script = tmp_path / "assets" / "a-1.js"
    script.write_bytes(b"let a;")
    ui = open_ui(tmp_path)
    assert ui is not None
    file: UiFile = ui.files["assets/a-1.js"]
    assert file.read("identity") == b"let a;"
    script.write_bytes(b"let a, b;")
    with pytest.raises(OSError, match="has changed"):
        file.read("identity")
    script.unlink()
    with pytest.raises(FileNotFoundError):
        file.read("identity")


def test_the_policy_is_strict_and_allows_what_stands_in_the_page_by_its_hash() -> None:
    found = directives(small_ui().policy)
    assert found == {
        "default-src": ["'none'"],
        "script-src": ["'self'", source(THEME)],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "font-src": ["'self'", "data:", "blob:"],
        "manifest-src": ["'self'"],
        "frame-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


def test_every_inline_script_and_style_is_allowed_and_no_other() -> None:
    page = "<script src=/a.js></script><script>\r\none &amp; <b>\n</script><style>p{}</style><SCRIPT>two</SCRIPT><p>x"
    found = directives(policy_of(page))
    assert found["script-src"] == ["'self'", source("\none &amp; <b>\n"), source("two")]
    assert found["style-src"] == ["'self'", source("p{}")]
    assert directives(policy_of("<p>nothing inline"))["script-src"] == ["'self'"]
    assert not re.search(r"unsafe|\*|https?:", policy_of(page))
