"""Latency, bandwidth, stalls and half-open connections, on one stream and through a whole emulator."""

import asyncio

import pytest
from pyrogram import raw

from tests.support.handlers import Slow, handling
from tests.support.rawclient import RawClient
from tests.tgemulator.conftest import HOME, again
from tgemulator.emulator import Emulator
from tgemulator.faults.conditions import Conditions
from tgemulator.mtproto.connection import MAX_CALLS
from tgemulator.mtproto.pacing import PacedStream

PING = raw.functions.Ping(ping_id=7)
NEAREST = raw.functions.help.GetNearestDc


class Trace:
    """A stream with what it delivered, and when (seconds since the start)."""

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.delivered: list[tuple[float, bytes]] = []
        self.closed = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self._start = asyncio.get_running_loop().time()
        self.stream = PacedStream(conditions, self._deliver, close=self.closed.set, spawn=self._spawn)

    def _deliver(self, data: bytes) -> None:
        self.delivered.append((asyncio.get_running_loop().time() - self._start, data))

    def _spawn(self, stream: PacedStream) -> asyncio.Task[None]:
        self.tasks.append(asyncio.get_running_loop().create_task(stream.run()))
        return self.tasks[-1]

    def change(self, **values: float | bool | None) -> None:
        """Change the conditions as ConditionsRegistry does."""
        for name, value in values.items():
            setattr(self.conditions, name, value)
        self.conditions.changed.set()
        self.conditions.changed = asyncio.Event()

    async def end(self) -> None:
        """Close after everything pushed and wait for it."""
        self.stream.finish()
        async with asyncio.timeout(10):
            await self.closed.wait()
            await asyncio.gather(*self.tasks)

    @property
    def data(self) -> bytes:
        """All that was delivered."""
        return b"".join(data for _, data in self.delivered)


async def test_without_conditions_no_task_runs() -> None:
    trace = Trace(Conditions())
    trace.stream.push(b"one")
    assert trace.data == b"one"
    await trace.end()
    assert trace.tasks == []


async def test_packets_in_flight_cost_the_latency_once() -> None:
    trace = Trace(Conditions(latency=0.1))
    for number in range(50):
        trace.stream.push(bytes([number]))
    assert trace.stream.pending == 50
    await trace.end()
    assert trace.data == bytes(range(50))
    assert trace.delivered[0][0] >= 0.1
    assert trace.delivered[-1][0] < 0.2
    assert trace.stream.pending == 0


async def test_latency_is_added_to_the_time_of_the_bandwidth() -> None:
    trace = Trace(Conditions(latency=0.05, bandwidth=1_000_000))
    for _ in range(4):
        trace.stream.push(bytes(50_000))
    await trace.end()
    assert len(trace.data) == 200_000
    assert 0.25 <= trace.delivered[-1][0] < 0.6
    assert trace.delivered[0][0] < 0.15  # it trickles, rather than coming at once at the end


async def test_a_stall_loses_nothing() -> None:
    trace = Trace(Conditions(stalled=True))
    trace.stream.push(b"one")
    trace.stream.push(b"two")
    await asyncio.sleep(0)
    assert trace.delivered == []
    trace.change(stalled=False)
    await trace.end()
    assert trace.data == b"onetwo"


async def test_a_change_applies_to_bytes_in_flight() -> None:
    trace = Trace(Conditions(latency=1000.0))
    trace.stream.push(b"one")
    await asyncio.sleep(0)
    trace.change(latency=0.0)
    await trace.end()
    assert trace.data == b"one"


async def test_a_half_open_stream_never_delivers_again() -> None:
    trace = Trace(Conditions(half_open=True))
    trace.stream.push(b"one")
    trace.change(half_open=False)
    trace.stream.push(b"two")
    assert trace.delivered == []


async def test_concurrent_calls_cost_the_latency_once(emulator: Emulator, client: RawClient) -> None:
    await client.init()
    loop = asyncio.get_running_loop()
    with emulator.faults.latency(0.1, dc=HOME):
        began = loop.time()
        for _ in range(20):
            await client.send(PING, content=False)
        for _ in range(20):
            await client.expect(raw.types.Pong)
        assert 0.2 <= loop.time() - began < 1.0


async def test_a_stalled_connection_continues(emulator: Emulator, client: RawClient) -> None:
    with emulator.faults.stall(dc=HOME):
        await client.send(PING, content=False)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.receive()
    await client.expect(raw.types.Pong)


async def test_a_new_connection_replaces_a_half_open_one(emulator: Emulator, client: RawClient) -> None:
    with emulator.faults.half_open(dc=HOME):
        await client.send(PING, content=False)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.receive()
    async with await again(emulator, client, same_session=True) as back:
        await back.send(PING, content=False)
        await back.expect(raw.types.Pong)


async def test_more_calls_than_may_be_in_flight_are_all_answered(emulator: Emulator, client: RawClient) -> None:
    await client.init()
    slow = Slow(True)
    with handling(NEAREST, slow, login=False):
        for _ in range(MAX_CALLS + 20):
            await client.send(NEAREST())
        async with await again(emulator, client, same_session=False) as other:  # time for all of it to arrive
            for _ in range(3):
                await other.send(PING, content=False)
                await other.expect(raw.types.Pong)
        slow.go.set()
        for _ in range(MAX_CALLS + 20):
            await client.expect(raw.types.RpcResult)
    assert slow.calls == MAX_CALLS + 20


async def test_answering_pauses_while_the_client_does_not_read(emulator: Emulator, client: RawClient) -> None:
    await client.init()
    chunk = bytes(1024 * 1024)
    calls = 0

    async def large(*_: object) -> bytes:
        nonlocal calls
        calls += 1
        return b"".join((raw.types.upload.WebFile.ID.to_bytes(4, "little"), chunk))

    with handling(NEAREST, large, login=False):
        for _ in range(40):
            await client.send(NEAREST())
        async with await again(emulator, client, same_session=False) as other:
            for _ in range(20):
                await other.send(PING, content=False)
                await other.expect(raw.types.Pong)
        assert calls < 30
        for _ in range(40):
            while len(await client.packet()) < len(chunk):
                pass
    assert calls == 40
