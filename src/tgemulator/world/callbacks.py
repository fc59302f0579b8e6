"""Presses of inline buttons, which wait until the bot answers the callback query."""

import asyncio
import hashlib
import secrets
from typing import Any

from pyrogram import raw

from tgemulator.errors import RpcError
from tgemulator.world.delivery import Delivery
from tgemulator.world.model import Message, User
from tgemulator.world.pushes import Pushes
from tgemulator.world.state import WorldState
from tgemulator.world.view import View


class Callbacks:
    """Queries in progress by query_id, each with the bot that may answer and the future of its answer."""

    def __init__(self, state: WorldState, delivery: Delivery, pushes: Pushes) -> None:
        self._state = state
        self._delivery = delivery
        self._pushes = pushes
        self._waiting: dict[int, tuple[int, asyncio.Future[Any]]] = {}

    async def press(self, user: User, message: Message, *, data: bytes, timeout: float) -> Any:
        """See World.press."""
        bot, copy = self._target(message, data=data)
        query_id = random_id()
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[query_id] = (bot.id, future)
        try:
            self._push_query(user, bot, message=copy, query_id=query_id, data=data)
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise RpcError(400, "BOT_RESPONSE_TIMEOUT") from None
        finally:
            del self._waiting[query_id]

    def answer(self, bot: User, query_id: int, *, answer: Any) -> None:
        """Set a bot's answer to a query. RpcError 400 QUERY_ID_INVALID if it is not in progress, or another bot's."""
        bot_id, future = self._waiting.get(query_id, (0, None))
        if bot_id != bot.id or future is None or future.done():
            raise RpcError(400, "QUERY_ID_INVALID")
        future.set_result(answer)

    def _target(self, message: Message, *, data: bytes) -> tuple[User, Message]:
        """The bot that sent the message, and that bot's copy of it. RpcError 400 MESSAGE_ID_INVALID, DATA_INVALID."""
        bot = self._state.users.get(message.sender_id or 0)
        if message.deleted or bot is None or not bot.is_bot:
            raise RpcError(400, "MESSAGE_ID_INVALID")
        copy = self._delivery.copy_for(message, bot.id)
        if copy is None:
            raise RpcError(400, "MESSAGE_ID_INVALID")
        if data not in _callback_data(message.reply_markup):
            raise RpcError(400, "DATA_INVALID")
        return bot, copy

    def _push_query(self, user: User, bot: User, *, message: Message, query_id: int, data: bytes) -> None:
        """Push updateBotCallbackQuery to the bot."""
        view = View(self._state, bot)
        view.user(user.id)
        instance = hashlib.sha256(repr((bot.id, message.peer)).encode()).digest()[:8]
        update = raw.types.UpdateBotCallbackQuery(
            query_id=query_id,
            user_id=user.id,
            peer=view.peer(message.peer),
            msg_id=message.id,
            chat_instance=int.from_bytes(instance, "big", signed=True),
            data=data,
        )
        self._pushes.push(bot.id, view.updates([update]))


def random_id() -> int:
    """A random positive 63-bit number."""
    return secrets.randbits(62) + 1


def _callback_data(markup: Any) -> list[bytes]:
    """The data of every callback button of an inline keyboard."""
    if not isinstance(markup, raw.types.ReplyInlineMarkup):
        return []
    buttons = [button.type for row in markup.rows for button in row.buttons]
    return [button.data for button in buttons if isinstance(button, raw.types.InlineButtonTypeCallback)]
