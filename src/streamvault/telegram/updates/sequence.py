"""What all sequences of updates share: storing their state, fetching, dispatching to Kurigram's handlers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from streamvault.telegram.updates.index_queue import IndexQueue
from streamvault.telegram.updates.state import Index, mark_name, stored_state

MAX_HANDLER_BACKLOG = 1000
"""Updates that may wait for Kurigram's handlers while a difference is applied."""


@dataclass(frozen=True, slots=True)
class ReceivedUpdate:
    """One update, with the users and chats that came with it."""

    update: Any
    users: Mapping[int, Any] = field(default_factory=dict)
    chats: Mapping[int, Any] = field(default_factory=dict)


class UpdateSequence:
    """The sequence of the account, or those of the channels.

    `call` sends a request to Telegram and raises StreamVault's errors.
    """

    def __init__(self, client: Any, index: Index, queue: IndexQueue, *, call: Callable[[Any], Awaitable[Any]]) -> None:
        self.client, self.index, self.queue, self._call = client, index, queue, call

    @property
    def me(self) -> int:
        """The account's own user id."""
        return int(self.client.me.id)

    async def call(self, query: Any) -> Any:
        """Telegram's answer."""
        return await self._call(query)

    async def fetch(self, query: Any) -> Any:
        """Telegram's answer; the users and chats in it are stored, so that they can be addressed later."""
        answer = await self.call(query)
        await self.client.fetch_peers([*getattr(answer, "users", ()), *getattr(answer, "chats", ())])
        return answer

    async def stored(self, chat_id: int) -> str | None:
        """The stored state, from the index or from where an earlier version left it. Raises CatalogError."""
        name = mark_name(chat_id, account=self.me)
        return await self.index.mark(name) or await stored_state(self.client.storage, name)

    def dispatch(self, received: ReceivedUpdate) -> None:
        """Queue an update for Kurigram's handlers."""
        self.client.dispatcher.updates_queue.put_nowait((received.update, dict(received.users), dict(received.chats)))

    async def handlers_ready(self) -> None:
        """Wait while more than MAX_HANDLER_BACKLOG updates are queued for the handlers; their queue has no event."""
        while self.client.dispatcher.updates_queue.qsize() > MAX_HANDLER_BACKLOG:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
