"""`streamvault catalog export | import`: the catalog as JSON Lines."""

import argparse
import sys

from streamvault.cli.options import Subparsers, add_settings, run_async, settings_as
from streamvault.settings import LocalSettings


def add(commands: Subparsers) -> None:
    """Register `catalog` and its actions."""
    text = "write the catalog to a file, and read it back: for copies, and to move it to another database"
    parser = commands.add_parser("catalog", help=text, description=text)
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    text = "write everything in it to a file, as JSON Lines"
    export = actions.add_parser("export", help=text, description=text)
    export.add_argument("file", nargs="?", default="-", help="the file's name (standard output)")
    text = "put what was exported into the catalog that DATABASE_URL names"
    into = actions.add_parser("import", help=text, description=text)
    into.add_argument("file", nargs="?", default="-", help="the file's name (standard input)")
    for action in actions.choices.values():
        add_settings(action, used=("data_dir", "database_url"))
        action.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Export the catalog of these settings to a file, or import one into it."""
    from streamvault.cli.catalog import export_to, import_from

    settings = settings_as(LocalSettings, options)
    transfer = export_to if options.action == "export" else import_from
    run_async("asyncio", lambda: transfer(settings, options.file, say=lambda text: print(text, file=sys.stderr)))
    return 0
