"""Wishes that a source cannot fulfil; pure."""

from collections.abc import Collection

from streamvault.errors import SourceRefused
from streamvault.leech.addresses import is_magnet
from streamvault.leech.message_links import is_telegram
from streamvault.leech.model import Options
from streamvault.leech.torrent_files import is_file_address

AS_THEY_ARE = "Messages of Telegram are copied as they are: leave out the packing and unpacking."
AS_IN_TORRENT = "The files of a torrent are posted as they are: leave out the packing and unpacking."
NOTHING_TO_CHOOSE = "Entries can be chosen of what yt-dlp fetches only."


def check_wishes(source: str, options: Options, schemes: Collection[str]) -> None:
    """Raises SourceRefused. `schemes`: of addresses that can be leeched."""
    if is_telegram(source) and (options.zip or options.unzip):
        raise SourceRefused(AS_THEY_ARE)
    if is_magnet(source) or is_file_address(source):
        check_torrent_wishes(options)
    if (options.select or options.choose) and not options.ytdlp and "magnet" not in schemes:
        raise SourceRefused(NOTHING_TO_CHOOSE)


def check_torrent_wishes(options: Options) -> None:
    """The same for what is known to be a torrent."""
    if options.zip or options.unzip:
        raise SourceRefused(AS_IN_TORRENT)
