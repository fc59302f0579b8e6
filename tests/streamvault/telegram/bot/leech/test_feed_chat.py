"""/rss in the leech bot's chats."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamvault.errors import SourceFailed
from streamvault.leech.feeds.model import Feed, FeedState, Parsed, Pick
from streamvault.leech.feeds.service import WantedFeed
from streamvault.telegram.bot.leech import feed_words, wording
from tests.streamvault.telegram.bot.leech.test_managing import forge
from tests.support.feeds import item
from tests.support.leech_chat import Chat, buttons, leech_chat
from tests.support.waiting import until

RSS = "https://example.org/rss"


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with leech_chat(tmp_path) as opened:
        yield opened


async def ask(chat: Chat, text: str, sender: Any = None) -> Any:
    """The answer to a message."""
    before = len(chat.said(sender))
    await chat.write(text, sender)
    return await chat.answer(before + 1, reader=sender)


def feeds(chat: Chat) -> list[Feed]:
    return sorted(chat.feed_store.stored.values(), key=lambda feed: feed.created)


def change(chat: Chat, **values: Any) -> Feed:
    """Change the only feed as a worker might."""
    [feed] = feeds(chat)
    changed = chat.feed_store.stored[feed.id] = replace(feed, version=feed.version + 1, **values)
    return changed


async def test_a_feed_is_followed_listed_and_removed(chat: Chat) -> None:
    assert (await ask(chat, "/rss")).text == feed_words.NO_FEEDS
    added = await ask(chat, f"/rss {RSS} -i 1080p, web -x cam -q 1080p -t")
    [feed] = feeds(chat)
    assert feed.id in added.text
    assert (feed.person, feed.chat_id, feed.rules.include) == (chat.owner.id, chat.target, ("1080p", "web"))
    assert feed.asked == chat.asked(feed.asked.message_id if feed.asked else 0)
    assert "Followed already" in (await ask(chat, f"/rss add {RSS}")).text
    listed = await ask(chat, "/rss list")
    assert list(buttons(listed)) == ["Look at 1", "Remove 1"]
    change(chat, state=FeedState.STOPPED, error="it is gone")
    assert "stopped: it is gone" in (await ask(chat, "/rss")).text
    assert (await chat.press(listed, "Look at 1")).message == feed_words.LOOKS
    assert feeds(chat)[0].state is FeedState.ACTIVE
    await chat.restart()
    assert (await chat.press(listed, "Remove 1")).message == feed_words.REMOVED
    assert feeds(chat) == []
    await until(lambda: listed.text == feed_words.REMOVED and not buttons(listed), pause=0.005)
    assert (await chat.press(added, "Remove")).message == feed_words.NO_FEED
    assert (await ask(chat, f"/rss remove {feed.id}")).text == feed_words.NO_FEED


async def test_members_have_their_own_and_strangers_none(chat: Chat) -> None:
    mia, zoe, eve = chat.somebody("Mia", may=True), chat.somebody("Zoe", may=True), chat.somebody("Eve")
    added = await ask(chat, f"/rss {RSS}", mia)
    [feed] = feeds(chat)
    assert feed.person == mia.id
    assert (await ask(chat, "/rss", zoe)).text == feed_words.NO_FEEDS
    assert (await ask(chat, f"/rss remove {feed.id}", zoe)).text == feed_words.NO_FEED
    assert (await ask(chat, "/rss", eve)).text == wording.not_allowed(eve.id)
    data = buttons(added)["Remove"]
    assert len(data) <= 64
    wrong = (b"feed:rm:../x", b"feed:", b"feed:page:-1", b"feed:all:" + b"0" * 16, b"feed:x:" + b"0" * 16)
    for presser, tried in ((zoe, data), *((chat.owner, one) for one in wrong)):
        answer = await chat.world.press(presser, await forge(chat, presser, tried), tried)
        assert answer.message == feed_words.NO_FEED, tried
    assert feeds(chat) == [feed]
    assert feed.id in (await ask(chat, "/rss")).text, "an owner sees all"


async def test_trying_shows_what_would_be_taken(chat: Chat) -> None:
    items = (item(1), item(2, title="Film 2 <b>CAM</b>"), item(3, enclosures=(), link=""))
    chat.reader.answer = Parsed("Films", items)
    text = (await ask(chat, f"/rss try {RSS} -x cam")).text
    assert text.startswith("Films has 3 items, of which 1 would be taken.")
    for part in ("Film 1\nwould be taken", "Film 2 <b>CAM</b>\nnot taken: excluded by “cam”", "not taken: has no file"):
        assert part in text
    assert feeds(chat) == []
    chat.reader.answer = SourceFailed("example.org is away")
    assert (await ask(chat, f"/rss try {RSS}")).text == "example.org is away"
    assert "I do not know" in (await ask(chat, "/rss hello")).text
    chat.feed_store.failing = True
    assert (await ask(chat, "/rss")).text == wording.UNAVAILABLE


async def test_long_lists_have_pages(chat: Chat) -> None:
    for number in range(12):
        await chat.feeds.add(WantedFeed(f"{RSS}/{'я' * 300}{number}", chat.target))
    listed = await ask(chat, "/rss")
    assert "page 1 of 3" in listed.text
    assert len(listed.text.encode("utf-16-le")) // 2 <= 4096
    assert all(len(data) <= 64 for data in buttons(listed).values())
    await chat.press(listed, "More")
    await until(lambda: "page 2 of 3" in listed.text, pause=0.005)
    assert "Remove 6" in buttons(listed)


async def test_a_question_and_an_end_are_told_once(chat: Chat) -> None:
    await ask(chat, f"/rss {RSS}")
    picks = tuple(Pick(f"{n:016x}", f"Film {n}", "") for n in range(15))
    chat.bot.feed_teller.note(change(chat, question=picks))
    await chat.bot.feed_teller.tell()
    asked = await chat.answer(2)
    assert "15 new items at once" in asked.text
    assert list(buttons(asked)) == ["All 15", "The newest 10", "None"]
    await chat.restart()
    await chat.bot.feed_teller.tell()
    chat.bot.feed_teller.note(feeds(chat)[0])
    await chat.bot.feed_teller.tell()
    await chat.settled()
    assert len(chat.said()) == 2
    listed = await ask(chat, "/rss")
    assert (await chat.press(asked, "The newest 10")).message == feed_words.TAKEN
    [feed] = feeds(chat)
    assert ([pick.id for pick in feed.picks], feed.question) == ([pick.id for pick in picks[-10:]], ())
    assert "asks nothing" in (await chat.press(listed, "None of 1")).message
    change(chat, state=FeedState.STOPPED, error="it is gone for good (410)")
    await chat.restart()
    await chat.bot.feed_teller.tell()
    told = chat.said()[-1]
    assert "not looked at any more: it is gone for good (410)" in told.text
    assert list(buttons(told)) == ["Try again", "Remove"]
