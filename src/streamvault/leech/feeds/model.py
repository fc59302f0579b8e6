"""A feed and what is recorded of it, and what is read of its document; immutable values."""

from dataclasses import dataclass
from enum import StrEnum

from streamvault.leech.model import Asked, Lease, Options

NO_OPTIONS = Options()
MAX_WORDS, MAX_WORD = 50, 100
"""Words of one rule, and characters of each."""
SHORTEST, USUAL, LONGEST = 300.0, 1800.0, 7 * 86_400.0
"""Seconds between two looks at a feed: the fewest, those of a feed of which nothing is said, the most."""


class FeedState(StrEnum):
    """Whether a feed is looked at. STOPPED: it is gone for good, until somebody has it tried again."""

    ACTIVE = "active"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An address in an item. `type`: its MIME type, "" where the feed does not say; `linked`: it is the page that the
    item is about, and no file that was attached to it.
    """

    address: str
    type: str = ""
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a feed. `published`: Unix seconds."""

    title: str = ""
    guid: str = ""
    link: str = ""
    published: float | None = None
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a document holds, in its order. `whole`: nothing was left out at its end."""

    title: str
    items: tuple[Item, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Rules:
    """Which items are taken: those with any of `include` in their title (empty: all), and none of `exclude`. Of several
    that are the same episode, the one with the first of `prefer`; empty: all of them. `pages`: the address of an item
    may be a web page; `titles`: files are called as their items are.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    prefer: tuple[str, ...] = ()
    pages: bool = False
    titles: bool = False


@dataclass(frozen=True, slots=True)
class Pick:
    """An item that was picked. `id`: of its job; `sealed`: its address, encrypted; `page`: that is a web page."""

    id: str
    title: str
    sealed: str
    page: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """A feed says since then (Unix seconds) that it has moved for good."""

    address: str
    since: float


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it is stored. `address`: as it may be shown; `sealed`: as it was given, encrypted, where it holds
    credentials; `chat_id`: where the files go. `every`: seconds between two looks. `existing`: the items that it has at
    first are taken, too. `started`: it was read once.

    `due`: no worker takes it up before, `poll_at`: it is not asked before (Unix seconds). `polled`, `changed`: when it
    was read last, and when it had something new. `etag`, `modified`: of its last document; `conditional`: how many
    times in a row it was asked for a newer one only. `seen`: marks of known items, the longest unseen first; `top`: the
    key of the first item of the last document. `picks`: become jobs; `question`: wait for an answer, as they were too
    many at once. `taken`: how many became jobs. `told`: which state of it was told where it was asked for. `fence`: of
    the latest lease; `version`: of the stored row.
    """

    id: str
    address: str
    chat_id: int
    created: float
    sealed: str | None = None
    person: int | None = None
    rules: Rules = Rules()
    options: Options = NO_OPTIONS
    every: float = USUAL
    existing: bool = False
    title: str = ""
    state: FeedState = FeedState.ACTIVE
    error: str | None = None
    failures: int = 0
    started: bool = False
    due: float = 0.0
    poll_at: float = 0.0
    polled: float | None = None
    changed: float | None = None
    etag: str | None = None
    modified: str | None = None
    conditional: int = 0
    moved: Moved | None = None
    seen: tuple[str, ...] = ()
    top: str = ""
    picks: tuple[Pick, ...] = ()
    question: tuple[Pick, ...] = ()
    taken: int = 0
    lease: Lease | None = None
    fence: int = 0
    fingerprint: str = ""
    asked: Asked | None = None
    told: str = ""
    updated: float = 0.0
    version: int = 0
