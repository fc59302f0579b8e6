"""Measure the streaming engine.

python -m benchmarks.streaming [CASE ...] [--runs N] [--quick] [--minutes M]
"""

import argparse
import shlex
import signal
import sys
import time
import traceback
from collections.abc import Callable

from benchmarks.streaming import cold, failures, hangups, hot, many, seek, seekers, slow, soak
from benchmarks.streaming.options import Options
from benchmarks.streaming.table import HEADER, Line, heading

Row = Callable[[Options], list[Line]]

ROWS: dict[str, Row] = {
    "1": cold.no_latency,
    "2": cold.latency,
    "3": cold.bandwidth,
    "4": seek.seeks,
    "4b": seek.narrow,
    "5m": hot.memory,
    "5d": hot.disk,
    "6": many.same_file,
    "7": many.at_a_rate,
    "8": many.paused,
    "9": failures.connection_failures,
    "10": hangups.hangups,
    "11": failures.flood_wait,
    "12": soak.soak,
    "13": slow.slow,
    "14": seekers.seekers,
}
"""By their names on the command line, where `5` means both `5m` and `5d`."""


def main() -> int:
    """Print the table of the rows that were asked for; exit code 1 if a target was missed."""
    parser = argparse.ArgumentParser("python -m benchmarks.streaming", description="Measure the streaming engine.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"{', '.join(ROWS)} (default: all)")
    parser.add_argument("--runs", type=int, default=None, help="runs of each case (5; quick: 2)")
    parser.add_argument("--quick", action="store_true", help="small amounts, to see that everything works")
    parser.add_argument("--minutes", type=float, default=30.0, help="how long the soak lasts (%(default)s)")
    given = parser.parse_args()
    names = [name for case in given.cases or ROWS for name in (("5m", "5d") if case == "5" else (case,))]
    if unknown := set(names) - ROWS.keys():
        parser.error(f"no case is called {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the context managers of a row end its processes
    options = Options(given.runs or (2 if given.quick else 5), given.quick, given.minutes)
    print(f"{heading(shlex.join(['python', '-m', 'benchmarks.streaming', *sys.argv[1:]]))}\n\n{HEADER}", flush=True)
    lines: list[Line] = []
    for name in names:
        lines += _measure(name, options)
    return 1 if any(line.missed for line in lines) else 0


def _measure(name: str, options: Options) -> list[Line]:
    """Run one row and print its lines; an exception becomes a failed line, and the other rows go on."""
    began = time.monotonic()
    try:
        lines = ROWS[name](options)
    except Exception as error:  # a failing row is a result too
        traceback.print_exc()
        lines = [Line(f"{name} (broke)", failed=f"{type(error).__name__}: {error}".splitlines()[0][:160])]
    for line in lines:
        print(line.markdown(), flush=True)
    print(f"case {name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return lines


if __name__ == "__main__":
    sys.exit(main())
