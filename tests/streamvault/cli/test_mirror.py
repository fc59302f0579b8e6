"""`streamvault mirror`: through a running server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from streamvault.cli.main import main
from streamvault.leech.mirror.model import State
from streamvault.settings import Settings
from tests.support.files import CHANNEL
from tests.support.ports import free_port
from tests.support.serving import SECRET, Bench, serving
from tests.support.waiting import until

SOURCE, TARGET = str(CHANNEL), str(CHANNEL - 1)
Run = Callable[..., Awaitable[tuple[int, str, str]]]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench(public_access=False)
    async with serving(bench):
        yield bench


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bench: Bench) -> Run:
    """Runs a command against the server; its exit code, output, and what it says of errors."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SECRET_KEY", SECRET.decode())

    async def run(*arguments: str, port: int | None = None) -> tuple[int, str, str]:
        code = await asyncio.to_thread(main, ["mirror", *arguments, "--port", str(port or bench.address[1])])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


async def test_mirrors_are_made_listed_and_removed(run: Run, bench: Bench) -> None:
    code, out, err = await run(SOURCE, TARGET, "--deletions")
    assert (code, err) == (0, "")
    id = out.split()[0]
    assert f"Channel {SOURCE} -> Channel {TARGET}" in out
    assert bench.stored_mirrors.stored[id].deletions
    stored = bench.stored_mirrors.stored
    stored[id] = replace(stored[id], state=State.ASKING, asked=30, reason="Say", place=3, top=9, left_out={"quiz": 2})
    code, out, _ = await run("list")
    assert code == 0
    assert all(text in out for text in (id, "asking", "6 behind", "Say", "left out: 2 x quiz"))
    assert (await run("keep", id))[0] == 0
    assert stored[id].state is State.COPYING
    assert (await run("remove", id))[:2] == (0, f"{id} is removed; its copies stay\n")
    assert stored == {}


async def test_once_is_followed_to_its_end(run: Run, bench: Bench) -> None:
    for state, expected in ((State.DONE, 0), (State.FAILED, 1)):

        async def end(state: State = state) -> None:
            await until(lambda: bench.stored_mirrors.stored)
            for id, one in bench.stored_mirrors.stored.items():
                bench.stored_mirrors.stored[id] = replace(one, state=state, copied=7)

        task = asyncio.create_task(end())
        code, out, _ = await run(SOURCE, TARGET, "--once")
        await task
        assert (code, "7 copied" in out, state in out) == (expected, True, True)
        bench.stored_mirrors.stored.clear()


async def test_what_is_wrong_is_said(run: Run) -> None:
    id = "0" * 16
    table = (
        ((SOURCE,), 2, "name SOURCE and TARGET"),
        ((SOURCE, SOURCE), 2, "same channel"),
        ((SOURCE, "-1009999999999"), 2, "no channel"),
        (("x", TARGET), 2, "no chat"),
        (("remove", "5"), 2, "16 hexadecimal"),
        (("remove", id), 2, "no such mirror"),
        (("delete", id), 2, "no such mirror"),
    )
    for words, expected, text in table:
        code, _, err = await run(*words)
        assert (code, text in err) == (expected, True), (words, err)
    code, _, err = await run("list", port=free_port())
    assert (code, "start it with `streamvault serve`" in err) == (1, True)
