"""Names, types and entity tags of files in header fields, hostile names included."""

import email.message
import re
from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streamvault.http.headers import MAX_NAME, content_disposition, content_type, security, validators
from streamvault.media.model import FileKey
from tests.support.sources import media_file


def names(field: str) -> tuple[str, str | None]:
    """`filename` and `filename*` as a strict reader of RFC 6266 sees them."""
    match = re.fullmatch(
        r'(?:inline|attachment); filename="([\x20\x21\x23-\x5b\x5d-\x7e]+)"'
        r"(?:; filename\*=UTF-8''((?:[A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-F]{2})+))?",
        field,
    )
    assert match, field
    return match[1], None if match[2] is None else unquote(match[2], errors="strict")


@given(st.text())
def test_any_name_makes_a_well_formed_field(name: str) -> None:
    plain, full = names(content_disposition(name, download=False))
    for shown in (plain, full or plain):
        assert not re.search(r"[/\\\x00-\x1f\x7f]", shown)
        assert shown.strip(" .")
        assert len(shown) <= 8 * MAX_NAME


@pytest.mark.parametrize(
    ("name", "plain", "full"),
    [
        ("film.mp4", "film.mp4", None),
        ("two words.mp4", "two words.mp4", None),
        ('say "hi".mp4', "say _hi_.mp4", 'say "hi".mp4'),
        ("100%41.mp4", "100_41.mp4", "100%41.mp4"),
        ("Küche.mp4", "Kuche.mp4", "Küche.mp4"),
        ("фильм.mkv", "_____.mkv", "фильм.mkv"),
        ("電影.mkv", "__.mkv", "電影.mkv"),
        ("party 🎉.mp4", "party _.mp4", "party 🎉.mp4"),
        ("../../etc/passwd", "_.._etc_passwd", None),
        ("C:\\boot.ini", "C:_boot.ini", None),
        ("a\uff0fb.txt", "a_b.txt", "a\uff0fb.txt"),
        ("line\r\nSet-Cookie: x=1.mp4", "line Set-Cookie: x=1.mp4", None),
        ("gpj\u202eexe.jpg", "gpj exe.jpg", None),
        ("..", "file", None),
        ("", "file", None),
        (".mp4", "file.mp4", None),
        ("  .mkv", "file.mkv", None),
        ("\u200b\u2060.flac", "file.flac", None),
        ("\u3164 \u2800", "file", None),
        (" \u200b ", "file", None),
        ("\ud800.mp4", "?.mp4", None),
    ],
)
def test_names(name: str, plain: str, full: str | None) -> None:
    assert names(content_disposition(name, download=False)) == (plain, full)


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=60))
def test_an_ordinary_name_is_kept(name: str) -> None:
    assume(not re.fullmatch(r"[\u2800\u3164\u115f\u1160\uffa0]*(\.[A-Za-z0-9]{1,5})?", name))
    kept = re.sub(r"[/\\]", "_", name).strip(" .") or "file"
    plain, full = names(content_disposition(name, download=False))
    assert (full or plain) == kept


def test_a_long_name_keeps_its_extension() -> None:
    plain, full = names(content_disposition("x" * 500 + ".mkv", download=False))
    assert full is not None
    assert len(full) == MAX_NAME
    assert full.endswith(".mkv")
    assert plain.endswith(".mkv")


@pytest.mark.parametrize("blank", [" ", "\n", "\t ", "\u00a0", "\u2003\u200b", "\u2028"])
def test_a_name_behind_a_hundred_thousand_blanks_is_read_once(blank: str) -> None:
    blanks = blank * (100_000 // len(blank))
    assert names(content_disposition(f"{blanks}.mkv", download=False))[0] == "file.mkv"
    for name in ("x", "x.mkv"):
        plain, full = names(content_disposition(blanks + name, download=False))
        shown = full or plain
        assert shown.endswith(name)
        assert len(shown) <= MAX_NAME


def test_download_is_an_attachment() -> None:
    assert content_disposition("a.mp4", download=True).startswith("attachment;")
    assert content_disposition("a.mp4", download=False).startswith("inline;")


def test_the_standard_library_reads_the_full_name() -> None:
    message = email.message.Message()
    message["Content-Disposition"] = content_disposition("Küche 🎉.mp4", download=True)
    assert message.get_filename() == "Kuche _.mp4" or message.get_filename() == "Küche 🎉.mp4"


@pytest.mark.parametrize(
    ("given_type", "name", "expected"),
    [
        ("video/mp4", "film.mkv", "video/mp4"),
        ("VIDEO/MP4", "film", "video/mp4"),
        ("text/html; charset=utf-8", "page", "text/plain"),
        ("Text/Vtt; charset=utf-8", "cues", "text/vtt"),
        ("", "film.mkv", "video/x-matroska"),
        ("application/octet-stream", "film.webm", "video/webm"),
        ("application/octet-stream", "song.FLAC", "audio/flac"),
        ("application/octet-stream", "song.mp3", "audio/mpeg"),
        ("application/octet-stream", "paper.pdf", "application/pdf"),
        ("application/octet-stream", "archive.zip", "application/zip"),
        ("application/octet-stream", "archive.tar.gz", "application/gzip"),
        ("application/octet-stream", "picture.webp", "image/webp"),
        ("application/octet-stream", "фильм.mp4", "video/mp4"),
        ("application/octet-stream", "http://host/film.mp4", "video/mp4"),
        ("application/octet-stream", "nothing known.xyzzy", "application/octet-stream"),
        ("application/octet-stream", "\ud800.mp4", "video/mp4"),
        ("video/mp4\r\nSet-Cookie: x=1", "film.mp4", "video/mp4"),
        ("nonsense", "film", "application/octet-stream"),
    ],
)
def test_media_types(given_type: str, name: str, expected: str) -> None:
    assert content_type(media_file(1, name=name, mime_type=given_type)) == expected


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "x/y"])
def test_types_that_may_run_scripts_get_a_sandbox(media_type: str) -> None:
    fields = security(media_type)
    assert fields["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in fields["Content-Security-Policy"].split("; ")
    assert "allow-scripts" not in fields["Content-Security-Policy"]


@pytest.mark.parametrize("media_type", ["video/mp4", "audio/flac", "image/jpeg", "application/pdf"])
def test_media_types_get_no_sandbox(media_type: str) -> None:
    assert security(media_type) == {"X-Content-Type-Options": "nosniff"}


def test_the_tag_depends_on_identity_size_and_thumbnail() -> None:
    file = media_file(5)
    variants = [
        file,
        replace(file, size=6),
        replace(file, key=FileKey("other")),
        replace(file, key=FileKey(file.key.file_unique_id, "m")),
        replace(file, key=FileKey('quote"\r\n')),
    ]
    tags = [validators(variant).etag for variant in variants]
    assert len(set(tags)) == len(tags)
    assert all(re.fullmatch(r'"[\x21\x23-\x7e]+"', tag) for tag in tags)
    assert validators(replace(file, name="renamed", caption="edited")) == validators(file)
