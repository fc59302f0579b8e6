"""The main bot: the message handlers, and VaultBot, which they call."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from pyrogram import Client, enums, filters
from pyrogram import errors as rpc
from pyrogram.handlers import ErrorHandler, Handler, MessageHandler
from pyrogram.types import BotCommand, Message

from streamvault.access.urls import Urls
from streamvault.errors import (
    CatalogError,
    FileGone,
    FileMissing,
    SourceBusy,
    SourceError,
    SourceUnavailable,
    VaultError,
)
from streamvault.indexing.finder import FileFinder
from streamvault.indexing.live import LiveIndex
from streamvault.media.model import MediaFile, Origin
from streamvault.settings import Settings
from streamvault.telegram.bot import access_texts, texts
from streamvault.telegram.bot.access_commands import AccessCommands
from streamvault.telegram.bot.desk import BotAccess
from streamvault.telegram.bot.intake import Intake, Kept, Wanted
from streamvault.telegram.bot.outbox import Outbox
from streamvault.telegram.bot.receiving import Receiving
from streamvault.telegram.bot.replies import edit_answer, replied_message, send_answer
from streamvault.telegram.bot.sender import Sender
from streamvault.telegram.bot.texts import Answer, FileLinks
from streamvault.telegram.bot.usernames import resolve_channels
from streamvault.telegram.bot.vault import Vault
from streamvault.telegram.bot.voice.commands import VoiceCommands
from streamvault.telegram.bot.voice.desk import VoiceDesk
from streamvault.telegram.flood_wait import FloodWaits, Sleep
from streamvault.telegram.history.messages import media_file
from streamvault.telegram.updates.index_queue import Failing
from streamvault.telegram.updates.receiver import AccountUpdates

log = logging.getLogger(__name__)


class VaultBot:
    """Handles the messages of people: commands, and files sent in private. One for the whole process.

    `client` is the one that answers are sent with; `register` sets it. `owners` are user ids.
    `sleep` waits for the end of flood waits. Without `access` nobody can log in by the bot, without
    `voice` nothing is played in calls.
    """

    def __init__(
        self, *, settings: Settings, index: LiveIndex, finder: FileFinder, urls: Urls, access: BotAccess | None = None,
        voice: VoiceDesk | None = None, sleep: Sleep = asyncio.sleep,
    ) -> None:  # fmt: skip
        self.owners = frozenset(settings.owner_ids)
        self._finder = finder
        self._urls = urls
        floods = FloodWaits(sleep)
        self._outbox = Outbox(
            self._send, buttons=urls.buttons, floods=floods, sleep=sleep,
            on_sending=lambda messages: self._receiving.sending(messages),
            on_end=lambda messages, answered: self._receiving.ended(messages, answered=answered),
        )  # fmt: skip
        self._edits = Outbox(self._edit, buttons=False, floods=floods, sleep=sleep)
        self.voice = (
            None
            if voice is None
            else VoiceCommands(
                voice, owners=self.owners, send=Sender(self._outbox, self._edits), client=self._connected
            )
        )
        self.access = None if access is None else AccessCommands(
            access, owners=self.owners, outbox=self._outbox, edits=self._edits, public_url=settings.public_url,
            buttons=urls.buttons, client=lambda: self.client, greet_others=self.greet,
            in_groups=None if self.voice is None else self.voice.presses,
        )  # fmt: skip
        self._intake = Intake(self, floods)
        self.client: Client | None = None
        self.index = index
        self._receiving = Receiving(
            index, Vault(settings.vault_channel), self._intake, floods, owners=self.owners, connected=self._connected,
            links=partial(self.links, apart=True),
        )  # fmt: skip

    async def start(self, client: Client) -> None:
        """Register the commands, resolve the channels that the settings name by username, and handle what was received
        before the last end of the process.
        """
        self._receiving.resume(client)
        try:
            commands = texts.COMMANDS if self.access is None else (*texts.COMMANDS, *access_texts.MEMBER_COMMANDS)
            await client.set_bot_commands([BotCommand(name, text) for name, text in commands])
        except (rpc.RPCError, OSError) as error:
            log.info("the bot's commands are not shown in chats for now; the next start registers them")
            log.debug("the commands could not be registered: %s", error)
        if self.access is not None:
            await self.access.show_commands(client)
        if self.voice is not None:
            await self.voice.show_commands(client)
        await resolve_channels(client, self._finder.chats)

    def greet(self, message: Message, text: str) -> None:
        """Answer /start and /help; to others than owners with their id, as they get no other answer for an hour."""
        if not self._is_owner(message):
            text = f"{text}\n\n{texts.not_an_owner(_sender_id(message))}"
        self._reply(message, text)

    async def receive(self, client: Client, message: Message) -> None:
        """A private message: copy its file, or each file of its album, to the vault, and answer with the links."""
        if not self._is_owner(message):
            self._reply(message, texts.not_an_owner(_sender_id(message)))
        elif media_file(message) is None:
            self._reply(message, texts.NO_FILE)
        else:
            await self._receiving.claim(client, message)

    async def link(self, client: Client, message: Message) -> None:
        """/link: links of the replied file, which is copied to the vault unless an indexed channel has it."""
        if not self._is_owner(message):
            self._reply(message, texts.not_an_owner(_sender_id(message)))
        elif message.reply_to_message_id is None:
            self._reply(message, texts.NO_REPLY)
        elif self._receiving.first_time(message):
            self._intake.put(message.chat.id, message.id, [Wanted(partial(self._replied_file, message))])

    async def _replied_file(self, message: Message) -> MediaFile:
        """The file of the replied message, where it is indexed or as a copy. Raises as intake.Copy."""
        try:
            replied = await replied_message(self._connected(), message)
            file = replied and await self._find_indexed(replied)
        except (SourceBusy, rpc.FloodWait):
            raise
        except (SourceError, CatalogError, rpc.RPCError, OSError) as error:
            log.warning("a replied message could not be read: %s", error)
            raise VaultError(texts.UNREADABLE) from error
        if replied is None:
            raise VaultError(texts.DELETED)
        if file:
            return file
        if media_file(replied) is None:
            raise VaultError(texts.NO_FILE_REPLIED)
        return await self._receiving.copy(replied, command=message)

    async def _find_indexed(self, replied: Message) -> MediaFile | None:
        """The file if an indexed channel has it: the chat itself, or the channel that it was forwarded from."""
        for origin in _origins(replied):
            try:
                return await self._finder.find(origin.chat_id, origin.message_id, budgeted=False)
            except (FileMissing, FileGone):
                continue
        return None

    def links(self, chat_id: int, message_id: int, files: Sequence[Kept], *, apart: bool = False) -> None:
        """Send an owner the links of files; see intake.Answers, and Outbox.links for `apart`."""
        links = [(one, self._urls.links(one.file)) for one in files]
        shown = [
            FileLinks(one.file.name, one.file.size, link.watch, link.download, one.received) for one, link in links
        ]
        self._outbox.links(chat_id, message_id, shown, apart=apart)

    def refusal(self, chat_id: int, message_id: int, text: str, received: Sequence[Origin]) -> None:
        """Tell an owner why something was not kept; see intake.Answers."""
        self._outbox.text(chat_id, message_id, text, received=received)

    async def close(self) -> None:
        """End the copies and the answers."""
        await self._intake.close()
        if self.access is not None:
            await self.access.tasks.close()
        if self.voice is not None:
            await self.voice.tasks.close()
        await self._edits.close()
        await self._outbox.close()
        await self._receiving.close()

    def _reply(self, message: Message, text: str) -> None:
        """Answer an owner; anybody else in private only, and seldom."""
        sender = _sender_id(message)
        if self._is_owner(message):
            self._outbox.text(message.chat.id, message.id, text)
        elif message.chat.type is enums.ChatType.PRIVATE and sender is not None:
            self._outbox.stranger(sender, message.chat.id, message.id, text)

    async def _send(self, chat_id: int, answer: Answer, reply_to: int | None) -> None:
        await send_answer(self._connected(), chat_id, answer, reply_to)

    async def _edit(self, chat_id: int, answer: Answer, message_id: int | None) -> None:
        if message_id is not None:
            await edit_answer(self._connected(), chat_id, answer, message_id)

    def _connected(self) -> Client:
        if self.client is None:
            raise SourceUnavailable("the bot is not connected")
        return self.client

    def _is_owner(self, message: Message) -> bool:
        return _sender_id(message) in self.owners


def register(client: Client, bot: VaultBot, *, on_failing: Failing = lambda *_: None) -> None:
    """Give `client` the receiver of its updates and the handlers of `bot`; to be called before it starts.

    `on_failing`: see index_queue.Failing.
    """
    bot.client = client
    client.make_receiver = partial(AccountUpdates, index=bot.index, failing=on_failing, owners=bot.owners)
    if bot.access is not None:
        bot.access.register(client)
    if bot.voice is not None:
        bot.voice.register(client, presses=bot.access is None)
    for handler in _message_handlers(bot):
        client.add_handler(handler)


def _message_handlers(bot: VaultBot) -> tuple[Handler, ...]:
    """The handlers of messages from people."""

    async def on_start(_: Client, message: Message) -> None:
        bot.greet(message, texts.START)

    async def on_help(_: Client, message: Message) -> None:
        bot.greet(message, texts.HELP)

    async def on_link(client: Client, message: Message) -> None:
        await bot.link(client, message)

    async def on_private(client: Client, message: Message) -> None:
        await bot.receive(client, message)

    command = filters.text & filters.private  # filters.command alone matches captions too, and would skip the file
    return (
        MessageHandler(on_start, command & filters.command("start")),
        MessageHandler(on_help, command & filters.command("help")),
        MessageHandler(on_link, filters.text & ~filters.channel & filters.command("link")),
        MessageHandler(on_private, filters.private & filters.incoming),
        ErrorHandler(_log_error),
    )


async def _log_error(_: Client, error: Exception, *context: Any) -> None:
    """Logs an unexpected error of a handler with the type of its update; the bot goes on."""
    log.error("handling %s failed", type(context[1]).__name__, exc_info=error)


def _origins(message: Message) -> list[Origin]:
    """The messages that may hold the file: this one, and the channel post that it was forwarded from."""
    here = Origin(message.chat.id, message.id)
    source = message.forward_origin
    if source is None or source.type is not enums.MessageOriginType.CHANNEL or source.chat is None:
        return [here]
    return [here, Origin(source.chat.id, source.message_id)]


def _sender_id(message: Message) -> int | None:
    return None if message.from_user is None else int(message.from_user.id)
