"""What the bot has to answer: owners before anybody else, and nothing of theirs is lost to a flood wait.

Telegram limits how many messages a bot sends (core.telegram.org/bots/faq, about 30 a second in all, 20 a minute in a
group), and answers FLOOD_WAIT beyond that. Answers to owners wait for its end; by then the links of several files fit
into one message. Members are answered after owners, and not too often. Other people get one answer in STRANGER_SECONDS
each and few in all, none while a flood wait runs or is near: they must not use up what owners need.
"""

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto

from pyrogram import errors as rpc

from streamvault.errors import SourceBusy, SourceError
from streamvault.media.model import Origin
from streamvault.telegram.accounts.random_ids import one_random_id
from streamvault.telegram.bot import texts
from streamvault.telegram.bot.allowance import Allowance, Allowances
from streamvault.telegram.bot.queued import Reply
from streamvault.telegram.bot.texts import Answer, FileLinks
from streamvault.telegram.errors import AlreadySent
from streamvault.telegram.flood_wait import FloodWaits, Sleep, flood_seconds

log = logging.getLogger(__name__)

STRANGER_SECONDS = 3600.0
"""Seconds after an answer in which the same person gets no other one, unless it is an owner."""

STRANGERS_AT_ONCE, STRANGERS_INTERVAL = 3, 30.0
"""Answers to people who are no owners: so many at once, and one more in so many seconds."""

MEMBERS_AT_ONCE, MEMBERS_INTERVAL = 10, 3.0
"""Answers to members in the same way, in all ..."""
MEMBER_AT_ONCE, MEMBER_INTERVAL = 6, 20.0
"""... and to each of them."""
MAX_MEMBERS = 100
"""Answers to members that may wait."""

NEAR, NEAR_SECONDS = 10, 60.0
"""So many messages within so many seconds, and other people than owners get no answer: half of what Telegram allows in
a group, and less than what anybody has seen it refuse in private."""

CALM_SECONDS = 600.0
"""Seconds after a flood wait in which only owners get answers: the next one comes sooner."""

MAX_STRANGERS = 1000
"""People of whom it is remembered that they were answered."""

MAX_WAITING = 1000
"""Answers to owners that may wait."""

TRIES, RETRY_SECONDS = 3, 5.0
"""How often an answer is sent whose connection breaks, and the seconds in between."""

OnSending = Callable[[Sequence[Origin]], Awaitable[None]]
"""Called before the links of the files in these messages are sent in one message."""

OnEnd = Callable[[Sequence[Origin], bool], None]
"""Called with the messages that an answer was for: True once Telegram has taken or refused it, False if it was given
up for other reasons and they are to be answered later.
"""

Send = Callable[[int, Answer, int | None], Awaitable[None]]
"""Sends an answer to a chat, as a reply to a message. Raises pyrogram's errors, SourceError or OSError."""


UNREACHABLE = (
    SourceError, OSError, rpc.InternalServerError, rpc.ServiceUnavailable, rpc.UnknownError, rpc.Unauthorized,
)  # fmt: skip
"""Errors that say nothing about the answer itself: it may be taken later."""


class Outcome(Enum):
    """What came of sending a message."""

    ANSWERED = auto()
    REPEAT = auto()
    GIVEN_UP = auto()


async def no_matter(_: Sequence[Origin]) -> None:
    """The default of OnSending."""


class Outbox:
    """The answers of one bot, sent one after the other by a task that runs while there are any."""

    def __init__(
        self,
        send: Send,
        *,
        buttons: bool,
        floods: FloodWaits | None = None,
        on_sending: OnSending = no_matter,
        on_end: OnEnd = lambda *_: None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`buttons`: links get buttons; `clock` gives seconds that never go back; `sleep` waits between tries."""
        self._send = send
        self._buttons = buttons
        self._on_sending = on_sending
        self._on_end = on_end
        self._floods = floods or FloodWaits(sleep)
        self._sleep = sleep
        self._clock = clock
        self._waiting: deque[Reply] = deque()
        self._others: deque[Reply] = deque()  # of members and strangers
        self._strangers: OrderedDict[int, float] = OrderedDict()
        self._for_strangers = Allowance(STRANGERS_AT_ONCE, STRANGERS_INTERVAL, clock)
        self._for_members = Allowance(MEMBERS_AT_ONCE, MEMBERS_INTERVAL, clock)
        self._for_member = Allowances(MEMBER_AT_ONCE, MEMBER_INTERVAL, clock)
        self._sent: deque[float] = deque(maxlen=NEAR)
        self._calm_at = clock()
        self._for_owner = asyncio.Event()  # an answer to an owner was added
        self._task: asyncio.Task[None] | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing waits and nothing is being sent."""
        return not self._waiting and not self._others

    def text(self, chat_id: int, reply_to: int | None, text: str, *, received: Sequence[Origin] = ()) -> None:
        """Answer an owner; `received` as in Reply."""
        self._add(Reply(chat_id, reply_to, Answer(text), received=received))

    def answer(self, chat_id: int, reply_to: int | None, answer: Answer) -> None:
        """Answer an owner, with buttons."""
        self._add(Reply(chat_id, reply_to, answer))

    def member(self, person: int, chat_id: int, reply_to: int, answer: Answer) -> bool:
        """Answer a member, after what waits for owners; whether it will be."""
        if len(self._others) >= MAX_MEMBERS or not self._for_member.take(person) or not self._for_members.take():
            return False
        self._others.append(Reply(chat_id, reply_to, answer))
        self._begin()
        return True

    def links(self, chat_id: int, reply_to: int, files: list[FileLinks], *, apart: bool = False) -> None:
        """Send an owner the links of files; together with what still waits for the same chat, unless `apart`."""
        for reply in reversed(self._waiting):
            if reply.chat_id == chat_id and not apart:
                if reply.files and not reply.apart:
                    reply.files += files
                    return
                break
        self._add(Reply(chat_id, reply_to, files=list(files), apart=apart))

    def stranger(self, person: int, chat_id: int, reply_to: int, text: str) -> bool:
        """Answer somebody else, if that costs no owner anything; whether it is answered."""
        now = self._clock()
        answered = self._strangers.get(person)
        recently = answered is not None and now - answered < STRANGER_SECONDS
        if recently or self._flood_is_near(now) or not self.empty or not self._for_strangers.take():
            return False
        self._strangers[person] = now
        self._strangers.move_to_end(person)
        if len(self._strangers) > MAX_STRANGERS:
            self._strangers.popitem(last=False)
        self._others.append(Reply(chat_id, reply_to, Answer(text), repeated=False))
        self._begin()
        return True

    def _flood_is_near(self, now: float) -> bool:
        many = len(self._sent) == NEAR and now - self._sent[0] < NEAR_SECONDS
        return self._floods.running or many or now < self._calm_at

    async def close(self) -> None:
        """Stop sending; what waits stays, and is sent after the next `text` or `links`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _add(self, reply: Reply) -> None:
        if len(self._waiting) >= MAX_WAITING:
            log.error("%d answers wait for Telegram: one more could not be kept", MAX_WAITING)
            self._end(reply.about(len(reply.files)), answered=False)
            return
        self._waiting.append(reply)
        self._for_owner.set()
        self._begin()

    def _begin(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while not self.empty:
            lane = self._waiting or self._others
            reply = lane[0]
            count, answer = self._next_message(reply)
            outcome = await self._deliver(reply, count, answer)
            if outcome is not Outcome.REPEAT:
                messages = reply.about(count)
                del reply.files[:count]
                reply.tried = 0
                if not reply.files:
                    lane.popleft()
                self._end(messages, answered=outcome is Outcome.ANSWERED)

    def _end(self, messages: Sequence[Origin], *, answered: bool) -> None:
        if messages:
            self._on_end(messages, answered)

    def _next_message(self, reply: Reply) -> tuple[int, Answer]:
        """The next message of `reply`, and the links of how many files it holds: as many as fit."""
        if not reply.files:
            return 0, reply.answer
        count = reply.tried or 1
        while (
            not reply.tried
            and count < len(reply.files)
            and len(texts.answers(reply.files[: count + 1], buttons=self._buttons)) == 1
        ):
            count += 1
        return count, texts.answers(reply.files[:count], buttons=self._buttons)[0]

    async def _deliver(self, reply: Reply, count: int, answer: Answer) -> Outcome:
        """Send one message, with the links of `count` files. A refusal is logged and counts as answered."""
        self._sent.append(self._clock())
        try:
            if count > 1 and not reply.tried and (together := reply.about(count)):
                await self._on_sending(together)
            reply.tried = count
            with one_random_id(reply.once(count)):
                await self._send(reply.chat_id, answer, reply.reply_to)
        except (rpc.FloodWait, SourceBusy) as error:
            log.warning(
                "answers wait %.0f s, as Telegram demands: %d of them", flood_seconds(error), len(self._waiting)
            )
            await self._floods.wait(error)
            self._calm_at = self._clock() + CALM_SECONDS
            reply.tried = 0
            return Outcome.REPEAT if reply.repeated else Outcome.GIVEN_UP
        except UNREACHABLE as error:
            reply.failures += 1
            log.debug("an answer could not be sent (try %d): %s", reply.failures, error)
            if reply.repeated and reply.failures < TRIES:
                await self._pause(reply)
                return Outcome.REPEAT
            log.warning("an answer was given up after %d tries: Telegram did not take it", reply.failures)
            return Outcome.GIVEN_UP
        except AlreadySent:
            log.debug("Telegram had taken an answer whose receipt was lost")
        except rpc.RPCError as error:
            log.warning("an answer was refused: %s", error)
        except Exception:  # the answers behind it must not be lost with it
            log.exception("an answer could not be sent")
            return Outcome.GIVEN_UP
        return Outcome.ANSWERED

    async def _pause(self, failed: Reply) -> None:
        """Wait before `failed` is tried again; one to somebody else than an owner keeps no answer to an owner back."""
        if self._waiting and self._waiting[0] is failed:
            await self._sleep(RETRY_SECONDS)
            return
        if self._waiting:
            return
        self._for_owner.clear()
        waits = [asyncio.ensure_future(self._sleep(RETRY_SECONDS)), asyncio.ensure_future(self._for_owner.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
