"""Child processes: what they get, what limits them, and that nothing of them outlives who started them."""

import asyncio
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from streamvault.errors import SourceFailed
from streamvault.leech.children.launch import GUARD, guarded
from streamvault.leech.children.running import KEPT, LONGEST_LINE, Child, ChildLimits, running
from streamvault.leech.children.tools import install_tools
from tests.support.programs import program
from tests.support.waiting import until

PYTHON = (sys.executable, "-IS", "-c")
FOREVER = "import time\nwhile True: time.sleep(1000)"
WITH_CHILD = (
    f"import subprocess, sys\nprint(subprocess.Popen([sys.executable, '-IS', '-c', {FOREVER!r}]).pid, flush=True)\n"
)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def make_sound(path: Path) -> None:
    made = ["-f", "lavfi", "-i", "sine=duration=0.1", "-f", "mpegts", str(path)]
    subprocess.run([program("ffmpeg"), "-v", "error", *made], check=True)


async def said(child: Child) -> list[str]:
    return [line async for line in child.lines()]


async def test_a_child_has_its_limits_and_nothing_of_ours(tmp_path: Path) -> None:
    script = (
        "import os, resource, sys\n"
        "print(dict(os.environ), os.getcwd(), os.nice(0) >= 7, os.getpgid(0) == os.getpid(), sys.stdin.read())\n"
        "print([resource.getrlimit(one)[0] for one in (0, 2, 1, 7, 4)])\n"
        "print('aside', file=sys.stderr); sys.exit(3)"
    )
    assert (resource.RLIMIT_CPU, resource.RLIMIT_DATA, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE) == (0, 2, 1, 7)
    limits = ChildLimits(nicer=7, seconds=60, memory=1 << 30, file=4096, files=64)
    async with running(
        [*PYTHON, script], folder=tmp_path, environment={"A": "b"}, typed=b"typed", limits=limits
    ) as child:
        seen, *numbers = await said(child)
        assert (
            seen.replace("'LC_CTYPE': 'C.UTF-8'", "").replace(", }", "}") == f"{{'A': 'b'}} {tmp_path} True True typed"
        )
        assert numbers == [f"[60, {1 << 30}, 4096, 64, 0]"]
        assert await child.wait() == 3
        await until(lambda: child.messages == "aside\n")


async def test_the_end_of_the_context_ends_a_child_and_what_it_started(tmp_path: Path) -> None:
    async with running([*PYTHON, WITH_CHILD + FOREVER], folder=tmp_path, environment={}) as child:
        grandchild = int(await anext(child.lines()))
        assert alive(child.pid)
        assert alive(grandchild)
    await until(lambda: not alive(grandchild))
    assert not alive(child.pid)


async def test_what_a_child_leaves_behind_is_ended_too(tmp_path: Path) -> None:
    async with running([*PYTHON, WITH_CHILD], folder=tmp_path, environment={}) as child:
        grandchild = int(await anext(child.lines()))
        await until(lambda: not alive(child.pid))
        assert alive(grandchild)
    await until(lambda: not alive(grandchild))


async def test_the_kill_of_who_started_it_ends_a_child_and_its_tools(tmp_path: Path) -> None:
    """Even by SIGKILL, and also what it has started through `tools`."""
    starter = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from streamvault.leech.children.running import running\n"
        "from streamvault.leech.children.tools import install_tools\n"
        "async def main():\n"
        "    tools = install_tools(Path('tools'), ['sleep'])\n"
        '    script = \'import subprocess, os, time\\np = subprocess.Popen(["sleep", "1000"])\\n\'\n'
        "    script += 'print(os.getpid(), p.pid, flush=True)\\ntime.sleep(1000)'\n"
        "    command = [sys.executable, '-IS', '-c', script]\n"
        "    environment = {'PATH': str(tools.folder.resolve())}\n"
        "    async with running(command, folder=Path('.'), environment=environment) as child:\n"
        "        print(await anext(child.lines()), flush=True)\n"
        "        await asyncio.sleep(1000)\n"
        "asyncio.run(main())"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", starter, cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    pids = [int(one) for one in (await process.stdout.readline()).split()]
    assert len(pids) == 2
    assert all(alive(pid) for pid in pids)
    process.kill()
    await process.wait()
    await until(lambda: not any(alive(pid) for pid in pids))


async def test_output_is_bounded(tmp_path: Path) -> None:
    script = f"import sys\nsys.stderr.write('m' * 10 ** 6); print('x' * {LONGEST_LINE + 10})"
    async with running([*PYTHON, script], folder=tmp_path, environment={}) as child:
        with pytest.raises(SourceFailed, match="a line of more than"):
            await said(child)
        await until(lambda: len(child.messages) == KEPT)


async def test_a_program_that_is_not_there_says_so(tmp_path: Path) -> None:
    async with running(["/nowhere/program"], folder=tmp_path, environment={}) as child:
        assert await said(child) == []
        assert await child.wait() == 127
        await until(lambda: child.messages == "/nowhere/program cannot be run: No such file or directory\n")
    with pytest.raises(SourceFailed, match="could not be started"):
        async with running(["x"], folder=tmp_path / "nowhere", environment={}):
            pass


def test_each_input_of_ffmpeg_is_guarded() -> None:
    assert guarded("/usr/bin/ffmpeg", ("-y", "-i", "a", "-i", "b", "c")) == [
        "-y",
        *GUARD,
        "-i",
        "a",
        *GUARD,
        "-i",
        "b",
        "c",
    ]
    assert guarded("/usr/bin/ffprobe", ("-show_format", "a")) == [*GUARD, "-show_format", "a"]
    assert guarded("/usr/bin/deno", ("-i",)) == ["-i"]


async def test_a_film_that_is_a_list_is_not_followed(tmp_path: Path) -> None:
    """Files that look like films and name others: as HLS, as a list of ffconcat, by an address."""
    tools = install_tools(tmp_path / "tools", ["ffmpeg", "ffprobe"])
    make_sound(tmp_path / "inner.ts")
    films = {
        "hls.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{tmp_path}/inner.ts\n#EXT-X-ENDLIST\n",
        "concat.mp4": "ffconcat version 1.0\nfile inner.ts\n",
    }
    for name, text in films.items():
        (tmp_path / name).write_text(text)

    async def ended(*command: str) -> tuple[int, str]:
        script = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
        tool = str(tools.folder / command[0])
        async with running([*PYTHON, script, tool, *command[1:]], folder=tmp_path, environment={}) as child:
            printed = await said(child)
            code = await child.wait()
            await until(lambda: child.messages or printed)
            return code, child.messages + "\n".join(printed)

    for source in (*(f"file:{tmp_path}/{name}" for name in films), "http://127.0.0.1:9/x.ts"):
        for command in (["ffmpeg", "-v", "error", "-y", "-i", source, "-c", "copy", "out.ts"], ["ffprobe", source]):
            code, messages = await ended(*command)
            assert code != 0, messages
            assert "whitelist" in messages
        assert not (tmp_path / "out.ts").exists()
    code, printed = await ended("ffprobe", "-v", "error", "-show_format", f"file:{tmp_path}/inner.ts")
    assert code == 0
    assert "format_name=mpegts" in printed
