"""The commands for calls: /play and /vplay for people who may see the library, the others for those who may control."""

import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from urllib.parse import urlsplit

from pyrogram import Client, enums, filters
from pyrogram import errors as rpc
from pyrogram.handlers import MessageHandler
from pyrogram.types import BotCommand, BotCommandScopeAllGroupChats, Message

from streamvault.access.identity import Person
from streamvault.errors import CatalogError, SourceError, VoiceError
from streamvault.media.model import MediaFile, Origin
from streamvault.telegram.bot.allowance import Allowances
from streamvault.telegram.bot.desk import sender
from streamvault.telegram.bot.presses import Notice, OnPress, Press, Presses
from streamvault.telegram.bot.sender import Sender, arguments
from streamvault.telegram.bot.tasks import PeopleTasks
from streamvault.telegram.bot.texts import Answer
from streamvault.telegram.bot.voice import wording
from streamvault.telegram.bot.voice.desk import VoiceDesk
from streamvault.voice import transitions
from streamvault.voice.calls import Change, new_entry_id
from streamvault.voice.files import item_of, origin_in
from streamvault.voice.model import Call, Item, Loop
from streamvault.voice.rights import Asker, may_control

log = logging.getLogger(__name__)

CHOICES = 6
"""Files of which one is chosen."""
GROUP_AT_ONCE, GROUP_INTERVAL = 10, 3.0
"""Answers in one group: so many at once, and one more in so many seconds; Telegram allows 20 a minute."""
UNAVAILABLE = "That cannot be told at the moment: please try again in a minute."
_ADMINS = (enums.ChatMemberStatus.OWNER, enums.ChatMemberStatus.ADMINISTRATOR)

Handle = Callable[[Message, Person], Awaitable[Answer | str]]


class VoiceCommands:
    """`owners` are user ids; `send` answers; `client` gives the one that is connected."""

    def __init__(
        self, desk: VoiceDesk, *, owners: frozenset[int], send: Sender, client: Callable[[], Client],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._desk = desk
        self._owners = owners
        self._send = send
        self._client = client
        self._in_groups = Allowances(GROUP_AT_ONCE, GROUP_INTERVAL, clock)
        self.tasks = PeopleTasks(owners, clock)
        self._handles: Mapping[str, Handle] = {
            "play": partial(self._play, video=False), "vplay": partial(self._play, video=True),
            "queue": self._queue, "now": self._now, "skip": self._controlled(_skipped),
            "pause": self._controlled(_paused), "resume": self._controlled(_resumed),
            "seek": self._seek, "volume": self._volume, "loop": self._loop,
            "shuffle": self._controlled(_shuffled), "stop": self._controlled(_stopped),
        }  # fmt: skip

    @property
    def presses(self) -> Mapping[str, OnPress]:
        """The handlers of buttons, see Presses."""
        return {"voice": self.press}

    def register(self, client: Client, *, presses: bool) -> None:
        """Add the handlers, before those that answer every message; with `presses` those of buttons, too."""
        if presses:
            Presses({}, self.tasks, in_groups=self.presses).register(client)
        for name in self._handles:
            where = filters.text & filters.group & filters.command(name)
            client.add_handler(MessageHandler(partial(self._receive, name), where))

    async def show_commands(self, client: Client) -> None:
        """Show the commands in groups."""
        commands = [BotCommand(name, text) for name, text in wording.COMMANDS]
        try:
            await client.set_bot_commands(commands, BotCommandScopeAllGroupChats())
        except (rpc.RPCError, SourceError, OSError) as error:
            log.debug("the commands for calls could not be registered: %s", error)

    async def press(self, press: Press) -> Notice:
        """A button of `choices`: that file is played."""
        _, kind, chat_id, message_id = press.data.split(":")
        origin = Origin(int(chat_id), int(message_id))
        if origin.chat_id not in await self._desk.chats(press.person):
            return Notice(wording.STRANGER, alert=True)
        file = await self._desk.file(origin)
        if file is None:
            return Notice(wording.NOT_FOUND, alert=True)
        try:
            text = await self._added(press.chat_id, [file], press.person, video=kind == "v")
        except VoiceError as error:
            return Notice(str(error), alert=True)
        self._send.replace(press, Answer(text))
        return Notice("")

    async def _receive(self, name: str, _: Client, message: Message) -> None:
        person = sender(message)
        if person is None:
            if self._in_groups.take(message.chat.id):
                self._send.reply(message, "owner", wording.NO_PERSON)
        elif person.id in self._owners or self._in_groups.take(message.chat.id):
            self.tasks.begin(person.id, partial(self._answer, self._handles[name], message, person))

    async def _answer(self, handle: Handle, message: Message, person: Person) -> None:
        try:
            answer = self._desk.missing() or await handle(message, person)
        except VoiceError as error:
            answer = str(error)
        except (CatalogError, SourceError) as error:
            log.warning("a command for a call could not be handled: %s", error)
            answer = UNAVAILABLE
        self._send.reply(message, "owner", answer)

    async def _play(self, message: Message, person: Person, *, video: bool) -> Answer | str:
        words = arguments(message)
        if not words:
            return await self._controlled(_resumed)(message, person) if not video else wording.WHAT
        chats = await self._desk.chats(person)
        if not chats:
            return wording.STRANGER
        files = await self._found(words, chats)
        if not files:
            return wording.NOT_FOUND
        if len(files) > 1:
            return wording.choices(files, video=video)
        return await self._added(message.chat.id, files, person, video=video)

    async def _found(self, words: str, chats: frozenset[int]) -> Sequence[MediaFile]:
        origin = origin_in(urlsplit(words).path) if words.startswith(("http://", "https://")) else None
        if origin is None:
            return await self._desk.search(words, chats, limit=CHOICES)
        file = await self._desk.file(origin) if origin.chat_id in chats else None
        return [] if file is None else [file]

    async def _added(self, chat_id: int, files: Sequence[MediaFile], person: Person, *, video: bool) -> str:
        items = [item_of(file, id=new_entry_id(), video=video, person=person.id) for file in files]
        owner = person.id in self._owners
        call = await self._desk.calls.change(
            chat_id, lambda call, now: transitions.added(call, items, now=now, owner=owner)
        )
        return wording.added(call, items[0])

    async def _queue(self, message: Message, _: Person) -> str:
        return wording.queue(await self._desk.calls.get(message.chat.id))

    async def _now(self, message: Message, _: Person) -> str:
        return wording.now_playing(await self._desk.calls.get(message.chat.id), self._desk.calls.clock())

    async def _seek(self, message: Message, person: Person) -> Answer | str:
        calls, text = self._desk.calls, arguments(message)
        current = transitions.position_of(await calls.get(message.chat.id), calls.clock())
        position = wording.read_position(text, current)
        if position is None:
            return wording.BAD_TIME
        return await self._controlled(lambda call, now: transitions.sought(call, position, now=now))(message, person)

    async def _volume(self, message: Message, person: Person) -> Answer | str:
        text = arguments(message).removesuffix("%")
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            return wording.BAD_VOLUME
        return await self._controlled(lambda call, now: transitions.with_volume(call, int(text), now=now))(
            message, person
        )

    async def _loop(self, message: Message, person: Person) -> Answer | str:
        text = arguments(message).lower()
        if text not in list(Loop):
            return wording.BAD_LOOP
        return await self._controlled(lambda call, now: transitions.with_loop(call, Loop(text), now=now))(
            message, person
        )

    def _controlled(self, change: Change) -> Handle:
        """Answers with what the change of a call has made, for those who may control it, and for who added what
        plays.
        """

        async def handle(message: Message, person: Person) -> Answer | str:
            call = await self._desk.calls.get(message.chat.id)
            if not await self._may_control(message, person, call.item):
                return wording.NO_CONTROL
            call = await self._desk.calls.change(message.chat.id, change)
            return wording.now_playing(call, self._desk.calls.clock())

        return handle

    async def _may_control(self, message: Message, person: Person, item: Item | None) -> bool:
        if item is not None and item.person == person.id:
            return True
        granted = await self._desk.is_granted(person)
        admin = not granted and await self._is_admin(message.chat.id, person.id)
        return may_control(Asker(granted, admin), self._desk.control)

    async def _is_admin(self, chat_id: int, person: int) -> bool:
        try:
            member = await self._client().get_chat_member(chat_id, person)
        except (rpc.RPCError, SourceError, OSError) as error:
            log.debug("whether a person is an admin of %d is not known: %s", chat_id, error)
            return False
        return member.status in _ADMINS


def _paused(call: Call, now: float) -> Call:
    return transitions.paused(call, now=now)


def _resumed(call: Call, now: float) -> Call:
    return transitions.resumed(call, now=now)


def _skipped(call: Call, now: float) -> Call:
    return transitions.skipped(call, now=now)


def _stopped(call: Call, now: float) -> Call:
    return transitions.stopped(call, now=now)


def _shuffled(call: Call, now: float) -> Call:
    return transitions.shuffled(call, now=now, shuffle=random.SystemRandom().shuffle)
