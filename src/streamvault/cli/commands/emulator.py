"""`streamvault emulator`: the emulated Telegram, a program of its own (`tgemulator`) with its own options."""

from collections.abc import Sequence

from streamvault.cli.interrupts import raised_interrupts
from streamvault.cli.options import Subparsers
from streamvault.process import importing


def add(commands: Subparsers) -> None:
    """List `emulator` in the help; `main` hands its arguments to `run` unparsed."""
    commands.add_parser("emulator", help="run the emulated Telegram alone (see streamvault emulator --help)")


def run(arguments: Sequence[str]) -> int:
    """Run `tgemulator` with `arguments`; its exit code."""
    with importing():
        import streamvault.telegram  # noqa: F401  keeps pyrogram, which the emulator imports, from printing a hint
        from tgemulator.__main__ import main

    with raised_interrupts():
        return main(arguments)
