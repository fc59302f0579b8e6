"""What becomes a protocol with a parser, and when: clients that never finish a request must cost little."""

import asyncio
import contextlib
import errno
import logging
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.http import reception
from streamvault.http.connections import ConnectionLimits, ConnectionTable
from streamvault.http.protocol import Begun
from streamvault.http.reception import MOST_PIECES, MOST_UNPARSED, Reception, is_unfinished
from tests.support.http_client import head, read_head, request
from tests.support.serving import Bench
from tests.support.waiting import until

HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def client(address: tuple[str, int]) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection(*address)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


class Table(ConnectionTable):
    """A table that remembers what had a place."""

    def __init__(self, limits: ConnectionLimits) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(limits, clock=time.monotonic, call_later=loop.call_later)
        self.added: list[Any] = []

    def add(self, connection: Any) -> None:
        self.added.append(connection)
        super().add(connection)


class Answering(asyncio.Protocol):
    """What a Reception makes: it says what it was given, and closes."""

    def __init__(self, table: Table) -> None:
        self.begun: Begun | None = None
        self._table = table

    def connection_made(self, transport: Any) -> None:
        assert self.begun is not None
        self._table.remove(self.begun.place)
        transport.write(self.begun.data)
        transport.close()


class Listener(socket.socket):
    """One that has no open file left for a while."""

    failures = 0

    def accept(self) -> Any:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


class Front:
    """A Reception on a socket, and what it made."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.table = Table(limits)
        self.limited: list[str] = []
        self.made: list[Answering] = []
        self.clients = contextlib.AsyncExitStack()
        self.listener = Listener(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.bind(("127.0.0.1", 0))
        make: Any = self.make
        self.reception = Reception(self.listener, make, table=self.table, limited=self.limited.append)

    def make(self) -> Answering:
        self.made.append(Answering(self.table))
        return self.made[-1]

    async def connect(self) -> Streams:
        """A client that is closed with the listener."""
        return await self.clients.enter_async_context(client(self.listener.getsockname()))

    async def begin(self, data: bytes) -> tuple[Any, asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection over which `data`, which is no complete head, has come."""
        before = len(self.table.added)
        reader, writer = await self.connect()
        writer.write(data)
        await until(lambda: len(self.table.added) > before)
        arrival = self.table.added[before]
        await until(lambda: len(arrival.data) == len(data))
        return arrival, reader, writer


@contextlib.asynccontextmanager
async def receiving(limits: ConnectionLimits | None = None) -> AsyncIterator[Front]:
    front = Front(limits or ConnectionLimits())
    front.reception.start()
    async with front.clients:
        try:
            yield front
        finally:
            front.reception.close()
            await front.reception.wait_closed()
            front.listener.close()


async def test_connections_that_finish_no_head_get_no_protocol_and_delay_no_other() -> None:
    async with receiving() as front:
        for _ in range(100):
            await front.begin(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        reader, writer = await front.connect()
        writer.write(HEAD)
        assert await reader.read() == HEAD
        assert len(front.made) == 1
        assert len(front.table) == 100


@pytest.mark.parametrize("body", [b"", b"a body", b"GET /next HTTP/1.1\r\n"])
async def test_a_head_that_comes_bytewise_is_parsed_once(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "PIECE_INTERVAL", 0.001)
    async with receiving() as front:
        arrival, reader, writer = await front.begin(HEAD[:1])
        for count in range(2, len(HEAD)):
            writer.write(HEAD[count - 1 : count])
            await until(lambda count=count: len(arrival.data) == count)  # type: ignore[misc]
        assert not front.made
        writer.write(HEAD[-1:] + body)
        assert await reader.read() == HEAD + body
        assert len(front.made) == 1
        assert not len(front.table)


async def test_one_that_trickles_is_read_now_and_then_and_others_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reception, "PIECE_INTERVAL", 3600.0)
    async with receiving() as front:
        arrival, _, slow = await front.begin(HEAD[:1])
        for count in range(2, MOST_PIECES + 2):
            slow.write(HEAD[count - 1 : count])
            await until(lambda count=count: arrival.pieces == count)  # type: ignore[misc]
        slow.write(HEAD[count:])
        for _ in range(3):
            reader, writer = await front.connect()
            writer.write(HEAD)
            assert await reader.read() == HEAD
        assert arrival.pieces == MOST_PIECES + 1


AT_ONCE = [
    b"\x16\x03\x01\x02\x00", b"SSH-2.0-x\r\n", b"get / HTTP/1.1\r\n", b"GET / HTTP/3.0\r\n", b"GET\r\n",
    b"*1\r\n$4\r\nPING\r\n", b"\x00" * 9000, b"G" * 33, b"/ GET HTTP/1.1\r\n",
]  # fmt: skip


@pytest.mark.parametrize("data", AT_ONCE)
async def test_what_is_no_http_is_answered_at_once(bench: Bench, data: bytes) -> None:
    async with client(bench.address) as (reader, writer):
        writer.write(data)
        assert (await asyncio.wait_for(reader.read(), 30)).startswith(b"HTTP/1.1 400 ")


async def test_pipelined_requests_that_come_with_the_first_are_answered_in_order(bench: Bench) -> None:
    one = head(bench.address, "/healthz", headers={"Connection": "keep-alive"})
    async with client(bench.address) as (reader, writer):
        writer.write(one * 20 + head(bench.address, "/nothing"))
        for status in [200] * 20 + [404]:
            reply = await asyncio.wait_for(read_head(reader), 30)
            assert reply.status == status
            await reader.readexactly(int(reply.headers["content-length"]))


async def test_a_process_without_files_closes_one_idle_connection_and_goes_on_later(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "RETRY", 0.01)
    async with receiving() as front:
        _, oldest, _ = await front.begin(b"GET")
        _, newer, _ = await front.begin(b"GET")
        front.listener.failures = 1
        with caplog.at_level(logging.WARNING):
            reader, writer = await front.connect()
            assert await oldest.read() == b""
            writer.write(HEAD)
            assert await reader.read() == HEAD
        assert len(caplog.records) == 1
        assert not newer.at_eof()


async def test_connections_without_a_request_end_with_the_server() -> None:
    async with receiving() as front:
        begun = [await front.begin(b"GET /") for _ in range(3)]
        front.reception.close()
        assert [await reader.read() for _, reader, _ in begun] == [b""] * 3
        assert not len(front.table)
        assert not front.made


async def test_a_client_that_leaves_leaves_its_place() -> None:
    async with receiving() as front:
        for leave in (asyncio.StreamWriter.close, lambda writer: writer.transport.abort()):
            _, _, writer = await front.begin(b"GET /")
            leave(writer)
            await until(lambda: not len(front.table))
        assert not front.limited


async def test_one_that_is_refused_a_place_is_closed() -> None:
    async with receiving(ConnectionLimits(total=1)) as front:
        arrival, _, _ = await front.begin(b"GET /")
        front.table.busy(arrival)
        reader, _ = await front.connect()
        assert await reader.read() == b""
        assert len(front.table) == 1


async def test_a_request_after_a_late_one_is_answered(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamvault.http.protocol.HEAD_TIMEOUT", 0.05)
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client(bench.address)) for _ in range(5)]
        for number, (_, writer) in enumerate(clients):
            writer.write(HEAD[: 10 * number])
        answers = [await asyncio.wait_for(reader.read(), 30) for reader, _ in clients]
    assert [answer[9:12] for answer in answers] == [b"", b"408", b"408", b"408", b"408"]
    assert bench.limited == ["slow_head"] * 5
    assert (await request(bench.address, "/healthz")).status == 200
    await until(lambda: not len(bench.table))


names = st.from_regex(r"[A-Za-z][A-Za-z-]{0,20}", fullmatch=True)
values = st.from_regex(r"[!-~][ -~]{0,40}", fullmatch=True)


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "DELETE", "M-SEARCH", "PROPFIND"]),
    target=st.from_regex(r"/[!-~]{0,60}", fullmatch=True),
    version=st.sampled_from(["1.0", "1.1"]),
    fields=st.lists(st.tuples(names, values), max_size=5),
)
def test_a_head_is_unfinished_up_to_its_last_byte(
    method: str, target: str, version: str, fields: list[tuple[str, str]]
) -> None:
    lines = [f"{method} {target} HTTP/{version}", *(f"{name}: {value}" for name, value in fields)]
    whole = "".join(f"{line}\r\n" for line in [*lines, ""]).encode()
    assert all(is_unfinished(bytearray(whole[:count]), count - 1) for count in range(1, len(whole)))
    assert not any(is_unfinished(bytearray(whole), before) for before in range(len(whole)))


def test_a_long_head_is_parsed_as_it_comes() -> None:
    begun = b"GET /" + b"x" * MOST_UNPARSED
    assert is_unfinished(bytearray(begun[: MOST_UNPARSED - 1]), 0)
    assert not is_unfinished(bytearray(begun[:MOST_UNPARSED]), 0)
