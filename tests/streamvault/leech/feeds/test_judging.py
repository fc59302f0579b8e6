"""Which items of a feed are new, and what becomes of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from streamvault.leech.feeds import transitions
from streamvault.leech.feeds.choice import Abilities
from streamvault.leech.feeds.judging import MOST_SEEN, judged
from streamvault.leech.feeds.keys import plain_link
from streamvault.leech.feeds.model import Enclosure, Feed, Item, Parsed, Rules
from streamvault.leech.feeds.transitions import CATCH_UP, MOST_HELD, Answered
from tests.support.feeds import BEGUN, DAY, feed, film, item

HERE = Abilities(torrents=True)


def look(one: Feed, *items: Item, at: float = 0.0) -> tuple[Feed, list[str]]:
    """The feed after a look, and the titles of what is picked or asked about by it."""
    after = transitions.read(
        one, Answered(), Parsed("T", items), now=BEGUN + at, jitter=0.5, abilities=HERE, seal=lambda _, text: text
    )
    new = [*after.picks, *after.question]
    return replace(after, picks=(), question=()), [pick.title for pick in new]


def window(*numbers: int, **fields: Any) -> list[Item]:
    return [item(number, **fields) for number in numbers]


def whys(one: Feed, *items: Item) -> list[str | None]:
    return [verdict.why for verdict in judged(one, Parsed("T", items), HERE)]


class TestNew:
    """R1."""

    def test_what_is_there_at_first_is_not_new(self) -> None:
        begun = feed(started=False, seen=())
        after, new = look(begun, item(3, at=60), item(2, at=-60), item(1))
        assert new == ["Film 3"], "what came since the feed was added is"
        assert look(after, item(4), item(3, at=60), item(2, at=-60), item(1))[1] == ["Film 4"]

    def test_unless_that_is_wished(self) -> None:
        begun = feed(started=False, seen=(), existing=True)
        after, new = look(begun, item(2, at=-60), item(1, at=-3600))
        assert new == ["Film 1", "Film 2"], "the oldest first"
        assert look(after, item(2, at=-60), item(0, at=-7200))[1] == [], "which slid back"

    def test_what_slides_back_into_the_window_is_not_new(self) -> None:
        for dates in (True, False):
            items = [item(number, at=(number - 31) * DAY if dates else None) for number in range(30, 0, -1)]
            after, new = look(feed(started=False, seen=()), *items[:10])
            assert new == []
            after, new = look(after, *items[3:13])  # three were removed
            assert new == []
            after, new = look(after, item(31, at=DAY if dates else None), *items[5:14])
            assert new == ["Film 31"]

    def test_what_was_seen_is_known_however_long_it_is_gone(self) -> None:
        after, _ = look(feed(), *window(*range(10)))
        for start in range(10, 400, 10):
            after, new = look(after, *window(*range(start, start + 10)))
            assert len(new) == 10
        assert look(after, *window(*range(10)))[1] == []

    def test_the_marks_are_bounded_but_for_the_window(self) -> None:
        after = feed()
        for start in range(0, 6000, 1000):
            after, _ = look(after, *window(*range(start, start + 1000)))
        marks = 4 * MOST_HELD  # more is left for the next look
        assert len(after.seen) <= MOST_SEEN + marks
        wide, _ = look(feed(started=False), *window(*range(2000)))
        assert len(wide.seen) >= 4 * 2000

    def test_too_many_at_once_are_a_question(self) -> None:
        def state(count: int) -> tuple[int, int, str | None]:
            told = Answered('"1"')
            after = transitions.read(
                feed(), told, Parsed("T", tuple(window(*range(count)))), now=BEGUN, jitter=0.5, abilities=HERE,
                seal=lambda _, text: text,
            )  # fmt: skip
            return len(after.picks), len(after.question), after.etag

        assert state(CATCH_UP) == (CATCH_UP, 0, '"1"')
        assert state(CATCH_UP + 1) == (0, CATCH_UP + 1, '"1"')
        assert state(MOST_HELD + 1) == (0, MOST_HELD, None), "the rest is asked for again"


class TestKnown:
    """R2, R7."""

    def test_items_are_known_by_what_does_not_change(self) -> None:
        bare: dict[str, Any] = {"guid": ""}
        link = "https://www.feeds.example/a?id=5&utm_source=rss&fbclid=x#top"
        for before, after in (
            (item(1, **bare), item(1, **bare, title="The text changes each hour")),
            (item(1, **bare, link=link), item(1, **bare, link="http://feeds.example/a?id=5&utm_term=m", title="B")),
            (item(1, guid="", link="", title="A"), item(1, guid="", link="", title="B")),
            (item(1), item(1, enclosures=(film("https://files.example/corrected.mkv"),))),
            (item(1, guid="http://h/1"), item(1, guid="https://www.h/1")),
            (item(1, guid="", link="", enclosures=(film("magnet:?xt=urn:btih:" + "A" * 40 + "&tr=udp://a"),)),
             item(1, guid="", link="", title="x", enclosures=(film("magnet:?tr=udp://b&xt=urn:btih:" + "a" * 40),))),
        ):  # fmt: skip
            seen, _ = look(feed(), before, item(9))
            assert look(seen, after, item(9))[1] == [], after

    def test_a_guid_that_all_have_is_none(self) -> None:
        same = [item(number, guid="x") for number in (2, 1)]
        seen, new = look(feed(), *same)
        assert len(new) == 2
        assert look(seen, item(3, guid="x"), *same)[1] == ["Film 3"]
        alone, _ = look(feed(), item(1, guid="x"))
        assert look(alone, item(2, guid="x"))[1] == ["Film 2"]
        assert look(alone, item(1, guid="x", title="Film 1 (corrected)"))[1] == []

    def test_a_feed_that_is_new_at_once_is_not(self) -> None:
        seen, _ = look(feed(), *window(*range(8)))
        moved = [
            replace(one, guid=f"tag:new,{n}", link=f"https://new.example/{n}", enclosures=(film(f"https://new.example/{n}.mkv"),))
            for n, one in enumerate(window(*range(8)))
        ]  # fmt: skip
        after, new = look(seen, item(8, guid="tag:new,8", link="https://new.example/8"), *moved)
        assert new == ["Film 8"]
        assert look(after, *moved)[1] == []

    def test_of_equal_items_one_is_taken(self) -> None:
        twins = [item(1, guid="x", title=title) for title in ("A", "B", "C")]
        assert whys(feed(), *twins) == [None, "repeated", "repeated"]
        five = item(1, enclosures=(film("https://h/a.mkv"),) * 5)
        assert look(feed(), five)[1] == ["Film 1"]
        seen, _ = look(feed(), item(1))
        assert whys(seen, item(1), item(2, enclosures=item(1).enclosures)) == ["seen", "repeated"]

    def test_an_item_without_a_file_is_looked_at_again(self) -> None:
        after, new = look(feed(), item(1, enclosures=(), link="https://h/page"))
        assert new == []
        assert look(after, item(1, link="https://h/page"))[1] == ["Film 1"]

    def test_addresses_are_compared_without_where_readers_came_from(self) -> None:
        for one, other in (
            ("http://www.h/a/", "https://h/a"), ("https://h/a?b=1&a=2", "https://h/a?a=2&b=1&utm_medium=x"),
            ("https://h/a#x", "https://h/a"), ("https://h/?q=a%20b", "https://h/?q=a+b"),
        ):  # fmt: skip
            assert plain_link(one) == plain_link(other)
        assert plain_link("https://h/a?id=1") != plain_link("https://h/a?id=2")


class TestRules:
    def test_words(self) -> None:
        rules = Rules(include=("Film", "Show"), exclude=("CAM",))
        titles = ["Film 1", "Show.S01E01", "Other", "Film 1 CAM"]
        items = [item(n, title=title) for n, title in enumerate(titles)]
        verdicts = judged(feed(rules=rules), Parsed("T", tuple(items)), HERE)
        assert [one.why for one in verdicts] == [None, None, "not included", "excluded"]
        assert verdicts[3].word == "CAM"
        after, _ = look(feed(rules=rules), *items)
        assert look(replace(after, rules=Rules()), *items)[1] == [], "what was left out stays so"

    def test_the_best_of_an_episode(self) -> None:
        rules = Rules(prefer=("1080p", "720p"))
        names = ["Show S01E01 720p", "Show S01E01 1080p", "Show S01E01 2160p", "Show S01E02 2160p", "Show.S01E03.720p"]
        items = [item(n, title=title) for n, title in enumerate(names)]
        assert whys(feed(rules=rules), *items) == ["version", None, "version", None, None]
        after, new = look(feed(rules=rules), *items)
        assert sorted(new) == sorted([names[1], names[3], names[4]])
        later = item(9, title="Show S01E03 1080p PROPER")
        assert look(after, later, *items)[1] == [], "one of this episode was taken"
        for start in range(100, 4100, 500):  # the mark of the episode outlives others
            after, _ = look(after, *items, *window(*range(start, start + 150)))
        assert look(after, later, *items)[1] == []

    def test_without_a_preference_each_is_taken(self) -> None:
        titles: Sequence[str] = ("Show S01E01 720p", "Show S01E01 1080p")
        assert whys(feed(), *(item(n, title=title) for n, title in enumerate(titles))) == [None, None]

    def test_what_is_not_taken_here_is_told(self) -> None:
        magnet = Enclosure("magnet:?xt=urn:btih:" + "a" * 40)
        items = (
            item(1, enclosures=(magnet,)), item(2, enclosures=(), link="https://h/p"), item(3, enclosures=(), link=""),
        )  # fmt: skip
        verdicts = judged(feed(), Parsed("T", items), Abilities())
        assert [one.why for one in verdicts] == ["torrent", "page", "no file"]
        with_torrents = judged(feed(), Parsed("T", items), Abilities(torrents=True))
        assert [one.why for one in with_torrents] == [None, "page", "no file"]
