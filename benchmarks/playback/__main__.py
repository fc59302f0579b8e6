"""Measure the repackaging of films.

python -m benchmarks.playback [CASE ...] [--runs N] [--quick]
"""

import argparse
import shlex
import sys
from collections.abc import Callable

from benchmarks.playback.browser import viewing
from benchmarks.playback.cost import cost
from benchmarks.playback.listening import listening
from benchmarks.playback.playing import beside_direct, crowd, traffic
from benchmarks.streaming.options import Options
from benchmarks.streaming.table import Line, heading

ROWS: dict[str, Callable[[Options], list[Line]]] = {
    "a": cost,
    "b": traffic,
    "c": crowd,
    "d": viewing,
    "e": beside_direct,
    "f": listening,
}


def main() -> int:
    """Print the table; exit code 1 if a target was missed."""
    parser = argparse.ArgumentParser("python -m benchmarks.playback", description="Measure the repackaging of films.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"{', '.join(ROWS)} (default: all)")
    parser.add_argument("--runs", type=int, default=None, help="runs of each case (5; quick: 2)")
    parser.add_argument("--quick", action="store_true", help="short films, to see that everything works")
    given = parser.parse_args()
    if unknown := set(given.cases) - ROWS.keys():
        parser.error(f"no case is called {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    options = Options(given.runs or (2 if given.quick else 5), given.quick)
    print(heading(shlex.join(["python", "-m", "benchmarks.playback", *sys.argv[1:]])))
    print("\n| case | measured: median (min..max) of n | target | verdict | one ffmpeg | ours : ffmpeg |")
    print("|---|---|---|---|---|---|", flush=True)
    missed = False
    for name in given.cases or ROWS:
        for line in ROWS[name](options):
            print(line.markdown(), flush=True)
            missed |= line.missed
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
