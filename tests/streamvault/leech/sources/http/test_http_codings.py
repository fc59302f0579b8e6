"""H5: codings that nobody asked for."""

import bz2
import gzip
import io
import tarfile
import zlib

import pytest

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.sources.http.source import HttpSource
from tests.support.http_sources import FILM, at, collect, fetch, http_client
from tests.support.raw_server import Answer, Request, ranged, raw_server, response

TEXT = b'{"a": [' + b"1, " * 50_000 + b"2]}"


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def _tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        info = tarfile.TarInfo("film.mkv")
        info.size = len(FILM)
        archive.addfile(info, io.BytesIO(FILM))
    return held.getvalue()


TGZ = gzip.compress(_tar())


@pytest.mark.parametrize(
    ("coding", "coded"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT)),
        ("GZip", gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:])),
        ("gzip", gzip.compress(TEXT) + b"\0" * 100),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", _raw_deflate(TEXT)),
        ("identity", TEXT),
        ("gzip", TEXT),
        ("", TEXT),
    ],
)
async def test_codings_are_undone(coding: str, coded: bytes) -> None:
    """H5"""
    answer = response("200 OK", coded, content_encoding=coding, content_type="application/json")
    async with raw_server(lambda _: answer) as server:
        opened, data = await fetch(server.url("/a.json"))
        assert server.requests[0].headers["accept-encoding"] == "identity"
    plain = coded is TEXT
    assert (data, opened.described.size) == (TEXT, len(TEXT) if plain else None)


async def test_ranges_of_coded_bytes_do_not_count() -> None:
    """H5"""
    coded = gzip.compress(TEXT)
    async with raw_server(lambda request: ranged(request, coded, content_encoding="gzip")) as server:
        opened, data = await fetch(server.url("/a.json"))
        assert (data, opened.described.size, opened.described.resumable) == (TEXT, None, False)
        _, rest = await fetch(server.url("/a.json"), at(70_000, opened.described, data=TEXT, state=opened.state))
    assert rest == TEXT[70_000:]


@pytest.mark.parametrize(
    ("target", "content_type"),
    [
        ("/a.tar.gz", "application/gzip"),
        ("/a.tar.gz", "application/x-gzip"),
        ("/a.tgz", "application/x-tar"),
        ("/dl?id=1", "application/gzip"),
    ],
)
async def test_a_file_that_is_gzip_itself_stays_so(target: str, content_type: str) -> None:
    """H5: and it goes on at a byte."""
    fields = {"content_encoding": "gzip", "content_type": content_type, "etag": '"1"'}
    async with raw_server(lambda request: ranged(request, TGZ, **fields)) as server:
        opened, data = await fetch(server.url(target))
        assert (data, opened.described.size, opened.described.resumable) == (TGZ, len(TGZ), True)
        _, rest = await fetch(server.url(target), at(9_000, opened.described, data=TGZ, state=opened.state))
    assert rest == TGZ[9_000:]


async def test_a_gzip_file_in_gzip_is_unpacked_once() -> None:
    """H5"""
    answer = response("200 OK", gzip.compress(TGZ), content_encoding="gzip", content_type="application/gzip")
    async with raw_server(lambda _: answer) as server:
        _, data = await fetch(server.url("/a.tar.gz"))
    assert data == TGZ


@pytest.mark.parametrize(
    ("coding", "coded", "what"),
    [
        ("br", b"\x8b\x02\x80abc", r"coding that was not asked for \(br\)"),
        ("\x1b[31mbr", b"x", r"was not asked for \(\?\?31mbr\)"),
        ("gzip, gzip", gzip.compress(gzip.compress(TEXT)), "coding that was not asked for"),
        ("gzip", gzip.compress(TEXT)[:10] + b"\xff" * 100, "cannot be undone"),
        ("gzip", gzip.compress(TEXT)[:-20], "closed the connection"),
        ("deflate", bz2.compress(TEXT), "cannot be undone"),
    ],
    ids=["unknown", "of controls", "twice", "damaged", "cut", "of another kind"],
)
async def test_codings_that_cannot_be_undone(coding: str, coded: bytes, what: str) -> None:
    """H5"""
    async with raw_server(lambda _: response("200 OK", coded, content_encoding=coding)) as server:
        with pytest.raises((SourceFailed, SourceRefused), match=what):
            await fetch(server.url("/a.json"))


async def test_a_gzip_bomb_ends_at_the_largest_size() -> None:
    """H5: the bound is on what comes out, and blocks stay small."""
    bomb = gzip.compress(bytes(20 << 20))
    blocks: list[bytes] = []
    async with (
        raw_server(lambda _: response("200 OK", bomb, content_encoding="gzip")) as server,
        HttpSource(http_client(size=4 << 20), server.url("/a.json")).open(None) as opened,
    ):
        with pytest.raises(SourceRefused, match="sends more than 4,194,304 bytes"):
            await collect(opened, blocks)
    assert 0 < max(map(len, blocks)) <= 256 * 1024


async def test_coded_bytes_that_come_in_parts_are_asked_for_as_a_whole() -> None:
    """H5"""
    coded = gzip.compress(TEXT)

    def answer(request: Request) -> Answer:
        if "range" not in request.headers:
            return response("200 OK", coded, content_encoding="gzip")
        told = f"bytes 0-99/{len(coded)}"
        return response("206 Partial Content", coded[:100], content_encoding="gzip", content_range=told)

    async with raw_server(answer) as server:
        assert (await fetch(server.url("/a.json")))[1] == TEXT
