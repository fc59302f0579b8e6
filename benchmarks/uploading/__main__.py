"""Measure uploads.

python -m benchmarks.uploading [--runs N] [--quick]
"""

import argparse
import shlex
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks.streaming.control import Control
from benchmarks.streaming.options import MB, MIB, Options
from benchmarks.streaming.table import HEADER, Line, Target, heading
from benchmarks.streaming.testbed import BASELINE_BOT, BOT, bot_id, open_emulator
from benchmarks.uploading.beside import LATENCY, seeks
from benchmarks.uploading.uploader import Upload, Uploader
from streamvault.media.uploads import PART


def _measure(options: Options) -> list[Line]:
    lines: list[Line] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, open_emulator(Path(folder)) as telegram:
        control = Control(telegram["control"])
        with Uploader("ours", telegram) as ours, Uploader("library", telegram) as library:
            for uploader in (ours, library):
                uploader.upload(16 * MIB, seed=1)  # opens the connections
            lines += _compare("1 one file, 40 ms one way", control, ours, library, options, latency=LATENCY, target=4)
            lines += _compare("2 one file, no latency", control, ours, library, options, latency=0.0, target=None)
    return [*lines, *seeks(options)]


def _compare(
    case: str, control: Control, ours: Uploader, library: Uploader, options: Options, *,
    latency: float, target: float | None,
) -> list[Line]:  # fmt: skip
    """Both in turns; a missed part fails the case."""
    ratio = Line(f"{case}: times the library's rate", "x", None if target is None else Target(">=", target))
    rate, cpu = Line(f"{case}: rate", "MB/s"), Line(f"{case}: processor time", "s/GB")
    size = options.scaled(256, 32) * MIB
    for run in range(options.runs):
        with control.shaped(latency=latency):
            mine = _upload(control, ours, size, token=BOT, seed=2 * run, line=ratio)
            theirs = _upload(control, library, size, token=BASELINE_BOT, seed=2 * run + 1, line=ratio)
        ratio.add(mine.rate / theirs.rate)
        rate.add(mine.rate / MB, sequential=theirs.rate / MB)
        cpu.add(mine.cpu_per_gb, sequential=theirs.cpu_per_gb)
    return [ratio, rate, cpu]


def _upload(control: Control, uploader: Uploader, size: int, *, token: str, seed: int, line: Line) -> Upload:
    """Upload a file, and drop its parts at the emulator."""
    before = control.counted("parts_saved", user=bot_id(token))
    done = uploader.upload(size, seed=seed)
    if (saved := control.counted("parts_saved", user=bot_id(token)) - before) != size // PART:
        line.fail(f"{saved} parts were saved of {size // PART}")
    control.fault("expire_uploads")
    return done


def main() -> int:
    """Print the table; exit code 1 if a target was missed."""
    parser = argparse.ArgumentParser("python -m benchmarks.uploading", description="Measure uploads.")
    parser.add_argument("--runs", type=int, default=None, help="runs of each case (5; quick: 2)")
    parser.add_argument("--quick", action="store_true", help="small amounts, to see that everything works")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the processes are ended
    options = Options(given.runs or (2 if given.quick else 5), given.quick)
    print(f"{heading(shlex.join(['python', '-m', 'benchmarks.uploading', *sys.argv[1:]]))}\n", flush=True)
    print(HEADER.replace("plain sequential reader", "library's save_file").replace("sequential", "library"))
    lines = _measure(options)
    for line in lines:
        print(line.markdown(), flush=True)
    return 1 if any(line.missed for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
