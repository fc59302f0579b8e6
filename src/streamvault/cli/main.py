"""The front door: reads the settings once, picks a command, maps every error to an exit code.

0 stopped as asked, 1 crashed or a failed check, 2 a wrong setting (one line on standard error).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from streamvault import __version__
from streamvault.cli import accounts
from streamvault.cli.options import add_settings as _add_settings
from streamvault.cli.options import run as _run
from streamvault.cli.options import secrets_of as _secrets
from streamvault.cli.options import settings_of as _settings
from streamvault.errors import ConfigError, StreamVaultError
from streamvault.logs import configure_logging


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the return value is the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["emulator"]:
        return _emulator(given[1:])
    options = _parser().parse_args(given)
    try:
        code: int = options.run(options)
    except ConfigError as error:
        print(f"streamvault: {error}", file=sys.stderr)
        return 2
    except StreamVaultError as error:
        print(f"streamvault: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="streamvault", description="A private media server for the files that Telegram channels hold."
    )
    parser.add_argument("--version", action="version", version=f"streamvault {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run the bot and the web server", description=_serve.__doc__)
    _add_settings(serve)
    serve.set_defaults(run=_serve)

    demo = commands.add_parser("demo", help="run everything on an emulated Telegram", description=_demo.__doc__)
    demo.add_argument("--host", default=None, help="where to listen (127.0.0.1)")
    demo.add_argument("--port", default=None, type=int, help="where to listen (8080)")
    demo.add_argument("--folder", default=".demo", help="where its media and its state are kept (.demo)")
    demo.set_defaults(run=_demo)

    doctor = commands.add_parser("doctor", help="check everything that a server needs", description=_doctor.__doc__)
    doctor.add_argument("--json", action="store_true", help="for scripts")
    _add_settings(doctor)
    doctor.set_defaults(run=_doctor)

    link = commands.add_parser("link", help="print a link to one file", description=_link.__doc__)
    link.add_argument("chat", type=int, help="the chat's number as Telegram writes it, such as -1001234567890")
    link.add_argument("message", type=int, help="the message's number in it")
    link.add_argument("--expires-in", type=float, metavar="HOURS", help="how long the link works (for ever)")
    link.add_argument("--everything", action="store_true", help="a token for every page and file instead of one file's")
    _add_settings(link)
    link.set_defaults(run=_link)

    index = commands.add_parser("index", help="find every file in a channel's history", description=_index.__doc__)
    index.add_argument("chat", help="the channel's number as Telegram writes it (-100...), or its @username")
    index.add_argument("--again", action="store_true", help="read all of it anew, not only what has come since")
    _add_settings(index)
    index.set_defaults(run=_index)

    accounts.add(commands)
    _add_catalog(commands)

    commands.add_parser("emulator", help="run the emulated Telegram alone (see streamvault emulator --help)")
    return parser


def _add_catalog(commands: Any) -> None:
    catalog = commands.add_parser("catalog", help="move the catalog between databases")
    actions = catalog.add_subparsers(required=True, metavar="ACTION", dest="action")
    export = actions.add_parser("export", help="write everything in it to a file, as JSON Lines")
    export.add_argument("file", nargs="?", default="-", help="the file's name (standard output)")
    into = actions.add_parser("import", help="put what was exported into the catalog that DATABASE_URL names")
    into.add_argument("file", nargs="?", default="-", help="the file's name (standard input)")
    for action in actions.choices.values():
        _add_settings(action)
        action.set_defaults(run=_catalog)


def _serve(options: argparse.Namespace) -> int:
    """Run the bot and the web server until SIGTERM or Ctrl-C."""
    settings = _settings(options)
    configure_logging(settings.log_level, settings.log_format, secrets=_secrets(settings))
    from streamvault.process import freeze_garbage
    from streamvault.server import serve

    freeze_garbage()

    _run(settings.event_loop, lambda: serve(settings))
    return 0


def _demo(options: argparse.Namespace) -> int:
    """An emulated Telegram with sample channels and playable media, the bot and the server. No account needed."""
    from streamvault.demo.run import run_demo

    _run("asyncio", lambda: run_demo(host=options.host, port=options.port, folder=options.folder))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    """Check settings, data folder, database, proxies, data centres, clock, sessions and credentials; 1 if one fails."""
    try:
        settings = _settings(options)
    except ConfigError as error:
        if not options.json:
            raise
        print(json.dumps({"ok": False, "checks": [{"name": "settings", "status": "failed", "detail": str(error)}]}))
        return 2
    configure_logging("ERROR", settings.log_format, secrets=_secrets(settings))
    from streamvault.doctor.run import report

    healthy: list[bool] = []

    async def run() -> None:
        healthy.append(await report(settings, as_json=options.json, say=print))

    _run("asyncio", run)
    return 0 if healthy == [True] else 1


def _link(options: argparse.Namespace) -> int:
    """Print the links (watch, download) of one message's file, signed with SECRET_KEY."""
    from streamvault.cli.link import link_lines
    from streamvault.media.model import Origin

    origin = Origin(options.chat, options.message)
    for line in link_lines(_settings(options), origin, hours=options.expires_in, everything=options.everything):
        print(line)
    return 0


def _index(options: argparse.Namespace) -> int:
    """Walk through a channel's history and put every file into the catalog, from the newest to the oldest.

    A running server does it, else the command does it itself. It can be stopped at any time, and goes on then.
    """
    from streamvault.cli import index, progress

    chat = index.chat_of(options.chat)
    settings = _settings(options)
    configure_logging("WARNING", settings.log_format, secrets=_secrets(settings))
    with progress.opened(sys.stdout) as shown:
        server = index.find_server(settings, shown)
        if server is not None:
            return index.shown_there(server, chat, shown, again=options.again)
        ends: list[bool] = []

        async def run() -> None:
            ends.append(await index.walk_here(settings, chat, shown, again=options.again))

        _run(settings.event_loop, run)
    return 0 if ends == [True] else 1


def _catalog(options: argparse.Namespace) -> int:
    """The catalog of these settings as a file, and back."""
    from streamvault.cli.catalog import export_to, import_from

    settings = _settings(options)
    move = export_to if options.action == "export" else import_from
    _run("asyncio", lambda: move(settings, options.file, say=lambda text: print(text, file=sys.stderr)))
    return 0


def _emulator(arguments: Sequence[str]) -> int:
    """The emulator is a program of its own, with its own options."""
    from tgemulator.__main__ import main as emulator

    return emulator(arguments)
