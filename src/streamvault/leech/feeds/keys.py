"""By what an item of a feed is known again: marks, short hashes of what identifies it; pure.

A guid counts where no other item of the document has it; else the link, else the address of the file. An item is stored
with all of its marks, so that it stays known when a feed begins to give guids, or gives all of them anew.
"""

import base64
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from streamvault.errors import SourceRefused
from streamvault.leech.addresses import read_address
from streamvault.leech.feeds.model import Item

_TRACKING = re.compile(
    r"(?:utm_|mc_|pk_|mtm_|piwik_|at_).*|fbclid|gclid|dclid|msclkid|yclid|igshid|ref|ref_src|cmpid|_ga"
)
"""Names of parameters that say where a reader came from."""
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_SPACE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Marks:
    """What identifies an item; "" for what it has not. `file`: of the address of its file, without trackers where it is
    a torrent.
    """

    guid: str
    link: str
    file: str
    title: str

    @property
    def all(self) -> tuple[str, ...]:
        """Those that there are."""
        return tuple(mark for mark in (self.guid, self.link, self.file, self.title) if mark)


@dataclass(frozen=True, slots=True)
class Identified:
    """An item, its marks, and the one of them that it is known by in its document."""

    item: Item
    marks: Marks
    key: str


def mark(kind: str, text: str) -> str:
    """A mark; "" of nothing."""
    if not text:
        return ""
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).digest()[:9]
    return f"{kind}{base64.urlsafe_b64encode(digest).decode()}"


def identified(items: Sequence[Item], files: Sequence[str | None]) -> list[Identified]:
    """The items of a document with what identifies them. `files`: the address of each one's file, where it has any."""
    made = [_marks(item, file) for item, file in zip(items, files, strict=True)]
    guids = Counter(marks.guid for marks in made)
    links = Counter(marks.link for marks in made)
    return [Identified(item, marks, _key(marks, guids, links)) for item, marks in zip(items, made, strict=True)]


def known(found: Sequence[Identified], seen: Collection[str]) -> list[bool]:
    """Which items were seen before. Where no key of a document is known, items with a known title or link are, as the
    feed gives its items other guids than before.
    """
    by_key = [_is_known(one, seen) for one in found]
    if any(by_key) or len(found) < 2:
        return by_key
    titles = Counter(one.marks.title for one in found)
    links = Counter(one.marks.link for one in found)
    return [
        _among(one.marks.title, titles, seen) or _among(one.marks.link, links, seen) or one.marks.file in seen
        for one in found
    ]


def plain_link(address: str) -> str:
    """An address for comparison: without scheme, `www.`, tracking parameters and fragment."""
    text = _SCHEME.sub("", address.strip()).partition("#")[0]
    path, _, query = text.partition("?")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return text
    kept = [f"{_quoted(name)}={_quoted(value)}" for name, value in pairs if not _TRACKING.fullmatch(name.lower())]
    return path.rstrip("/") + ("?" + "&".join(sorted(kept)) if kept else "")


def plain_title(title: str) -> str:
    """A title for comparison."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", title).casefold()).strip()


def _quoted(text: str) -> str:
    return quote(text, errors="surrogatepass")


def _marks(item: Item, file: str | None) -> Marks:
    guid = plain_link(item.guid) if _SCHEME.match(item.guid) else item.guid.strip()
    return Marks(
        mark("g", guid), mark("l", plain_link(item.link)), mark("f", _plain_file(file)),
        mark("t", plain_title(item.title)),
    )  # fmt: skip


def _plain_file(address: str | None) -> str:
    """The hash of a torrent for a magnet link, as trackers come and go."""
    if not address:
        return ""
    if urlsplit(address).scheme == "magnet":
        try:
            return read_address(address, schemes=("magnet",)).same
        except SourceRefused:
            return address
    return plain_link(address)


def _key(marks: Marks, guids: Counter[str], links: Counter[str]) -> str:
    if marks.guid and guids[marks.guid] == 1:
        return marks.guid
    if marks.link and links[marks.link] == 1:
        return marks.link
    return marks.file or marks.title or marks.guid


def _is_known(one: Identified, seen: Collection[str]) -> bool:
    """By its key; not by a guid alone where all else is new, as in feeds that give every item the same one."""
    if one.key not in seen:
        return False
    others = [mark for mark in one.marks.all if mark != one.key]
    return one.key != one.marks.guid or len(others) < 2 or any(mark in seen for mark in others)


def _among(mark: str, counts: Counter[str], seen: Collection[str]) -> bool:
    """Whether a mark that no other item of the document has was seen."""
    return bool(mark) and counts[mark] == 1 and mark in seen
