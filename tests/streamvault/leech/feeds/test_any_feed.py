"""Whatever a feed holds: nothing is raised but what callers expect, and what was taken is not taken again."""

import random

import pytest

from streamvault.leech.feeds import transitions
from streamvault.leech.feeds.choice import Abilities
from streamvault.leech.feeds.model import Enclosure, Feed, Item, Parsed, Rules
from streamvault.leech.feeds.parsing import NotAFeed, parse_feed
from streamvault.leech.feeds.store.codec import feed_of, text_of
from streamvault.leech.feeds.transitions import Answered
from tests.support.feeds import BEGUN, entry, feed, rss
from tests.support.proof import full

PIECES = (
    "http://", "https://h/", "//h", "magnet:?xt=urn:btih:", "a" * 40, "?a=1&amp;b=2", "#x", "%zz", "[", "]", ".mkv",
    ".torrent", ".jpg", "\ud800", "\0", "é", "映画", " ", "?utm_source=\ud800", "@", ":99999", "S01E02", "1080p",
    "x" * 300, "\n", "1",
)  # fmt: skip
TYPES = ("", "video/mp4", "image/png", "text/html", "application/x-bittorrent", "\ud800", "x;y")
BREAKS = (
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"\0", b"\xff", b'"', b"</item>", b"<item>", b"&#x110000;",
    b"&#xD800;",
)  # fmt: skip
ABILITIES = Abilities(torrents=True, pages=True)


def look(one: Feed, items: tuple[Item, ...]) -> Feed:
    return transitions.read(
        one, Answered(), Parsed("T", items), now=BEGUN + 99, jitter=0.5, abilities=ABILITIES, seal=lambda _, text: text
    )


def text(chosen: random.Random) -> str:
    return "".join(chosen.choices(PIECES, k=chosen.randrange(5)))


def anything(chosen: random.Random) -> Item:
    enclosures = (Enclosure(text(chosen), chosen.choice(TYPES)) for _ in range(chosen.randrange(3)))
    published = chosen.choice([None, BEGUN - 9, BEGUN + 9])
    return Item(text(chosen), text(chosen), text(chosen), published, tuple(enclosures))


@pytest.mark.parametrize("seed", range(3))
def test_an_item_is_taken_once(seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(2000 if full() else 150):
        words = tuple(text(chosen) for _ in range(chosen.randrange(3)))
        rules = Rules(exclude=words, prefer=words, pages=chosen.random() < 0.5)
        items = tuple(anything(chosen) for _ in range(chosen.randrange(9)))
        once = look(feed(rules=rules), items)
        assert len({pick.id for pick in once.picks}) == len(once.picks), items
        again = look(once, items)
        assert (again.picks, again.question) == (once.picks, once.question), items
        assert feed_of(text_of(again), again.version) == again


@pytest.mark.parametrize("seed", range(2))
def test_broken_documents_are_read_or_refused(seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(2000 if full() else 60):
        data = bytearray(rss(*(entry(n, f"http://h/{n}.mkv?a=1&amp;b=2") for n in range(3))))
        for _ in range(chosen.randrange(1, 13)):
            at = chosen.randrange(len(data))
            data[at : at + chosen.randrange(9)] = chosen.choice(BREAKS)
        try:
            parsed = parse_feed(bytes(data), chosen.choice(["", "text/xml; charset=utf-16", "x; charset=no-such"]))
        except NotAFeed:
            continue
        assert len(parsed.items) <= 15


def test_characters_that_do_not_exist_break_nothing() -> None:
    numbers = ("&#x110000;", "&#55296;", "&#0;", "&#xD83D;&#xDE00;", "&#x1F600;")
    parsed = parse_feed(rss(*(f"<item><title>a{one}b<c></title><link>http://h/1</link></item>" for one in numbers)))
    assert [item.title.encode()[:1] for item in parsed.items] == [b"a"] * len(numbers)
    assert "\U0001f600" in parsed.items[-1].title
