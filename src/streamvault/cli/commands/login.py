"""`streamvault login`: user accounts beside the bot, for histories and for calls."""

import argparse

from streamvault.cli.options import Subparsers, add_settings, run_async, secrets_of, settings_of
from streamvault.logs.setup import configure_logging


def add(commands: Subparsers) -> None:
    """Register `login`."""
    parser = commands.add_parser("login", help="log a user account in, for histories or calls", description=run.__doc__)
    parser.add_argument("--print", action="store_true", help="print its session string, for USER_SESSION elsewhere")
    parser.add_argument(
        "--voice",
        action="store_true",
        dest="calls",
        help="the account that plays in calls, for VOICE_SESSION elsewhere",
    )
    add_settings(parser, without=("voice",))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Log a user account in, which reads histories that a bot may not, or with --voice plays in calls. Phone number,
    code and password are asked for.

    They may come from standard input, one a line. Nothing is asked when it is logged in already.
    """
    settings = settings_of(options)
    configure_logging("ERROR", settings.log_format, secrets=secrets_of(settings))
    from streamvault.cli.login import log_in, next_steps
    from streamvault.cli.terminal import Terminal
    from streamvault.server.voice_calls import voice_settings

    async def work() -> None:
        terminal = Terminal()
        login = await log_in(voice_settings(settings) if options.calls else settings, terminal)
        if options.print:
            terminal.say("whoever has this string is you: keep it like a password, and use it in one place only")
        print(login.string if options.print else "\n".join(next_steps(login, voice=options.calls)))

    run_async("asyncio", work)
    return 0
