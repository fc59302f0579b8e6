"""The commands that look after Telegram accounts: `login` and `session`."""

import argparse
import getpass
import sys
from typing import Any

from streamvault.cli.options import add_settings, run, secrets_of, settings_of
from streamvault.logs import configure_logging


def add(commands: Any) -> None:
    """Add both to the commands of the front door."""
    login = commands.add_parser("login", help="log a user account in, for histories", description=_login.__doc__)
    login.add_argument("--print", action="store_true", help="print its session string, for USER_SESSION elsewhere")
    add_settings(login)
    login.set_defaults(run=_login)

    _add_session(commands)


def _add_session(commands: Any) -> None:
    session = commands.add_parser("session", help="look after the stored Telegram sessions")
    actions = session.add_subparsers(required=True, metavar="ACTION", dest="action")
    actions.add_parser("list", help="what is stored, and who uses it")
    move = actions.add_parser("move", help="move the sessions between the disk and the database")
    move.add_argument("--to", required=True, choices=("file", "database"))
    actions.add_parser("import", help="store a session string of Pyrogram or Telethon, read from standard input")
    aside = actions.add_parser(
        "set-aside", help="keep a session under another name, so that the next start begins anew"
    )
    aside.add_argument("name", help="the session's name, as `streamvault session list` shows it")
    for action in actions.choices.values():
        add_settings(action)
        action.set_defaults(run=_session)


def _login(options: argparse.Namespace) -> int:
    """Log a user account in, which reads histories that a bot may not. Phone number, code and password are asked for.

    They may come from standard input, one a line. Nothing is asked when it is logged in already.
    """
    settings = settings_of(options)
    configure_logging("ERROR", settings.log_format, secrets=secrets_of(settings))
    from streamvault.cli.login import how_to_go_on, log_in
    from streamvault.cli.terminal import Terminal

    async def work() -> None:
        terminal = Terminal()
        found = await log_in(settings, terminal)
        if options.print:
            terminal.say("whoever has this string is you: keep it like a password, and use it in one place only")
        print(found.string if options.print else "\n".join(how_to_go_on(found)))

    run("asyncio", work)
    return 0


def _session(options: argparse.Namespace) -> int:
    """The stored sessions of these settings."""
    from streamvault.cli import sessions

    settings = settings_of(options)

    async def work() -> None:
        match options.action:
            case "list":
                lines = await sessions.show(settings)
            case "move":
                lines = await sessions.move(settings, to=options.to)
            case "set-aside":
                lines = [f"it is kept as {await sessions.set_aside(settings, options.name)}"]
            case _:
                lines = [await sessions.import_string(settings, _secret_line("session string: "))]
        print("\n".join(lines))

    run("asyncio", work)
    return 0


def _secret_line(prompt: str) -> str:
    """One line that is neither shown nor seen in the list of processes."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
