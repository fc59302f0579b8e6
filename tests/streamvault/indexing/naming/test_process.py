"""The child process that reads names: a name may crash or stall it, the others are read, no process is left over."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.indexing.naming.process import NameProcess, NameProcessUnavailable
from streamvault.indexing.naming.protocol import NO_FACTS, VERSION, Name
from streamvault.media.name_facts import NameFacts
from tests.support.waiting import until

PROGRAM = "tests.support.name_program"


def names(*texts: str) -> list[Name]:
    return [(text, "video") for text in texts]


def told(text: str) -> NameFacts:
    return NameFacts(VERSION, title=text)


def gone(pid: int | None) -> bool:
    """No process, and no zombie either."""
    assert pid is not None
    return not Path(f"/proc/{pid}").exists()


@pytest.fixture
async def child() -> AsyncIterator[NameProcess]:
    child = NameProcess(program=PROGRAM)
    yield child
    await child.close()


async def test_the_last_of_several_episodes_comes_back_from_the_process() -> None:
    """J"""
    child = NameProcess()
    try:
        facts = await child.read(names("Low Country S02E03-E04.mkv", "Low Country S02E03.mkv"))
    finally:
        await child.close()
    assert [(each.episode, each.last_episode) for each in facts] == [(3, 4), (3, None)]


async def test_one_process_reads_real_names_and_ends_on_close() -> None:
    child = NameProcess()
    try:
        first = await child.read([("The.Matrix.1999.1080p.mkv", "document"), ("photo-7.jpg", "photo")])
        pid = child.pid
        second = await child.read(names("Breaking Bad S01E02.mkv", "a\nb\ud800" * 5000, ""))
        assert child.pid == pid
    finally:
        await child.close()
    assert [facts.work for facts in [*first, *second]] == ["f:the-matrix-1999", "", "s:breaking-bad", "", ""]
    assert gone(pid)
    assert child.pid is None


@pytest.mark.parametrize("bad", ["bomb", "crash", "leave", "flood"])
async def test_a_name_that_ends_the_process_has_no_facts_and_the_others_are_read(child: NameProcess, bad: str) -> None:
    assert await child.read(names("before")) == [told("before")]
    pid = child.pid
    assert await child.read(names("one", bad, "two", bad)) == [told("one"), NO_FACTS, told("two"), NO_FACTS]
    assert gone(pid)
    assert await child.read(names("after")) == [told("after")]


async def test_a_name_beyond_the_processor_time_limit_is_given_up() -> None:
    child = NameProcess(program="tests.support.impatient_program")
    bomb = (
        "x7 x [41SE8(806a770S[3.E58baa5)6 ).E)042698 E6_  a94([[[5[1__xa_9E_)54056] a26E44(006x(8_bx2-83)b(83.[4."
        "E83]6S8-7ES52-b-1b_xS74[4xSa[7111E591(([(bb1-73[). a(2143_8-b4x7-_2b65 _6(b4.5Sb9731Eb]0724.]]87S]27SS3..-."
        "E(0xx(]_0))(3_9-E[6803a0E16S3.mkv"
    )
    try:
        facts = await child.read(names("The.Matrix.1999.mkv", bomb, "Breaking.Bad.S01E02.mkv"))
    finally:
        await child.close()
    assert [each.work for each in facts] == ["f:the-matrix-1999", "", "s:breaking-bad"]


async def test_the_process_ignores_sigint(child: NameProcess) -> None:
    await child.read(names("one"))
    pid = child.pid
    assert pid is not None
    os.kill(pid, signal.SIGINT)
    assert await child.read(names("two")) == [told("two")]
    assert child.pid == pid


async def test_a_name_without_an_answer_in_time_has_no_facts() -> None:
    child = NameProcess(program=PROGRAM, answer_timeout=0.3)
    try:
        assert await child.read(names("sleep", "one")) == [NO_FACTS, told("one")]
    finally:
        await child.close()


async def test_a_process_killed_from_outside_does_not_count_against_the_names(child: NameProcess) -> None:
    reading = asyncio.create_task(child.read(names("sleep")))
    await until(lambda: child.pid)
    pid = child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(NameProcessUnavailable):
        await reading
    assert gone(pid)
    assert await child.read(names("one")) == [told("one")]


@pytest.mark.parametrize("program", ["streamvault.no_such_module", "this"])
async def test_a_program_that_is_no_name_reader_is_unavailable(program: str) -> None:
    with pytest.raises(NameProcessUnavailable, match=program):
        await NameProcess(program=program).read(names("one"))


async def test_without_python_the_process_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(NameProcessUnavailable):
        await NameProcess(program=PROGRAM).read(names("one"))


async def test_cancelling_a_read_ends_the_process(child: NameProcess) -> None:
    await child.read(names("one"))
    pid = child.pid
    reading = asyncio.create_task(child.read(names("sleep")))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert gone(pid)
    assert await child.read(names("two")) == [told("two")]


async def test_the_process_has_lowest_priority_and_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "12:secret")
    child = NameProcess()
    try:
        await child.read(names("one"))
        assert child.pid is not None
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == 19
        assert b"secret" not in Path(f"/proc/{child.pid}/environ").read_bytes()
    finally:
        await child.close()


async def test_the_process_ends_with_a_server_that_is_killed() -> None:
    program = (
        "import asyncio, time\n"
        "from streamvault.indexing.naming.process import NameProcess\n"
        "async def main():\n"
        f"    child = NameProcess(program={PROGRAM!r})\n"
        "    await child.read([('one', 'video')])\n"
        "    print(child.pid, flush=True)\n"
        "    time.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    path = os.pathsep.join(filter(None, sys.path))  # the program is one of the tests' own
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    assert server.stdout is not None
    try:
        pid = int(await server.stdout.readline())
    finally:
        server.kill()
        await server.stdout.read()
        await server.wait()
    await until(lambda: gone(pid) or _is_zombie(pid))


def _is_zombie(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:  # it has gone just now
        return True


async def test_the_server_never_imports_guessit() -> None:
    program = "import sys, streamvault.indexing.naming.reader; print(sorted({'guessit', 'rebulk'} & set(sys.modules)))"
    asked = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    output, _ = await asked.communicate()
    assert output == b"[]\n"
