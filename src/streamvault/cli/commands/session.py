"""`streamvault session list | move | import | set-aside`: the stored sessions."""

import argparse
import getpass
import sys

from streamvault.cli.options import Subparsers, add_settings, run_async, settings_as
from streamvault.settings import LocalSettings, Settings

USED = (
    "data_dir",
    "database_url",
    "session_store",
    "session_name",
    "secret_key",
    "old_secret_keys",
    "worker_bot_tokens",
)
ACTIONS = {
    "list": "what is stored, and who uses it",
    "move": "move the sessions between the disk and the database",
    "import": "store a session string of Pyrogram or Telethon, read from standard input",
    "set-aside": "keep a session under another name, so that the next start begins anew",
}


def add(commands: Subparsers) -> None:
    """Register `session` and its actions."""
    text = "look after the stored Telegram sessions"
    parser = commands.add_parser("session", help=text, description=text)
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    added = {name: actions.add_parser(name, help=text, description=text) for name, text in ACTIONS.items()}
    added["move"].add_argument("--to", required=True, choices=("file", "database"), help="where they are kept then")
    set_aside = added["set-aside"]
    set_aside.add_argument("name", help="the session's name, as `streamvault session list` shows it")
    for name, action in actions.choices.items():
        add_settings(action, used=None if name == "import" else USED)
        action.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List, move, import or set aside the stored sessions of these settings."""
    from streamvault.cli import sessions

    kind = Settings if options.action == "import" else LocalSettings
    settings = settings_as(kind, options)

    async def work() -> None:
        match options.action:
            case "list":
                lines = await sessions.show(settings)
            case "move":
                lines = await sessions.move(settings, to=options.to)
            case "set-aside":
                lines = [f"it is kept as {await sessions.set_aside(settings, options.name)}"]
            case _:
                assert isinstance(settings, Settings)
                lines = [await sessions.import_string(settings, _read_secret("session string: "))]
        print("\n".join(lines))

    run_async("asyncio", work)
    return 0


def _read_secret(prompt: str) -> str:
    """One line of standard input, not echoed at a terminal, and not an argument, which `ps` would show."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
