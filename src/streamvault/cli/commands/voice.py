"""`streamvault voice`: the voice worker."""

import argparse
import logging

from streamvault.cli.options import Subparsers, add_settings, run_async, secrets_of, settings_of
from streamvault.logs.setup import configure_logging
from streamvault.process import end_with_parent, importing

log = logging.getLogger(__name__)


def add(commands: Subparsers) -> None:
    """Register `voice`."""
    parser = commands.add_parser("voice", help="run the voice worker, which plays in calls", description=run.__doc__)
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    add_settings(parser)
    parser.set_defaults(run=run, serves=True)


def run(options: argparse.Namespace) -> int:
    """Play in calls what is queued for them until SIGTERM or Ctrl-C. `serve` runs one too, unless VOICE=external."""
    warnings: list[str] = []
    settings = settings_of(options, warn=warnings.append)
    configure_logging(settings.log_level, settings.log_format, secrets=secrets_of(settings))
    for warning in warnings:
        log.warning("%s", warning)
    if options.parent is not None:
        end_with_parent(options.parent)
    with importing():
        from streamvault.server.voice import voice
    run_async("asyncio", lambda: voice(settings))
    return 0
