"""`streamvault leech`: the leech worker. With `add | list | show | pause | resume | cancel | retry`: jobs, and with
`feeds | follow | try | unfollow`: feeds, through the running server.
"""

import argparse
import logging
import sys
from pathlib import Path
from urllib.parse import urlsplit

from streamvault.cli.options import (
    Subparsers,
    add_settings,
    chat_of,
    run_async,
    secrets_of,
    settings_as,
    settings_of,
)
from streamvault.errors import ConfigError
from streamvault.leech.selection import read_numbers
from streamvault.leech.torrent_files import MOST, file_address
from streamvault.logs.setup import configure_logging
from streamvault.process import end_with_parent, importing
from streamvault.settings import LocalSettings

log = logging.getLogger(__name__)

USED = ("secret_key", "host", "port", "public_url", "data_dir", "session_name", "session_store", "database_url")
ACTIONS = {
    "add": "have files fetched from elsewhere and posted in a channel",
    "list": "the jobs, the latest first",
    "show": "all about one job",
    "pause": "pause a job",
    "resume": "go on with a paused job",
    "cancel": "end a job",
    "retry": "try a job again that failed or was cancelled; one that waits, at once",
    "feeds": "the feeds that are followed, the latest first",
    "follow": "follow an RSS or Atom feed or a podcast: what is new in it is leeched",
    "try": "what would be taken of a feed, and why not the rest",
    "unfollow": "follow a feed no longer; its jobs stay",
}
MAX_LINES = 10_000


def add(commands: Subparsers) -> None:
    """Register `leech` and its actions."""
    parser = commands.add_parser(
        "leech", help="run the leech worker; with an action: jobs and feeds for it", description=work.__doc__
    )
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    actions = parser.add_subparsers(metavar="ACTION", dest="action")
    for name, help in ACTIONS.items():
        action = actions.add_parser(name, help=help, description=f"{help}; the running server does it")
        if name == "add":
            _add_wishes(action)
        elif name in ("follow", "try"):
            _add_rules(action, follows=name == "follow")
        elif name == "unfollow":
            action.add_argument("id", metavar="ID", help="the feed's ID, as `streamvault leech feeds` shows it")
        elif name not in ("list", "feeds"):
            action.add_argument("id", metavar="ID", help="the job's ID, as `streamvault leech list` shows it")
        add_settings(action, used=USED)
        action.set_defaults(run=run, serves=False)
    add_settings(parser)
    parser.set_defaults(run=work, serves=True)


def _add_wishes(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "urls", nargs="+", metavar="URL", help="addresses, or .torrent files; `-`: addresses on standard input"
    )
    action.add_argument("--name", dest="file_name", metavar="NAME", help="what the file is called; for one address")
    action.add_argument("--as-document", action="store_true", help="post it as a document, not as a video or music")
    action.add_argument("--zip", action="store_true", help="pack it into a ZIP archive")
    action.add_argument("--unzip", action="store_true", help="post the files in an archive instead of it")
    action.add_argument("--ytdlp", action="store_true", help="the video of a page, or a playlist, that yt-dlp knows")
    action.add_argument(
        "--select", metavar="NUMBERS", help="entries of a playlist with --ytdlp, or files of a torrent, as 1,3-5 (all)"
    )
    action.add_argument("--to", metavar="CHAT", help="the channel: -100... or @username (LEECH_CHANNEL)")


def _add_rules(action: argparse.ArgumentParser, *, follows: bool) -> None:
    action.add_argument("url", metavar="URL", help="the feed's address; `-`: that on standard input")
    for name, help in (
        ("include", "take only items with this word; may be repeated"),
        ("exclude", "take no item with this word; may be repeated"),
        ("prefer", "of the same episode take the item with the first of these words; may be repeated"),
    ):
        action.add_argument(f"--{name}", action="append", default=[], metavar="WORD", help=help)
    action.add_argument(
        "--pages", action="store_true", help="of items with a web page only, the video that yt-dlp finds"
    )
    if follows:
        action.add_argument("--every", type=int, metavar="SECONDS", help="between two looks (1800)")
        action.add_argument("--existing", action="store_true", help="take what is there already, too")
        action.add_argument("--titles", action="store_true", help="name files as their items are called")
        action.add_argument("--as-document", action="store_true", help="post files as documents")
        action.add_argument("--to", metavar="CHAT", help="the channel: -100... or @username (LEECH_CHANNEL)")


def work(options: argparse.Namespace) -> int:
    """Fetch what jobs name into a channel until SIGTERM or Ctrl-C. `serve` runs one too, unless LEECH=external."""
    warnings: list[str] = []
    settings = settings_of(options, warn=warnings.append)
    configure_logging(settings.log_level, settings.log_format, secrets=secrets_of(settings))
    for warning in warnings:
        log.warning("%s", warning)
    if options.parent is not None:
        end_with_parent(options.parent)
    with importing():
        from streamvault.server.leech import leech
    run_async(settings.event_loop, lambda: leech(settings))
    return 0


def run(options: argparse.Namespace) -> int:
    """Ask the running server for leech jobs and feeds, or for new ones."""
    from streamvault.cli import feeds, leech

    settings = settings_as(LocalSettings, options)
    if options.action == "feeds":
        return feeds.show_all(settings)
    if options.action == "unfollow":
        return feeds.unfollow(settings, options.id)
    if options.action in ("follow", "try"):
        address = addresses([options.url])[0]
        act = feeds.follow if options.action == "follow" else feeds.try_out
        return act(settings, address, _rules(options, settings))
    if options.action == "add":
        return leech.add(settings, addresses(options.urls), wishes(options, settings))
    if options.action == "list":
        return leech.show_all(settings)
    if options.action == "show":
        return leech.show(settings, options.id)
    return leech.change(settings, options.id, options.action)


def addresses(urls: list[str]) -> list[str]:
    """The addresses that arguments, and lines of standard input, name. Raises ConfigError for a password among the
    arguments, which every user of the machine can read.
    """
    found: list[str] = []
    for url in urls:
        if url == "-":
            found += [line.strip() for line in sys.stdin if line.strip() and not line.startswith("#")]
            continue
        if _has_credentials(url):
            raise ConfigError(
                "an address holds a user or password, which every user of this machine could read here: write `-` "
                "instead, and the address on standard input"
            )
        found.append(_handed_in(url) if url.lower().endswith(".torrent") and Path(url).is_file() else url)
    if not 0 < len(found) <= MAX_LINES:
        raise ConfigError(f"name at least one address, and at most {MAX_LINES}")
    return found


def _handed_in(path: str) -> str:
    """The address of a .torrent file of this machine. Raises ConfigError."""
    try:
        with Path(path).open("rb") as file:
            return file_address(file.read(MOST + 1))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} is no .torrent file that can be read: {error}") from None


def wishes(options: argparse.Namespace, settings: LocalSettings) -> dict[str, object]:
    """What is wished for the jobs, as the API takes it. Raises ConfigError."""
    if options.file_name is not None and (len(options.urls) > 1 or options.urls == ["-"]):
        raise ConfigError("--name is for one address: leave it out, or add the others by themselves")
    asked = {
        "as_document": options.as_document, "zip": options.zip, "unzip": options.unzip, "ytdlp": options.ytdlp,
    }  # fmt: skip
    found: dict[str, object] = {name: True for name, is_asked in asked.items() if is_asked}
    if options.file_name is not None:
        found["name"] = options.file_name
    if options.select is not None:
        found["select"] = _selected(options)
    if options.to is not None:
        found["chat_id"] = _number(settings, chat_of(options.to))
    return found


def _rules(options: argparse.Namespace, settings: LocalSettings) -> dict[str, object]:
    """What is wished for a feed, as the API takes it. Raises ConfigError."""
    found: dict[str, object] = {name: getattr(options, name) for name in ("include", "exclude", "prefer", "pages")}
    if options.action == "follow":
        found |= {name: getattr(options, name) for name in ("existing", "titles", "as_document")}
        found |= {} if options.every is None else {"every": options.every}
        found |= {} if options.to is None else {"chat_id": _number(settings, chat_of(options.to))}
    return found


def _selected(options: argparse.Namespace) -> list[int]:
    try:
        return list(read_numbers(options.select))
    except ValueError as error:
        raise ConfigError(f"--select: {error}") from None


def _number(settings: LocalSettings, chat: int | str) -> int:
    from streamvault.cli.commands.link import number_of

    return chat if isinstance(chat, int) else number_of(settings, chat)


def _has_credentials(url: str) -> bool:
    try:
        return "@" in urlsplit(url).netloc
    except ValueError:
        return "@" in url
