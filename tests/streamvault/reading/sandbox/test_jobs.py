"""Jobs in forks of a warm process: results, errors, ends, and what a fork has of its server."""

import asyncio
import os
import signal
import socket
import sys

import pytest

from streamvault.errors import FileGone, SourceUnavailable
from streamvault.media.cells import CELL
from streamvault.reading.sandbox import process
from streamvault.reading.sandbox.again import run_again
from streamvault.reading.sandbox.jobs import BUFFER, Sandbox
from streamvault.reading.sandbox.model import Job, JobFailed
from streamvault.reading.sandbox.protocol import LARGEST_JOB, PIECE
from tests.support.sandboxed import Cells, alive, job, sandbox
from tests.support.sources import pattern
from tests.support.waiting import until


async def test_a_job_gets_its_file_arguments_and_blobs_and_sends_bytes_and_an_answer() -> None:
    size = 5 * CELL + 77
    async with sandbox() as jobs:
        what = job("copy", size=size, arguments={"track": 2, "name": "é"}, blobs=(b"", b"head"))
        result = await jobs.run(what, Cells(size))
        assert result.data == pattern(0, size)
        assert result.answer == {
            "sent": size, "arguments": {"track": 2, "name": "é"}, "blobs": ["", b"head".hex()],
        }  # fmt: skip
        assert jobs.running == 0


async def test_jobs_run_at_once_in_processes_of_their_own_and_the_origin_is_started_once() -> None:
    async with sandbox() as jobs:
        before = jobs.origin
        results = await asyncio.gather(*(jobs.run(job("describe"), Cells()) for _ in range(8)))
        origin = jobs.origin
        pids = {result.answer["pid"] for result in results}
        assert len(pids | {origin, os.getpid()}) == 10
        await jobs.run(job("describe"), Cells())
        assert before is None
        assert jobs.origin == origin
    assert origin is not None
    assert not alive(origin)
    assert not any(alive(pid) for pid in pids)


async def test_an_origin_that_is_started_before_is_that_of_the_first_job() -> None:
    async with sandbox() as jobs:
        await jobs.start()
        origin = jobs.origin
        await jobs.run(job("describe"), Cells())
        assert origin is not None
        assert jobs.origin == origin
    assert not alive(origin)


async def test_an_origin_that_does_not_start_is_told_of_by_the_first_job(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    async with sandbox() as jobs:
        await jobs.start()
        assert "media files cannot be looked into" in caplog.text
        with pytest.raises(SourceUnavailable):
            await jobs.run(job("describe"), Cells())


async def test_a_fork_has_limits_and_nothing_of_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "1:secret")
    ours, theirs = socket.socketpair()
    inherited = os.dup(ours.fileno())
    os.set_inheritable(inherited, True)
    try:
        async with sandbox() as jobs:
            holding = asyncio.create_task(jobs.run(job("hang"), Cells()))
            await until(lambda: jobs.running)
            what = (await jobs.run(job("describe", memory=300 << 20, cpu=5, nice=7), Cells())).answer
            holding.cancel()
            await asyncio.wait([holding])
    finally:
        os.close(inherited)
        ours.close()
        theirs.close()
    names = dict(what["files"])
    assert {name for number, name in names.items() if number < 3} == {os.devnull}
    assert [number for number in names if number >= 3] == [3]
    assert names[3].startswith("socket:")
    assert set(what["environment"]) <= {"LC_CTYPE"}
    assert what["folder"] == "/"
    space, *others = what["limits"]
    assert 300 << 20 <= space <= what["address space"] + (300 << 20)
    assert others == [5, 0, 0, 32]
    assert what["nice"] - os.nice(0) == 7
    assert what["group"] == what["pid"]
    assert what["session"] == os.getsid(0)  # niceness counts within a session


async def test_the_pieces_of_a_result_come_while_it_is_made_and_wait_for_their_reader() -> None:
    size, cells = 40 * CELL, Cells(40 * CELL)
    async with sandbox() as jobs, jobs.stream(job("copy", size=size, result=8 << 20), cells) as pieces:
        taken = await anext(pieces)
        assert pieces.answer == {}
        assert len(cells.cells) * CELL < size  # it waits: it has been asked for no more than fits into the buffers
        assert len(cells.cells) * CELL <= 2 * BUFFER + 2 * PIECE + (1 << 20) + (1 << 20)
        async for piece in pieces:
            taken += piece
        assert taken == pattern(0, size)
        assert pieces.answer["sent"] == size


async def test_leaving_a_stream_ends_the_job() -> None:
    async with sandbox() as jobs:
        async with jobs.stream(job("spread", arguments={"stay": True}), Cells()) as pieces:
            pids = [int(pid) for pid in (await anext(pieces)).split()]
            assert all(alive(pid) for pid in pids)
            assert jobs.running == 1
        assert jobs.running == 0
        await until(lambda: not any(alive(pid) for pid in pids))


async def test_an_exception_of_the_function_is_told_in_bounds() -> None:
    async with sandbox() as jobs:
        with pytest.raises(JobFailed, match="ValueError: no such track") as caught:
            await jobs.run(job("fail", arguments={"text": "no such track"}), Cells())
        assert (caught.value.has_read, caught.value.killed) == (True, False)
        with pytest.raises(JobFailed) as caught:
            await jobs.run(job("fail", arguments={"text": "é\ud800" * 5000}), Cells())
        assert 500 < len(caught.value.reason) <= 2000
        with pytest.raises(JobFailed, match="SystemExit: 3"):
            await jobs.run(job("leave"), Cells())
        with pytest.raises(JobFailed, match="ModuleNotFoundError") as caught:
            await jobs.run(Job("no.such.module:function", 1), Cells())
        assert not caught.value.has_read


@pytest.mark.parametrize("error", [FileGone("deleted"), SourceUnavailable("lost"), OSError("disk")], ids=repr)
async def test_what_reading_raises_is_raised(error: Exception) -> None:
    cells = Cells()
    cells.error = error
    async with sandbox() as jobs:
        with pytest.raises(type(error), match=str(error)):
            await jobs.run(job("copy"), cells)
        assert jobs.running == 0


async def test_bytes_that_do_not_come_have_a_time_limit_of_their_own() -> None:
    async def never(cells: range) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError("an event that nobody sets was set")

    async with sandbox() as jobs:
        with pytest.raises(SourceUnavailable, match="too long"):
            await jobs.run(job("copy", source=0.1), never)
        assert jobs.running == 0


async def test_cancelling_ends_the_job() -> None:
    async with sandbox() as jobs:
        running = asyncio.create_task(jobs.run(job("hang"), Cells()))
        pid = await until(lambda: pid_of(jobs))
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled()
        assert not alive(pid)
        assert jobs.running == 0


async def test_a_job_that_is_killed_from_outside_can_be_run_again() -> None:
    async with sandbox() as jobs:
        async with jobs.stream(job("hang"), Cells()) as pieces:
            assert await anext(pieces) == b"begun"
            os.kill(pid_of(jobs), signal.SIGKILL)
            with pytest.raises(JobFailed, match="Killed") as caught:
                await anext(pieces)
        assert caught.value.killed
        assert (await jobs.run(job("copy", size=10), Cells(10))).data == pattern(0, 10)


async def test_an_origin_that_is_killed_takes_its_jobs_along_and_is_started_again() -> None:
    async with sandbox() as jobs:
        async with jobs.stream(job("hang"), Cells()) as pieces:
            assert await anext(pieces) == b"begun"
            fork, origin = pid_of(jobs), jobs.origin
            assert origin is not None
            os.kill(origin, signal.SIGKILL)
            with pytest.raises(JobFailed) as caught:
                await anext(pieces)
            assert caught.value.killed
        await until(lambda: not alive(fork))
        assert (await jobs.run(job("copy", size=10), Cells(10))).data == pattern(0, 10)
        assert jobs.origin not in (None, origin)


def kill_unnoticed(pid: int) -> None:
    """Kill a child process; it has ended when this returns, and the event loop has seen nothing of it."""
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


@pytest.mark.parametrize("heard", [False, True])
async def test_an_origin_that_was_killed_before_a_job_is_as_one_that_is_killed_in_it(heard: bool) -> None:
    """Whether or not the server has noticed its end by the time it orders the fork."""
    async with sandbox() as jobs:
        await jobs.start()
        killed = jobs._origin
        assert killed is not None
        kill_unnoticed(killed.pid)
        if heard:
            await until(lambda: not killed.alive)
        with socket.socket() as theirs:
            fork = killed.fork(theirs)
        assert (await killed.end(fork)).code is None
        assert not killed.forks
        assert jobs.origin is None


async def test_a_job_is_run_again_where_the_origin_was_killed_before_it() -> None:
    async with sandbox() as jobs:
        await jobs.start()
        killed = jobs.origin
        assert killed is not None
        kill_unnoticed(killed)
        assert (await run_again(jobs.run, job("copy", size=10), Cells(10))).data == pattern(0, 10)
        assert jobs.origin not in (None, killed)


async def test_an_origin_that_does_not_report_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "EXIT_TIMEOUT", 0.1)
    async with sandbox() as jobs:
        async with jobs.stream(job("hang"), Cells()) as pieces:
            await anext(pieces)
            origin, fork = jobs.origin, pid_of(jobs)
            assert origin is not None
            os.kill(origin, signal.SIGSTOP)
        await until(lambda: not alive(origin) and not alive(fork))
        assert (await jobs.run(job("copy", size=10), Cells(10))).data == pattern(0, 10)


async def test_modules_that_are_not_installed_are_left_out() -> None:
    async with sandbox("no_such_library", "no.such.module") as jobs:
        assert (await jobs.run(job("copy", size=10), Cells(10))).data == pattern(0, 10)


async def test_a_python_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with sandbox() as jobs:
        for program, told in (("/nonexistent/python", "can be started"), ("/bin/false", "ended at its start")):
            monkeypatch.setattr(sys, "executable", program)
            with pytest.raises(SourceUnavailable, match=told):
                await jobs.run(job("copy"), Cells())
        monkeypatch.undo()
        assert (await jobs.run(job("copy", size=10), Cells(10))).data == pattern(0, 10)


async def test_a_closed_sandbox_runs_nothing() -> None:
    async with Sandbox() as jobs:
        pass
    with pytest.raises(SourceUnavailable, match="closing"):
        await jobs.run(job("copy"), Cells())


async def test_closing_ends_jobs() -> None:
    async with sandbox() as jobs:
        running = asyncio.create_task(jobs.run(job("hang"), Cells()))
        pid = await until(lambda: pid_of(jobs))
    with pytest.raises(JobFailed):
        await running
    assert not alive(pid)


async def test_a_job_that_is_too_large_is_not_sent() -> None:
    async with sandbox() as jobs:
        with pytest.raises(ValueError, match="at most"):
            await jobs.run(job("copy", blobs=(bytes(LARGEST_JOB),)), Cells())
        assert jobs.running == 0


def pid_of(jobs: Sandbox) -> int:
    """The process id of the only job's fork, 0 before it is known."""
    forks = list(jobs._origin.forks.values()) if jobs._origin is not None else []
    return next((fork.pid or 0 for fork in forks), 0)


async def test_an_origin_without_jobs_ends_after_a_while_and_the_next_job_starts_another() -> None:
    async with sandbox(idle=0.0) as jobs:
        async with jobs.stream(job("describe"), Cells()) as pieces:
            first = jobs.origin
            assert [piece async for piece in pieces] == []
        await until(lambda: jobs.origin is None, timeout=20, pause=0.01)
        await until(lambda: first is not None and not alive(first), timeout=20, pause=0.01)
        assert (await jobs.run(job("describe"), Cells())).answer["pid"] != first


async def test_an_origin_is_kept_for_longer_after_a_job_that_somebody_waited_for() -> None:
    async with sandbox(idle=0.0, idle_watched=3600.0) as jobs:
        await jobs.run(job("describe", nice=0), Cells())
        origin = jobs.origin
        await jobs.run(job("describe"), Cells())
        await jobs.run(job("describe"), Cells())
        assert jobs.origin == origin is not None


async def test_a_warm_origin_is_that_of_the_next_job_and_is_started_once() -> None:
    async with sandbox() as jobs:
        for _ in range(3):
            jobs.warm()
        await until(lambda: jobs.origin is not None, timeout=20, pause=0.01)
        origin = jobs.origin
        jobs.warm()
        await jobs.run(job("describe"), Cells())
        assert jobs.origin == origin


async def test_an_origin_is_kept_while_a_job_runs() -> None:
    async with sandbox(idle=0.0) as jobs:
        async with jobs.stream(job("describe"), Cells()) as running:
            for _ in range(3):
                await jobs.run(job("describe"), Cells())
            origin = jobs.origin
            assert [piece async for piece in running] == []
            assert jobs.origin == origin is not None
        await until(lambda: jobs.origin is None, timeout=20, pause=0.01)
