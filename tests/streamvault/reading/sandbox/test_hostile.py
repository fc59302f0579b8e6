"""Forks that a file has taken over: each ends within its bounds, and leaves no process behind."""

import asyncio
import os
import signal
import sys
from typing import Any

import pytest

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.reading.sandbox.model import Job, JobFailed
from streamvault.reading.sandbox.protocol import LARGEST_REASON, PIECE
from tests.support.jobs import ask, header
from tests.support.proof import full
from tests.support.sandboxed import ROOT, Cells, alive, job, sandbox
from tests.support.waiting import until

SIZE = 64 << 20


def says(text: str, **how: Any) -> Job:
    return job("say", arguments={"hex": text}, size=SIZE, **how)


BAD = {
    "a crash": (job("crash"), "Segmentation fault"),
    "an exit": (job("crash_at_once"), "exit code 7"),
    "a closed socket": (job("close_socket"), "ended early"),
    "noise": (says(bytes(range(200, 256)).hex()), "invalid message"),
    "an unknown kind": (says(header(b"X", 0, 1)), "invalid message"),
    "an empty piece": (says(header(b"D", 0, 0)), "invalid message"),
    "too large a piece": (says(header(b"D", 0, PIECE + 1)), "invalid message"),
    "too large a reason": (says(header(b"F", 0, LARGEST_REASON + 1)), "invalid message"),
    "too large an answer": (says(header(b"A", 0, 0xFFFFFFFF)), "more than 1048576 bytes"),
    "an answer that is no JSON": (says(header(b"A", 0, 2) + b"{]".hex()), "no JSON object"),
    "an answer that is nested": (says(header(b"A", 0, 200_000) + b"[".hex() * 200_000), "no JSON object"),
    "an answer that is a list": (job("answer_no_object"), "no JSON object"),
    "an answer of a MiB": (job("answer_too_much", arguments={"bytes": 1 << 20}), "more than 1048576 bytes"),
    "a request for nothing": (says(ask(0, 0)), "invalid message"),
    "a request for a lot": (says(ask(0, PER_WINDOW + 1)), "invalid message"),
    "a request beyond the end": (says(ask(SIZE // CELL, 1)), "more of the file"),
    "a request across the end": (says(ask(SIZE // CELL - 1, 2)), "more of the file"),
    "a request far beyond the end": (says(ask((1 << 64) - 1, 1)), "more of the file"),
    "requests beyond the bound": (says(ask(0, 8), read=7 * CELL), "more of the file"),
    "output without end": (job("write_without_end", result=3 << 20), "more than 3145728 bytes"),
    "too much memory": (job("hoard", arguments={"bytes": 1 << 30}), "MemoryError"),
    "a file written": (job("write_file"), "OSError"),
    "half a message": (says(header(b"D", 0, 10)[:8], wall=0.3), "more than 0.3 s"),
    "answers not taken": (job("never_take", wall=0.3), "more than 0.3 s"),
    "a fork deaf to signals": (job("hang", wall=0.3), "more than 0.3 s"),
    "a computation without end": (job("burn", cpu=1, wall=60, nice=0), "CPU time"),
}

if full():
    BAD["one deaf to its limit"] = job("burn_deaf", cpu=1, wall=60, nice=0), "Killed"


@pytest.mark.parametrize(("what", "told"), BAD.values(), ids=BAD)
async def test_a_bad_fork_ends_and_is_told(what: Job, told: str) -> None:
    async with sandbox() as jobs:
        with pytest.raises(JobFailed, match=told) as caught:
            await jobs.run(what, Cells(SIZE))
        assert not caught.value.killed
        assert jobs.running == 0


async def test_reading_without_end_is_stopped_at_the_bound() -> None:
    cells = Cells(SIZE)
    async with sandbox() as jobs:
        with pytest.raises(JobFailed, match="more of the file"):
            await jobs.run(job("read_without_end", size=SIZE, read=50 * CELL), cells)
    assert len(cells.cells) == 50


@pytest.mark.parametrize("stay", [False, True], ids=["leaves", "stays"])
async def test_processes_that_a_job_starts_end_with_it(stay: bool) -> None:
    async with sandbox() as jobs:
        async with jobs.stream(job("spread", arguments={"stay": stay}), Cells()) as pieces:
            pids = [int(pid) for pid in (await anext(pieces)).split()]
            if not stay:
                assert [piece async for piece in pieces] == []
        assert [pid for pid in pids if alive(pid)] == []
        assert len(pids) == 2


SERVER = """
import asyncio
from tests.support.sandboxed import ROOT, Cells, job, sandbox

async def main():
    async with sandbox() as jobs, jobs.stream(job("spread", arguments={"stay": True}), Cells()) as pieces:
        print(jobs.origin, *(await anext(pieces)).decode().split(), flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_all_processes_end_with_a_server_that_is_killed() -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVER, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert server.stdout is not None
    pids = [int(word) for word in (await server.stdout.readline()).split()]
    assert len(pids) == 3
    assert all(alive(pid) for pid in pids)
    server.kill()
    await server.wait()
    await until(lambda: not any(alive(pid) for pid in pids))


async def test_forks_end_with_their_origin_and_signals_to_a_service_do_not_end_it() -> None:
    async with sandbox() as jobs:
        async with jobs.stream(job("burn"), Cells()) as pieces:
            assert await anext(pieces) == b"begun"
            assert jobs.origin is not None
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                os.kill(jobs.origin, number)
            await jobs.run(job("copy", size=1), Cells(1))
            [fork] = [fork.pid for fork in jobs._origin.forks.values()] if jobs._origin is not None else []
            os.kill(jobs.origin, signal.SIGKILL)
        assert fork is not None
        await until(lambda: not alive(fork))
