"""Assembles the parser of `streamvault`, runs one command and maps every error to an exit code (see cli.parser)."""

import argparse
import os
import sys
from collections.abc import Sequence

from streamvault import __version__
from streamvault.cli.commands import (
    catalog,
    completion,
    demo,
    doctor,
    emulator,
    index,
    leech,
    link,
    login,
    mirror,
    people,
    serve,
    session,
    token,
    voice,
)
from streamvault.cli.parser import Parser
from streamvault.errors import ConfigError, StreamVaultError

EXTRAS = {"av": "media", "PIL": "media", "pymongo": "mongodb", "bson": "mongodb"}
"""The extras of pyproject.toml, by the modules that they install."""

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended before it was done, as a shell gives it."""

GROUPS = (serve, leech, voice, demo, doctor, link, people, token, index, mirror, login, session, catalog, emulator)
"""In the order of `streamvault --help`; `completion` follows them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the return value is the exit code."""
    try:
        try:
            return _run(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # the reader of standard output has gone, as with `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _run(arguments: Sequence[str] | None) -> int:
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["emulator"]:
        return emulator.run(given[1:])
    options = make_parser().parse_args(given)
    try:
        code: int = options.run(options)
    except ConfigError as error:
        print(f"streamvault: {error}", file=sys.stderr)
        return 2
    except StreamVaultError as error:
        print(f"streamvault: {error}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        print(f"streamvault: {missing_extra(extra, error.name or '')}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        if getattr(options, "serves", False):
            return 0
        print("streamvault: interrupted", file=sys.stderr)
        return INTERRUPTED
    return code


def missing_extra(extra: str, module: str) -> str:
    """One sentence that says how to install an optional part."""
    return (
        f"this needs the extra {extra!r} ({module} is not installed): run `pip install '.[{extra}]'` in the folder "
        "that StreamVault was installed from"
    )


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands; a parsed command's function is in `run`."""
    parser = Parser(prog="streamvault", description="A private media server for the files that Telegram channels hold.")
    parser.add_argument("-v", "--version", action="version", version=f"streamvault {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add(commands)
    completion.add(commands, parser)
    return parser
