"""Manifests: what is written can be read, and invalid ones are refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.manifest import MAX_MANIFEST, BadManifest, ListedPart, Manifest, read_manifest, write_manifest

PIECES = [
    {"message_id": 41, "size": 2_097_152_000, "file_unique_id": "AgADaa"},
    {"message_id": 42, "size": 77, "file_unique_id": "AgADbb"},
]
GOOD: dict[str, Any] = {
    "streamvault": 1, "name": "Film.mkv", "size": 2_097_152_077, "sha256": "0" * 64, "parts": PIECES,
}  # fmt: skip


def encoded(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def test_a_manifest_is_read() -> None:
    expected = Manifest(
        "Film.mkv",
        2_097_152_077,
        (ListedPart(41, 2_097_152_000, "AgADaa"), ListedPart(42, 77, "AgADbb")),
        sha256="0" * 64,
    )
    assert read_manifest(encoded()) == expected
    assert read_manifest(encoded(later="field")) == expected
    assert read_manifest(encoded(sha256=None)).sha256 is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b" " * (MAX_MANIFEST + 1), "more than"),
        (b"", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b'{"size": ' + b"9" * 5000 + b"}", "JSON"),
        (b"[]", "fields"),
        (encoded(streamvault=2), "version"),
        (encoded(streamvault=None), "version"),
        (encoded(streamvault=True), "version"),
        (encoded(name=3), "fields"),
        (encoded(size="3"), "fields"),
        (encoded(parts={}), "fields"),
        (encoded(name=""), "name"),
        (encoded(name="x" * 1025), "name"),
        (encoded(name="\ud800"), "no text"),
        (encoded(parts=[]), "fewer"),
        (encoded(parts=PIECES[:1]), "fewer"),
        (encoded(parts=[*PIECES, {}]), "lacks"),
        (encoded(parts=[*PIECES, 3]), "lacks"),
        (encoded(parts=[*PIECES, {"message_id": 43, "size": 0, "file_unique_id": "x"}]), "lacks"),
        (encoded(parts=[*PIECES, {"message_id": 0, "size": 1, "file_unique_id": "x"}]), "lacks"),
        (encoded(parts=[*PIECES, {"message_id": 1 << 31, "size": 1, "file_unique_id": "x"}]), "lacks"),
        (encoded(parts=[*PIECES, {"message_id": 43, "size": 1, "file_unique_id": ""}]), "lacks"),
        (encoded(parts=[PIECES[0], {**PIECES[1], "message_id": 41}]), "twice"),
        (encoded(size=5), "sum"),
        (encoded(size=(1 << 63) + 77, parts=[{**PIECES[0], "size": 1 << 63}, PIECES[1]]), "sum"),
        (encoded(sha256="abc"), "sha256"),
        (encoded(sha256=7), "sha256"),
    ],
    ids=range(28),
)
def test_anything_else_is_refused_with_a_reason(data: bytes, words: str) -> None:
    with pytest.raises(BadManifest, match=words):
        read_manifest(data)


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
listed = st.builds(ListedPart, st.integers(1, (1 << 31) - 1), st.integers(1, 1 << 40), names)


@given(names, st.lists(listed, min_size=2, max_size=20, unique_by=lambda part: part.message_id))
def test_a_written_manifest_is_read_again(name: str, parts: list[ListedPart]) -> None:
    manifest = Manifest(name, sum(part.size for part in parts), tuple(parts))
    assert read_manifest(write_manifest(manifest)) == manifest


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_read_or_refused(given: Any) -> None:
    with pytest.raises(BadManifest):
        read_manifest(json.dumps(given).encode())
