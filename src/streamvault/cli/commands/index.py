"""`streamvault index`: a channel's history into the catalog."""

import argparse
import sys

from streamvault.cli.interrupts import raised_interrupts
from streamvault.cli.options import Subparsers, add_settings, chat_of, run_async, secrets_of, settings_of
from streamvault.logs.setup import configure_logging


def add(commands: Subparsers) -> None:
    """Register `index`."""
    parser = commands.add_parser("index", help="find every file in a channel's history", description=run.__doc__)
    parser.add_argument("chat", help="the channel's number as Telegram writes it (-100...), or its @username")
    parser.add_argument("--again", action="store_true", help="read all of it anew, not only what has come since")
    add_settings(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Walk through a channel's history and put every file into the catalog, from the newest to the oldest.

    A running server does it, else the command does it itself. It can be stopped at any time, and goes on then.
    """
    from streamvault.cli import index, progress

    chat = chat_of(options.chat)
    settings = settings_of(options)
    configure_logging("WARNING", settings.log_format, secrets=secrets_of(settings))
    with raised_interrupts(), progress.open_display(sys.stdout) as display:
        server = index.find_server(settings, display)
        if server is not None:
            return index.run_on_server(server, chat, display, again=options.again)
        outcomes: list[bool] = []

        async def walk() -> None:
            outcomes.append(await index.walk_here(settings, chat, display, again=options.again))

        run_async(settings.event_loop, walk)
    return 0 if outcomes == [True] else 1
