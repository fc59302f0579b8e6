"""A running server as the command line sees it: ours or somebody else's, ready or not, there or gone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from streamvault.cli import server_api
from streamvault.cli.index import AWAY, chat_of, find_server, servers, walk_there
from streamvault.cli.server_api import NotOurs, Server
from streamvault.errors import ConfigError, SourceBusy, SourceUnavailable
from streamvault.indexing.backfill import Backfill
from streamvault.indexing.chats import OurChats
from streamvault.indexing.progress import Progress
from streamvault.indexing.walks import Walks
from streamvault.settings import Settings
from tests.support.files import CHANNEL
from tests.support.ports import free_port
from tests.support.serving import Bench, serving, settings
from tests.support.sources import HastyClock
from tests.support.walks import Rows, ScriptedHistory, channel


class Seen:
    """A screen that remembers."""

    def __init__(self) -> None:
        self.shown: list[Progress] = []
        self.said: list[str] = []

    def show(self, progress: Progress) -> None:
        self.shown.append(progress)

    def say(self, text: str) -> None:
        self.said.append(text)


@asynccontextmanager
async def open_server(**changes: object) -> AsyncIterator[tuple[Bench, Server, ScriptedHistory]]:
    """A served application with walks, and the command line's view of it; that one blocks, so it needs a thread."""
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
            yield bench, Server(base, token=lambda: bench.token(None)), history
            walks.end_followers()
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@pytest.mark.parametrize("public", [True, False])
async def test_a_server_walks_and_is_followed(public: bool) -> None:
    async with open_server(public_access=public) as (_, server, _):
        seen = Seen()
        await asyncio.to_thread(server.look)
        assert await asyncio.to_thread(walk_there, server, CHANNEL, seen, again=False)
    assert seen.shown[-1].state == "finished"
    assert seen.shown[-1].done == 250


async def test_a_walk_that_fails_is_told() -> None:
    async with open_server() as (bench, server, history):
        history.there = {}
        assert bench.walks is not None
        await bench.walks.start(CHANNEL)
        history.chat = type(history.chat)(CHANNEL - 9, "Other")
        history.there = channel(10)
        seen = Seen()
        assert not await asyncio.to_thread(walk_there, server, CHANNEL, seen, again=True)
    assert seen.shown[-1].state == "failed"


async def test_a_chat_that_is_not_there_is_a_wrong_setting() -> None:
    async with open_server() as (_, server, _):
        for chat in (CHANNEL - 1, "@strangers"):
            with pytest.raises(ConfigError, match="cannot be indexed"):
                await asyncio.to_thread(server.begin, chat, again=False)


async def test_a_token_of_another_server_is_a_wrong_setting_and_given_to_nobody_else() -> None:
    async with open_server(public_access=False) as (_, server, _):
        stranger = Server(server.base, token=lambda: "wrong")
        with pytest.raises(ConfigError, match="SECRET_KEY"):
            await asyncio.to_thread(stranger.look)


async def test_a_server_that_is_not_ready_is_waited_for() -> None:
    async with open_server() as (bench, server, _):
        bench.readiness.waiting("flood", None)
        with pytest.raises(SourceBusy):
            await asyncio.to_thread(server.look)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"SSH-2.0-OpenSSH\r\n"])
async def test_another_program_is_none_of_ours_and_gets_no_token(answer: bytes) -> None:
    heard = b""

    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard += await reader.read(65536)
        writer.write(answer)
        writer.close()

    listener = await asyncio.start_server(other, "127.0.0.1", 0)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(NotOurs):
            await asyncio.to_thread(Server(f"http://127.0.0.1:{port}/sub", token=lambda: "secret").look)
    assert heard.startswith(b"GET /sub/healthz ")
    assert b"secret" not in heard


def test_nobody_is_nobody() -> None:
    with pytest.raises(NotOurs):
        Server(f"http://127.0.0.1:{free_port()}", token=str).look()


@pytest.fixture
def data(tmp_path: Path) -> Settings:
    """Settings whose secret key is made in a folder of their own."""
    return settings(
        data_dir=tmp_path / "data", secret_key=None, host="0.0.0.0", port=free_port(), public_url="http://tv.invalid",
        session_store="file",
    )  # fmt: skip


def test_a_server_is_looked_for_near_and_far(data: Settings) -> None:
    assert [server.base for server in servers(data)] == [f"http://127.0.0.1:{data.port}", "http://tv.invalid"]
    assert find_server(data, Seen(), sleep=_no_sleep) is None


class Scripted(Server):
    """A server of which each step is written down."""

    def __init__(self, *steps: Exception | list[Progress]) -> None:
        super().__init__("http://tv.invalid", token=str)
        self.steps = list(steps)
        self.begun: list[bool] = []

    def look(self) -> None:
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step

    def begin(self, chat: int | str, *, again: bool) -> Progress:
        self.begun.append(again)
        if isinstance(self.steps[0], Exception):
            raise self.steps.pop(0)  # type: ignore[misc]
        return _walk("queued")

    def events(self) -> Iterator[Progress]:
        step = self.steps.pop(0)
        assert isinstance(step, list)
        yield from step
        if not step[-1].over:
            raise SourceUnavailable("the line broke")


def test_a_server_that_restarts_is_waited_for_and_asked_for_it_once() -> None:
    other = Progress(-5, 1, 1, 1, None, "finished")
    server = Scripted(
        SourceBusy(3), [other, _walk("walking")], NotOurs("gone"), SourceBusy(3), [_walk("walking"), _walk("finished")]
    )
    seen = Seen()
    assert walk_there(server, -100, seen, again=True, sleep=_no_sleep, clock=lambda: 0.0)
    assert server.begun == [True, True, False, False, False]
    assert [one.state for one in seen.shown] == ["walking", "walking", "finished"]


def test_a_server_that_stays_away_is_told() -> None:
    now = iter(range(0, 1000, 25))
    server = Scripted([_walk("walking")], *[NotOurs("gone")] * 9)
    with pytest.raises(SourceUnavailable, match="run the command again"):
        walk_there(server, -100, Seen(), again=False, sleep=_no_sleep, clock=lambda: next(now))
    assert 2 <= len(server.begun) <= AWAY // 25 + 2


@pytest.mark.parametrize(
    ("text", "chat"), [("-1001500000001", -1001500000001), ("@films", "@films"), ("Films_1", "@Films_1")]
)
def test_a_chat_is_a_number_or_a_username(text: str, chat: int | str) -> None:
    assert chat_of(text) == chat


@pytest.mark.parametrize(
    "text", ["", "12", "-", "@", "@1films", "https://t.me/films", "-" + "9" * 19, "@films\n", "ab"]
)
def test_anything_else_is_a_wrong_chat(text: str) -> None:
    with pytest.raises(ConfigError, match="is no chat"):
        chat_of(text)


def test_what_is_no_object_is_nothing() -> None:
    assert server_api._object(b"[1]") == server_api._object(b"<html>") == {}
    with contextlib.suppress(KeyError):
        server_api._progress({})
        pytest.fail("a progress without fields")


def _walk(state: str) -> Progress:
    return Progress(-100, 5, 10, 1, None, state)  # type: ignore[arg-type]


def _no_sleep(_: float) -> None:
    """Time is not what is tested."""
