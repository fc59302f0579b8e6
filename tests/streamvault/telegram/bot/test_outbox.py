"""Which answers are sent, in which order, and what those to people who are no owners may cost: without Telegram."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pyrogram import errors as rpc

from streamvault.errors import SourceUnavailable
from streamvault.telegram.bot.outbox import (
    CALM_SECONDS,
    MAX_MEMBERS,
    MAX_STRANGERS,
    MEMBER_AT_ONCE,
    MEMBER_INTERVAL,
    MEMBERS_AT_ONCE,
    MEMBERS_INTERVAL,
    NEAR,
    NEAR_SECONDS,
    RETRY_SECONDS,
    STRANGER_SECONDS,
    STRANGERS_AT_ONCE,
    STRANGERS_INTERVAL,
    Outbox,
)
from streamvault.telegram.bot.texts import Answer
from tests.support.waiting import until

OWNER = 1


class Line:
    """Telegram as the outbox sees it. `failures` are raised one after the other before anything is sent."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sent: list[tuple[int, str]] = []
        self.failures: list[Exception] = []
        self.slept: list[float] = []
        self.waits: Callable[[], Awaitable[object]] | None = None
        self.outbox = Outbox(self._send, buttons=True, sleep=self._sleep, clock=lambda: self.now)

    async def _send(self, chat_id: int, answer: Answer, reply_to: int | None) -> None:
        if self.waits is not None:
            await self.waits()
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((chat_id, answer.text))

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    async def idle(self) -> None:
        await until(lambda: self.outbox.empty)

    async def strangers(self, people: range) -> int:
        """Each writes once; how many were answered."""
        answered = 0
        for person in people:
            answered += self.outbox.stranger(person, person, 1, "who are you")
            await self.idle()
        return answered


async def test_a_hundred_unknown_people_get_a_few_answers_and_an_owner_his_own_at_once() -> None:
    """9: strangers use up the bot's answers."""
    line = Line()
    assert await line.strangers(range(1000, 1100)) == STRANGERS_AT_ONCE
    line.outbox.text(OWNER, 1, "links")
    await line.idle()
    assert line.sent[-1] == (OWNER, "links")
    assert (len(line.sent), line.slept) == (STRANGERS_AT_ONCE + 1, [])


async def test_strangers_are_not_answered_before_what_waits_for_an_owner() -> None:
    line = Line()
    line.outbox.text(OWNER, 1, "links")
    assert not line.outbox.stranger(7, 7, 1, "who are you")
    await line.idle()
    assert line.sent == [(OWNER, "links")]


@pytest.mark.parametrize(
    "failure", [SourceUnavailable("lost"), ConnectionResetError("lost"), rpc.UserIsBlocked(), rpc.FloodWait(value=40)]
)
async def test_an_answer_to_a_stranger_is_tried_once(failure: Exception) -> None:
    """Otherwise an owner's answer would wait behind its repetitions."""
    line = Line()
    line.failures = [failure]
    assert line.outbox.stranger(7, 7, 1, "who are you")
    await until(lambda: not line.failures)
    line.outbox.text(OWNER, 1, "links")
    await line.idle()
    assert line.sent == [(OWNER, "links")]
    assert line.slept == ([40] if isinstance(failure, rpc.FloodWait) else [])


@pytest.mark.parametrize("failure", [SourceUnavailable("lost"), ConnectionResetError("lost"), rpc.FloodWait(value=40)])
async def test_an_answer_to_an_owner_is_sent_again(failure: Exception) -> None:
    line = Line()
    line.failures = [failure, failure]
    line.outbox.text(OWNER, 1, "links")
    await line.idle()
    assert line.sent == [(OWNER, "links")]
    assert len(line.slept) == 2


@pytest.mark.parametrize("failure", [KeyError("peer"), AttributeError("id"), ValueError("no chat")])
async def test_an_error_that_nobody_expects_costs_one_answer_and_no_other(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    line = Line()
    line.failures = [failure]
    for text in ("lost", "second", "third"):
        line.outbox.text(OWNER, 1, text)
    await line.idle()
    assert line.sent == [(OWNER, "second"), (OWNER, "third")]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


async def test_a_person_is_answered_once_an_hour() -> None:
    line = Line()
    assert await line.strangers(range(7, 8)) == 1
    line.now += STRANGER_SECONDS - 1
    assert await line.strangers(range(7, 8)) == 0
    line.now += 1
    assert await line.strangers(range(7, 8)) == 1


async def test_strangers_are_not_answered_while_an_owner_gets_many_answers() -> None:
    """The next of the owner's would be refused."""
    line = Line()
    for number in range(NEAR):
        line.outbox.text(OWNER, number, "links")
    await line.idle()
    assert await line.strangers(range(7, 9)) == 0
    line.now += NEAR_SECONDS - 1
    assert await line.strangers(range(7, 9)) == 0
    line.now += 1
    assert await line.strangers(range(7, 9)) == 2


@pytest.mark.parametrize("refused", ["an owner's answer", "a stranger's answer"])
async def test_strangers_are_not_answered_soon_after_a_flood_wait(refused: str) -> None:
    line = Line()
    line.failures = [rpc.FloodWait(value=40)]
    if refused == "an owner's answer":
        line.outbox.text(OWNER, 1, "links")
    else:
        assert line.outbox.stranger(6, 6, 1, "who are you")
    await line.idle()
    line.now += CALM_SECONDS - 1
    assert await line.strangers(range(7, 8)) == 0
    line.now += 1
    assert await line.strangers(range(7, 8)) == 1


async def test_the_people_who_are_remembered_are_bounded_and_so_are_the_answers() -> None:
    line = Line()
    answered = 0
    for person in range(3 * MAX_STRANGERS):
        line.now += STRANGERS_INTERVAL / 2
        answered += await line.strangers(range(person, person + 1))
    assert answered == pytest.approx(3 * MAX_STRANGERS / 2, abs=STRANGERS_AT_ONCE)
    assert len(line.outbox._strangers) <= MAX_STRANGERS


async def test_an_owner_is_answered_before_members_who_wait_and_nothing_is_lost_to_a_flood() -> None:
    line = Line()
    line.failures = [rpc.FloodWait(value=40)]
    for member in (7, 8):
        assert line.outbox.member(member, member, 1, Answer(f"for {member}"))
    await until(lambda: line.slept)
    line.outbox.text(OWNER, 1, "links")
    await line.idle()
    assert line.sent == [(OWNER, "links"), (7, "for 7"), (8, "for 8")]
    assert line.slept == [40]


async def test_a_member_is_not_answered_without_end_and_keeps_nobody_else_from_it() -> None:
    line = Line()
    answered = sum(line.outbox.member(7, 7, 1, Answer("x")) for _ in range(100))
    assert answered == MEMBER_AT_ONCE
    assert line.outbox.member(8, 8, 1, Answer("x"))
    line.now += MEMBER_INTERVAL
    assert [line.outbox.member(7, 7, 1, Answer("x")) for _ in range(2)] == [True, False]
    await line.idle()


async def test_answers_to_members_are_bounded_in_all() -> None:
    line = Line()
    assert sum(line.outbox.member(one, one, 1, Answer("x")) for one in range(100)) == MEMBERS_AT_ONCE
    await line.idle()
    line.now += MEMBERS_INTERVAL
    assert sum(line.outbox.member(one, one, 1, Answer("x")) for one in range(200, 300)) == 1
    await line.idle()
    over = asyncio.Event()
    line.waits = over.wait
    waiting = 0
    for member in range(1000, 1000 + 3 * MAX_MEMBERS):
        line.now += MEMBERS_INTERVAL
        waiting += line.outbox.member(member, member, 1, Answer("x"))
    assert waiting == MAX_MEMBERS
    over.set()
    await line.idle()


@pytest.mark.parametrize("added", ["while it is sent", "in the pause"])
async def test_a_members_failing_answer_keeps_no_owner_waiting(added: str) -> None:
    line = Line()
    pausing, over = asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        pausing.set()
        await over.wait()

    line.outbox = Outbox(line._send, buttons=True, sleep=sleep, clock=lambda: line.now)
    line.failures = [SourceUnavailable("gone")]

    async def write() -> None:
        line.waits = None
        line.outbox.text(OWNER, 1, "for the owner")

    if added == "while it is sent":
        line.waits = write
    assert line.outbox.member(5, 5, 1, Answer("for a member"))
    if added == "in the pause":
        await pausing.wait()
        await write()
    await line.idle()
    assert line.sent == [(OWNER, "for the owner"), (5, "for a member")]
    assert not over.is_set()


async def test_an_owners_own_failing_answer_is_tried_after_a_pause() -> None:
    line = Line()
    line.failures = [SourceUnavailable("gone"), SourceUnavailable("gone")]
    line.outbox.text(OWNER, 1, "links")
    await line.idle()
    assert line.sent == [(OWNER, "links")]
    assert line.slept == [RETRY_SECONDS] * 2
