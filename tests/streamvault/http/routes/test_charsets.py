"""V: text files say their charset, as their first bytes show it."""

import pytest

from streamvault.http.charsets import REMEMBERED, Charsets
from streamvault.media.byterange import ByteRange
from streamvault.media.charsets import LOOKED_AT
from streamvault.media.model import FileKey
from tests.support.files import media_file
from tests.support.http_client import request
from tests.support.serving import Bench
from tests.support.sources import Fault

RUSSIAN = "Привет, это файл с заметками.\n"


def says(text: bytes) -> Fault:
    """The file's bytes are these."""

    async def fault(_: bytes) -> bytes:
        return text

    return fault


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("notes.txt", RUSSIAN.encode(), "text/plain; charset=utf-8"),
        ("notes.txt", RUSSIAN.encode("cp1251"), "text/plain"),
        ("notes.txt", RUSSIAN.encode("utf-16"), "text/plain; charset=utf-16le"),
        ("Film.srt", RUSSIAN.encode(), "application/x-subrip; charset=utf-8"),
        ("Film.vtt", RUSSIAN.encode(), "text/vtt; charset=utf-8"),
        ("Film.ass", RUSSIAN.encode(), "text/x-ssa; charset=utf-8"),
        ("Film.nfo", RUSSIAN.encode(), "text/plain; charset=utf-8"),
        ("list.json", RUSSIAN.encode(), "application/json; charset=utf-8"),
        ("readme.md", RUSSIAN.encode(), "text/markdown; charset=utf-8"),
        ("table.csv", RUSSIAN.encode(), "text/csv; charset=utf-8"),
        ("server.log", RUSSIAN.encode(), "text/plain; charset=utf-8"),
    ],
)
async def test_get_head_and_ranges_say_the_same(bench: Bench, name: str, data: bytes, content_type: str) -> None:
    file = media_file(7, name=name, kind="document", mime_type="application/octet-stream", size=len(data))
    bench.source.always = says(data)
    path = bench.finder.add(file, message_id=7)
    whole = await request(bench.address, path)
    assert (whole.status, whole.body, whole.headers["content-type"]) == (200, data, content_type)
    head = await request(bench.address, path, method="HEAD")
    assert (head.status, head.headers["content-type"]) == (200, content_type)
    part = await request(bench.address, path, headers={"Range": "bytes=3-9"})
    assert (part.status, part.body, part.headers["content-type"]) == (206, data[3:10], content_type)
    fresh = await request(bench.address, path, headers={"If-None-Match": whole.headers["etag"]})
    assert fresh.status == 304


async def test_a_page_keeps_its_sandbox(bench: Bench) -> None:
    file = media_file(7, name="p.html", kind="document", mime_type="text/html", size=len(RUSSIAN.encode()))
    bench.source.always = says(RUSSIAN.encode())
    reply = await request(bench.address, bench.finder.add(file, message_id=7))
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert "sandbox" in reply.headers["content-security-policy"]


async def test_a_film_costs_no_read_and_a_text_one(bench: Bench) -> None:
    path = bench.finder.add(media_file(7), message_id=7)
    await request(bench.address, path, method="HEAD")
    assert bench.source.requests == []
    text = media_file(8, name="a.txt", kind="document", mime_type="text/plain", size=9)
    path = bench.finder.add(text, message_id=8)
    for _ in range(3):
        assert (await request(bench.address, path, method="HEAD")).status == 200
    assert len(bench.source.requests) == 1


async def test_what_is_remembered_is_bounded() -> None:
    asked: list[ByteRange] = []

    async def read(wanted: ByteRange) -> bytes:
        asked.append(wanted)
        return b"text"

    charsets = Charsets()
    text = media_file(7, name="a.txt", kind="document", mime_type="text/plain", size=LOOKED_AT * 9)
    files = [media_file(n, name="a.txt", mime_type="text/plain", key=FileKey(str(n))) for n in range(REMEMBERED)]
    for file in (text, *files, text):
        assert await charsets.charset(file, read) == "utf-8"
    assert asked[0] == ByteRange(0, LOOKED_AT)
    assert len(asked) == REMEMBERED + 2
