"""`streamvault mirror`: a channel kept as a copy of another, by the running server."""

import argparse

from streamvault.cli.options import Subparsers, add_settings, chat_of, run_async, secrets_of, settings_as, settings_of
from streamvault.errors import ConfigError
from streamvault.logs.setup import configure_logging
from streamvault.settings import LocalSettings

USAGE = "name SOURCE and TARGET, or say `list`, `remove ID`, `delete ID` or `keep ID` (see `streamvault mirror --help`)"
ON_ONE = {"remove": "remove", "delete": "delete", "keep": "keep"}


def add(commands: Subparsers) -> None:
    """Register `mirror`."""
    parser = commands.add_parser(
        "mirror", help="keep a channel as a copy of another", description=run.__doc__,
    )  # fmt: skip
    parser.add_argument(
        "words", nargs="+", metavar="SOURCE TARGET",
        help="two channels (-100... or @username); or `list`: the mirrors; `remove ID`: end one, its copies stay; "
        "`delete ID`, `keep ID`: what becomes of the copies of many messages that were deleted at once",
    )  # fmt: skip
    parser.add_argument("--once", action="store_true", help="copy what is there now, show the progress, and end")
    parser.add_argument("--deletions", action="store_true", help="delete copies when their messages are deleted")
    add_settings(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Have the running server keep the channel TARGET as a copy of the channel SOURCE: its past and what comes.

    The server's bot is in both, in TARGET as an administrator who may post. With --once, the command does it itself
    where no server runs. It can be stopped at any time, and goes on then.
    """
    from streamvault.cli import mirror

    words: list[str] = options.words
    if words == ["list"]:
        return mirror.show_all(settings_as(LocalSettings, options))
    if len(words) == 2 and words[0] in ON_ONE:
        return mirror.change(settings_as(LocalSettings, options), words[1], words[0])
    if len(words) != 2:
        raise ConfigError(USAGE)
    asked = {
        "source": chat_of(words[0]), "target": chat_of(words[1]), "once": options.once, "deletions": options.deletions
    }  # fmt: skip
    settings = settings_as(LocalSettings, options)
    if not options.once or mirror.has_server(settings):
        return mirror.add(settings, asked, follow=options.once)
    whole = settings_of(options)
    configure_logging("WARNING", whole.log_format, secrets=secrets_of(whole))
    outcomes: list[bool] = []

    async def copy() -> None:
        outcomes.append(await mirror.mirror_here(whole, asked))

    run_async(whole.event_loop, copy)
    return 0 if outcomes == [True] else 1
