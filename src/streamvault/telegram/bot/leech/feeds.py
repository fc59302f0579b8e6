"""/rss, the buttons under its messages, and what feeds tell where they were asked for."""

import logging
import re
import time
from collections.abc import Awaitable, Callable
from typing import get_args

from pyrogram import Client
from pyrogram.types import Message

from streamvault.access.identity import Person
from streamvault.errors import (
    CatalogError,
    JobConflict,
    JobMissing,
    LeechError,
)
from streamvault.leech.feeds.model import Feed, FeedState
from streamvault.leech.feeds.service import Feeds, WantedFeed
from streamvault.leech.feeds.transitions import Take
from streamvault.leech.model import Asked, Options
from streamvault.telegram.bot.leech import feed_words, wording
from streamvault.telegram.bot.leech.feed_requests import FeedRequest, feed_request
from streamvault.telegram.bot.leech.once import SendingOnce
from streamvault.telegram.bot.leech.permission import Permission
from streamvault.telegram.bot.leech.requests import NotUnderstood
from streamvault.telegram.bot.presses import Notice, Press
from streamvault.telegram.bot.texts import Answer

log = logging.getLogger(__name__)

_COMMAND = re.compile(r"/\S+\s*")
_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
_TAKES = get_args(Take)


class FeedChat:
    """`bot`: the id of the leech bot; `target`: the chat that files go to, None while it is not known; `on_changed` is
    called with each feed that was added ("feed added") or removed ("feed removed"), and by whom.
    """

    def __init__(
        self, feeds: Feeds, permission: Permission, *, bot: int, target: Callable[[], Awaitable[int | None]],
        on_changed: Callable[[str, Feed, Person], None], now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._feeds = feeds
        self._permission = permission
        self._bot = bot
        self._target = target
        self._on_changed = on_changed
        self._now = now

    async def command(self, _: Client, message: Message) -> None:
        """/rss."""
        person = await self._permission.of_message(message)
        if person is None:
            return
        try:
            request = feed_request(_COMMAND.sub("", str(message.text or ""), count=1))
            answer = await self._done(request, person, message)
        except (NotUnderstood, LeechError) as error:
            answer = Answer(str(error))
        except CatalogError:
            answer = Answer(wording.UNAVAILABLE)
        self._permission.answer(message, answer)

    async def press(self, press: Press) -> Notice:
        """A button under a feed. Raises CatalogError."""
        _, what, which = [*press.data.split(":"), "", ""][:3]
        if not await self._permission.of_press(press):
            return Notice(wording.NOT_YOURS, alert=True)
        whose = self._permission.whose(press.person)
        if what == "page" and which.isascii() and which.isdigit() and len(which) <= 6:
            self._permission.replace(press, await self._list(whose, int(which)))
            return Notice("")
        try:
            text = await self._pressed(what, which, press.person, whose)
        except JobMissing:
            return Notice(feed_words.NO_FEED, alert=True)
        except JobConflict as error:
            return Notice(str(error), alert=True)
        if what == "rm" or what in _TAKES:
            self._permission.replace(press, Answer(text))
        return Notice(text)

    async def _pressed(self, what: str, id: str, person: Person, whose: int | None) -> str:
        """What is said of it. Raises JobMissing, JobConflict."""
        if not _ID.fullmatch(id):
            raise JobMissing(feed_words.NO_FEED)
        if what == "rm":
            await self._remove(id, person, whose)
            return feed_words.REMOVED
        if what == "look":
            await self._feeds.try_again(id, person=whose)
            return feed_words.LOOKS
        take: Take | None = next((one for one in _TAKES if one == what), None)
        if take is None:
            raise JobMissing(feed_words.NO_FEED)
        await self._feeds.answer(id, take, person=whose)
        return feed_words.LEFT if take == "none" else feed_words.TAKEN

    async def _done(self, request: FeedRequest, person: Person, message: Message) -> Answer:
        """What is asked for, done. Raises LeechError."""
        whose = self._permission.whose(person)
        if request.what == "list":
            return await self._list(whose, 0)
        if request.what == "try":
            return feed_words.tried(await self._feeds.try_out(request.target, request.rules))
        if request.what == "remove":
            try:
                await self._remove(request.target, person, whose)
            except JobMissing:
                return Answer(feed_words.NO_FEED)
            return Answer(feed_words.REMOVED)
        return await self._add(request, person, message)

    async def _add(self, request: FeedRequest, person: Person, message: Message) -> Answer:
        chat_id = await self._target()
        if chat_id is None:
            return Answer(wording.NO_CHANNEL)
        wanted = WantedFeed(
            request.target, chat_id, person.id, request.rules, Options(as_document=request.as_document),
            existing=request.existing, asked=Asked(self._bot, message.chat.id, message.id),
        )  # fmt: skip
        added = await self._feeds.add(wanted)
        if added.new:
            self._on_changed("feed added", added.feed, person)
        return feed_words.followed(added.feed, new=added.new)

    async def _remove(self, id: str, person: Person, whose: int | None) -> None:
        self._on_changed("feed removed", await self._feeds.remove(id, person=whose), person)

    async def _list(self, whose: int | None, page: int) -> Answer:
        return feed_words.feed_list(await self._feeds.listed(person=whose), page=page, now=self._now())


class FeedTeller:
    """Tells, once, that a feed asks something or has stopped, where it was added. `client` gives the one that is
    connected.
    """

    def __init__(
        self, feeds: Feeds, *, bot: int, client: Callable[[], Client], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._feeds = feeds
        self._bot = bot
        self._sending = SendingOnce(client, clock)
        self._looked = False
        self._pending = dict[str, None]()

    def note(self, feed: Feed) -> None:
        """A feed that has changed, in any way."""
        if self._news(feed) is not None:
            self._pending[feed.id] = None

    async def tell(self) -> None:
        """Tell what is to be told; at first also what an earlier process has left untold."""
        try:
            if not self._looked:
                for feed in await self._feeds.listed():
                    self.note(feed)
                self._looked = True
            for id in tuple(self._pending):
                if self._sending.quiet or not await self._tell_one(id):
                    return
                self._pending.pop(id, None)
        except CatalogError as error:
            log.debug("nothing is told of feeds: %s", error)

    def _news(self, feed: Feed) -> tuple[str, Answer] | None:
        """What is told of a feed, and by which mark that is known; None where nothing is to be told."""
        if feed.asked is None or feed.asked.bot != self._bot:
            return None
        if feed.state is FeedState.STOPPED:
            news = ("stopped", feed_words.stopped(feed))
        elif feed.question:
            news = (f"question {feed.question[0].id}", feed_words.question(feed))
        else:
            return None
        return None if feed.told == news[0] else news

    async def _tell_one(self, id: str) -> bool:
        """False where Telegram may be away, or demands a wait. Raises CatalogError."""
        try:
            feed = await self._feeds.get(id)
        except JobMissing:
            return True
        news = self._news(feed)
        if news is None or feed.asked is None:
            return True
        mark, answer = news
        what, asked = f"feed {id} {mark} {feed.updated}", feed.asked
        if not await self._sending.send(what, answer, chat_id=asked.chat_id, reply_to=asked.message_id):
            return False
        await self._feeds.told(feed, mark)
        return True
