"""/mirror, and the buttons under its messages.

The server does what is asked for, in a process of its own: the request is stored, and its answer told here once it is
there, also after a restart of either.
"""

import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence

from pyrogram import Client
from pyrogram import errors as rpc
from pyrogram.types import Message

from streamvault.access.identity import Person
from streamvault.errors import CatalogError, QuotaExceeded, SourceBusy
from streamvault.leech.mirror.asking import AskedOf, Request, Requests, What
from streamvault.leech.mirror.model import Mirror
from streamvault.telegram.accounts.random_ids import one_random_id
from streamvault.telegram.bot.leech import mirror_words, wording
from streamvault.telegram.bot.leech.mirror_requests import MIRROR_ID, MirrorRequest, mirror_request
from streamvault.telegram.bot.leech.permission import Permission
from streamvault.telegram.bot.leech.requests import NotUnderstood
from streamvault.telegram.bot.outbox import UNREACHABLE
from streamvault.telegram.bot.presses import Notice, Press
from streamvault.telegram.bot.replies import send_answer
from streamvault.telegram.bot.texts import Answer
from streamvault.telegram.errors import AlreadySent
from streamvault.telegram.flood_wait import flood_seconds

log = logging.getLogger(__name__)

PATIENCE = 15.0
"""Seconds after which it is said that the server does not answer."""

_COMMAND = re.compile(r"/\S+\s*")
_ACTIONS: tuple[What, ...] = ("remove", "delete", "keep")

ListMirrors = Callable[[], Awaitable[Sequence[Mirror]]]
"""All mirrors. Raises CatalogError."""


class MirrorTeller:
    """Tells, once, what the server answered to the requests of the bot with this id. `client` gives the one that is
    connected; `now`: Unix seconds, `clock`: seconds that never go back.
    """

    def __init__(
        self, requests: Requests, *, bot: int, client: Callable[[], Client],
        clock: Callable[[], float] = time.monotonic, now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._requests, self._bot, self._client, self._clock, self._now = requests, bot, client, clock, now
        self._waits = True  # at first, for what an earlier process has asked
        self._quiet_until = 0.0
        self._late = set[str]()

    def expect(self) -> None:
        """Something was asked for."""
        self._waits = True

    async def tell(self) -> None:
        """Tell what was answered; without a look at the database while nothing is expected."""
        if not self._waits or self._clock() < self._quiet_until:
            return
        self._waits = False
        try:
            open_ = [one for one in await self._requests.listed() if one.asked.bot == self._bot]
            for request in open_:
                if not await self._told(request):
                    self._waits = True
        except CatalogError as error:
            self._waits = True
            log.debug("nothing is told of mirrors: %s", error)

    async def _told(self, request: Request) -> bool:
        """Whether nothing is left to be told of a request. Raises CatalogError."""
        if request.answer is not None:
            told = await self._send(request, "answer", mirror_words.answered(request.answer, request.mirror))
            if told:
                await self._requests.delete(request.id)
            return told
        late = request.id not in self._late and self._now() - request.created > PATIENCE
        if late and await self._send(request, "late", Answer(mirror_words.LATER)):
            self._late.add(request.id)
        return False

    async def _send(self, request: Request, mark: str, answer: Answer) -> bool:
        """False where Telegram may be away, or demands a wait."""
        try:
            with one_random_id(f"mirror request {request.id} {mark}"):
                await send_answer(self._client(), request.asked.chat_id, answer, request.asked.message_id)
        except (rpc.FloodWait, SourceBusy) as error:
            self._quiet_until = self._clock() + flood_seconds(error)
            return False
        except AlreadySent:
            log.debug("the %s to request %s was told before", mark, request.id)
        except UNREACHABLE as error:
            log.debug("the %s to request %s is told later: %s", mark, request.id, error)
            return False
        except rpc.RPCError as error:
            log.warning("the %s to a request about mirrors cannot be told: %s", mark, error)
        return True


class MirrorChat:
    """`bot`: the id of the leech bot; `listed` reads the mirrors; `teller` tells the answers. For owners."""

    def __init__(
        self, requests: Requests, listed: ListMirrors, permission: Permission, teller: MirrorTeller, *, bot: int,
        now: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._requests, self._listed, self._permission = requests, listed, permission
        self._teller, self._bot, self._now = teller, bot, now

    async def command(self, _: Client, message: Message) -> None:
        """/mirror."""
        person = await self._permission.of_message(message)
        if person is None:
            return
        answer: Answer | str | None
        if self._permission.whose(person) is not None:
            answer = mirror_words.NOT_OWNER
        else:
            answer = await self._answer(_COMMAND.sub("", str(message.text or ""), count=1), person, message)
        if answer is not None:
            self._permission.answer(message, answer)

    async def press(self, press: Press) -> Notice:
        """A button under a list, or under an answer. Raises CatalogError."""
        _, what, which = [*press.data.split(":"), "", ""][:3]
        if not await self._permission.of_press(press) or self._permission.whose(press.person) is not None:
            return Notice(wording.NOT_YOURS, alert=True)
        if what == "page" and which.isascii() and which.isdigit() and len(which) <= 6:
            self._permission.replace(press, await self._list(int(which)))
            return Notice("")
        action = next((one for one in _ACTIONS if one == what), None)
        if action is None or not MIRROR_ID.fullmatch(which):
            return Notice(mirror_words.NO_MIRROR, alert=True)
        try:
            await self._ask(MirrorRequest(action, which), action, press.person, press.chat_id, press.message_id)
        except QuotaExceeded as error:
            return Notice(str(error), alert=True)
        return Notice(mirror_words.ASKED)

    async def _answer(self, text: str, person: Person, message: Message) -> Answer | str | None:
        """What is answered at once; None where the server answers."""
        try:
            wanted = mirror_request(text)
            if wanted.what == "list":
                return await self._list(0)
            await self._ask(wanted, wanted.what, person, message.chat.id, message.id)
        except (NotUnderstood, QuotaExceeded) as error:
            return str(error)
        except CatalogError:
            return wording.UNAVAILABLE
        return None

    async def _ask(self, wanted: MirrorRequest, what: What, person: Person, chat_id: int, message_id: int) -> None:
        """Have the server do something. Raises QuotaExceeded, CatalogError."""
        await self._requests.add(
            Request(
                secrets.token_hex(8), what, person.id, AskedOf(self._bot, chat_id, message_id), self._now(),
                wanted.source, wanted.target, wanted.once, wanted.deletions, wanted.mirror,
            )
        )  # fmt: skip
        self._teller.expect()

    async def _list(self, page: int) -> Answer:
        return mirror_words.mirror_list(await self._listed(), page=page, now=self._now())
