"""`streamvault index` and a running server: StreamVault's or another program's, ready or not, reachable or lost."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from streamvault.access.links import LinkSigner
from streamvault.cli import server_api
from streamvault.cli.index import RECONNECT_TIMEOUT, find_server, walk_on_server
from streamvault.cli.options import chat_of
from streamvault.cli.server_api import NotStreamVault, Server, servers
from streamvault.errors import ConfigError, SourceBusy, SourceUnavailable
from streamvault.indexing.backfill import Backfill
from streamvault.indexing.chats import OurChats
from streamvault.indexing.progress import Progress
from streamvault.indexing.walks import Walks
from streamvault.settings import Settings
from tests.support.files import CHANNEL
from tests.support.http_client import request
from tests.support.ports import free_port
from tests.support.serving import Bench, serving, settings
from tests.support.sources import HastyClock
from tests.support.walks import Rows, ScriptedHistory, channel

LINKS = LinkSigner(b"a secret of 16 at least")


class RecordingDisplay:
    """A Display that keeps what it is given."""

    def __init__(self) -> None:
        self.shown: list[Progress] = []
        self.said: list[str] = []

    def show(self, progress: Progress) -> None:
        self.shown.append(progress)

    def say(self, text: str) -> None:
        self.said.append(text)


@asynccontextmanager
async def open_server(**changes: object) -> AsyncIterator[tuple[Bench, Server, ScriptedHistory]]:
    """A served application with walks, and a client of it, which blocks and so runs in a thread."""
    bench, history, rows, clock = Bench(**changes), ScriptedHistory(channel(250)), Rows(), HastyClock()
    walks = Walks(
        Backfill(rows.catalog, history, clock=clock), history, catalog=rows.catalog, chats=OurChats(rows.catalog),
        clock=clock,
    )  # fmt: skip
    bench.walks = walks
    working = asyncio.create_task(walks.run())
    try:
        async with serving(bench):
            base = "http://{}:{}".format(*bench.address)
            yield bench, Server(base, links=bench.links), history
            bench.events.end()
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@pytest.mark.parametrize("public", [True, False])
async def test_a_walk_on_the_server_is_followed_to_its_end(public: bool) -> None:
    async with open_server(public_access=public) as (_, server, _):
        display = RecordingDisplay()
        await asyncio.to_thread(server.check_ready)
        assert await asyncio.to_thread(walk_on_server, server, CHANNEL, display, again=False)
    assert display.shown[-1].state == "finished"
    assert display.shown[-1].done == 250


async def test_a_failed_walk_is_reported() -> None:
    async with open_server() as (bench, server, history):
        history.there = {}
        assert bench.walks is not None
        await bench.walks.start(CHANNEL)
        history.chat = type(history.chat)(CHANNEL - 9, "Other")
        history.there = channel(10)
        display = RecordingDisplay()
        assert not await asyncio.to_thread(walk_on_server, server, CHANNEL, display, again=True)
    assert display.shown[-1].state == "failed"


async def test_an_unknown_chat_is_a_config_error() -> None:
    async with open_server() as (_, server, _):
        for chat in (CHANNEL - 1, "@strangers"):
            with pytest.raises(ConfigError, match="cannot be indexed"):
                await asyncio.to_thread(server.start_walk, chat, again=False)


async def test_a_refused_token_is_a_config_error() -> None:
    async with open_server(public_access=False) as (_, server, _):
        other = Server(server.base, links=LinkSigner(b"another secret of 16"))
        with pytest.raises(ConfigError, match="SECRET_KEY"):
            await asyncio.to_thread(other.check_ready)


async def test_a_server_that_is_not_ready_raises_source_busy() -> None:
    async with open_server() as (bench, server, _):
        bench.readiness.waiting("flood", None)
        with pytest.raises(SourceBusy):
            await asyncio.to_thread(server.check_ready)


ALIVE = b'{"status": "alive"}'
PRETENDED = b'{"status": "alive", "proof": "0000"}'


def answered(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize("answer", [b"", answered(b"{}"), answered(ALIVE), answered(PRETENDED), b"SSH-2.0-OpenSSH\r\n"])
async def test_another_program_at_the_address_is_recognised_and_gets_no_token(answer: bytes) -> None:
    received = b""

    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        received += await reader.read(65536)
        writer.write(answer)
        writer.close()

    listener = await asyncio.start_server(other, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        server = Server(f"http://127.0.0.1:{port}/sub", links=LINKS)
        with pytest.raises((NotStreamVault, ConfigError)):
            await asyncio.to_thread(server.check_ready)
    assert received.startswith(b"GET /sub/healthz?challenge=")
    assert b"uthorization" not in received
    assert received.count(b"GET ") == 1


async def test_the_token_opens_nothing_but_the_index_routes() -> None:
    async with open_server(public_access=False) as (bench, server, _):
        await asyncio.to_thread(server.check_ready)
        headers = server._headers()
        for path, status in (("/api/index", 200), ("/api/catalog", 403), ("/metrics", 403), ("/docs", 403)):
            assert (await request(bench.address, path, headers=headers)).status == status
        proof = json.loads((await request(bench.address, f"/healthz?challenge={'0' * 32}")).body)
        assert proof == {"status": "alive", "proof": bench.links.prove("0" * 32)}
        for challenge in ("", "0" * 31, "x" * 32, "0" * 64):
            reply = await request(bench.address, f"/healthz?challenge={challenge}")
            assert json.loads(reply.body) == {"status": "alive"}


def test_a_closed_port_is_no_server() -> None:
    with pytest.raises(NotStreamVault):
        Server(f"http://127.0.0.1:{free_port()}", links=LINKS).check_ready()


@pytest.fixture
def data(tmp_path: Path) -> Settings:
    """Settings whose secret key is made in a temporary folder."""
    return settings(
        data_dir=tmp_path / "data", secret_key=None, host="0.0.0.0", port=free_port(), public_url="http://tv.invalid",
        session_store="file",
    )  # fmt: skip


def test_servers_are_looked_for_at_host_and_port_then_at_public_url(data: Settings) -> None:
    assert [server.base for server in servers(data)] == [f"http://127.0.0.1:{data.port}", "http://tv.invalid"]
    assert find_server(data, RecordingDisplay(), sleep=_no_sleep) is None


class ScriptedServer(Server):
    """A server whose answers are given beforehand, one per call."""

    def __init__(self, *steps: Exception | list[Progress]) -> None:
        super().__init__("http://tv.invalid", links=LINKS)
        self.steps = list(steps)
        self.started: list[bool] = []

    def check_ready(self) -> None:
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step

    def start_walk(self, chat: int | str, *, again: bool) -> Progress:
        self.started.append(again)
        if isinstance(self.steps[0], Exception):
            raise self.steps.pop(0)  # type: ignore[misc]
        return _walk("queued")

    def events(self) -> Iterator[Progress]:
        step = self.steps.pop(0)
        assert isinstance(step, list)
        yield from step
        if not step[-1].over:
            raise SourceUnavailable("the connection broke")


def test_a_restart_is_waited_out_and_again_is_sent_only_until_accepted() -> None:
    other = Progress(-5, 1, 1, 1, None, "finished")
    server = ScriptedServer(
        SourceBusy(3),
        [other, _walk("walking")],
        NotStreamVault("gone"),
        SourceBusy(3),
        [_walk("walking"), _walk("finished")],
    )
    display = RecordingDisplay()
    assert walk_on_server(server, -100, display, again=True, sleep=_no_sleep, clock=lambda: 0.0)
    assert server.started == [True, True, False, False, False]
    assert [one.state for one in display.shown] == ["walking", "walking", "finished"]


def test_a_server_that_stays_unreachable_ends_the_command() -> None:
    now = iter(range(0, 1000, 25))
    server = ScriptedServer([_walk("walking")], *[NotStreamVault("gone")] * 9)
    with pytest.raises(SourceUnavailable, match="run the command again"):
        walk_on_server(server, -100, RecordingDisplay(), again=False, sleep=_no_sleep, clock=lambda: next(now))
    assert 2 <= len(server.started) <= RECONNECT_TIMEOUT // 25 + 2


@pytest.mark.parametrize(
    ("text", "chat"), [("-1001500000001", -1001500000001), ("@films", "@films"), ("Films_1", "@Films_1")]
)
def test_a_chat_is_a_number_or_a_username(text: str, chat: int | str) -> None:
    assert chat_of(text) == chat


@pytest.mark.parametrize(
    "text", ["", "12", "-", "@", "@1films", "https://t.me/films", "-" + "9" * 19, "@films\n", "ab"]
)
def test_other_texts_are_no_chat(text: str) -> None:
    with pytest.raises(ConfigError, match="is no chat"):
        chat_of(text)


def test_a_body_that_is_no_json_object_counts_as_empty() -> None:
    assert server_api._object(b"[1]") == server_api._object(b"<html>") == {}
    with contextlib.suppress(KeyError):
        server_api._progress({})
        pytest.fail("a progress without fields")


def _walk(state: str) -> Progress:
    return Progress(-100, 5, 10, 1, None, state)  # type: ignore[arg-type]


def _no_sleep(_: float) -> None:
    """Do not wait."""
