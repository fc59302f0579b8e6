"""What of the API is sent in gzip, to whom, and what never is."""

import gzip
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import httpx
import pytest
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from streamvault.http.middleware.compression import MIN_BYTES, Compression, gzipped
from tests.support.files import CHANNEL, media_file
from tests.support.serving import serving
from tests.support.site import Site

LIST = b'{"items": [' + b", ".join(b'{"number": %d}' % number for number in range(500)) + b"]}"
TAG = '"abc"'
JSON = {"Content-Type": "application/json", "ETag": TAG, "Cache-Control": "private, no-cache"}


@dataclass(frozen=True)
class Row:
    """An answer of a route, what was asked, and whether it comes in gzip. `parts`: the body as it is sent."""

    compressed: bool
    why: str
    path: str = "/api/catalog"
    method: str = "GET"
    accepted: str | None = "gzip, deflate, br"
    status: int = 200
    fields: tuple[tuple[str, str], ...] = ()
    parts: Sequence[bytes] = (LIST,)


ROWS = (
    Row(True, "a list"),
    Row(True, "the description of the API", path="/openapi.json"),
    Row(True, "with a charset", fields=(("Content-Type", "application/json; charset=utf-8"),)),
    Row(True, "beside the event loop", parts=(LIST * 50,)),
    Row(True, "gzip as well as the rest", accepted="*"),
    Row(False, "no field", accepted=None),
    Row(False, "gzip refused", accepted="gzip;q=0, br"),
    Row(False, "as it is preferred", accepted="identity, gzip;q=0.5"),
    Row(False, "short", parts=(b"x" * (MIN_BYTES - 1),)),
    Row(False, "in parts, of which each has to leave at once", parts=(LIST, LIST)),
    Row(False, "a write, whose answer may be a new token", method="POST"),
    Row(False, "a part of a whole", status=206),
    Row(False, "a failure", status=500),
    Row(False, "not to be stored", fields=(("Cache-Control", "no-store"),)),
    Row(False, "with a new cookie", fields=(("Set-Cookie", "sv_session=secret"),)),
    Row(False, "compressed already", fields=(("Content-Encoding", "br"),)),
    Row(False, "events", fields=(("Content-Type", "text/event-stream"),)),
    Row(False, "a picture", fields=(("Content-Type", "image/jpeg"),)),
    Row(False, "a playlist", fields=(("Content-Type", "audio/x-mpegurl"),)),
    *(Row(False, path, path=path) for path in ("/stream/-1/7", "/thumb/-1/7", "/hls/-1/7/0.m4s", "/", "/assets/a.js")),
)


def application(row: Row) -> Compression:
    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        fields = JSON | dict(row.fields)

        async def parts() -> AsyncIterator[bytes]:
            for part in row.parts:
                yield part

        whole = Response(b"".join(row.parts), row.status, fields)
        await (whole if len(row.parts) == 1 else StreamingResponse(parts(), row.status, fields))(scope, receive, send)

    return Compression(route)


async def raw(app: Compression, row: Row, **fields: str) -> tuple[httpx.Response, bytes]:
    """The answer, and its body as it was sent."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        request = client.build_request(row.method, row.path, headers=fields)
        del request.headers["accept-encoding"]
        if row.accepted is not None:
            request.headers["accept-encoding"] = row.accepted
        answer = await client.send(request, stream=True)
        try:
            return answer, b"".join([part async for part in answer.aiter_raw()])
        finally:
            await answer.aclose()


async def test_what_is_compressed_and_what_is_not() -> None:
    for row in ROWS:
        answer, body = await raw(application(row), row)
        whole = b"".join(row.parts)
        assert answer.status_code == row.status, row
        if row.compressed:
            assert (answer.headers["content-encoding"], answer.headers["etag"]) == ("gzip", f"W/{TAG}"), row
            assert answer.headers["vary"] == "Accept-Encoding", row
            assert int(answer.headers["content-length"]) == len(body) < len(whole) // 2, row
            assert gzip.decompress(body) == whole, row
        else:
            assert (body, answer.headers["etag"]) == (whole, TAG), row
            assert answer.headers.get("content-encoding") == dict(row.fields).get("Content-Encoding"), row


async def test_a_cache_is_told_that_it_depends_on_what_was_accepted() -> None:
    for accepted in ("gzip", "br", None):
        row = Row(False, "", accepted=accepted)
        assert (await raw(application(row), row))[0].headers["vary"] == "Accept-Encoding"


async def test_head_has_the_fields_of_the_compressed_answer_but_its_length() -> None:
    row = Row(True, "", method="HEAD")

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(headers={**JSON, "Content-Length": str(len(LIST))})(scope, receive, send)

    answer, body = await raw(Compression(route), row)
    assert (answer.headers["content-encoding"], answer.headers["etag"], body) == ("gzip", f"W/{TAG}", b"")
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("body", [b"", b"x", LIST, bytes(range(256)) * 1000], ids=len)
def test_gzip_is_read_by_others(body: bytes) -> None:
    assert gzip.decompress(gzipped(body)) == body


def test_the_length_of_one_answer_does_not_tell_its_content() -> None:
    lengths = {len(gzipped(LIST)) for _ in range(300)}
    assert len(lengths) > 50
    assert max(lengths) - min(lengths) <= 100


async def test_a_list_that_a_browser_has_is_304_in_either_form(site: Site) -> None:
    for number in range(1, 6):
        await site.put(media_file(number))
    whole = await site.client.get("/api/catalog")
    assert whole.headers["content-encoding"] == "gzip"
    assert {"Authorization", "Cookie", "Accept-Encoding"} <= set(whole.headers["vary"].split(", "))
    weak = whole.headers["etag"]
    for held, told in ((weak, weak), (weak.removeprefix("W/"), weak.removeprefix("W/")), (f'"other", {weak}', weak)):
        again = await site.client.get("/api/catalog", headers={"If-None-Match": held})
        assert (again.status_code, again.headers["etag"], again.content) == (304, told, b"")
    await site.put(media_file(6))
    assert (await site.client.get("/api/catalog", headers={"If-None-Match": weak})).status_code == 200


async def test_a_real_server_sends_ranges_and_pictures_as_they_are() -> None:
    async with serving() as bench:
        file = media_file(7, size=100_003)
        bench.finder.add(file, message_id=7)
        await bench.catalog.put(file)
        async with httpx.AsyncClient(base_url="http://{}:{}".format(*bench.address)) as client:
            part = await client.get(f"/stream/{CHANNEL}/7", headers={"Range": "bytes=0-49999"})
            assert (part.status_code, part.headers["content-length"]) == (206, "50000")
            assert "content-encoding" not in part.headers
            described = await client.get("/openapi.json")
            assert described.headers["content-encoding"] == "gzip"
            assert described.json()["info"]["title"] == "StreamVault"
