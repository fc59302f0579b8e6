"""A viewer who disconnects ends the reading, in whichever phase; a slow one slows it down."""

import asyncio
import math
import random
from asyncio.constants import LOG_THRESHOLD_FOR_CONNLOST_WRITES
from collections.abc import MutableMapping
from typing import Any

import pytest

from streamvault.errors import SourceUnavailable
from streamvault.media.cells import CELL
from streamvault.reading.cells import Cells
from tests.support.http_client import connect, head, opened, request
from tests.support.serving import Bench, settled
from tests.support.sources import Memory, fail, hold, media_file, pattern, stall
from tests.support.waiting import until

MIB = 1024 * 1024
KERNEL = 1 * MIB
"""A generous bound of what kernel and client buffer: 64 KiB requested, doubled, 128 KiB unsent, segments under way."""

BIG = 3_000_000_000


def asked_for(bench: Bench) -> int:
    """The bytes requested from the source so far."""
    return sum(limit for _, limit in bench.source.requests)


def most(taken: int) -> int:
    """Bytes that may be asked for when the viewer, and the kernel for it, took so many: the window opens by as much
    again twice, and one request may be under way.
    """
    return 3 * (taken + KERNEL) + MIB


async def is_over(bench: Bench) -> None:
    """Wait until no stream is open and no request is under way; then no more requests may follow."""
    await until(lambda: bench.sample("streams_active") == 0 and bench.source.in_flight == 0)
    asked = len(bench.source.requests)
    assert await settled(lambda: len(bench.source.requests)) == asked
    assert bench.sample("streams_aborted_total") == 0


async def test_disconnecting_during_the_lookup(bench: Bench) -> None:
    path = bench.finder.add(media_file(BIG), message_id=7)
    bench.finder.gate = asyncio.Event()
    _, writer = await connect(bench.address)
    writer.write(head(bench.address, path))
    await until(lambda: bench.finder.finds == 1)
    writer.transport.abort()
    await is_over(bench)
    bench.finder.gate.set()
    assert await settled(lambda: len(bench.source.requests)) == 0


@pytest.mark.parametrize("reset", [True, False])
async def test_disconnecting_before_the_first_chunk(bench: Bench, *, reset: bool) -> None:
    path = bench.finder.add(media_file(BIG), message_id=7)
    bench.source.always = stall()
    _, writer = await connect(bench.address)
    writer.write(head(bench.address, path))
    await bench.source.until_asked(1)
    if reset:
        writer.transport.abort()
    else:
        writer.close()
    await is_over(bench)
    assert bench.source.abandoned == 2


async def test_disconnecting_while_waiting_for_a_later_chunk(bench: Bench) -> None:
    path = bench.finder.add(media_file(BIG), message_id=7)
    bench.source.faults.append(None)
    bench.source.always = stall()
    async with opened(bench.address, path) as exchange:
        assert await exchange.reader.readexactly(CELL) == pattern(0, CELL)
        await bench.source.until_asked(2)
        exchange.hang_up()
        await is_over(bench)
    assert bench.source.abandoned == len(bench.source.requests) - 1


async def test_disconnecting_during_a_retry(bench: Bench) -> None:
    path = bench.finder.add(media_file(BIG), message_id=7)
    bench.source.faults.append(None)
    bench.source.always = fail(SourceUnavailable("lost"))
    async with opened(bench.address, path) as exchange:
        await exchange.reader.readexactly(CELL)
        await bench.source.until_asked(2)
        exchange.hang_up()
        await is_over(bench)
    assert len(bench.source.requests) <= 6


@pytest.mark.parametrize("reset", [True, False])
async def test_disconnecting_after_1_mib_of_3_gb_reads_little_more(bench: Bench, *, reset: bool) -> None:
    path = bench.finder.add(media_file(BIG), message_id=7)
    async with opened(bench.address, path, receive_buffer=65_536) as exchange:
        await exchange.reader.readexactly(MIB)
        if reset:
            exchange.hang_up()
        else:
            exchange.writer.close()
        await is_over(bench)
    assert asked_for(bench) <= most(MIB)


async def test_a_client_that_reads_nothing_holds_the_kernels_buffer_and_one_window(bench: Bench) -> None:
    path = bench.finder.add(media_file(BIG), message_id=7)
    async with opened(bench.address, path, receive_buffer=65_536) as exchange:
        exchange.reader._transport.pause_reading()  # type: ignore[attr-defined]
        await settled(lambda: len(bench.source.requests))
        assert asked_for(bench) <= most(0)
        assert bench.sample("streams_active") == 1
        exchange.hang_up()
        await is_over(bench)


async def test_a_client_that_pauses_gets_the_right_bytes_afterwards(bench: Bench) -> None:
    path = bench.finder.add(media_file(4 * MIB + 7), message_id=7)
    async with opened(bench.address, path, receive_buffer=65_536) as exchange:
        first = await exchange.reader.readexactly(70_000)
        await settled(lambda: len(bench.source.requests))
        rest = await exchange.reader.readexactly(4 * MIB + 7 - len(first))
        assert first + rest == pattern(0, 4 * MIB + 7)


async def test_disconnecting_at_random_moments_leaves_no_work(bench: Bench) -> None:
    path = bench.finder.add(media_file(BIG), message_id=7)
    moments = random.Random(7)
    for _ in range(60):
        async with opened(bench.address, path, receive_buffer=65_536) as exchange:
            await exchange.reader.readexactly(moments.randrange(1, MIB + MIB // 2))
            exchange.hang_up()
    await is_over(bench)
    assert asked_for(bench) <= 60 * most(MIB + MIB // 2)


async def test_a_disconnecting_viewer_does_not_disturb_others(bench: Bench) -> None:
    path = bench.finder.add(media_file(BIG), message_id=7)
    gate = asyncio.Event()
    bench.source.faults.append(hold(gate))
    staying = asyncio.ensure_future(request(bench.address, path, headers={"Range": "bytes=0-4194303"}))
    await bench.source.until_asked(1)
    other = bench.finder.add(media_file(BIG + 1), message_id=8)
    async with opened(bench.address, other) as leaving:
        leaving.hang_up()
    _, sharing = await connect(bench.address)
    sharing.write(head(bench.address, path))
    await until(lambda: bench.cells.counts.coalesced > 0)
    sharing.transport.abort()
    await until(lambda: bench.sample("streams_active") == 1)
    gate.set()
    reply = await staying
    assert reply.complete
    assert reply.body == pattern(0, 4 * MIB)


async def test_a_stream_that_never_waits_notices_a_disconnect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """asyncio warns of writes to a lost connection, which a stream learns of only when the event loop runs."""
    monkeypatch.setattr("streamvault.reading.reader.FAST", math.inf)  # as on a busy machine: small blocks, many writes
    bench = Bench()
    bench.cells = Cells(bench.source, memory=Memory())
    path, loop = bench.finder.add(media_file(4 * MIB), message_id=7), asyncio.get_running_loop()
    most = written = 0

    def go_round() -> None:
        nonlocal written
        written = 0
        loop.call_soon(go_round)

    async def send(message: MutableMapping[str, Any]) -> None:
        nonlocal most, written
        written += message["type"] == "http.response.start" or bool(message["body"])
        most = max(most, written)

    async def receive() -> MutableMapping[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError("nobody leaves")

    app, scope = bench.app(), {"type": "http", "method": "GET", "path": path, "query_string": b"", "root_path": ""}
    go_round()
    async with bench.cells:
        for _ in range(2):  # the second time everything is in the cache
            await app(scope | {"headers": [(b"range", b"bytes=100-")]}, receive, send)
    assert 1 < most <= LOG_THRESHOLD_FOR_CONNLOST_WRITES
