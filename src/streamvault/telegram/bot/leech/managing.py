"""/status, /cancel, /cancelall, and the buttons under the bot's messages."""

import re
from collections.abc import Awaitable, Callable

from pyrogram import Client
from pyrogram.types import Message

from streamvault.access.identity import Person
from streamvault.errors import CatalogError, JobConflict, JobMissing, QuotaExceeded
from streamvault.leech.model import Job
from streamvault.leech.queue import Queue
from streamvault.telegram.bot.leech import wording
from streamvault.telegram.bot.leech.board import Board
from streamvault.telegram.bot.leech.open_jobs import open_pages
from streamvault.telegram.bot.leech.permission import Permission
from streamvault.telegram.bot.presses import Notice, Press, start_of
from streamvault.telegram.bot.sender import arguments
from streamvault.telegram.bot.texts import Answer

_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class Managing:
    """What people change about jobs: their own ones, owners everybody's."""

    def __init__(self, queue: Queue, board: Board, permission: Permission) -> None:
        self._queue = queue
        self._board = board
        self._permission = permission
        self._changes: dict[str, tuple[Callable[..., Awaitable[Job]], str]] = {
            "pause": (queue.pause, wording.PAUSED),
            "resume": (queue.resume, wording.RESUMED),
            "cancel": (queue.cancel, wording.CANCELLED),
            "retry": (queue.retry, wording.RETRIED),
        }

    async def status(self, _: Client, message: Message) -> None:
        """/status: a new status message, where there is anything to show."""
        if await self._permission.of_message(message) is None:
            return
        try:
            if await self._board.any_job(message.chat.id):
                self._board.show(message.chat.id, anew=True)
            else:
                self._permission.answer(message, wording.NO_JOBS)
        except CatalogError:
            self._permission.answer(message, wording.UNAVAILABLE)

    async def cancel(self, _: Client, message: Message) -> None:
        """/cancel ID."""
        person = await self._permission.of_message(message)
        if person is not None:
            id = arguments(message).strip()
            text = wording.WHICH_JOB if not id else await self._changed("cancel", id, person)
            self._permission.answer(message, text)

    async def cancel_all(self, _: Client, message: Message) -> None:
        """/cancelall: asks first."""
        person = await self._permission.of_message(message)
        if person is None:
            return
        try:
            mine, others = await self._count(person)
        except CatalogError:
            self._permission.answer(message, wording.UNAVAILABLE)
            return
        if mine or others:
            self._permission.answer(message, wording.which_to_cancel(person.id, mine=mine, others=others))
        else:
            self._permission.answer(message, wording.NOTHING_TO_CANCEL)

    async def press(self, press: Press) -> Notice:
        """A button under one job."""
        what, _, id = press.data.partition(":")
        if not await self._permission.of_press(press):
            return Notice(wording.NOT_YOURS, alert=True)
        text = await self._changed(what, id, press.person)
        return Notice(text, alert=text != self._changes[what][1])

    async def press_all(self, press: Press) -> Notice:
        """An answer to /cancelall, by who has asked it. Raises CatalogError."""
        _, which, asker = [*press.data.split(":"), "", ""][:3]
        person = press.person
        if asker != str(person.id) or not await self._permission.of_press(press):
            return Notice(wording.NOT_YOURS, alert=True)
        if which == "mine":
            text = wording.cancelled_all(await self._cancel_all(person.id))
        elif which == "every" and self._permission.whose(person) is None:
            text = wording.cancelled_all(await self._cancel_all(None))
        else:
            text = wording.KEPT_ALL
        self._permission.replace(press, Answer(text))
        return Notice(text)

    async def page(self, press: Press) -> Notice:
        """Another page of the status message."""
        number = start_of(press.data)
        if number is None or not await self._permission.of_press(press):
            return Notice(wording.NOT_YOURS, alert=True)
        shown = self._board.turn(press.chat_id, press.message_id, number)
        return Notice("" if shown else wording.OLD_STATUS, alert=not shown)

    async def _changed(self, what: str, id: str, person: Person) -> str:
        """Change a job; what is said of it."""
        change, done = self._changes[what]
        if not _ID.fullmatch(id):
            return wording.NO_JOB
        try:
            await change(id, person=self._permission.whose(person))
        except JobMissing:
            return wording.NO_JOB
        except (JobConflict, QuotaExceeded) as error:
            return str(error)
        except CatalogError:
            return wording.UNAVAILABLE
        return done

    async def _count(self, person: Person) -> tuple[int, int | None]:
        """How many jobs a person has, and how many others have; None for who may not cancel those."""
        whose = self._permission.whose(person)
        mine = others = 0
        async for page in open_pages(self._queue, person=whose):
            own = sum(job.person == person.id for job in page)
            mine, others = mine + own, others + len(page) - own
        return mine, None if whose is not None else others

    async def _cancel_all(self, person: int | None) -> int:
        """How many were cancelled. Raises CatalogError."""
        ids = [job.id async for page in open_pages(self._queue, person=person) for job in page]
        count = 0
        for id in ids:
            try:
                await self._queue.cancel(id, person=person)
            except (JobMissing, JobConflict):  # it has ended meanwhile
                continue
            count += 1
        return count
