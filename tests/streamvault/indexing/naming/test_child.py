"""A process reads names; whatever a name does to it, the others are read and nothing is left over."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.indexing.naming.child import NameChild, ReaderAway
from streamvault.indexing.naming.protocol import NOTHING, VERSION, Name
from streamvault.media.name_facts import Facts
from tests.support.waiting import until

PROGRAM = "tests.support.name_program"


def names(*texts: str) -> list[Name]:
    return [(text, "video") for text in texts]


def told(text: str) -> Facts:
    return Facts(VERSION, title=text)


def gone(pid: int | None) -> bool:
    """No process, and no zombie either."""
    assert pid is not None
    return not Path(f"/proc/{pid}").exists()


@pytest.fixture
async def child() -> AsyncIterator[NameChild]:
    child = NameChild(program=PROGRAM)
    yield child
    await child.close()


async def test_real_names_are_read_by_one_process_that_leaves_when_told() -> None:
    child = NameChild()
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
async def test_a_name_that_ends_the_process_tells_nothing_and_the_others_are_read(child: NameChild, bad: str) -> None:
    assert await child.read(names("before")) == [told("before")]
    pid = child.pid
    assert await child.read(names("one", bad, "two", bad)) == [told("one"), NOTHING, told("two"), NOTHING]
    assert gone(pid)
    assert await child.read(names("after")) == [told("after")]


async def test_a_name_that_guessit_takes_minutes_for_is_given_up() -> None:
    child = NameChild(program="tests.support.impatient_program")
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


async def test_ctrl_c_is_not_for_the_process(child: NameChild) -> None:
    await child.read(names("one"))
    pid = child.pid
    assert pid is not None
    os.kill(pid, signal.SIGINT)
    assert await child.read(names("two")) == [told("two")]
    assert child.pid == pid


async def test_a_name_that_gets_no_answer_in_time_tells_nothing() -> None:
    child = NameChild(program=PROGRAM, silent=0.3)
    try:
        assert await child.read(names("sleep", "one")) == [NOTHING, told("one")]
    finally:
        await child.close()


async def test_a_process_killed_from_outside_is_no_fault_of_the_names(child: NameChild) -> None:
    reading = asyncio.create_task(child.read(names("sleep")))
    await until(lambda: child.pid)
    pid = child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(ReaderAway):
        await reading
    assert gone(pid)
    assert await child.read(names("one")) == [told("one")]


@pytest.mark.parametrize("program", ["streamvault.no_such_module", "this"])
async def test_a_program_that_is_no_reader_is_away(program: str) -> None:
    with pytest.raises(ReaderAway, match=program):
        await NameChild(program=program).read(names("one"))


async def test_without_python_the_reader_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(ReaderAway):
        await NameChild(program=PROGRAM).read(names("one"))


async def test_who_gives_up_waiting_ends_the_process(child: NameChild) -> None:
    await child.read(names("one"))
    pid = child.pid
    reading = asyncio.create_task(child.read(names("sleep")))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert gone(pid)
    assert await child.read(names("two")) == [told("two")]


async def test_the_process_comes_last_and_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "12:secret")
    child = NameChild()
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
        "from streamvault.indexing.naming.child import NameChild\n"
        "async def main():\n"
        f"    child = NameChild(program={PROGRAM!r})\n"
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


async def test_the_server_never_loads_the_rules() -> None:
    program = "import sys, streamvault.indexing.naming.reader; print(sorted({'guessit', 'rebulk'} & set(sys.modules)))"
    asked = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    output, _ = await asked.communicate()
    assert output == b"[]\n"
