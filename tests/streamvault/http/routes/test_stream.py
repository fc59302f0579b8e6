"""The answers of streams without failures."""

import asyncio
import hashlib
from dataclasses import replace

import pytest

from streamvault.media.model import FileKey
from tests.support.http_client import connect, head, opened, read_head, request
from tests.support.programs import program
from tests.support.serving import Bench
from tests.support.sources import media_file, pattern
from tests.support.waiting import until

MIB = 1024 * 1024


async def test_the_whole_file_with_all_its_fields(bench: Bench) -> None:
    file = media_file(2 * MIB + 5, name="Küche 🎉.mp4")
    reply = await request(bench.address, bench.finder.add(file, message_id=7))
    assert reply.status == 200
    assert reply.body == pattern(0, file.size)
    assert reply.headers["content-length"] == str(file.size)
    assert reply.headers["content-type"] == "video/mp4"
    assert reply.headers["accept-ranges"] == "bytes"
    assert reply.headers["last-modified"] == "Thu, 01 Jan 2026 00:01:01 GMT"
    assert reply.headers["content-disposition"].startswith('inline; filename="Kuche _.mp4"; filename*=')
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "transfer-encoding" not in reply.headers
    assert len(reply.raw_headers) == len(dict(reply.raw_headers))


async def test_a_file_name_in_the_path_is_ignored(bench: Bench) -> None:
    path = bench.finder.add(media_file(3), message_id=7)
    for tail in ("/film.mp4", "/%F0%9F%8E%89%20a%2Fb.mp4", "/", "/a/b/c"):
        assert (await request(bench.address, path + tail)).body == pattern(0, 3)


@pytest.mark.parametrize("query", ["?download=1", "?download=true&x=y"])
async def test_download(bench: Bench, query: str) -> None:
    path = bench.finder.add(media_file(3), message_id=7)
    reply = await request(bench.address, path + query)
    assert reply.headers["content-disposition"].startswith("attachment;")


async def test_head_reads_nothing_and_counts_no_stream(bench: Bench) -> None:
    path = bench.finder.add(media_file(3_000_000_000), message_id=7)
    got = await request(bench.address, path, limit=0)
    await until(lambda: bench.sample("streams_active") == 0)
    asked = len(bench.source.requests)
    reply = await request(bench.address, path, method="HEAD")
    for _ in range(20):
        assert (await request(bench.address, path, method="HEAD")).status == 200
    assert reply.body == b""
    volatile = {"date"}
    assert {k: v for k, v in reply.headers.items() if k not in volatile} == {
        k: v for k, v in got.headers.items() if k not in volatile
    }
    assert len(bench.source.requests) == asked
    assert bench.sample("streams_active") == 0


async def test_an_empty_file_reads_nothing_from_the_source(bench: Bench) -> None:
    reply = await request(bench.address, bench.finder.add(media_file(0), message_id=7))
    assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b"", "0")
    assert bench.source.requests == []


async def test_not_modified(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    first = await request(bench.address, path, method="HEAD")
    for fields in (
        {"If-None-Match": first.headers["etag"]},
        {"If-None-Match": f'"x", W/{first.headers["etag"]}'},
        {"If-None-Match": "*", "Range": "bytes=9-"},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        reply = await request(bench.address, path, headers=fields)
        assert reply.status == 304
        assert reply.headers["etag"] == first.headers["etag"]
        assert reply.headers["cache-control"] == first.headers["cache-control"]
        assert "content-length" not in reply.headers
    assert bench.source.requests == []


async def test_precondition_failed(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    for fields in ({"If-Match": '"x"'}, {"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:01 GMT"}):
        reply = await request(bench.address, path, headers=fields)
        assert (reply.status, reply.headers["content-type"]) == (412, "application/problem+json")
        assert reply.complete
    assert (await request(bench.address, path, headers={"If-Match": "*"})).status == 200


async def test_another_file_in_the_message_has_another_entity_tag(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    first = await request(bench.address, path)
    bench.finder.add(replace(media_file(5), key=FileKey("Edited")), message_id=7)
    fields = {"Range": "bytes=2-", "If-Range": first.headers["etag"]}
    reply = await request(bench.address, path, headers=fields)
    assert (reply.status, len(reply.body)) == (200, 5)
    assert reply.headers["etag"] != first.headers["etag"]


async def test_the_same_message_id_in_two_chats_is_two_files(bench: Bench) -> None:
    one, two = media_file(5), media_file(9)
    two = replace(two, origin=replace(two.origin, chat_id=-1009999999999))
    paths = [bench.finder.add(one, message_id=7), bench.finder.add(two, message_id=7)]
    assert [len((await request(bench.address, path)).body) for path in paths] == [5, 9]


async def test_html_is_served_as_a_text_in_a_sandbox(bench: Bench) -> None:
    path = bench.finder.add(media_file(5, name="page.html", mime_type="text/html"), message_id=7)
    reply = await request(bench.address, path)
    assert reply.headers["content-type"] == "text/plain"
    assert reply.headers["content-security-policy"].startswith("sandbox;")


@pytest.mark.parametrize(
    "path",
    [
        "/stream/-1001234567890/0",
        "/stream/-1001234567890/9223372036854775808",
        "/stream/-9999999999999999999/7",
        "/stream/" + "9" * 5000 + "/7",
        "/stream/-1001234567890/" + "9" * 5000,
        "/stream/-1001234567890/-7",
        "/stream/-1001234567890/7.0",
        "/stream/+5/7",
        "/stream/-1001234567890/%D9%A7",
        "/stream/1_0/7",
        "/stream/-1001234567890",
        "/stream/",
    ],
)
async def test_impossible_ids_are_404(bench: Bench, path: str) -> None:
    bench.finder.add(media_file(5), message_id=7)
    reply = await request(bench.address, path)
    assert reply.status == 404
    assert reply.headers["content-type"] == "application/problem+json"


async def test_two_range_fields_are_one_list(bench: Bench) -> None:
    path = bench.finder.add(media_file(100), message_id=7)
    raw = head(bench.address, path, headers={"Range": "bytes=0-4"}).replace(b"\r\n\r\n", b"\r\nRange: 10-14\r\n\r\n")
    reader, writer = await connect(bench.address)
    writer.write(raw)
    reply = await read_head(reader)
    writer.close()
    await writer.wait_closed()
    assert reply.status == 206
    assert reply.headers["content-type"].startswith("multipart/byteranges")


async def test_a_connection_serves_one_range_after_another(bench: Bench) -> None:
    path = bench.finder.add(media_file(2 * MIB), message_id=7)
    reader, writer = await connect(bench.address)
    for start in (0, MIB - 1, 2 * MIB - 10):
        fields = {"Connection": "keep-alive", "Range": f"bytes={start}-{start + 9}"}
        writer.write(head(bench.address, path, headers=fields))
        reply = await read_head(reader)
        body = await reader.readexactly(int(reply.headers["content-length"]))
        assert body == pattern(start, start + 10)[: len(body)]
    writer.close()
    await writer.wait_closed()


async def test_metrics_count_what_was_sent(bench: Bench) -> None:
    path = bench.finder.add(media_file(2 * MIB), message_id=7)
    await request(bench.address, path)
    await request(bench.address, path, headers={"Range": "bytes=0-9"})
    await request(bench.address, path, method="HEAD")
    assert bench.sample("bytes_total", tier="telegram") == 2 * MIB + 10
    assert bench.sample("first_byte_seconds_count") == 2
    assert bench.sample("streams_active") == 0
    assert bench.sample("streams_aborted_total") == 0


async def test_a_stream_is_counted_while_it_lasts(bench: Bench) -> None:
    path = bench.finder.add(media_file(3_000_000_000), message_id=7)
    async with opened(bench.address, path) as exchange:
        assert bench.sample("streams_active") == 1
        exchange.hang_up()
    await until(lambda: bench.sample("streams_active") == 0)


async def test_twenty_viewers_at_once(bench: Bench) -> None:
    path = bench.finder.add(media_file(3 * MIB + 1), message_id=7)
    replies = await asyncio.gather(*(request(bench.address, path) for _ in range(20)))
    expected = hashlib.sha256(pattern(0, 3 * MIB + 1)).digest()
    assert {hashlib.sha256(reply.body).digest() for reply in replies} == {expected}


async def test_curl_resumes_a_download(bench: Bench) -> None:
    path = bench.finder.add(media_file(MIB + 1), message_id=7)
    url = "http://{}:{}{}".format(*bench.address, path)
    command = (program("curl"), "--silent", "--show-error", "--fail", "--continue-at", str(MIB - 3), url)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert output == pattern(MIB - 3, MIB + 1)
