"""The commands and buttons by which people get in, and owners decide who does."""

import logging
import re
import time
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from pyrogram import Client, filters
from pyrogram import errors as rpc
from pyrogram.handlers import MessageHandler
from pyrogram.types import BotCommand, BotCommandScopeChat, Message

from streamvault.access.login import PARAMETER as LOGIN
from streamvault.errors import SourceError
from streamvault.telegram.bot import access_texts, texts
from streamvault.telegram.bot.channels import ChannelCommands, can_address
from streamvault.telegram.bot.desk import BotAccess, Roles, sender
from streamvault.telegram.bot.logging_in import LoginCommands
from streamvault.telegram.bot.outbox import Outbox
from streamvault.telegram.bot.people import PARAMETER as INVITE
from streamvault.telegram.bot.people import PeopleCommands
from streamvault.telegram.bot.presses import OnPress, Presses
from streamvault.telegram.bot.sender import Sender
from streamvault.telegram.bot.tasks import PeopleTasks

log = logging.getLogger(__name__)

OnMessage = Callable[[Client, Message], Coroutine[Any, Any, None]]
"""Handles a message."""


class AccessCommands:
    """`outbox` sends answers, `edits` replaces messages; `client` gives the one that is connected, if any.

    `greet_others` answers /start and /help of strangers. `public_url`: of the pages; `buttons`: Telegram accepts it in
    buttons. `clock` gives seconds that never go back. `in_groups`: more handlers of presses, see Presses.
    """

    def __init__(
        self, access: BotAccess, *, owners: frozenset[int], outbox: Outbox, edits: Outbox, public_url: str,
        buttons: bool, client: Callable[[], Client | None], greet_others: Callable[[Message, str], None],
        clock: Callable[[], float] = time.monotonic, in_groups: Mapping[str, OnPress] | None = None,
    ) -> None:  # fmt: skip
        self._owners = owners
        self._greet_others = greet_others
        self._client = client
        self._roles = roles = Roles(owners, access.desk)
        self._send = send = Sender(outbox, edits)
        base = public_url.rstrip("/")
        self._logins = LoginCommands(
            access.logins, access.links, roles=roles, send=send, page_url=lambda token: f"{base}/login/{token}",
            buttons=buttons, clock=clock,
        )  # fmt: skip
        self._people = PeopleCommands(access.desk, access.invitations, roles=roles, send=send, bot_url=self.url)
        self._channels = ChannelCommands(
            access.offers, access.serve, roles=roles, send=send, owners=owners, client=client, clock=clock
        )
        self.tasks = PeopleTasks(owners, clock)
        self._presses = Presses(
            {
                "login": self._logins.press,
                "drop": self._people.press,
                "withdraw": self._people.withdraw,
                "people": self._people.page,
                "serve": self._channels.press,
                "channels": self._channels.page,
            },
            self.tasks,
            in_groups=in_groups,
        )
        self._shown: set[int] = set()

    def url(self, parameter: str) -> str:
        """The link that opens the bot with a start parameter; without the bot's name before it was connected once."""
        client = self._client()
        name = "" if client is None or client.me is None else client.me.username
        return f"https://t.me/{name}?start={parameter}"

    def register(self, client: Client) -> None:
        """Add the handlers; before those that answer every message."""
        command = filters.text & ~filters.channel
        private = command & filters.private
        for handler in (
            self._asking(self._confirm, private & filters.command("start") & _parameter(LOGIN)),
            self._asking(self._accept, private & filters.command("start") & _parameter(INVITE)),
            self._asking(self._greet, private & filters.command(["start", "help"])),
            self._asking(self._login, command & filters.command("login")),
            MessageHandler(self._invite, command & filters.command("invite")),
            MessageHandler(self._list_people, command & filters.command("people")),
            MessageHandler(self._list_channels, command & filters.command("channels")),
        ):
            client.add_handler(handler)
        self._presses.register(client)

    async def show_commands(self, client: Client) -> None:
        """Show owners theirs in their private chats; those whom the bot has not seen yet, once they write /start."""
        for owner in self._owners - self._shown:
            if await can_address(client, owner):
                await self._show_commands_to(client, owner)

    async def _show_commands_to(self, client: Client, owner: int) -> None:
        shown = (*texts.COMMANDS, *access_texts.MEMBER_COMMANDS, *access_texts.OWNER_COMMANDS)
        try:
            await client.set_bot_commands(
                [BotCommand(name, text) for name, text in shown], scope=BotCommandScopeChat(owner)
            )
        except (rpc.RPCError, SourceError, OSError) as error:
            log.debug("the commands of owner %d could not be registered: %s", owner, error)
        else:
            self._shown.add(owner)

    def _asking(self, handle: OnMessage, matching: filters.Filter) -> MessageHandler:
        """The handler of messages of anybody. What others than owners may do is asked in a task."""

        async def on_message(client: Client, message: Message) -> None:
            person = sender(message)
            if person is None or person.id in self._owners:
                await handle(client, message)
            else:
                self.tasks.begin(person.id, partial(handle, client, message))

        return MessageHandler(on_message, matching)

    async def _greet(self, client: Client, message: Message) -> None:
        """/start and /help."""
        role = await self._roles.of(sender(message))
        start = (message.command or [""])[0] == "start"
        text = texts.START if start else texts.HELP
        if role == "owner":
            self._send.reply(message, role, text if start else f"{text}\n\n{access_texts.OWNER_HELP}")
            await self.show_commands(client)
        elif role == "member":
            self._send.reply(message, role, access_texts.MEMBER_HELP)
        else:
            self._greet_others(message, text)

    async def _confirm(self, _: Client, message: Message) -> None:
        await self._logins.confirm(message)

    async def _accept(self, _: Client, message: Message) -> None:
        await self._people.accept(message)

    async def _login(self, _: Client, message: Message) -> None:
        await self._logins.login(message)

    async def _invite(self, client: Client, message: Message) -> None:
        await self._people.invite(client, message)

    async def _list_people(self, _: Client, message: Message) -> None:
        await self._people.people(message)

    async def _list_channels(self, _: Client, message: Message) -> None:
        await self._channels.channels(message)


def _parameter(prefix: str) -> filters.Filter:
    """/start with a parameter that begins so."""
    pattern = re.compile(rf"/start(@\S+)?\s+{re.escape(prefix)}", re.IGNORECASE)

    async def matches(_: object, __: Client, message: Message) -> bool:
        return pattern.match(message.text) is not None

    return filters.create(matches)
