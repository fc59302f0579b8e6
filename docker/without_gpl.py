"""Replaces libx264 and libx265, which are under the GPL, in PyAV's wheel by libraries that hold no code of theirs.

FFmpeg's libavcodec is linked with both and does not load without them, but needs them only to encode H.264 and HEVC;
it decodes with code of its own. Each replacement has the original's name and defines what other libraries of the wheel
take from the original: functions that return 0 (libavcodec asks x265 for its formats before it finds any decoder), and
data that is zero. With them, opening an encoder of that name fails with av.error.ExternalError. Needs gcc and binutils,
on the kind of machine that the wheel is for.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

REPLACED = ("libx264", "libx265")
FUNCTIONS, DATA = "T", "RDB"
"""What nm calls them."""


class Unexpected(Exception):
    """The wheel is not as this program expects it."""


def main() -> None:
    """The command line; 1 if a library is not replaced."""
    parser = argparse.ArgumentParser(description="Replace libx264 and libx265 in PyAV's wheel.")
    place = "the folder that holds av and av.libs; this Python's own unless given"
    parser.add_argument("site_packages", nargs="?", type=Path, default=sysconfig.get_path("platlib"), help=place)
    folder = Path(parser.parse_args().site_packages)
    try:
        for name in REPLACED:
            replace(name, folder)
    except (Unexpected, OSError) as error:
        sys.exit(f"without_gpl: {error}")


def replace(name: str, site_packages: Path) -> None:
    """Replace the library of this name, or raise Unexpected."""
    libraries = site_packages / "av.libs"
    found = sorted(libraries.glob(f"{name}-*.so.*"))
    if len(found) != 1:
        raise Unexpected(f"one {name}-*.so.* was expected in {libraries}, there are {len(found)}")
    [library] = found
    everything = {*libraries.glob("*.so*"), *(site_packages / "av").rglob("*.so")} - {library}
    users = [
        path for path in sorted(everything) if f"Shared library: [{library.name}]" in output("readelf", "-dW", path)
    ]
    taken = {symbol for path in users for symbol, *_ in symbols(path, "--undefined-only")}
    offered = [fields for fields in symbols(library, "--defined-only") if fields[0] in taken]
    if not offered:
        raise Unexpected(f"no library takes anything from {library.name}")
    with tempfile.TemporaryDirectory(dir=libraries) as folder:
        made = Path(folder) / library.name
        compile_library("".join(definition(*fields) for fields in offered), made)
        made.chmod(library.stat().st_mode)
        os.replace(made, library)
    print(f"{library}: {len(offered)} symbols for {', '.join(path.name for path in users)}")


def symbols(library: Path, which: str) -> list[list[str]]:
    """Name, kind, address and size (hexadecimal; both only where it is defined) of each dynamic symbol."""
    lines = [line.split() for line in output("nm", "--dynamic", "--format=posix", which, library).splitlines()]
    return [[name.partition("@")[0], *others] for name, *others in lines]


def definition(symbol: str, kind: str, _address: str, size: str) -> str:
    """The symbol in C."""
    if kind in FUNCTIONS:
        return f"void *{symbol}(void) {{ return 0; }}\n"
    if kind in DATA:
        return f"__attribute__((aligned(64))) char {symbol}[{int(size, 16)}];\n"
    raise Unexpected(f"{symbol} is of the kind {kind}, neither a function nor data")


def compile_library(source: str, path: Path) -> None:
    """Make a shared library of this name."""
    options = ["-shared", "-fPIC", "-nostdlib", "-s", "-Wall", "-Werror", f"-Wl,-soname,{path.name}"]
    output("gcc", *options, "-x", "c", "-", "-o", path, given=source)


def output(*command: str | Path, given: str = "") -> str:
    """What a program writes to standard output."""
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"}
    )
    if done.returncode:
        raise Unexpected(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    main()
