"""The leech bot: its handlers, and what it does by itself while it is connected."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from functools import partial
from typing import Any, NoReturn

from pyrogram import Client, filters
from pyrogram import errors as rpc
from pyrogram.handlers import MessageHandler
from pyrogram.types import BotCommand, Message

from streamvault.access.identity import Person
from streamvault.errors import SourceError, SourceUnavailable
from streamvault.indexing.chats import OurChats
from streamvault.leech.feeds.model import Feed
from streamvault.leech.feeds.service import Feeds
from streamvault.leech.mirror.asking import Requests
from streamvault.leech.model import Job
from streamvault.leech.queue import Queue
from streamvault.telegram.bot.allowance import Allowance
from streamvault.telegram.bot.desk import RoleDesk, Roles, sender
from streamvault.telegram.bot.leech import wording
from streamvault.telegram.bot.leech.asking import Asking
from streamvault.telegram.bot.leech.board import Board, Marks
from streamvault.telegram.bot.leech.choosing import Choosing
from streamvault.telegram.bot.leech.feeds import FeedChat, FeedTeller
from streamvault.telegram.bot.leech.fresh_links import FreshLinks
from streamvault.telegram.bot.leech.managing import Managing
from streamvault.telegram.bot.leech.mirrors import ListMirrors, MirrorChat, MirrorTeller
from streamvault.telegram.bot.leech.permission import Permission
from streamvault.telegram.bot.leech.reading import ReadDocument
from streamvault.telegram.bot.leech.telling import FileOf, LinksOf, Teller, no_file
from streamvault.telegram.bot.logging_in import GROUP_AT_ONCE, GROUP_INTERVAL
from streamvault.telegram.bot.outbox import Outbox
from streamvault.telegram.bot.presses import Presses
from streamvault.telegram.bot.replies import edit_answer, send_answer
from streamvault.telegram.bot.sender import Sender, in_private
from streamvault.telegram.bot.tasks import PeopleTasks
from streamvault.telegram.bot.texts import Answer
from streamvault.telegram.bot.usernames import resolve_channels
from streamvault.telegram.flood_wait import FloodWaits, Sleep
from streamvault.telegram.updates.receiver import AccountUpdates

log = logging.getLogger(__name__)

POLL = 2.0
"""Seconds between two looks for what is to be shown or told."""

PRESSES_AT_ONCE, PRESS_INTERVAL = 40, 0.5
"""Buttons that one person may press: so many at once, and one more in so many seconds; who chooses presses many."""

OnMessage = Callable[[Client, Message], Coroutine[Any, Any, None]]


class LeechBot:
    """Of the bot with the id `bot`. `target`: the chat that files go to, None while it is not known; `chats`: those of
    this server, some by their usernames.

    `owners` are user ids, `desk` tells of others: "member" where somebody may leech. `links`: of a job's file on this
    server, and `file`: as its library has it; `buttons`: Telegram accepts those links in buttons. `marks` keep the
    status messages; `read` reads text files; `on_added` is called with each job that somebody asked for; `on_feed`: see
    FeedChat; `mirrors`: lists them, and `asked`: what the server is asked of them. `clock` gives seconds that never go
    back.
    """

    def __init__(
        self, queue: Queue, *, bot: int, target: Callable[[], int | None], chats: OurChats,
        owners: Collection[int], desk: RoleDesk, marks: Marks, links: LinksOf, buttons: bool, read: ReadDocument,
        schemes: Collection[str], on_added: Callable[[Job], None] = lambda _: None, feeds: Feeds,
        on_feed: Callable[[str, Feed, Person], None] = lambda *_: None, mirrors: ListMirrors, asked: Requests,
        file: FileOf = no_file,
        sleep: Sleep = asyncio.sleep, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.client: Client | None = None
        self._owners = frozenset(owners)
        self._target = target
        self._chats = chats
        self._sleep = sleep
        floods = FloodWaits(sleep)
        self._outbox = Outbox(self._send, buttons=False, floods=floods, sleep=sleep, clock=clock)
        self._edits = Outbox(self._edit, buttons=False, floods=floods, sleep=sleep, clock=clock)
        permission = Permission(Roles(self._owners, desk), Sender(self._outbox, self._edits))
        self.board = Board(
            queue, marks, bot=bot, client=self._connected, sees_all=self._owners.__contains__, clock=clock
        )
        self.teller = Teller(queue, links, bot=bot, client=self._connected, buttons=buttons, file=file, clock=clock)
        self._permission = permission
        self._asking = Asking(
            queue, self.board, permission, bot=bot, target=self._find_target, read=read, client=self._connected,
            schemes=schemes, on_added=on_added,
        )  # fmt: skip
        self._feeds = FeedChat(feeds, permission, bot=bot, target=self._find_target, on_changed=on_feed)
        self.feed_teller = FeedTeller(feeds, bot=bot, client=self._connected, clock=clock)
        self.mirror_teller = MirrorTeller(asked, bot=bot, client=self._connected, clock=clock)
        self._mirrors = MirrorChat(asked, mirrors, permission, self.mirror_teller, bot=bot)
        self.choosing = Choosing(queue, permission, client=self._connected, clock=clock)
        self._managing = managing = Managing(queue, self.board, permission)
        self.tasks = PeopleTasks(self._owners, clock)
        self._pressing = PeopleTasks(self._owners, clock, at_once=PRESSES_AT_ONCE, interval=PRESS_INTERVAL)
        self._in_groups = Allowance(GROUP_AT_ONCE, GROUP_INTERVAL, clock)
        self._presses = Presses(
            {
                "leech": self._asking.press,
                "all": managing.press_all,
                "jobs": managing.page,
                "feed": self._feeds.press,
                "mirror": self._mirrors.press,
                "pick": self.choosing.press,
                "links": FreshLinks(queue, permission, self.teller.news).press,
                **dict.fromkeys(("pause", "resume", "cancel", "retry"), managing.press),
            },
            self._pressing,
            groups=True,
        )

    def register(self, client: Client) -> None:
        """Give `client` the receiver of its updates and the handlers; to be called before it starts."""
        self.client = client
        client.make_receiver = partial(AccountUpdates, index=None, owners=self._owners)
        everywhere = ~filters.channel & filters.incoming
        for name, handle in (
            (["leech", "l"], self._asking.leech),
            (["ytdlleech", "yl"], self._asking.leech_page),
            ("status", self._managing.status),
            ("cancel", self._managing.cancel),
            ("cancelall", self._managing.cancel_all),
            ("mirror", self._mirrors.command),
        ):
            client.add_handler(MessageHandler(self._guarded(handle), everywhere & filters.command(name)))
        feeds = self._guarded(self._feeds.command, slow=True)
        client.add_handler(MessageHandler(feeds, everywhere & filters.command("rss")))
        private = filters.private & filters.incoming
        client.add_handler(MessageHandler(self._guarded(self._greet), private & filters.command(["start", "help"])))
        client.add_handler(MessageHandler(self._guarded(self._asking.offer), private))
        self._presses.register(client)

    async def start(self, client: Client, *, braked: Callable[[], float]) -> None:
        """Register the commands, and resolve the channels that the settings name by username."""
        self.board.braked = braked
        try:
            await client.set_bot_commands([BotCommand(name, text) for name, text in wording.COMMANDS])
        except (rpc.RPCError, SourceError, OSError) as error:
            log.debug("the leech bot's commands could not be registered: %s", error)
        await resolve_channels(client, self._chats)

    async def run(self) -> NoReturn:
        """Show and tell, until cancelled."""
        await asyncio.gather(
            self._repeat(self.board.refresh, self.board.wake),
            self._repeat(self.choosing.refresh, self.choosing.wake),
            self._repeat(self.teller.tell),
            self._repeat(self.feed_teller.tell),
            self._repeat(self.mirror_teller.tell),
        )
        raise AssertionError("both go on for ever")

    @property
    def empty(self) -> bool:
        """Whether nothing is being done for anybody."""
        return self.tasks.empty and self._pressing.empty and self._outbox.empty and self._edits.empty

    async def close(self) -> None:
        """End what is being done for people, and the answers."""
        await self.tasks.close()
        await self._pressing.close()
        await self._edits.close()
        await self._outbox.close()

    async def _repeat(self, work: Callable[[], Awaitable[None]], wake: asyncio.Event | None = None) -> NoReturn:
        wake = wake or asyncio.Event()
        while True:
            wake.clear()
            try:
                await work()
            except Exception:  # what is shown and told goes on with the next try
                log.exception("the leech bot's chat")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL):
                    await wake.wait()

    def _guarded(self, handle: OnMessage, *, slow: bool = False) -> OnMessage:
        """What others than owners ask for is done in bounded tasks; what is slow (it waits for others' servers), for
        owners, too.
        """

        async def on_message(client: Client, message: Message) -> None:
            person = sender(message)
            if person is not None and person.id in self._owners and not slow:
                await handle(client, message)
            elif person is not None and (person.id in self._owners or in_private(message) or self._in_groups.take()):
                self.tasks.begin(person.id, partial(handle, client, message))

        return on_message

    async def _greet(self, _: Client, message: Message) -> None:
        """/start and /help."""
        if await self._permission.of_message(message) is not None:
            start = (message.command or [""])[0] == "start"
            self._permission.answer(message, wording.START if start else wording.HELP)

    async def _find_target(self) -> int | None:
        if self._target() is None:
            await resolve_channels(self._connected(), self._chats)
        return self._target()

    async def _send(self, chat_id: int, answer: Answer, reply_to: int | None) -> None:
        await send_answer(self._connected(), chat_id, answer, reply_to)

    async def _edit(self, chat_id: int, answer: Answer, message_id: int | None) -> None:
        if message_id is not None:
            await edit_answer(self._connected(), chat_id, answer, message_id)

    def _connected(self) -> Client:
        if self.client is None:
            raise SourceUnavailable("the leech bot is not connected")
        return self.client
