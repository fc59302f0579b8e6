"""How yt-dlp is called; pure. Nothing that somebody wrote in a chat becomes an option."""

import shlex
from collections.abc import Collection, Sequence
from urllib.parse import quote

from streamvault.leech.sources.urls import parse_url

FIELDS = (
    "_type", "id", "title", "url", "webpage_url", "ext", "protocol", "http_headers", "cookies", "live_status",
    "is_live", "release_timestamp", "filesize", "filesize_approx", "duration", "tbr", "playlist", "playlist_title",
    "playlist_index", "playlist_count", "requested_formats.:.protocol", "requested_subtitles", "thumbnail",
)  # fmt: skip
DONE_FIELDS = ("filepath", "ext", "title", "requested_subtitles", "thumbnails")
OUTPUT = "file"
"""Name of what is written, without its ending: a title may be longer than a file system allows."""
_PROTOCOLS = "[protocol~='^(https?|m3u8|m3u8_native|http_dash_segments|http_dash_segments_generator|ism)$']"
"""Those that yt-dlp reads by itself, hence through the proxy."""
_COMMON = (
    "--ignore-config", "--no-plugin-dirs", "--no-cache-dir", "--no-remote-components", "--no-js-runtimes",
    "--color", "never", "--encoding", "utf-8", "--default-search", "error", "--no-playlist",
    "--concat-playlist", "never", "--downloader", "native", "--socket-timeout", "30", "--retries", "5",
    "--fragment-retries", "5", "--abort-on-unavailable-fragments", "--fixup", "detect_or_warn", "--quiet", "--no-mtime",
)  # fmt: skip


def look_arguments(*, tools: Collection[str], items: str = "", flat: bool = True) -> list[str]:
    """Arguments that have it print an `E` line for each entry, and fetch nothing. `items`: those of a list, as
    `--playlist-items` takes them; `flat`: entries of a list are not looked into.
    """
    own = ["--skip-download", "--lazy-playlist", "--ignore-no-formats-error", "--sub-langs", "all,-live_chat"]
    own += ["--write-subs", "--print", f"E %(.{{{','.join(FIELDS)}}})j", *(["--flat-playlist"] if flat else [])]
    return [*_COMMON, *_by(tools, items), *own, "--config-locations", "-", "--"]


def fetch_arguments(*, tools: Collection[str], items: str = "", rate_limit: int = 0) -> list[str]:
    """Arguments that have it write one video, its subtitles and its picture into the folder in which it runs. It
    prints `P` lines while it does, and an `F` line when a video is complete. `rate_limit`: bytes a second, 0 for any.
    """
    own = [
        "--no-simulate", "--match-filters", "!is_live", "--output", f"{OUTPUT}.%(ext)s",
        "--write-subs", "--sub-langs", "all,-live_chat", "--write-thumbnail",
        "--progress", "--newline", "--progress-delta", "1", "--progress-template",
        "download:P %(progress.{status,downloaded_bytes,total_bytes,total_bytes_estimate})j",
        "--print", f"after_move:F %(.{{{','.join(DONE_FIELDS)}}})j",
    ]  # fmt: skip
    if rate_limit:
        own += ["--limit-rate", str(rate_limit)]
    return [*_COMMON, *_by(tools, items), *own, "--config-locations", "-", "--"]


def typed(proxy: str, address: str) -> bytes:
    """What it reads from its standard input, as options: the proxy with its secret, and the address."""
    return f"--proxy {shlex.quote(proxy)}\n{shlex.quote(address)}\n".encode()


def plain_address(text: str) -> str:
    """An address as yt-dlp is given it: of scheme http or https, without blanks. Raises SourceRefused."""
    text = text.strip()
    parse_url(text)
    return quote(text, safe="!#$%&'()*+,/:;=?@[]~-._")


def items_text(numbers: Sequence[int], *, after: int = 0) -> str:
    """The entries of a list (from 1) that are wanted, "" for all; of those only the ones that follow number `after`."""
    if not numbers:
        return f"{after + 1}:" if after else ""
    return ",".join(str(number) for number in numbers if number > after) or "0"


def _by(tools: Collection[str], items: str) -> list[str]:
    """Options that follow from the programs that are there."""
    merged = f"bv*{_PROTOCOLS}+ba{_PROTOCOLS}/" if {"ffmpeg", "ffprobe"} <= set(tools) else ""
    found = ["--format", f"{merged}b{_PROTOCOLS}"]
    if "deno" in tools:
        found += ["--js-runtimes", "deno"]
    return [*found, *(["--playlist-items", items] if items else [])]
