"""/leech, and addresses sent in private: what is asked for becomes jobs.

An address in private is an offer first. Nothing is kept of it: the bot's message replies to the one with the addresses,
which is read again when a button is pressed, also after a restart.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace

from pyrogram import Client
from pyrogram import errors as rpc
from pyrogram.types import Message

from streamvault.access.identity import Person
from streamvault.errors import CatalogError, QuotaExceeded, SourceError, SourceRefused
from streamvault.leech.addresses import is_torrent_address
from streamvault.leech.model import Asked, Job, Options
from streamvault.leech.queue import Queue, Wanted
from streamvault.telegram.bot import texts
from streamvault.telegram.bot.leech import outcomes, wording
from streamvault.telegram.bot.leech.board import Board
from streamvault.telegram.bot.leech.permission import Permission
from streamvault.telegram.bot.leech.reading import ReadDocument, file_request, request_in
from streamvault.telegram.bot.leech.requests import (
    PAGE_SCHEMES,
    NotUnderstood,
    Request,
    command_request,
    whole_request,
)
from streamvault.telegram.bot.presses import Notice, Press
from streamvault.telegram.bot.replies import replied_message, replied_to
from streamvault.telegram.bot.texts import Answer

log = logging.getLogger(__name__)

_COMMAND = re.compile(r"/\S+\s*")


class Asking:
    """`bot`: the id of the leech bot; `target`: the chat that files go to, None while it is not known; `read`: reads
    text files; `schemes`: of addresses that can be leeched; `on_added` is called with each new job.
    """

    def __init__(
        self, queue: Queue, board: Board, permission: Permission, *, bot: int,
        target: Callable[[], Awaitable[int | None]], read: ReadDocument, client: Callable[[], Client],
        schemes: Collection[str], on_added: Callable[[Job], None],
    ) -> None:  # fmt: skip
        self._queue = queue
        self._board = board
        self._permission = permission
        self._bot = bot
        self._target = target
        self._read = read
        self._client = client
        self._schemes = schemes
        self._on_added = on_added

    async def leech(self, client: Client, message: Message) -> None:
        """/leech: with addresses, as a reply to some, or as the caption of a text file."""
        await self._command(client, message, ytdlp=False)

    async def leech_page(self, client: Client, message: Message) -> None:
        """/ytdlleech: the same with addresses that yt-dlp is asked about."""
        await self._command(client, message, ytdlp=True)

    async def _command(self, client: Client, message: Message, *, ytdlp: bool) -> None:
        person = await self._permission.of_message(message)
        if person is None:
            return
        try:
            request = await self._of_command(client, message, ytdlp=ytdlp)
        except NotUnderstood as error:
            self._permission.answer(message, str(error))
            return
        self._permission.answer(message, await self._add(request, person, message))

    async def offer(self, _: Client, message: Message) -> None:
        """A private message without a command: its addresses are offered to be leeched."""
        if await self._permission.of_message(message) is None:
            return
        try:
            if str(message.text or "").startswith("/"):
                raise NotUnderstood(wording.NO_COMMAND)
            answer = outcomes.offer(await self._offered(message))
        except NotUnderstood as error:
            answer = Answer(str(error))
        self._permission.answer(message, answer)

    async def press(self, press: Press) -> Notice:
        """Yes or no under an offer. Raises SourceError."""
        if not await self._permission.of_press(press):
            return Notice(wording.NOT_YOURS, alert=True)
        if press.data not in ("leech:yes", "leech:page", "leech:pick"):
            self._permission.replace(press, wording.NOT_TAKEN)
            return Notice(wording.NOT_TAKEN)
        try:
            message = await replied_to(self._client(), press.chat_id, press.message_id)
        except (rpc.RPCError, OSError) as error:
            log.debug("an offered message could not be read: %s", error)
            return Notice(texts.UNREADABLE, alert=True)
        if message is None:
            self._permission.replace(press, wording.ADDRESSES_GONE)
            return Notice(wording.ADDRESSES_GONE, alert=True)
        try:
            request = await self._offered(message)
            if press.data == "leech:pick" and all(map(is_torrent_address, request.addresses)):
                request = replace(request, options=Options(choose=True))
            elif press.data != "leech:yes":
                options = Options(ytdlp=True, choose=press.data == "leech:pick")
                wanted = Request((), options, request.left_out)
                request = whole_request(wanted, request.addresses, schemes=PAGE_SCHEMES)
        except NotUnderstood as error:
            return Notice(str(error), alert=True)
        self._permission.replace(press, await self._add(request, press.person, message))
        return Notice("")

    async def _offered(self, message: Message) -> Request:
        """What a message without a command holds. Raises NotUnderstood."""
        found = await request_in(message, self._read)
        if not found.addresses:
            raise NotUnderstood(wording.NO_ADDRESS)
        return whole_request(Request((), left_out=found.left_out), found.addresses, schemes=self._schemes)

    async def _of_command(self, client: Client, message: Message, *, ytdlp: bool) -> Request:
        """Raises NotUnderstood."""
        text = str(message.text or message.caption or "")
        request = command_request(_COMMAND.sub("", text, count=1), ytdlp=ytdlp)
        schemes = PAGE_SCHEMES if ytdlp else self._schemes
        if request.addresses:
            return whole_request(request, schemes=schemes)
        if message.document is not None:
            found = await file_request(message.document, self._read)
        elif message.reply_to_message_id is not None:
            found = await self._replied(client, message)
        else:
            found = Request(())
        wanted = Request((), request.options, found.left_out)
        return whole_request(wanted, found.addresses, schemes=schemes)

    async def _replied(self, client: Client, message: Message) -> Request:
        try:
            replied = await replied_message(client, message)
        except (rpc.RPCError, SourceError, OSError):
            raise NotUnderstood(texts.UNREADABLE) from None
        return Request(()) if replied is None else await request_in(replied, self._read)

    async def _add(self, request: Request, person: Person, message: Message) -> Answer:
        """Queue what is asked for in a message; what became of it."""
        chat_id = await self._target()
        if chat_id is None:
            return Answer(wording.NO_CHANNEL)
        new, known, refused = list[Job](), list[Job](), list[tuple[str, str]]()
        asked = Asked(self._bot, message.chat.id, message.id)
        sentence: str | None = None
        for address in request.addresses:
            if sentence is not None:
                refused.append((address, sentence))
                continue
            try:
                added = await self._queue.add(Wanted(address, chat_id, person.id, request.options, asked=asked))
            except SourceRefused as error:
                refused.append((address, str(error)))
            except QuotaExceeded as error:  # so it is for all that follow
                refused.append((address, sentence := str(error)))
            except CatalogError:
                refused.append((address, sentence := wording.UNAVAILABLE))
            else:
                (new if added.new else known).append(added.job)
                if added.new:
                    self._on_added(added.job)
        if new:
            self._board.show(message.chat.id, anew=True)
        return outcomes.queued(new, known, refused, left_out=request.left_out)
