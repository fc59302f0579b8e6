"""Documents as they are: wrong, cut off, hostile."""

import pytest

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.feeds import apart, program
from streamvault.leech.feeds.apart import parse_apart
from streamvault.leech.feeds.model import Enclosure, Parsed
from streamvault.leech.feeds.parsing import MAX_ITEMS, MAX_TITLE, NotAFeed, parse_feed
from tests.support.feeds import entry, rss

V1, V2 = "a" * 40, "b" * 40
ONE = "<item><title>A</title><link>http://h/1</link></item>"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "lol">'
    + b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><rss version='2.0'><channel><title>T</title><item><title>&l9;</title><link>http://h/1</link></item></channel>"
    b"</rss>"
)
QUADRATIC = (
    b'<!DOCTYPE l [<!ENTITY a "' + b"a" * 100_000 + b'">]><rss version="2.0"><channel><title>T</title><item><title>'
    + b"&a;" * 50_000 + b"</title><link>http://h/1</link></item></channel></rss>"
)  # fmt: skip
OUTSIDE = (
    b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY % y SYSTEM "http://127.0.0.1:9/"> %y;]>'
    b"<rss version='2.0'><channel><title>T</title><item><title>&x;</title><link>http://h/1</link></item></channel></rss>"
)


def links(parsed: Parsed) -> list[str]:
    return [one.link for one in parsed.items]


def files(parsed: Parsed) -> list[str]:
    return [enclosure.address for one in parsed.items for enclosure in one.enclosures]


def test_what_parses_is_used_and_entities_are_undone_once() -> None:
    """R6."""
    magnet = f"magnet:?xt=urn:btih:{V1}&dn=x&tr=udp://t:1&copy=2&lt=3"
    for data, expected in (
        (rss(f"<item><link>{magnet}</link></item>"), [magnet]),
        (rss(f"<item><link>{magnet.replace('&', '&amp;')}</link></item>"), [magnet]),
        (rss("<item><link>http://h/?a=1&#38;b=2&#x26;c=%26amp%3B</link></item>"), ["http://h/?a=1&b=2&c=%26amp%3B"]),
        (b"\n\n \t" + rss(ONE), ["http://h/1"]),
        (rss("<item><title>é</title><link>http://h/1</link></item>", head='<?xml version="1.0" encoding="ascii"?>'),
         ["http://h/1"]),
        (rss(ONE, head='<?xml version="1.0" encoding="utf-16"?>').decode().encode("utf-16"), ["http://h/1"]),
        (rss("<item><title>A & B <3</title><link>http://h/1</link></item>"), ["http://h/1"]),
        (rss("<item><title>&nbsp;x</title><link>http://h/1</link></item>"), ["http://h/1"]),
        (rss(), []),
    ):  # fmt: skip
        parsed = parse_feed(data)
        assert (links(parsed), parsed.whole) == (expected, True), data
    torrent = parse_feed(
        rss(f"<item><title>x</title><torrent:magnetURI><![CDATA[{magnet}]]></torrent:magnetURI></item>")
    )
    assert files(torrent) == [magnet]


def test_titles_are_one_line_of_text() -> None:
    for given, shown in (
        ("A &amp; B", "A & B"), ("<![CDATA[A &amp; <b>B</b>]]>", "A & B"), ("\n a\n\tb ", "a b"),
        ("x" * 9000, "x" * 500), ("&amp;lt;b", "<b"),
    ):  # fmt: skip
        [item] = parse_feed(rss(f"<item><title>{given}</title><link>http://h/1</link></item>")).items
        assert item.title == shown, given


def test_a_document_that_was_cut_off_gives_its_whole_items_only() -> None:
    """R6."""
    data = rss(*(entry(number, f"http://h/{number}.mkv") for number in range(3)))
    third = data.index(b"Film 2")
    for end in range(third, len(data) - len(b"</item></channel></rss>"), 9):
        parsed = parse_feed(data[:end])
        assert files(parsed) == ["http://h/0.mkv", "http://h/1.mkv"], data[:end]
        assert not parsed.whole
    last = data.index(b"</channel>")
    assert (len(files(parse_feed(data[:last]))), parse_feed(data[:last]).whole) == (3, False)
    assert not parse_feed(data, cut=True).whole
    first = parse_feed(data[: data.index(b"Film 0") + 3])
    assert (first.items, first.whole) == ((), False)


def test_enclosures_come_with_their_types() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>urn:1</id>'
        "<published>2026-01-02T03:04:05+02:00</published><updated>2026-05-01T00:00:00Z</updated>"
        '<link href="http://h/p"/><link rel="enclosure" type="video/mp4" href="v.mp4"/></entry></feed>'
    )
    [item] = parse_feed(atom.encode()).items
    assert (item.guid, item.link, item.published) == ("urn:1", "http://h/p", 1767315845.0)
    assert item.enclosures == (Enclosure("v.mp4", "video/mp4"),)
    media = '<media:content url="http://h/i" medium="image"/><media:content url="http://h/v" medium="video"/>'
    same = "<enclosure url='http://h/v' length='1' type=''/>" * 5
    [item] = parse_feed(rss(f"<item>{same}{media}</item>")).items
    assert sorted((one.address, one.type) for one in item.enclosures) == [
        ("http://h/i", "image/*"), ("http://h/v", "video/*"),
    ]  # fmt: skip


def test_of_a_long_document_the_first_items_are_read() -> None:
    parsed = parse_feed(rss(*(f"<item><link>http://h/{n}</link></item>" for n in range(MAX_ITEMS + 5))))
    assert (len(parsed.items), parsed.items[-1].link) == (MAX_ITEMS, f"http://h/{MAX_ITEMS - 1}")


def test_what_is_no_feed_is_said() -> None:
    for data, word in (
        (b"", "RSS"), (b"\0\1\2", "RSS"), (b'{"items": []}', "RSS"), (b"<!doctype html><html><p>Hi", "web page"),
        (b"\xff" * 1000, "RSS"), (b"<" * 5000, "RSS"),
    ):  # fmt: skip
        with pytest.raises(NotAFeed, match=word):
            parse_feed(data)


async def test_a_child_parses_and_hostile_documents_harm_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await parse_apart(rss(entry(1, "http://h/1.mkv")), "text/xml") == parse_feed(rss(entry(1, "http://h/1.mkv")))
    for bomb in (BOMB, QUADRATIC, OUTSIDE):
        parsed = await parse_apart(bomb, "")
        assert links(parsed) == ["http://h/1"]
        assert len(parsed.items[0].title) <= MAX_TITLE
        assert "root:" not in parsed.items[0].title
    with pytest.raises(SourceRefused, match="with a web page, and not with a feed"):
        await parse_apart(b"<html><body>Log in", "text/html")
    monkeypatch.setattr(apart, "PROGRAM", "streamvault.no_such_program")
    with pytest.raises(SourceFailed, match="too much time or memory"):
        await parse_apart(rss(), "")


def test_the_child_is_limited() -> None:
    assert program.SECONDS <= 20
    assert program.MEMORY <= 1 << 30
