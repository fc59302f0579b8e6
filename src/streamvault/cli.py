"""The front door: reads the settings once, picks a command, maps every error to an exit code.

0 stopped as asked, 1 crashed or a failed check, 2 a wrong setting (one line on standard error).
"""

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from streamvault import __version__
from streamvault.errors import ConfigError, StreamVaultError
from streamvault.logs import configure_logging
from streamvault.settings import Settings, read_settings

Main = Callable[[], Coroutine[Any, Any, None]]


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

    login = commands.add_parser("login", help="log a user account in, for histories", description=_login.__doc__)
    login.add_argument("--print", action="store_true", help="print its session string, for USER_SESSION elsewhere")
    _add_settings(login)
    login.set_defaults(run=_login)

    _add_session(commands)
    _add_catalog(commands)

    commands.add_parser("emulator", help="run the emulated Telegram alone (see streamvault emulator --help)")
    return parser


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
        _add_settings(action)
        action.set_defaults(run=_session)


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


def _add_settings(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "settings", "Any of README.md's settings but the secrets; each wins over the environment and over .env."
    )
    for name, field in Settings.model_fields.items():
        if "Secret" in str(field.annotation) and name != "database_url":
            continue  # a command line is readable by every user of the machine
        group.add_argument(f"--{name.replace('_', '-')}", metavar=name.upper())


def _settings(options: argparse.Namespace) -> Settings:
    given = {name: getattr(options, name, None) for name in Settings.model_fields}
    if "@" in (given["database_url"] or ""):
        raise ConfigError(
            "DATABASE_URL holds a password, which every user of this machine could read here: "
            "set it in the environment or in a .env file"
        )
    return read_settings({name: value for name, value in given.items() if value is not None})


def _secrets(settings: Settings) -> list[str]:
    kept = (
        settings.api_hash,
        settings.bot_token,
        *settings.worker_bot_tokens,
        settings.user_session,
        settings.secret_key,
        settings.proxy_url,
        settings.mongodb_url,
    )
    return [secret.get_secret_value() for secret in kept if secret is not None]


def _run(loop: str, make: Main) -> None:
    """Run `make()` on a loop that we create, so that no library picks another."""
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    if loop == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(make())


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
    from streamvault.access.command import link_lines
    from streamvault.media.model import Origin

    origin = Origin(options.chat, options.message)
    for line in link_lines(_settings(options), origin, hours=options.expires_in, everything=options.everything):
        print(line)
    return 0


def _index(options: argparse.Namespace) -> int:
    """Walk through a channel's history and put every file into the catalog, from the newest to the oldest.

    A running server does it, else the command does it itself. It can be stopped at any time, and goes on then.
    """
    from streamvault.walking import command, screen

    chat = command.chat_of(options.chat)
    settings = _settings(options)
    configure_logging("WARNING", settings.log_format, secrets=_secrets(settings))
    with screen.opened(sys.stdout) as shown:
        server = command.find_server(settings, shown)
        if server is not None:
            return command.shown_there(server, chat, shown, again=options.again)
        ends: list[bool] = []

        async def run() -> None:
            ends.append(await command.walk_here(settings, chat, shown, again=options.again))

        _run(settings.event_loop, run)
    return 0 if ends == [True] else 1


def _login(options: argparse.Namespace) -> int:
    """Log a user account in, which reads histories that a bot may not. Phone number, code and password are asked for.

    They may come from standard input, one a line. Nothing is asked when it is logged in already.
    """
    settings = _settings(options)
    configure_logging("ERROR", settings.log_format, secrets=_secrets(settings))
    from streamvault.telegram.login_command import how_to_go_on, log_in
    from streamvault.terminal import Terminal

    async def run() -> None:
        terminal = Terminal()
        found = await log_in(settings, terminal)
        if options.print:
            terminal.say("whoever has this string is you: keep it like a password, and use it in one place only")
        print(found.string if options.print else "\n".join(how_to_go_on(found)))

    _run("asyncio", run)
    return 0


def _session(options: argparse.Namespace) -> int:
    """The stored sessions of these settings."""
    from streamvault.telegram.stored import command

    settings = _settings(options)

    async def run() -> None:
        match options.action:
            case "list":
                lines = await command.show(settings)
            case "move":
                lines = await command.move(settings, to=options.to)
            case "set-aside":
                lines = [f"it is kept as {await command.set_aside(settings, options.name)}"]
            case _:
                lines = [await command.import_string(settings, _secret_line("session string: "))]
        print("\n".join(lines))

    _run("asyncio", run)
    return 0


def _catalog(options: argparse.Namespace) -> int:
    """The catalog of these settings as a file, and back."""
    from streamvault.catalog.command import export_to, import_from

    settings = _settings(options)
    move = export_to if options.action == "export" else import_from
    _run("asyncio", lambda: move(settings, options.file, say=lambda text: print(text, file=sys.stderr)))
    return 0


def _secret_line(prompt: str) -> str:
    """One line that is neither shown nor seen in the list of processes."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()


def _emulator(arguments: Sequence[str]) -> int:
    """The emulator is a program of its own, with its own options."""
    from tgemulator.__main__ import main as emulator

    return emulator(arguments)
