"""`streamvault serve`: the bot and the web server."""

import argparse
import logging

from streamvault.cli.options import Subparsers, add_settings, given_settings, run_async, secrets_of, settings_of
from streamvault.logs.setup import configure_logging
from streamvault.process import importing

log = logging.getLogger(__name__)


def add(commands: Subparsers) -> None:
    """Register `serve`."""
    parser = commands.add_parser("serve", help="run the bot and the web server", description=run.__doc__)
    add_settings(parser)
    parser.set_defaults(run=run, serves=True)


def run(options: argparse.Namespace) -> int:
    """Run the bot and the web server until SIGTERM or Ctrl-C."""
    warnings: list[str] = []
    settings = settings_of(options, warn=warnings.append)
    configure_logging(settings.log_level, settings.log_format, secrets=secrets_of(settings))
    for warning in warnings:
        log.warning("%s", warning)
    with importing():
        from streamvault.server.run import serve
    run_async(settings.event_loop, lambda: serve(settings, children=given_settings(options)))
    return 0
