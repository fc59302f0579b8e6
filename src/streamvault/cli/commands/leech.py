"""`streamvault leech`: the leech worker."""

import argparse
import logging

from streamvault.cli.options import Subparsers, add_settings, run_async, secrets_of, settings_of
from streamvault.logs.setup import configure_logging

log = logging.getLogger(__name__)


def add(commands: Subparsers) -> None:
    """Register `leech`."""
    parser = commands.add_parser("leech", help="run the leech worker", description=run.__doc__)
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    add_settings(parser)
    parser.set_defaults(run=run, serves=True)


def run(options: argparse.Namespace) -> int:
    """Fetch what jobs name into a channel until SIGTERM or Ctrl-C. `serve` runs one too, unless LEECH=external."""
    warnings: list[str] = []
    settings = settings_of(options, warn=warnings.append)
    configure_logging(settings.log_level, settings.log_format, secrets=secrets_of(settings))
    for warning in warnings:
        log.warning("%s", warning)
    from streamvault.process import end_with_parent, freeze_garbage
    from streamvault.server.leech import leech

    if options.parent is not None:
        end_with_parent(options.parent)
    freeze_garbage()
    run_async(settings.event_loop, lambda: leech(settings))
    return 0
