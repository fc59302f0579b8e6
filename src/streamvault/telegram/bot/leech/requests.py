"""What somebody wants to be leeched: the addresses and options in a message or a text file; pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from streamvault.errors import SourceRefused
from streamvault.leech.addresses import NO_TORRENTS, SCHEMES, read_address
from streamvault.leech.file_names import clean_name
from streamvault.leech.message_links import is_telegram
from streamvault.leech.model import Options
from streamvault.leech.selection import read_numbers
from streamvault.telegram.bot.texts import display_name

MAX_ADDRESSES = 500
"""Addresses of one message."""
MAX_CHOICES = 5
"""Addresses of one message whose entries are to be chosen."""
MAX_FILE = 1 << 16
"""Bytes of a text file with addresses."""
PAGE_SCHEMES = ("https", "http")
"""Of addresses that yt-dlp is asked about."""
NO_OPTIONS = Options()

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S|magnet:\?|(?i:t\.me/)\S", re.ASCII)
_OPTION = re.compile(r"(?:--?|[\u2013\u2014])[A-Za-z][A-Za-z-]*=?")
"""Clients write two hyphens as a dash."""
_FLAGS = {"-d", "-z", "-e"}
_OPTIONS = {"-n", "-s", *_FLAGS}
_QUOTES = re.compile(r'"([^"]+)"|\u201c([^\u201d]+)\u201d|\'([^\']+)\'')
_WHICH = (
    "Which address? Write it behind /leech, several in a line each, or reply with /leech to a message or a text file "
    "that holds some."
)


class NotUnderstood(ValueError):
    """A request that cannot be fulfilled; the text tells its sender why."""


@dataclass(frozen=True, slots=True)
class Request:
    """Addresses, each once, and the options for all of them. `left_out`: how many lines of a text file hold none, and
    how many addresses that were found cannot be leeched.
    """

    addresses: tuple[str, ...]
    options: Options = NO_OPTIONS
    left_out: int = 0


def command_request(text: str, *, ytdlp: bool = False) -> Request:
    """What stands behind /leech, or (`ytdlp`) /ytdlleech: addresses and options in any order, the name of -n up to the
    end of its line, the next option or address. Without an address where it replies to a message that holds some.
    Raises NotUnderstood.
    """
    addresses, name, select, flags = list[str](), None, tuple[int, ...](), set[str]()
    choose = False
    for line in _lines(text):
        words = line.split()
        while words:
            word = words.pop(0)
            if _ADDRESS.match(word := _bare(word)):
                addresses.append(word)
            elif word == "-n":
                name = _name(_until_next(words))
            elif word in _FLAGS:
                flags.add(word)
            elif word == "-s":
                numbers = _until_next(words)
                choose = not numbers
                select = () if choose else _numbers(numbers)
            elif _OPTION.fullmatch(word):
                known = "-n NAME, -s, -s NUMBERS, -z and -d" if ytdlp else "-n NAME, -s, -s NUMBERS, -z, -e and -d"
                raise NotUnderstood(f"I do not know {_shown(word)}: the options are {known}.")
            else:
                raise NotUnderstood(
                    f"{_shown(word)} is no address: each has to begin with https://, http:// or ftp://, or to be a "
                    "link to a message of Telegram. A name for the file stands behind -n."
                )
    options = Options(name, "-d" in flags, "-z" in flags, "-e" in flags, select, ytdlp, choose)
    if options.conflict:
        raise NotUnderstood(options.conflict)
    return Request(tuple(addresses), options)


def whole_request(request: Request, found: Iterable[str] = (), *, schemes: Collection[str] = SCHEMES) -> Request:
    """The request with addresses that were found elsewhere; of those, what cannot be leeched is left out where others
    can. Raises NotUnderstood where nothing can be leeched by it.
    """
    for address in request.addresses:
        if sentence := _refusal(address, schemes):
            raise NotUnderstood(sentence)
    others = list(dict.fromkeys(found))
    good = [one for one in others if _refusal(one, schemes) is None]
    addresses = tuple(dict.fromkeys([*request.addresses, *good]))
    if not addresses:
        raise NotUnderstood((others and _refusal(others[0], schemes)) or _WHICH)
    if request.options.choose and len(addresses) > MAX_CHOICES:
        raise NotUnderstood(f"-s asks about each address: send at most {MAX_CHOICES} of them at once.")
    if len(addresses) > MAX_ADDRESSES:
        raise NotUnderstood(f"These are {len(addresses)} addresses: send at most {MAX_ADDRESSES} at once.")
    if request.options.name is not None and len(addresses) > 1:
        raise NotUnderstood("-n names one file, and these are several addresses: send them one by one.")
    return Request(addresses, request.options, request.left_out + len(others) - len(good))


def addresses_in(text: str, links: Iterable[str] = ()) -> tuple[str, ...]:
    """The addresses in a text that somebody wrote, and of the links under its words."""
    found = (_bare(word) for line in _lines(text) for word in line.split())
    return tuple(dict.fromkeys(one for one in (*map(_trimmed, found), *links) if _ADDRESS.match(one)))


def list_request(data: bytes) -> Request:
    """The addresses in a text file; lines that begin with # are comments. Raises NotUnderstood for what is no text."""
    found, left_out = list[str](), 0
    for line in _lines(_text(data)):
        here = addresses_in(line)
        found += here
        left_out += not here and not line.lstrip().startswith("#")
    return Request(tuple(dict.fromkeys(found)), left_out=left_out)


def _refusal(address: str, schemes: Collection[str]) -> str | None:
    scheme = address.partition(":")[0].lower()
    try:
        urlsplit(address)
    except ValueError:
        return f"{_shown(address)} is no valid address."
    if is_telegram(address):
        return _of_telegram(address, schemes)
    if scheme in ("magnet", "data") and scheme not in schemes and "ftp" in schemes:
        return NO_TORRENTS
    if scheme not in schemes:
        known = ", ".join(f"{one}://" for one in schemes if one not in ("tg", "magnet", "data"))
        return f"{_shown(address)} cannot be leeched: an address has to begin with one of {known}."
    return None


def _of_telegram(address: str, schemes: Collection[str]) -> str | None:
    try:
        read_address(address, schemes=schemes)
    except SourceRefused as error:
        return str(error)
    return None


def _until_next(words: list[str]) -> Sequence[str]:
    """The words before the next option or address, taken away."""
    end = next((at for at, word in enumerate(words) if word in _OPTIONS or _ADDRESS.match(_bare(word))), len(words))
    taken = words[:end]
    del words[:end]
    return taken


def _numbers(words: Sequence[str]) -> tuple[int, ...]:
    try:
        return read_numbers("".join(words))
    except ValueError as error:
        raise NotUnderstood(f"-s chooses entries of a list, or files of a torrent: {error}.") from None


def _name(words: Sequence[str]) -> str:
    text = " ".join(words)
    quoted = _QUOTES.fullmatch(text)
    name = clean_name(next(filter(None, quoted.groups())) if quoted else text, fallback="")
    if not name:
        raise NotUnderstood("A name for the file has to stand behind -n, as in -n Film.mkv.")
    return name


def _bare(word: str) -> str:
    return word[1:-1] if word.startswith("<") and word.endswith(">") else word


def _trimmed(word: str) -> str:
    """Without the punctuation around it."""
    word = word.lstrip("(<[{\"'\u00ab\u201c").rstrip(",.;:!?>\"'\u00bb\u201d")
    while word.endswith(")") and word.count("(") < word.count(")"):
        word = word[:-1].rstrip(",.;:!?")
    return word


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.strip())


def _text(data: bytes) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = data.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    if "\0" in text:
        raise NotUnderstood("This file is no text: send one with an address in each line.")
    return text


def _shown(word: str) -> str:
    return f"\u201c{display_name(word, 60)}\u201d"
