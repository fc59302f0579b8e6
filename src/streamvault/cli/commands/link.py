"""`streamvault link`: signed links to one file, or a token for the whole server."""

import argparse
import time
from collections.abc import Iterator

from streamvault.access.links import LinkSigner
from streamvault.access.urls import Urls
from streamvault.cli.options import Subparsers, add_settings, settings_of
from streamvault.datadir import open_data_dir, secret_key
from streamvault.errors import ConfigError
from streamvault.media.model import Origin
from streamvault.settings import Settings

MAX_HOURS = 24 * 365 * 100


def add(commands: Subparsers) -> None:
    """Register `link`."""
    parser = commands.add_parser("link", help="print a link to one file", description=run.__doc__)
    parser.add_argument(
        "chat", type=int, nargs="?", help="the chat's number as Telegram writes it, such as -1001234567890"
    )
    parser.add_argument("message", type=int, nargs="?", help="the message's number in it")
    parser.add_argument("--expires-in", type=float, metavar="HOURS", help="how long the link works (for ever)")
    parser.add_argument(
        "--everything", action="store_true", help="a link to every page and file, without CHAT and MESSAGE"
    )
    add_settings(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the links (watch, download) of one message's file, signed with SECRET_KEY."""
    origin = None
    if options.chat is not None and options.message is not None:
        origin = Origin(options.chat, options.message)
    elif not options.everything:
        raise ConfigError("name CHAT and MESSAGE, the numbers in the link of a post, or --everything")
    for line in link_lines(settings_of(options), origin, hours=options.expires_in, everything=options.everything):
        print(line)
    return 0


def link_lines(settings: Settings, origin: Origin | None, *, hours: float | None, everything: bool) -> Iterator[str]:
    """The lines to print: the links of one message's file, or (`everything`) one with a token for the whole server.

    `hours` is how long they are valid, None without end. Raises ConfigError for numbers out of range.
    """
    if hours is not None and not 0 < hours < MAX_HOURS:
        raise ConfigError("--expires-in is a number of hours above 0, such as 24")
    if origin is not None and not (-(1 << 63) <= origin.chat_id < 1 << 63 and 0 < origin.message_id < 1 << 31):
        raise ConfigError("CHAT is a number such as -1001234567890, MESSAGE one above 0, as in the post's own link")
    expires_at = None if hours is None else int(time.time() + hours * 3600)
    settings = settings.model_copy(update={"data_dir": open_data_dir(settings.data_dir)})
    signer = LinkSigner(secret_key(settings))
    if everything or origin is None:
        yield f"{settings.public_url}/?token={signer.sign(None, scope='server', expires_at=expires_at)}"
        return
    links = Urls(settings, signer).links_to(origin, expires_at=expires_at)
    yield f"watch     {links.watch}"
    yield f"download  {links.download}"
