"""`streamvault link`: signed links to one file, or a token for the whole server."""

import argparse
import re
import time
from collections.abc import Iterator

from streamvault.access.identity import Media
from streamvault.access.links import LinkSigner
from streamvault.access.urls import Urls
from streamvault.cli.options import Subparsers, add_settings, chat_of, run_async, settings_as
from streamvault.datadir import open_data_dir, secret_key
from streamvault.errors import ConfigError
from streamvault.media.model import Origin
from streamvault.settings import LocalSettings, values

MAX_HOURS = 24 * 365 * 100
USED = (
    "secret_key",
    "public_url",
    "public_access",
    "host",
    "port",
    "data_dir",
    "session_name",
    "session_store",
    "database_url",
)


def add(commands: Subparsers) -> None:
    """Register `link`."""
    parser = commands.add_parser("link", help="print a link to everything, or to one file", description=run.__doc__)
    parser.add_argument(
        "chat", nargs="?",
        help="the channel's number as Telegram writes it (-100...), or its @username; or the post's own link, alone; "
        "or `list`, or `revoke` and the ID of a link",
    )  # fmt: skip
    parser.add_argument("message", nargs="?", help="the message's number in it")
    parser.add_argument("--expires-in", type=hours_of, metavar="HOURS", help="how long the link works (for ever)")
    parser.add_argument(
        "--everything", action="store_true", help="a link to every page and file, without CHAT and MESSAGE"
    )
    parser.add_argument(
        "--scope", choices=("watch", "download", "both"), help="a link that can be revoked, to watch or to download"
    )
    parser.add_argument("--viewers", type=int, metavar="N", help="a link that can be revoked, for N different viewers")
    add_settings(parser, used=USED)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the links (watch, download) of one message's file, or one to everything, signed with SECRET_KEY.

    They are made without a connection, on any machine: a message that does not exist is noticed when they are opened.
    """
    if options.everything and options.chat is not None:
        raise ConfigError("--everything is a link to all files: leave out either it or CHAT and MESSAGE")
    chat, message = options.chat, options.message
    if chat in ("list", "revoke"):
        return _look_after(options)
    if chat is not None and message is None:
        chat, message = named_by_link(chat)
    if not options.everything and message is None:
        raise ConfigError("name CHAT and MESSAGE, the numbers in the link of a post, or that link, or --everything")
    settings = settings_as(LocalSettings, options)
    if options.scope is not None or options.viewers is not None:
        return _stored_link(settings, options, chat, message)
    origin = None if options.everything else origin_of(settings, chat, message)
    for line in link_lines(settings, origin, hours=options.expires_in):
        print(line)
    return 0


def _look_after(options: argparse.Namespace) -> int:
    """`link list` and `link revoke ID`."""
    from streamvault.cli import access

    if (options.chat == "revoke") != (options.message is not None):
        raise ConfigError("write `streamvault link list`, or `streamvault link revoke ID` with an ID that it shows")
    settings = settings_as(LocalSettings, options)

    async def work() -> None:
        if options.chat == "list":
            lines = await access.list_links(settings)
        else:
            lines = await access.revoke_link(settings, options.message)
        print("\n".join(lines))

    run_async("asyncio", work)
    return 0


def _stored_link(settings: LocalSettings, options: argparse.Namespace, chat: str, message: str | None) -> int:
    """A link that is kept in the database, so that it can be listed and revoked."""
    from streamvault.cli import access

    if options.everything or message is None:
        raise ConfigError("--scope and --viewers are for a link to one file: name CHAT and MESSAGE")
    origin = origin_of(settings, chat, message)

    async def work() -> None:
        media: Media = options.scope or "both"
        lines = await access.make_link(settings, origin, media=media, hours=options.expires_in, viewers=options.viewers)
        print("\n".join(lines))

    run_async("asyncio", work)
    return 0


def named_by_link(text: str) -> tuple[str, str | None]:
    """CHAT and MESSAGE of a post's own link, of a channel's or a topic's; (text, None) for anything else."""
    link = re.fullmatch(
        r"(?:https?://)?(?:www\.)?(?:t|telegram)\.me/(?:s/)?(?:c/([0-9]{1,12})|([A-Za-z][A-Za-z0-9_]{3,31}))"
        r"/(?:[0-9]+/)?([0-9]{1,18})/?(?:[?#].*)?",
        text,
    )
    if link is None:
        return text, None
    return (str(values.channel_of(int(link[1]))) if link[1] else f"@{link[2]}"), link[3]


def hours_of(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0 < hours < MAX_HOURS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of hours above 0, such as 24 for a day")
    return hours


def origin_of(settings: LocalSettings, chat: str, message: str) -> Origin:
    """The message that the arguments name. Raises ConfigError."""
    if not re.fullmatch(r"[0-9]{1,18}", message):
        raise ConfigError("MESSAGE is the number at the end of the post's own link, such as 77")
    named = int(chat) if re.fullmatch(r"-100[0-9]{1,15}", chat) else chat_of(chat)
    return Origin(named if isinstance(named, int) else number_of(settings, named), int(message))


def number_of(settings: LocalSettings, username: str) -> int:
    """The number of the channel with this username. Raises ConfigError if the bot has not seen it."""
    from streamvault.cli.sessions import channel_number

    found: list[int] = []

    async def look() -> None:
        found.append(await channel_number(settings, username))

    run_async("asyncio", look)
    return found[0]


def link_lines(settings: LocalSettings, origin: Origin | None, *, hours: float | None) -> Iterator[str]:
    """The lines to print: the links of one message's file, or (None) one with a token for the whole server.

    `hours` is how long they are valid, None without end. Raises ConfigError for numbers out of range.
    """
    if origin is not None and not (-(1 << 63) <= origin.chat_id < 1 << 63 and 0 < origin.message_id < 1 << 31):
        raise ConfigError("CHAT is a number such as -1001234567890, MESSAGE one above 0, as in the post's own link")
    expires_at = None if hours is None else int(time.time() + hours * 3600)
    if settings.secret_key is None:
        settings = settings.model_copy(update={"data_dir": open_data_dir(settings.data_dir)})
    signer = LinkSigner(secret_key(settings))
    if origin is None:
        yield f"{settings.public_url}/?token={signer.sign(None, scope='server', expires_at=expires_at)}"
        return
    links = Urls(settings, signer).links_to(origin, expires_at=expires_at)
    yield f"watch     {links.watch}"
    yield f"download  {links.download}"
