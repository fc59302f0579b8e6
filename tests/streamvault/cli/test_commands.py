"""Every command registers itself, and starting the program imports nothing slow."""

import subprocess
import sys

from streamvault.cli.main import make_parser
from tests.support.commands import parsers

SLOW = {"aiosqlite", "av", "fastapi", "guessit", "PIL", "prometheus_client", "pymongo", "pyrogram", "rich", "shtab"}
GROUPS = {("session",), ("catalog",), ("people",), ("token",), ("leech",)}
"""Commands that need an action behind them."""
SLOW |= {"tgemulator", "uvicorn", "uvloop"}


def test_every_group_is_registered() -> None:
    assert {path[0] for path in parsers(make_parser()) if path} == {
        "serve", "demo", "doctor", "link", "people", "token", "index", "leech", "mirror", "login", "session", "catalog",
        "emulator", "completion", "voice",
    }  # fmt: skip


def test_every_command_has_a_function() -> None:
    for path, parser in parsers(make_parser()).items():
        if not path or path == ("emulator",) or path in GROUPS:
            continue  # no command by itself, or one that gets its arguments unparsed
        assert callable(parser.get_default("run")), path


def test_help_imports_nothing_slow() -> None:
    program = (
        "import sys; from streamvault.cli.main import make_parser; make_parser().format_help(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert not SLOW & {name.partition(".")[0] for name in done.stdout.split()}
