"""Feeds as the API takes and shows them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue, StringConstraints

from streamvault.errors import SourceRefused
from streamvault.http.items import with_examples
from streamvault.http.selection import ChatId
from streamvault.leech.addresses import MAX_ADDRESS, read_address
from streamvault.leech.feeds.judging import Verdict, Why
from streamvault.leech.feeds.model import (
    LONGEST,
    MAX_WORD,
    MAX_WORDS,
    SHORTEST,
    USUAL,
    Feed,
    FeedState,
    Rules,
)

SHOWN_TITLES = 10
"""Titles of items in question that are shown: the newest."""
WORDS: dict[str, JsonValue] = {
    "include": ["Garden"], "exclude": ["CAM"], "prefer": ["1080p", "720p"], "pages": False, "titles": False,
}  # fmt: skip
NEW: dict[str, JsonValue] = {"address": "https://example.org/rss", "every": 1800, "existing": False, **WORDS}
QUESTION: dict[str, JsonValue] = {"count": 24, "titles": ["Garden S02E01 1080p", "Garden S02E02 1080p"]}
FEED: dict[str, JsonValue] = {
    "id": "5f2c0a9be1d3477a", "address": "https://example.org/rss", "title": "Gardens", "chat_id": -1001234567890,
    "person": 11111111, "state": "active", "error": None, "failures": 0, "next_at": 1735691400,
    "polled_at": 1735689600, "changed_at": 1735689600, "every": 1800, **WORDS, "as_document": False, "taken": 3,
    "waiting": 0, "question": QUESTION, "created_at": 1735680000, "updated_at": 1735689600,
}  # fmt: skip
TRIED: dict[str, JsonValue] = {
    "title": "Garden S02E01 1080p", "address": "https://example.org/garden.mkv", "taken": True, "why": None, "word": "",
    "published_at": 1735689600,
}  # fmt: skip

Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_WORD)]
Words = Annotated[list[Word], Field(max_length=MAX_WORDS)]


class FeedRules(BaseModel):
    """Which items are taken: those with any of `include` in their title (none: all) and none of `exclude`; of several
    that are the same episode, the one with the first of `prefer`. `pages`: of items with a web page only, what yt-dlp
    finds there; `titles`: files are called as their items are.
    """

    include: Words = []
    exclude: Words = []
    prefer: Words = []
    pages: bool = False
    titles: bool = False

    @property
    def rules(self) -> Rules:
        """As they are stored."""
        return Rules(tuple(self.include), tuple(self.exclude), tuple(self.prefer), pages=self.pages, titles=self.titles)


class TriedFeed(FeedRules):
    """A feed that is tried without effect."""

    model_config = with_examples({"address": "https://example.org/rss", **WORDS}, extra="forbid")

    address: str = Field(min_length=1, max_length=MAX_ADDRESS)


class NewFeed(TriedFeed):
    """A feed that is to be followed: looked at every `every` seconds. `existing`: the items that it has now are taken,
    too. `chat_id`: null for the server's channel.
    """

    model_config = with_examples(NEW, extra="forbid")

    every: int = Field(int(USUAL), ge=int(SHORTEST), le=int(LONGEST))
    existing: bool = False
    as_document: bool = False
    chat_id: ChatId | None = None


class FeedAnswer(BaseModel):
    """Which of the items in question are taken: all, the ten newest, or none."""

    model_config = with_examples({"take": "newest"}, extra="forbid")

    take: Literal["all", "newest", "none"]


class FeedQuestion(BaseModel):
    """New items that were too many to be taken without asking. `titles`: the newest of them."""

    model_config = with_examples(QUESTION)

    count: int
    titles: list[str]


class FeedItem(FeedRules):
    """A feed. `state`: `failing` while the last looks at it failed, because of `error`; `stopped` when it is gone for
    good. `next_at`: when it is looked at next, null when it is stopped; `polled_at`, `changed_at`: when it was read
    last, and when it had something new. `taken`: items that became jobs; `waiting`: that will. Times in Unix seconds.
    """

    model_config = with_examples(FEED)

    id: str
    address: str
    title: str
    chat_id: int
    person: int | None
    state: Literal["active", "failing", "stopped"]
    error: str | None
    failures: int
    next_at: int | None
    polled_at: int | None
    changed_at: int | None
    every: int
    as_document: bool
    taken: int
    waiting: int
    question: FeedQuestion | None
    created_at: int
    updated_at: int


class FeedItems(BaseModel):
    """All feeds, the latest first."""

    model_config = with_examples({"items": [FEED]})

    items: list[FeedItem]


class TriedItem(BaseModel):
    """An item of a feed that was tried, and whether it would be taken. `why` not: `excluded` by `word`; `not included`;
    `version`: another one of the same episode is; `repeated`: its file is that of an item before it; `no file`;
    `torrent`, `page`, `scheme`: its address is one that is not taken here.
    """

    model_config = with_examples(TRIED)

    title: str
    address: str | None
    taken: bool
    why: Why | None
    word: str
    published_at: int | None


class TriedItems(BaseModel):
    """What a feed holds now, in its order. `more`: items that are not shown."""

    model_config = with_examples({"title": "Gardens", "items": [TRIED], "more": 0})

    title: str
    items: list[TriedItem]
    more: int


def feed_item(feed: Feed) -> FeedItem:
    """What is shown of a feed."""
    stopped = feed.state is FeedState.STOPPED
    rules = feed.rules
    return FeedItem(
        id=feed.id,
        address=_text(feed.address),
        title=_text(feed.title),
        chat_id=feed.chat_id,
        person=feed.person,
        state="stopped" if stopped else "failing" if feed.failures else "active",
        error=None if feed.error is None else _text(feed.error),
        failures=feed.failures,
        next_at=None if stopped else int(feed.poll_at),
        polled_at=_second(feed.polled),
        changed_at=_second(feed.changed),
        every=round(feed.every),
        include=[_text(word) for word in rules.include],
        exclude=[_text(word) for word in rules.exclude],
        prefer=[_text(word) for word in rules.prefer],
        pages=rules.pages,
        titles=rules.titles,
        as_document=feed.options.as_document,
        taken=feed.taken,
        waiting=len(feed.picks),
        question=_question(feed),
        created_at=int(feed.created),
        updated_at=int(feed.updated),
    )


def tried_item(verdict: Verdict) -> TriedItem:
    """What is shown of an item that was tried."""
    item = verdict.item
    return TriedItem(
        title=_text(item.title),
        address=None if verdict.address is None else _text(_shown(verdict.address)),
        taken=verdict.why is None,
        why=verdict.why,
        word=_text(verdict.word),
        published_at=_second(item.published),
    )


def _question(feed: Feed) -> FeedQuestion | None:
    if not feed.question:
        return None
    titles = [_text(pick.title) for pick in reversed(feed.question[-SHOWN_TITLES:])]
    return FeedQuestion(count=len(feed.question), titles=titles)


def _shown(address: str) -> str:
    """Without credentials."""
    try:
        return read_address(address, schemes=("http", "https", "ftp", "magnet")).shown
    except SourceRefused:
        return address.partition("?")[0]


def _second(time: float | None) -> int | None:
    return None if time is None else int(time)


def _text(text: str) -> str:
    """Without surrogates, which a feed's titles may have and UTF-8 has not."""
    return text.encode(errors="replace").decode()
