"""Faulty children: each ends within its limits, leaves no process behind, and sees no secret."""

import asyncio
import json

import pytest

from streamvault.errors import FileGone, SourceUnavailable
from streamvault.reading.frames import sandbox
from streamvault.reading.frames.sandbox_process import FrameExtractor, Still, TimeLimits
from streamvault.reading.frames.sandbox_protocol import MOST_CELLS
from tests.support import stills
from tests.support.files import media_file
from tests.support.films import film
from tests.support.sources import ManualClock, stall
from tests.support.stills import Reads, children, maker
from tests.support.waiting import until

FILE = media_file(size=64 << 20)
READ = "say(b'R', 0, 1); n = struct.unpack('<I', ANSWERS.read(4))[0]; data = ANSWERS.read(n)\n"
LIMITED = (
    f"sys.path[:0] = [{sandbox.command(1, 1.0)[4]!r}]\n"
    "from streamvault.reading.frames.sandbox import _limit\n"
    "_limit()\n"
)

BROKEN = {
    "crashes at once": "os.kill(os.getpid(), 11)",
    "ends at once": "",
    "hangs at once": "time.sleep(60)",
    "talks nonsense at once": "os.write(1, os.urandom(1 << 20))",
}
BAD = {
    "crashes": "os.kill(os.getpid(), 11)",
    "ends": "",
    "ends with an error": "raise SystemExit(3)",
    "talks nonsense": "os.write(1, os.urandom(1 << 20))",
    "dies in the middle": "say(b'P', 10, 100); os.write(1, b'half')",
    "promises too much": "say(b'P', 0, 1 << 31)",
    "asks beyond the end": "say(b'R', 512, 1); time.sleep(60)",
    "asks for too much": "say(b'R', 0, 4000000000); time.sleep(60)",
    "says that there is none": "say(b'P', 0, 0); time.sleep(60)",
}
IDLE = {
    "hangs": "time.sleep(60)",
    "burns": "while True: pass",
    "does not listen": "say(b'R', 0, 8); time.sleep(60)",
    "has children": "os.fork(); time.sleep(60)",
}  # fmt: skip


async def passing(clock: ManualClock, making: "asyncio.Task[Still | None]") -> Still | None:
    """What comes of it while time passes."""
    while not making.done():
        clock.advance(1.0)
        await asyncio.sleep(0.01)
    return await making


@pytest.mark.parametrize("program", BAD.values(), ids=BAD)
async def test_a_faulty_child_gives_no_picture(program: str) -> None:
    assert await maker(Reads(bytes(64 << 20)), READ + program)(FILE) is None
    assert not children()


@pytest.mark.parametrize("program", IDLE.values(), ids=IDLE)
async def test_a_child_beyond_its_time_limit_is_killed(program: str) -> None:
    reads, clock = Reads(bytes(64 << 20)), ManualClock()
    making = asyncio.create_task(maker(reads, READ + program, clock=clock)(FILE))
    await until(lambda: reads.cells)
    assert await passing(clock, making) is None
    assert not children()


@pytest.mark.parametrize("program", BROKEN.values(), ids=BROKEN)
async def test_a_child_that_fails_before_its_first_read_does_not_count_against_the_file(
    program: str, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock()
    made = maker(Reads(bytes(64 << 20)), program, clock=clock)
    for _ in range(2):
        making = asyncio.create_task(made(FILE))
        with pytest.raises(SourceUnavailable, match="does not work"):
            await (passing(clock, making) if "sleep" in program else making)
    assert len(caplog.records) == 1
    assert not children()


async def test_a_child_that_reads_for_ever_is_stopped_at_the_cell_limit() -> None:
    reads = Reads(bytes(64 << 20))
    assert await maker(reads, f"while True: {READ}")(FILE) is None
    assert len(reads.cells) == MOST_CELLS


async def test_a_good_child_gives_its_picture() -> None:
    program = READ + "assert data == bytes(131072); say(b'P', 4, 7); os.write(1, b'tinypicture')"
    assert await maker(Reads(bytes(64 << 20)), program)(FILE) == Still(b"tiny", b"picture")
    assert not children()


@pytest.mark.parametrize("error", [FileGone("deleted"), SourceUnavailable("lost")], ids=["gone", "lost"])
async def test_a_failing_read_does_not_count_against_the_file(error: Exception) -> None:
    reads = Reads(bytes(64 << 20))
    reads.error = error
    with pytest.raises(type(error)):
        await maker(reads, READ + "time.sleep(60)")(FILE)
    assert not children()


async def test_waiting_for_telegram_has_a_time_limit_of_its_own() -> None:
    class Never(Reads):
        async def __call__(self, *_: object) -> bytes:
            return await stall()(b"")

    with pytest.raises(SourceUnavailable, match="too long"):
        await maker(Never(b""), READ, limits=TimeLimits(child=30.0, telegram=0.2))(FILE)
    assert not children()


async def test_cancelling_ends_the_child() -> None:
    making = asyncio.create_task(maker(Reads(bytes(64 << 20)), READ + "time.sleep(60)")(FILE))
    await until(children)
    making.cancel()
    await asyncio.wait([making])
    assert making.cancelled()
    assert not children()


async def test_a_child_that_cannot_be_started_is_tried_again_later() -> None:
    with pytest.raises(SourceUnavailable, match="started"):
        await FrameExtractor(Reads(b""), command=lambda size, duration: ["/nonexistent/python"])(FILE)


async def test_the_child_has_limits_and_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "1:secret")
    program = LIMITED + (
        "import json, resource as r\n"
        "most = [r.getrlimit(what)[0] for what in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE)]\n"
        "text = json.dumps([sorted(os.environ), most, os.nice(0)]).encode()\n"
        "say(b'P', 0, len(text)); os.write(1, text)"
    )
    still = await maker(Reads(b""), program)(FILE)
    assert still is not None
    names, most, nice = json.loads(still.picture)
    assert set(names) <= {"LC_CTYPE"}
    assert most == [sandbox.MEMORY, sandbox.CPU, 0]
    assert nice == 19


async def test_a_child_beyond_its_memory_limit_gives_no_picture() -> None:
    program = LIMITED + READ + "held = bytearray(1 << 30); say(b'P', 0, 1); os.write(1, b'x')"
    assert await maker(Reads(b""), program)(FILE) is None


async def test_the_command_needs_nothing_but_this_package() -> None:
    reads = Reads(film())
    made = await FrameExtractor(reads)(media_file(size=reads.content.size))
    assert made is not None
    assert stills.children() == set()
