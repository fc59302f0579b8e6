"""What a feed's document means for it: which items are taken, and why others are not; pure."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from streamvault.errors import SourceRefused
from streamvault.leech.addresses import read_address
from streamvault.leech.feeds import keys
from streamvault.leech.feeds.choice import Abilities, Choice, Lacking, chosen
from streamvault.leech.feeds.keys import Identified
from streamvault.leech.feeds.model import Feed, Item, Parsed, Rules
from streamvault.leech.feeds.rules import episode_of, first_of

MOST_SEEN = 4000
"""Marks that are kept of items which a feed no longer has."""

Why = Literal["seen", "old", "excluded", "not included", "repeated", "version"] | Lacking
"""Why an item is not taken. seen: it was there before; old: it is older than the subscription; version: another one of
the same episode is, or was, taken; repeated: its file is that of another item. Others: see choice.Lacking.
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an item: it is taken where `why` is None. `word`: of the rule that decided. `marks`: by which it
    is known from now on; none where it is looked at again next time. `page`: its address is a web page.
    """

    item: Item
    address: str | None
    why: Why | None = None
    word: str = ""
    key: str = ""
    marks: tuple[str, ...] = ()
    page: bool = False


def judged(feed: Feed, parsed: Parsed, abilities: Abilities) -> list[Verdict]:
    """What becomes of each item of a document, in its order."""
    rules = feed.rules
    files = [chosen(item, feed.address, abilities, pages=rules.pages) for item in parsed.items]
    found = keys.identified(parsed.items, [choice.address for choice in files])
    seen = frozenset(feed.seen)
    was_seen = keys.known(found, seen)
    slid = _slid(feed, found, was_seen)
    verdicts = [
        _one(feed, one, choice, seen=before, old=old, abilities=abilities)
        for one, choice, before, old in zip(found, files, was_seen, slid, strict=True)
    ]
    verdicts = _once(verdicts, seen)
    return _best(verdicts, rules, seen) if rules.prefer else verdicts


def seen_after(feed: Feed, verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """The marks of a feed after a look at it: those of items that it has now are kept whatever their number."""
    now = dict.fromkeys(mark for verdict in reversed(verdicts) for mark in verdict.marks)
    before = [mark for mark in feed.seen if mark not in now]
    return (*before[-MOST_SEEN:], *now)


def job_id(feed_id: str, key: str) -> str:
    """The id of the job of an item."""
    return hashlib.sha256(f"{feed_id} {key}".encode()).hexdigest()[:16]


def _slid(feed: Feed, found: Sequence[Identified], known: Sequence[bool]) -> list[bool]:
    """Which items are older than what was seen although they have no date: those behind the last known one, where the
    one that stood at the top was removed, so that others moved up into the document.
    """
    if not feed.started or not any(known) or feed.top in {one.key for one in found}:
        return [False] * len(found)
    last = max(place for place, one in enumerate(known) if one)
    return [place > last and one.item.published is None for place, one in enumerate(found)]


def _one(
    feed: Feed, one: Identified, choice: Choice, *, seen: bool, old: bool, abilities: Abilities
) -> Verdict:  # fmt: skip
    item, address, rules = one.item, choice.address, feed.rules
    marks = one.marks.all

    def verdict(why: Why | None, word: str = "", kept: tuple[str, ...] = marks) -> Verdict:
        return Verdict(item, address, why, word, one.key, kept, choice.page)

    if seen:
        return verdict("seen")
    if old or _is_old(feed, item):
        return verdict("old")
    if (place := first_of(rules.exclude, item.title)) is not None:
        return verdict("excluded", rules.exclude[place])
    if rules.include and first_of(rules.include, item.title) is None:
        return verdict("not included")
    if address is None:
        return verdict(choice.why or "no file", kept=())  # it may get one
    return verdict(None) if _is_address(address, abilities.taken) else verdict("scheme", kept=())


def _is_old(feed: Feed, item: Item) -> bool:
    """Whether an item is older than the subscription: all that was there at first, unless that is wished."""
    if not feed.started:
        return not feed.existing and (item.published is None or item.published < feed.created)
    return item.published is not None and item.published < feed.created


def _is_address(address: str, schemes: Collection[str]) -> bool:
    try:
        read_address(address, schemes=(*schemes, "magnet"))
    except SourceRefused:
        return False
    return True


def _once(verdicts: Sequence[Verdict], seen: Collection[str]) -> list[Verdict]:
    """With those left out whose file is that of an item before them, or of one that was seen."""
    found, taken = [], set[str]()
    for verdict in verdicts:
        files = {mark for mark in verdict.marks if mark.startswith("f")}
        if verdict.why is None and not (files.isdisjoint(taken) and files.isdisjoint(seen)):
            verdict = replace(verdict, why="repeated")
        if verdict.why is None:
            taken |= files
        found.append(verdict)
    return found


def _best(verdicts: Sequence[Verdict], rules: Rules, seen: Collection[str]) -> list[Verdict]:
    """Of the items of one episode, the first one of the best quality; none where one was taken before."""
    best = dict[str, tuple[int, int]]()
    episodes = [keys.mark("e", episode_of(one.item.title, rules.prefer)) for one in verdicts]
    for place, (verdict, episode) in enumerate(zip(verdicts, episodes, strict=True)):
        rank = first_of(rules.prefer, verdict.item.title)
        if verdict.why is None and episode:
            mine = (len(rules.prefer) if rank is None else rank, place)
            best[episode] = min(best.get(episode, mine), mine)
    found = []
    for place, (verdict, episode) in enumerate(zip(verdicts, episodes, strict=True)):
        marks = verdict.marks
        if verdict.why is None and episode:
            if episode in seen or best[episode][1] != place:
                verdict = replace(verdict, why="version")
            else:
                verdict = replace(verdict, marks=(*marks, episode))
        elif episode in seen and verdict.why == "seen":
            verdict = replace(verdict, marks=(*marks, episode))
        found.append(verdict)
    return found
