"""/channels: chats that others than owners added the bot to, each with a button that has it served."""

import logging
import re
from collections.abc import Awaitable, Callable

from pyrogram import Client
from pyrogram.types import Message

from streamvault.errors import CatalogError, FileMissing, SourceBusy
from streamvault.indexing.offers import Offer, Offers
from streamvault.telegram.bot import access_texts
from streamvault.telegram.bot.allowance import Allowance
from streamvault.telegram.bot.desk import Roles, sender
from streamvault.telegram.bot.presses import Notice, Press, start_of
from streamvault.telegram.bot.sender import Sender, in_private
from streamvault.telegram.bot.texts import Answer

log = logging.getLogger(__name__)

TOLD_AT_ONCE, TOLD_INTERVAL = 3, 28_800.0
"""New chats that owners are told of: so many at once, and one more in so many seconds."""
_ID = re.compile(r"-[1-9][0-9]{0,17}", re.ASCII)


class ChannelCommands:
    """`serve` as in BotAccess; `offers` None: CHANNELS says what is served."""

    def __init__(
        self, offers: Offers | None, serve: Callable[[int], Awaitable[object]] | None, *, roles: Roles, send: Sender,
        owners: frozenset[int], client: Callable[[], Client | None], clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._offers = offers
        self._serve = serve
        self._roles = roles
        self._send = send
        self._owners = owners
        self._client = client
        self._told = Allowance(TOLD_AT_ONCE, TOLD_INTERVAL, clock)
        if offers is not None:
            offers.on_new = self._tell

    async def channels(self, message: Message) -> None:
        """/channels."""
        if not self._roles.is_owner(sender(message)):
            self._send.refuse(message, "none")
        elif not in_private(message):
            self._send.reply(message, "owner", access_texts.IN_PRIVATE)
        else:
            self._send.reply(message, "owner", await self._list())

    async def press(self, press: Press) -> Notice:
        """Have a chat served. Raises CatalogError, SourceError."""
        number = press.data.partition(":")[2]
        if not self._roles.is_owner(press.person) or not _ID.fullmatch(number):
            return Notice(access_texts.NOT_YOURS, alert=True)
        if self._offers is None or self._serve is None:
            return Notice(access_texts.CHANNELS_SET, alert=True)
        known = {offer.chat_id: offer for offer in await self._offers.listed()}
        offer = known.get(int(number))
        if offer is None:
            self._send.replace(press, await self._list())
            return Notice(access_texts.ANSWERED)
        try:
            await self._serve(offer.chat_id)
        except FileMissing:
            notice = Notice(access_texts.NOT_IN_IT, alert=True)
        except SourceBusy as error:
            return Notice(f"Telegram lets me wait: please try again in {error.retry_after:.0f} s.", alert=True)
        else:
            notice = Notice("It is served from now on; its files turn up as they are read.")
        await self._offers.remove(offer.chat_id)
        self._send.replace(press, await self._list())
        return notice

    async def page(self, press: Press) -> Notice:
        """Show other chats. Raises CatalogError."""
        start = start_of(press.data)
        if not self._roles.is_owner(press.person) or start is None:
            return Notice(access_texts.NOT_YOURS, alert=True)
        self._send.replace(press, await self._list(start))
        return Notice("")

    async def _list(self, start: int = 0) -> Answer:
        if self._offers is None:
            return Answer(access_texts.CHANNELS_SET)
        try:
            return access_texts.offers(await self._offers.listed(), start)
        except CatalogError:
            return Answer(access_texts.UNAVAILABLE)

    async def _tell(self, offer: Offer) -> None:
        """Tell the owners whom the bot has seen, a few times a day."""
        client = self._client()
        if client is None or not self._told.take():
            return
        for owner in sorted(self._owners):
            if await can_address(client, owner):
                self._send.tell(owner, access_texts.new_offer(offer))


async def can_address(client: Client, person: int) -> bool:
    """Whether the bot knows a person whom it has seen: writing to others fails."""
    try:
        await client.storage.get_peer_by_id(person)
    except KeyError:
        return False
    return True
