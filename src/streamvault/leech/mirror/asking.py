"""What is asked of mirrors by another process than the one that runs them, such as the leech bot's, and its answers.

The database is all that the two share: a request is stored, answered by a server whose bot is connected, told by who
stored it, and deleted then.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn, Protocol

from streamvault.errors import CatalogError, LeechError, SourceBusy, SourceError, StreamVaultError
from streamvault.leech.mirror.desk import Made, MirrorDesk, Wanted
from streamvault.leech.mirror.model import Mirror

log = logging.getLogger(__name__)

POLL = 2.0
"""Seconds between two looks for requests."""
NOT_OWNER = "Only owners of this server may do that to mirrors."
AWAY = "Telegram does not answer the server at the moment: please try again in a minute."
REMOVED = "The mirror is removed; its copies stay where they are."
DELETES = "The copies of the deleted messages are deleted."
KEEPS = "The copies of the deleted messages are kept."

What = Literal["add", "remove", "delete", "keep"]


@dataclass(frozen=True, slots=True)
class AskedOf:
    """Where something was asked for: a message in a chat with the bot of this id."""

    bot: int
    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Request:
    """What a person (a Telegram user id) wants. "add": a mirror of `source` and `target` (numbers or @usernames); all
    others: what becomes of the mirror with the id `mirror`. `created` in Unix seconds. `answer`: one or two sentences,
    None before.
    """

    id: str
    what: What
    person: int
    asked: AskedOf
    created: float
    source: int | str = 0
    target: int | str = 0
    once: bool = False
    deletions: bool = False
    mirror: str | None = None
    answer: str | None = None


class Requests(Protocol):
    """The stored requests. Every method raises CatalogError."""

    async def add(self, request: Request) -> None:
        """Store one. Raises QuotaExceeded where its person has too many."""
        ...

    async def listed(self) -> Sequence[Request]:
        """All of them, the earliest first."""
        ...

    async def answer(self, request: Request, text: str, *, mirror: str | None) -> None:
        """Store the answer, and the mirror that it is about; without effect where there is one already."""
        ...

    async def delete(self, id: str) -> None:
        """Forget one."""
        ...


class RequestsWorker:
    """Answers requests by what `desk` does. `may`: whether a person may change mirrors (raises CatalogError);
    `on_made`: called with each new mirror and who wanted it; `connected`: whether Telegram is.
    """

    def __init__(
        self, requests: Requests, desk: MirrorDesk, *, may: Callable[[int], Awaitable[bool]],
        on_made: Callable[[Mirror, int], None], connected: Callable[[], bool],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        self._requests, self._desk, self._may = requests, desk, may
        self._on_made, self._connected, self._sleep = on_made, connected, sleep

    async def run(self) -> NoReturn:
        """Answer until cancelled; while the database does not answer, the next time makes up for it."""
        while True:
            try:
                await self.look()
            except CatalogError as error:
                log.debug("what is asked of mirrors waits: %s", error)
            await self._sleep(POLL)

    async def look(self) -> None:
        """Answer what waits, once Telegram is connected. Raises CatalogError."""
        if not self._connected():
            return
        for request in await self._requests.listed():
            if request.answer is None:
                text, mirror = await self._answered(request)
                await self._requests.answer(request, text, mirror=mirror)

    async def _answered(self, request: Request) -> tuple[str, str | None]:
        """What is said of it, and the mirror that it is about. Raises CatalogError."""
        try:
            if not await self._may(request.person):
                return NOT_OWNER, None
            return await self._done(request)
        except CatalogError:
            raise
        except SourceBusy as error:
            return f"Telegram demands a wait: please try again in {max(1, round(error.retry_after))} s.", None
        except SourceError as error:
            log.info("a mirror that is asked for cannot be looked at: %s", error)
            return AWAY, None
        except (LeechError, StreamVaultError) as error:
            return str(error), None

    async def _done(self, request: Request) -> tuple[str, str | None]:
        id = request.mirror or ""
        if request.what == "add":
            made = await self._desk.make(
                Wanted(request.source, request.target, request.once, request.deletions, request.person)
            )
            if made.new:
                self._on_made(made.mirror, request.person)
            return said(made), made.mirror.id
        if request.what == "remove":
            await self._desk.remove(id)
            return REMOVED, None
        await self._desk.decide(id, delete=request.what == "delete")
        return (DELETES if request.what == "delete" else KEEPS), id


def said(made: Made) -> str:
    """What is said of a mirror that was asked for."""
    mirror = made.mirror
    begins = "" if made.new else "There is this mirror already, and it goes on as you wish now. "
    kept = f"{mirror.target_title or mirror.target} becomes a copy of {mirror.source_title or mirror.source}: "
    what = "what is there now" if mirror.once else "what is there now, and what comes"
    follows = ". Deletions are followed." if mirror.deletions else "."
    return f"{begins}{kept}{what}{follows}"
