"""/login: a link that logs a browser in, or the confirmation of a page that shows a code.

A button's data is `login:CODE:KEY:NUMBER`, with `no` for "it was not me"; the key belongs to the person who was asked.
"""

from collections import OrderedDict
from collections.abc import Callable

from pyrogram.types import Message

from streamvault.access.identity import Person, Role
from streamvault.access.login import Answer as Given
from streamvault.access.login import Logins
from streamvault.access.once import OnceTokens
from streamvault.errors import CatalogError, TooManyTries
from streamvault.telegram.bot import access_texts
from streamvault.telegram.bot.allowance import Allowance
from streamvault.telegram.bot.desk import Roles, sender
from streamvault.telegram.bot.presses import Notice, Press
from streamvault.telegram.bot.sender import Sender, arguments, in_private
from streamvault.telegram.bot.texts import Answer

REMEMBERED = 1000
"""Messages of which it is remembered that their buttons were used."""
GROUP_AT_ONCE, GROUP_INTERVAL = 10, 3.0
"""Commands in groups for which it is asked who wrote them."""

MAY_LOG_IN: tuple[Role, ...] = ("owner", "member")
_OUTCOMES: dict[Given, str] = {
    "confirmed": access_texts.CONFIRMED,
    "wrong": access_texts.WRONG_NUMBER,
    "refused": access_texts.NOT_ME,
    "answered": access_texts.ANSWERED,
    "expired": access_texts.EXPIRED,
}


class LoginCommands:
    """`page_url(token)`: where a token of `links` is redeemed; `buttons`: Telegram accepts such URLs in buttons."""

    def __init__(
        self, logins: Logins, links: OnceTokens, *, roles: Roles, send: Sender, page_url: Callable[[str], str],
        buttons: bool, clock: Callable[[], float],
    ) -> None:  # fmt: skip
        self._logins = logins
        self._links = links
        self._roles = roles
        self._send = send
        self._page_url = page_url
        self._buttons = buttons
        self._in_groups = Allowance(GROUP_AT_ONCE, GROUP_INTERVAL, clock)
        self._used: OrderedDict[tuple[int, int], None] = OrderedDict()

    async def login(self, message: Message) -> None:
        """/login and /login CODE."""
        if not in_private(message) and not self._in_groups.take():
            return
        person = sender(message)
        role = await self._roles.of(person)
        if person is None or role not in MAY_LOG_IN:
            self._send.refuse(message, role)
        elif not in_private(message):
            self._send.reply(message, role, access_texts.IN_PRIVATE)
        elif arguments(message):
            self._send.reply(message, role, await self._confirmation(arguments(message), person))
        else:
            self._send.reply(message, role, await self._link(person))

    async def confirm(self, message: Message) -> None:
        """/start with the parameter of a page's link."""
        person = sender(message)
        role = await self._roles.of(person)
        if person is None or role not in MAY_LOG_IN:
            self._send.refuse(message, role)
        else:
            self._send.reply(message, role, await self._confirmation(arguments(message), person))

    async def press(self, press: Press) -> Notice:
        """A number, or "it was not me". Raises CatalogError."""
        if await self._roles.of(press.person) not in MAY_LOG_IN:
            return Notice(access_texts.NOT_YOURS, alert=True)
        _, code, key, number = [*press.data.split(":"), "", "", ""][:4]
        place = press.person.id, press.message_id
        if place in self._used:  # of two presses the first one decides what the message says
            return Notice(access_texts.ANSWERED)
        self._used[place] = None
        if len(self._used) > REMEMBERED:
            self._used.popitem(last=False)
        chosen = int(number) if number.isascii() and number.isdigit() and len(number) == 2 else None
        try:
            outcome = await self._logins.answer(code, press.person, key=key, number=chosen)
        except CatalogError:
            self._used.pop(place, None)  # it may be pressed again
            raise
        text = _OUTCOMES[outcome]
        self._send.replace(press, Answer(text))
        return Notice(text, alert=outcome == "wrong")

    async def _confirmation(self, text: str, person: Person) -> Answer:
        try:
            pending = await self._logins.asked(text, person)
        except TooManyTries as error:
            return Answer(access_texts.too_many(error.retry_after))
        except CatalogError:
            return Answer(access_texts.UNAVAILABLE)
        return Answer(access_texts.NO_LOGIN) if pending is None else access_texts.confirmation(pending)

    async def _link(self, person: Person) -> Answer:
        try:
            token = await self._links.new(person)
        except TooManyTries:
            return Answer(access_texts.TOO_MANY_LINKS)
        except CatalogError:
            return Answer(access_texts.UNAVAILABLE)
        return access_texts.once_link(self._page_url(token), buttons=self._buttons)
