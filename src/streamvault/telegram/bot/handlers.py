"""The bot: handlers that say what to do, and VaultBot that does it."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import Any

from pyrogram import Client, enums, filters, raw, utils
from pyrogram import errors as rpc
from pyrogram.handlers import ErrorHandler, Handler, MessageHandler
from pyrogram.types import BotCommand, Message

from streamvault.access.urls import Urls
from streamvault.errors import CatalogError, ConfigError, FileGone, FileMissing, SourceBusy, SourceError, VaultError
from streamvault.indexing.finder import FileFinder
from streamvault.indexing.live import LiveIndex
from streamvault.media.model import MediaFile, Origin
from streamvault.settings import Settings
from streamvault.telegram.bot import texts
from streamvault.telegram.bot.replies import album, answer, replied_message
from streamvault.telegram.bot.texts import Answer, FileLinks
from streamvault.telegram.bot.vault import Vault
from streamvault.telegram.flood_wait import Sleep
from streamvault.telegram.history.messages import media_file
from streamvault.telegram.updates.receiver import AccountUpdates

log = logging.getLogger(__name__)

REMEMBERED_MESSAGES = 1000


class VaultBot:
    """What the bot does with messages; one for the whole process, whichever client is connected.

    `sleep` waits out short flood waits.
    """

    def __init__(
        self, *, settings: Settings, index: LiveIndex, finder: FileFinder, urls: Urls, sleep: Sleep = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._owners = settings.owner_ids
        self._finder = finder
        self._urls = urls
        self._sleep = sleep
        self._vault = Vault(settings.vault_channel, sleep=sleep)
        self.index = index
        # an update that Telegram repeats must not make a second copy
        self._taken: OrderedDict[Origin, None] = OrderedDict()
        self._claiming = asyncio.Lock()

    async def start(self, client: Client) -> None:
        """Tell Telegram our commands and ask it for the ids of channels named by their usernames.

        Raises ConfigError for a username that is not a channel's.
        """
        try:
            await client.set_bot_commands([BotCommand(name, text) for name, text in texts.COMMANDS])
        except (rpc.RPCError, OSError) as error:
            log.warning("the commands could not be registered: %s", error)
        for username in sorted(self._finder.chats.unresolved):
            await self._resolve(client, username)

    async def greet(self, message: Message, text: str) -> None:
        """Answer /start and /help, strangers included."""
        await self._say(message, text)

    async def receive(self, client: Client, message: Message) -> None:
        """Something sent in private: keep its file, or each file of its album, and answer with the links."""
        if not self._is_owner(message):
            await self._say(message, texts.not_an_owner(_sender_id(message)))
        elif media_file(message) is None:
            await self._say(message, texts.NO_FILE)
        else:
            await self._keep(client, await self._claim(client, message))

    async def link(self, client: Client, message: Message) -> None:
        """/link: links of the replied file, copied to the vault unless one of our channels has it."""
        if not self._is_owner(message):
            await self._say(message, texts.not_an_owner(_sender_id(message)))
        elif message.reply_to_message_id is None:
            await self._say(message, texts.NO_REPLY)
        elif self._take([message]):
            await self._link_replied(client, message)

    async def _link_replied(self, client: Client, message: Message) -> None:
        try:
            replied = await replied_message(client, message)
            file = replied and await self._already_ours(replied)
            if replied is None:
                await self._say(message, texts.DELETED)
            elif file:
                await self._give(message, [file])
            elif media_file(replied) is None:
                await self._say(message, texts.NO_FILE_REPLIED)
            else:
                await self._give(message, [await self._copy(client, replied)])
        except VaultError as error:
            await self._say(message, str(error))
        except SourceBusy as error:
            await self._say(message, texts.wait(error.retry_after))
        except (SourceError, CatalogError, rpc.RPCError, OSError) as error:
            log.warning("a replied message could not be read: %s", error)
            await self._say(message, texts.UNREADABLE)

    async def _already_ours(self, replied: Message) -> MediaFile | None:
        """The file where it already lives in one of our channels: in place, or where it was forwarded from."""
        for origin in _origins(replied):
            try:
                return await self._finder.find(origin.chat_id, origin.message_id)
            except (FileMissing, FileGone):
                continue
        return None

    async def _keep(self, client: Client, messages: Sequence[Message]) -> None:
        """Copy each file and answer once for all of them; the first failure is told after what went well."""
        kept: list[MediaFile] = []
        for message in messages:
            try:
                kept.append(await self._copy(client, message))
            except VaultError as error:
                await self._give(messages[0], kept)
                await self._say(message, str(error))
                return
        if messages:
            await self._give(messages[0], kept)

    async def _copy(self, client: Client, message: Message) -> MediaFile:
        file = await self._vault.keep(client, message)
        try:
            await self.index.put(file)
        except CatalogError as error:
            log.warning("a kept file is not in the catalog yet: %s", error)
        return file

    async def _claim(self, client: Client, message: Message) -> list[Message]:
        """What this update gives to do: the message, or its whole album, unless another update has claimed it.

        One at a time, so that the first of an album's updates reads it and the others find it claimed.
        """
        async with self._claiming:
            claimed = self._take([message])
            if claimed and message.media_group_id is not None:
                claimed = sorted(claimed + self._take(await self._album(client, message)), key=lambda one: one.id)
            return claimed

    async def _album(self, client: Client, message: Message) -> list[Message]:
        try:
            return await album(client, message)
        except (rpc.RPCError, OSError) as error:
            log.warning("an album is taken one by one: %s", error)
            return []

    def _take(self, messages: Sequence[Message]) -> list[Message]:
        """Those that are new, marked as taken."""
        fresh = [one for one in messages if Origin(one.chat.id, one.id) not in self._taken]
        for one in fresh:
            self._taken[Origin(one.chat.id, one.id)] = None
        while len(self._taken) > REMEMBERED_MESSAGES:
            self._taken.popitem(last=False)
        return fresh

    async def _give(self, message: Message, files: Sequence[MediaFile]) -> None:
        links = [(file, self._urls.links(file)) for file in files]
        shown = [FileLinks(file.name, file.size, link.watch, link.download) for file, link in links]
        for one in texts.answers(shown, buttons=self._urls.buttons):
            await answer(message, one, sleep=self._sleep)

    async def _say(self, message: Message, text: str) -> None:
        await answer(message, Answer(text), sleep=self._sleep)

    def _is_owner(self, message: Message) -> bool:
        return _sender_id(message) in self._owners

    async def _resolve(self, client: Client, username: str) -> None:
        try:
            peer = await client.resolve_peer(username)
        except (rpc.UsernameNotOccupied, rpc.UsernameInvalid) as error:
            raise ConfigError(f"Telegram knows no @{username}: correct it in CHANNELS or VAULT_CHANNEL") from error
        except (rpc.RPCError, OSError) as error:
            log.warning("@%s is not shown until a post comes from it: %s", username, error)
            return
        if not isinstance(peer, raw.types.InputPeerChannel):
            raise ConfigError(f"@{username} is not a channel: correct it in CHANNELS or VAULT_CHANNEL")
        self._finder.chats.resolve(username, utils.get_channel_id(peer.channel_id))


def register(client: Client, bot: VaultBot) -> None:
    """Connect `client`'s updates with `bot`; to be called before they flow."""
    client.follow = partial(AccountUpdates, index=bot.index)
    for handler in _talking(bot):
        client.add_handler(handler)


def _talking(bot: VaultBot) -> tuple[Handler, ...]:
    """The handlers for what people write."""

    async def on_start(_: Client, message: Message) -> None:
        await bot.greet(message, texts.START)

    async def on_help(_: Client, message: Message) -> None:
        await bot.greet(message, texts.HELP)

    async def on_link(client: Client, message: Message) -> None:
        await bot.link(client, message)

    async def on_private(client: Client, message: Message) -> None:
        await bot.receive(client, message)

    command = filters.text & filters.private  # filters.command alone also reads captions, and would eat the file
    return (
        MessageHandler(on_start, command & filters.command("start")),
        MessageHandler(on_help, command & filters.command("help")),
        MessageHandler(on_link, filters.text & ~filters.channel & filters.command("link")),
        MessageHandler(on_private, filters.private & filters.incoming),
        ErrorHandler(_log_error),
    )


async def _log_error(_: Client, error: Exception, *context: Any) -> None:
    """The edge for what a handler did not expect: logged with its update's type, and the bot goes on."""
    log.error("handling %s failed", type(context[1]).__name__, exc_info=error)


def _origins(message: Message) -> list[Origin]:
    """Where a message's file may live: here, or in the channel that it was forwarded from."""
    here = Origin(message.chat.id, message.id)
    source = message.forward_origin
    if source is None or source.type is not enums.MessageOriginType.CHANNEL or source.chat is None:
        return [here]
    return [here, Origin(source.chat.id, source.message_id)]


def _sender_id(message: Message) -> int | None:
    return None if message.from_user is None else int(message.from_user.id)
