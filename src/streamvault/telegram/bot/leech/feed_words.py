"""What messages say of feeds; pure."""

import math
from collections.abc import Mapping, Sequence

from streamvault.leech.feeds.judging import Verdict, Why
from streamvault.leech.feeds.model import Feed, FeedState
from streamvault.leech.feeds.service import Tried
from streamvault.leech.feeds.transitions import CATCH_UP
from streamvault.telegram.bot.leech.status import counted, shown_reason, span
from streamvault.telegram.bot.leech.written import Written
from streamvault.telegram.bot.texts import Answer, Button

PAGE = 5
"""Feeds on one page of the list."""
SHOWN = 15
"""Items of a feed that was tried, in one message."""
NAME, ADDRESS, TITLE = 60, 120, 80
"""UTF-16 units of a feed's name, of an address and of an item's title."""
NO_FEEDS = "No feed is followed. /rss ADDRESS follows one: what is new in it is leeched."
NO_FEED = "There is no such feed of yours: /rss shows them."
REMOVED, LOOKS, TAKEN, LEFT = "Removed.", "It is looked at now.", "They are taken.", "They are left alone."

WHY: Mapping[Why, str] = {
    "seen": "was there before", "old": "is older than the subscription", "excluded": "excluded by",
    "not included": "has none of the words", "repeated": "has the file of another item",
    "version": "another version of it is taken", "no file": "has no file", "torrent": "is a torrent",
    "page": "has a web page only", "scheme": "has an address that cannot be leeched",
}  # fmt: skip


def feed_list(feeds: Sequence[Feed], *, page: int, now: float) -> Answer:
    """A page (from 0; the last one for a number beyond) of feeds. `now`: Unix seconds."""
    if not feeds:
        return Answer(NO_FEEDS)
    pages = math.ceil(len(feeds) / PAGE)
    page = max(0, min(page, pages - 1))
    written, rows = Written().text(counted(len(feeds), "feed")), list[tuple[Button, ...]]()
    if pages > 1:
        written.text(f" (page {page + 1} of {pages})")
    for number, feed in enumerate(feeds[page * PAGE : (page + 1) * PAGE], page * PAGE + 1):
        written.text(f"\n\n{number}. ").name(feed.title or feed.address, NAME).text("\n").name(feed.address, ADDRESS)
        written.text(f"\n{_state(feed, now)}\n").name(feed.id, NAME)
        rows.append(
            (
                Button(f"Look at {number}", data=f"feed:look:{feed.id}"),
                Button(f"Remove {number}", data=f"feed:rm:{feed.id}"),
            )
        )
        rows += [_question_row(feed, f" of {number}")] if feed.question else []
    if pages > 1:
        rows.append(
            (
                Button("Back", data=f"feed:page:{(page - 1) % pages}"),
                Button("More", data=f"feed:page:{(page + 1) % pages}"),
            )
        )
    return written.answer(tuple(rows))


def followed(feed: Feed, *, new: bool) -> Answer:
    """A feed that was added, or was there already."""
    written = Written().text("Followed: " if new else "Followed already: ").name(feed.address, ADDRESS).text("\n")
    written.name(feed.id, NAME)
    what = "what it has now, and what comes" if feed.existing else "what comes from now on"
    written.text(f"\n\nIt is looked at every {span(feed.every)}: {what}, is leeched.")
    return written.answer(((Button("Remove", data=f"feed:rm:{feed.id}"),),))


def tried(result: Tried) -> Answer:
    """What would be taken of a feed."""
    verdicts = result.verdicts
    taken = sum(one.why is None for one in verdicts)
    written = Written().name(result.title or "This feed", NAME)
    written.text(f" has {counted(len(verdicts), 'item')}, of which {taken} would be taken.")
    for verdict in verdicts[:SHOWN]:
        written.text("\n\n").name(verdict.item.title or verdict.address or "(no title)", TITLE)
        written.text(f"\n{reason(verdict)}")
    if len(verdicts) > SHOWN:
        written.text(f"\n\n... and {len(verdicts) - SHOWN} more")
    return written.answer()


def reason(verdict: Verdict) -> str:
    """Why an item is taken or not."""
    if verdict.why is None:
        return "would be taken"
    return f"not taken: {WHY[verdict.why]}" + (f" \u201c{verdict.word}\u201d" if verdict.word else "")


def question(feed: Feed) -> Answer:
    """Asks which of many new items are taken."""
    written = Written().name(feed.title or feed.address, NAME)
    written.text(f" has {counted(len(feed.question), 'new item')} at once. Which are taken?\n")
    for pick in reversed(feed.question[-CATCH_UP:]):
        written.text("\n").name(pick.title or pick.id, TITLE)
    return written.answer((_question_row(feed, ""),))


def stopped(feed: Feed) -> Answer:
    """Tells that a feed is not looked at any more."""
    written = Written().name(feed.title or feed.address, NAME).text(" is not looked at any more: ")
    written.text(shown_reason(feed.error or "it is gone"))
    rows = (Button("Try again", data=f"feed:look:{feed.id}"), Button("Remove", data=f"feed:rm:{feed.id}"))
    return written.answer((rows,))


def _question_row(feed: Feed, which: str) -> tuple[Button, ...]:
    count = len(feed.question)
    newest = (Button(f"The newest {CATCH_UP}{which}", data=f"feed:newest:{feed.id}"),) if count > CATCH_UP else ()
    return (
        Button(f"All {count}{which}", data=f"feed:all:{feed.id}"), *newest,
        Button(f"None{which}", data=f"feed:none:{feed.id}"),
    )  # fmt: skip


def _state(feed: Feed, now: float) -> str:
    if feed.state is FeedState.STOPPED:
        return f"stopped: {shown_reason(feed.error or 'it is gone')}"
    parts = [f"{counted(feed.taken, 'item')} taken"]
    if feed.question:
        parts.append(f"asks about {len(feed.question)}")
    if feed.picks:
        parts.append(f"{len(feed.picks)} wait")
    parts.append(f"looked at in {span(feed.poll_at - now)}" if feed.poll_at > now else "is looked at now")
    line = ", ".join(parts)
    return f"{line}\nfailed: {shown_reason(feed.error)}" if feed.error else line
