"""`streamvault demo`: the server on an emulated Telegram."""

import argparse

from streamvault.cli.options import Subparsers, run_async
from streamvault.process import importing


def add(commands: Subparsers) -> None:
    """Register `demo`."""
    parser = commands.add_parser("demo", help="run everything on an emulated Telegram", description=run.__doc__)
    parser.add_argument("--host", default=None, help="where to listen (127.0.0.1)")
    parser.add_argument("--port", default=None, type=int, help="where to listen (8080)")
    parser.add_argument("--folder", default=".demo", help="where its media and its state are kept (.demo)")
    parser.set_defaults(run=run, serves=True)


def run(options: argparse.Namespace) -> int:
    """An emulated Telegram with sample channels and playable media, the bot and the server. No account needed."""
    with importing():
        from streamvault.demo.run import run_demo

    run_async("asyncio", lambda: run_demo(host=options.host, port=options.port, folder=options.folder))
    return 0
