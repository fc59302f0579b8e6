"""Work for people in tasks of its own: what waits for Telegram or the database must not hold a worker of the client.

Kurigram has few workers (processors + 4), and each awaits its handler: a few slow questions would delay every message.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from streamvault.telegram.bot.allowance import Allowances

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Tasks that run at a time before others than owners have to try again."""
PERSON_AT_ONCE, PERSON_INTERVAL = 10, 2.0
"""Tasks of one person: so many at once, and one more in so many seconds."""


class PeopleTasks:
    """Runs bounded work for people; one piece too many is not begun, but what others do keeps none of `owners` out.

    `clock` gives seconds that never go back; `at_once` and `interval` as PERSON_AT_ONCE and PERSON_INTERVAL.
    """

    def __init__(
        self, owners: frozenset[int], clock: Callable[[], float], *, at_once: int = PERSON_AT_ONCE,
        interval: float = PERSON_INTERVAL,
    ) -> None:  # fmt: skip
        self._owners = owners
        self._tasks: set[asyncio.Task[None]] = set()
        self._per_person = Allowances(at_once, interval, clock)

    @property
    def empty(self) -> bool:
        """Whether nothing runs."""
        return not self._tasks

    def begin(self, person: int, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begin `work` for a person unless there is too much; what it raises is logged."""
        full = len(self._tasks) >= AT_ONCE and person not in self._owners
        if full or not self._per_person.take(person):
            log.debug("person %d was not answered: there is too much to do", person)
            return
        task = asyncio.create_task(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End what runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _logged(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        await work()
    except Exception:  # nobody awaits the task
        log.exception("a message or a press could not be handled")
