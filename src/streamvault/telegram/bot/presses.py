"""Presses of buttons under the bot's messages. Each is answered, so that no button keeps turning.

Presses are handled in tasks; Telegram tells who pressed one too many that the bot does not answer. The data of a press
is whatever its sender sends, and is checked like any input.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pyrogram import Client, filters, raw, utils
from pyrogram import errors as rpc
from pyrogram.handlers import RawUpdateHandler

from streamvault.access.identity import Person
from streamvault.errors import CatalogError, SourceError
from streamvault.telegram.bot import access_texts
from streamvault.telegram.bot.desk import person_of
from streamvault.telegram.bot.tasks import PeopleTasks

log = logging.getLogger(__name__)

LONGEST_NOTICE = 200


@dataclass(frozen=True, slots=True)
class Press:
    """A press of the button with `data` under a message, by a person in the private chat with the bot or in a group."""

    person: Person
    chat_id: int
    message_id: int
    data: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What is shown to who pressed: for a moment, or until it is closed (`alert`)."""

    text: str
    alert: bool = False


OnPress = Callable[[Press], Awaitable[Notice]]


class Presses:
    """Hands each press to the handler for the word before the first colon of its data. `groups`: also those in groups,
    where anybody may press; `in_groups`: the handlers of words that are good there in any case.
    """

    def __init__(
        self, handlers: Mapping[str, OnPress], tasks: PeopleTasks, *, groups: bool = False,
        in_groups: Mapping[str, OnPress] | None = None,
    ) -> None:  # fmt: skip
        self._in_groups = in_groups or {}
        self._handlers = {**handlers, **self._in_groups}
        self._tasks = tasks
        self._groups = groups

    def register(self, client: Client) -> None:
        """Receive the presses of this client; to be called before it starts.

        Kurigram's own parser would fetch the message of each press, and lose the press when that fails.
        """
        client.dispatcher.update_parsers.pop(raw.types.UpdateBotCallbackQuery, None)
        client.add_handler(RawUpdateHandler(self._receive, filters.create(_is_press)), group=-1)

    async def _receive(self, client: Client, update: Any, users: Mapping[int, Any], _: Any) -> None:
        self._tasks.begin(update.user_id, partial(self._handle, client, update, users))

    async def _handle(self, client: Client, update: Any, users: Mapping[int, Any]) -> None:
        notice = await self._notice(update, users)
        try:
            await client.answer_callback_query(
                str(update.query_id), notice.text[:LONGEST_NOTICE], show_alert=notice.alert
            )
        except (rpc.RPCError, SourceError, OSError) as error:  # in a flood wait, or the person waits no longer
            log.debug("a press could not be answered: %s", error)

    async def _notice(self, update: Any, users: Mapping[int, Any]) -> Notice:
        user, chat_id = users.get(update.user_id), int(utils.get_peer_id(update.peer))
        data = (update.data or b"").decode("utf-8", "replace")
        word = data.partition(":")[0]
        if user is None or (chat_id != update.user_id and not self._groups and word not in self._in_groups):
            return Notice(access_texts.NOT_YOURS, alert=True)
        handler = self._handlers.get(word)
        if handler is None:
            return Notice(access_texts.OLD_BUTTON, alert=True)
        try:
            return await handler(Press(person_of(user), chat_id, update.msg_id, data))
        except (CatalogError, SourceError) as error:
            log.warning("a press could not be handled: %s", error)
            return Notice(access_texts.UNAVAILABLE, alert=True)
        except Exception:  # the button must not keep turning
            log.exception("a press could not be handled")
            return Notice(access_texts.FAILED, alert=True)


async def _is_press(_: Any, __: Client, update: Any) -> bool:
    return isinstance(update, raw.types.UpdateBotCallbackQuery)


def start_of(data: str) -> int | None:
    """The number behind the word of a press that asks for another page of a list."""
    number = data.partition(":")[2]
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 6 else None
