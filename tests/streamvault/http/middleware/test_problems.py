"""Failures before the status line become a status; failures after it abort the connection."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable

import pytest

from streamvault.errors import (
    CatalogError,
    FileGone,
    FileMissing,
    NotPlayable,
    ShortRead,
    SourceBusy,
    SourceError,
    SourceUnavailable,
    TooBusy,
)
from streamvault.media.cells import CELL
from tests.support.http_client import Reply, request
from tests.support.serving import Bench, serving
from tests.support.sources import fail, media_file, pattern, short, stall
from tests.support.waiting import until

MIB = 1024 * 1024

ANSWERS = [
    (FileMissing("no"), 404, None),
    (FileGone("deleted"), 410, None),
    (SourceError("refused"), 502, None),
    (ShortRead("short"), 502, None),
    (SourceBusy(2837.2), 503, 2838),
    (SourceUnavailable("lost"), 503, 5),
    (NotPlayable("MPEG-2 pictures"), 422, None),
    (TooBusy(7.5), 503, 8),
]


def check_problem(reply: Reply, status: int, *, retry_after: int | None = None) -> dict[str, object]:
    """Assert that the reply is a problem of RFC 9457 with this status; its members."""
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers.get("retry-after") == (None if retry_after is None else str(retry_after))
    members: dict[str, object] = json.loads(reply.body)
    assert members["status"] == status
    assert members["title"]
    assert members["detail"]
    return members


@pytest.mark.parametrize(("error", "status", "retry_after"), [*ANSWERS, (CatalogError("locked"), 503, 5)])
async def test_failures_to_find(error: Exception, status: int, retry_after: int | None) -> None:
    async with serving(start_timeout=0.3) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        bench.finder.files[-1001234567890, 7] = error
        for method in ("GET", "HEAD"):
            reply = await request(bench.address, path, method=method)
            assert reply.status == status
        check_problem(await request(bench.address, path), status, retry_after=retry_after)


@pytest.mark.parametrize(("error", "status", "retry_after"), [row for row in ANSWERS if row[1] != 404])
async def test_failures_of_the_first_chunk(error: Exception, status: int, retry_after: int | None) -> None:
    async with serving(start_timeout=1) as bench:
        path = bench.finder.add(media_file(2 * MIB), message_id=7)
        bench.source.always = fail(error)
        check_problem(await request(bench.address, path), status, retry_after=retry_after)
        assert bench.sample("streams_aborted_total") == 0
        assert bench.sample("streams_active") == 0


@pytest.mark.parametrize("where", ["find", "first chunk"])
async def test_a_source_without_an_answer_is_503_within_the_timeout(where: str) -> None:
    async with serving(start_timeout=0.05) as bench:
        path = bench.finder.add(media_file(5), message_id=7)
        if where == "find":
            bench.finder.gate = asyncio.Event()
        else:
            bench.source.always = stall()
        check_problem(await request(bench.address, path), 503, retry_after=5)
        await until(lambda: bench.source.in_flight == 0)


async def test_a_first_chunk_that_succeeds_on_retry_is_sent(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    bench.source.faults.extend([fail(SourceUnavailable("lost")), short(2)])
    reply = await request(bench.address, path)
    assert (reply.status, reply.body) == (200, pattern(0, 5))


@pytest.mark.parametrize(
    "fault",
    [
        fail(FileGone("deleted")),
        fail(SourceError("refused")),
        fail(SourceBusy(2838)),
        fail(SourceUnavailable("lost")),
        short(),
        stall(),
    ],
    ids=["gone", "refused", "flood", "lost", "short", "stall"],
)
@pytest.mark.parametrize("chunks", [1, 2])
async def test_a_lasting_failure_after_the_status_line_aborts_the_connection(
    fault: Callable[[bytes], Awaitable[bytes]], chunks: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(stall_timeout=0.1) as bench:
        path = bench.finder.add(media_file(4 * MIB), message_id=7)
        bench.source.faults.extend([None] * chunks)
        bench.source.always = fault
        with caplog.at_level(logging.WARNING):
            reply = await request(bench.address, path)
        assert reply.status == 200
        assert not reply.complete
        assert reply.body == pattern(0, chunks * CELL)
        assert bench.sample("streams_aborted_total") == 1
        assert bench.sample("streams_active") == 0
        assert "Traceback" not in caplog.text
        assert not any(record.exc_info for record in caplog.records)


async def test_a_failure_between_multipart_parts_aborts_the_connection(bench: Bench) -> None:
    path = bench.finder.add(media_file(4 * MIB), message_id=7)
    bench.source.faults.extend([None, fail(FileGone("deleted"))])
    reply = await request(bench.address, path, headers={"Range": "bytes=0-9,2097152-2097161"})
    assert reply.status == 206
    assert not reply.complete
    assert pattern(0, 10) in reply.body
    assert bench.sample("streams_aborted_total") == 1


async def test_a_transient_failure_after_the_status_line_is_retried(bench: Bench) -> None:
    path = bench.finder.add(media_file(3 * MIB), message_id=7)
    bench.source.faults.extend([None, fail(SourceUnavailable("lost")), short(), None, short(MIB)])
    reply = await request(bench.address, path)
    assert reply.complete
    assert reply.body == pattern(0, 3 * MIB)
    assert bench.sample("streams_aborted_total") == 0


async def test_a_defect_is_500_without_its_text(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    bench.finder.files[-1001234567890, 7] = KeyError("an inner secret")
    reply = await request(bench.address, path)
    assert "secret" not in str(check_problem(reply, 500))
    assert [record for record in caplog.records if record.exc_info]


async def test_a_defect_after_the_status_line_aborts_the_connection(bench: Bench) -> None:
    path = bench.finder.add(media_file(2 * MIB), message_id=7)
    bench.source.faults.extend([None, fail(KeyError("an inner secret"))])
    reply = await request(bench.address, path)
    assert (reply.status, len(reply.body), reply.complete) == (200, CELL, False)
    await until(lambda: bench.sample("streams_active") == 0)


async def test_unknown_routes_and_methods_are_problems(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    check_problem(await request(bench.address, "/nothing/here"), 404)
    for method in ("POST", "DELETE", "PUT"):
        reply = await request(bench.address, path, method=method)
        check_problem(reply, 405)
        assert set(reply.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_a_wrong_parameter_is_a_problem(bench: Bench) -> None:
    path = bench.finder.add(media_file(5), message_id=7)
    members = check_problem(await request(bench.address, f"{path}?download=perhaps"), 422)
    assert members["errors"]
