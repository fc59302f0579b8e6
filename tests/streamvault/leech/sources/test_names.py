"""H14: names of files as servers write them."""

import pytest

from streamvault.leech.sources.magic import begins_page
from streamvault.leech.sources.names import LONGEST, clean, mime_of, name_of
from streamvault.leech.sources.urls import parse_url

DISPOSITIONS = [
    (b"attachment; filename*=UTF-8''%E2%82%AC%20rates.mkv; filename=\"EUR rates.mkv\"", "€ rates.mkv"),
    (b"attachment; filename=\"EUR rates.mkv\"; filename*=utf-8'en'%e2%82%ac%20rates.mkv", "€ rates.mkv"),
    (b"attachment; filename*=ISO-8859-1''caf%E9.mkv", "café.mkv"),
    (b"attachment; filename*=UTF-8''%FF%FE.mkv; filename=\"plain.mkv\"", "plain.mkv"),
    (b"attachment; filename*=no-such''x.mkv; filename=plain.mkv", "plain.mkv"),
    (b"attachment; filename*=\"UTF-8''a%20b.mkv\"", "a b.mkv"),
    (b"attachment; filename*=a%20b.mkv", "a b.mkv"),
    (b'attachment; filename*0="very "; filename*1="long"; filename*2=.mkv', "very long.mkv"),
    (b"attachment; filename*0*=UTF-8''%D0%A4%D0; filename*1*=%B8%D0%BB; filename*2=m.mkv", "Филm.mkv"),
    (b'attachment; filename="%EC%82%AC%EB%B3%B8.mp4"', "사본.mp4"),
    ("attachment; filename=テスト.mkv".encode(), "テスト.mkv"),
    ('attachment; filename="テスト; 1.mkv"'.encode(), "テスト; 1.mkv"),
    ('attachment; filename="café.mkv"'.encode("latin-1"), "café.mkv"),
    (b'attachment; filename="=?UTF-8?B?0KTQuNC70YzQvC5ta3Y=?="', "Фильм.mkv"),
    (b'attachment; filename="=?utf-8?Q?caf=C3=A9=2Emkv?="', "café.mkv"),
    (b'attachment; filename="=?UTF-8?B?0KTQuNC7?= =?UTF-8?B?0YzQvC5ta3Y=?="', "Фильм.mkv"),
    (b'attachment; filename="=?x-none?B?AAAA?=.mkv"', "=?x-none?B?AAAA?=.mkv"),
    (b'attachment; filename="100%25 Sure.mkv"', "100% Sure.mkv"),
    (b'attachment; filename="100% Sure.mkv"', "100% Sure.mkv"),
    (b'attachment; filename="caf%E9.mkv"', "caf%E9.mkv"),
    (b'attachment; filename="Tom+%26+Co.mp4"', "Tom & Co.mp4"),
    (b'attachment; filename="A+B.mp4"', "A+B.mp4"),
    (b'attachment; filename="A+B%20C.mp4"', "A+B C.mp4"),
    (b'attachment; filename="say \\"hi\\".mkv"', 'say "hi".mkv'),
    (b"attachment;filename=a b c.mkv", "a b c.mkv"),
    (b"attachment; FileName = 'x.mkv'", "x.mkv"),
    (b'attachment; filename="unclosed.mkv', "unclosed.mkv"),
    (b'filename="without kind.mkv"', "without kind.mkv"),
    (b'inline; name=x; filename="in.mkv"', "in.mkv"),
    (b'attachment; filename="../../etc/passwd.txt"', "passwd.txt"),
    (b"attachment; filename*=UTF-8''..%2F..%2Fetc%2Fx.mkv", "x.mkv"),
    (b'attachment; filename="%2e%2e%2f%2e%2e%2fx.mkv"', "x.mkv"),
    (b'attachment; filename="C:\\\\films\\\\x.mkv"', "x.mkv"),
    (b"attachment; filename*=UTF-8''a%00b%0A%1Fc.mkv", "ab c.mkv"),
    (b"attachment; filename*=UTF-8''photo_%E2%80%AEgpj.exe", "photo_gpj.exe"),
    (b'attachment; filename="report.v1x"', "report.v1x"),
]


@pytest.mark.parametrize(("disposition", "name"), DISPOSITIONS)
def test_names_of_content_disposition(disposition: bytes, name: str) -> None:
    assert name_of(disposition, (parse_url("http://h.example/dl"),), "video/x-matroska", b"") == name


@pytest.mark.parametrize(
    "disposition", [b"attachment", b"inline;", b'attachment; filename=""', b"attachment; filename=..", b"\xff"]
)
def test_an_empty_name_is_none(disposition: bytes) -> None:
    assert name_of(disposition, (parse_url("http://h.example/film.mkv"),), "", b"") == "film.mkv"


@pytest.mark.parametrize(
    ("urls", "content_type", "head", "name"),
    [
        (["/dl?id=77"], "video/mp4", b"", "dl.mp4"),
        (["/Tom%20%26%20Co+2.mp4"], "video/mp4", b"", "Tom & Co+2.mp4"),
        (["/dl?id=77&title=Some+film.mkv"], "video/x-matroska", b"", "Some film.mkv"),
        (["/dl?file=a%2Fb%2Fc.mkv"], "", b"", "c.mkv"),
        (["/get.php?id=3"], "video/mp4", b"", "get.mp4"),
        (["/video.aspx"], "application/octet-stream", b"\x1a\x45\xdf\xa3....webm", "video.webm"),
        (["/x?response-content-disposition=attachment%3B%20filename%3D%22My%20film.mkv%22"], "", b"", "My film.mkv"),
        (["/caf%E9.mkv"], "", b"", "café.mkv"),
        (["/%E3%83%86.mkv"], "", b"", "テ.mkv"),
        (["/a%2Fb%5Cc.mkv"], "", b"", "c.mkv"),
        (["/film.mkv", "/0a1b2c?sig=x"], "", b"", "film.mkv"),
        (["/get", "/real.mkv?sig=x.mp3"], "", b"", "real.mkv"),
        (["/get", "/0a1b2c"], "video/mp4", b"", "0a1b2c.mp4"),
        (["/"], "video/mp4", b"", "h.example.mp4"),
        (["/film"], "", b"RIFF\0\0\0\0AVI LIST", "film.avi"),
        (["/film"], "binary/octet-stream", b"nothing known", "film"),
        (["/Film.2020"], "video/mp4", b"", "Film.2020.mp4"),
        (["/page"], "text/html; charset=utf-8", b"", "page.html"),
        (["/notes"], "text/plain", b"plain", "notes"),
        (["/..%2f..%2f"], "video/mp4", b"", "h.example.mp4"),
    ],
)  # fmt: skip
def test_names_of_addresses(urls: list[str], content_type: str, head: bytes, name: str) -> None:
    parsed = tuple(parse_url(f"http://h.example{url}") for url in urls)
    assert name_of(None, parsed, content_type, head) == name


def test_a_long_name_is_cut_between_characters_and_keeps_its_ending() -> None:
    name = clean("長" * 300 + ".mkv")
    assert len(name.encode()) <= LONGEST
    assert name == "長" * ((LONGEST - 4) // 3) + ".mkv"


@pytest.mark.parametrize(
    ("name", "content_type", "head", "mime_type"),
    [
        ("a.mkv", "video/x-matroska", b"", "video/x-matroska"),
        ("a.mkv", "text/plain", b"", "video/x-matroska"),
        ("a.mkv", "application/octet-stream", b"", "video/x-matroska"),
        ("a.srt", "video/mp4", b"", "application/x-subrip"),
        ("a", "", b"ID3\x04", "audio/mpeg"),
        ("a", "", b"???", "application/octet-stream"),
        ("a.mp4", "not a type", b"", "video/mp4"),
    ],
)
def test_types(name: str, content_type: str, head: bytes, mime_type: str) -> None:
    assert mime_of(name, content_type, head) == mime_type


@pytest.mark.parametrize(
    ("head", "page"),
    [
        (b"<!DOCTYPE html><html>", True),
        (b"\xef\xbb\xbf \r\n<!-- a --><!--b-->\n<HTML lang=en>", True),
        (b'<?xml version="1.0"?><!doctype html >', True),
        (b"<htmlx>", False),
        (b"<svg>", False),
        (b"plain <html>", False),
        (b"<!--" + b"--><!--" * 140, False),
    ],
)
def test_what_begins_like_a_web_page(head: bytes, page: bool) -> None:
    assert begins_page(head) is page
