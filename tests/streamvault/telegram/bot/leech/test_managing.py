"""/status, /cancel, /cancelall, and the buttons of jobs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pyrogram import raw

from streamvault.leech.model import Job, State
from streamvault.leech.queue import Wanted
from streamvault.telegram.bot.leech import wording
from tests.support.leech_chat import FILM, Chat, buttons, leech_chat
from tests.support.waiting import until


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with leech_chat(tmp_path) as opened:
        yield opened


async def add(chat: Chat, number: int = 1, person: Any = None, chat_id: int | None = None) -> Job:
    """A job, of nobody unless a person is given, or asked for in a chat."""
    asked = None if chat_id is None else chat.asked(1, chat_id)
    wanted = Wanted(f"https://example.org/{number}.mkv", chat.target, person and person.id, asked=asked)
    return (await chat.queue.add(wanted)).job


def state(chat: Chat, job: Job) -> State:
    return chat.jobs.stored[job.id].state


async def status_of(chat: Chat, reader: Any = None) -> Any:
    """The status message, which is sent by this."""
    before = len(chat.said(reader))
    await chat.bot.board.refresh()
    return await chat.answer(before + 1, reader=reader)


async def test_a_job_is_cancelled_by_its_id(chat: Chat) -> None:
    job = await add(chat, person=chat.owner)
    await chat.write(f"/cancel {job.id}")
    assert (await chat.answer()).text == wording.CANCELLED
    assert state(chat, job) is State.CANCELLED


@pytest.mark.parametrize(
    ("id", "sentence"),
    [("", wording.WHICH_JOB), ("0" * 16, wording.NO_JOB), ("../x", wording.NO_JOB), ("x" * 3000, wording.NO_JOB)],
)
async def test_what_is_no_job_is_said(chat: Chat, id: str, sentence: str) -> None:
    await chat.write(f"/cancel {id}")
    assert (await chat.answer()).text == sentence


async def test_only_owners_cancel_jobs_of_others(chat: Chat) -> None:
    mia, zoe = chat.somebody("Mia", may=True), chat.somebody("Zoe", may=True)
    job = await add(chat, person=mia)
    await chat.write(f"/cancel {job.id}", zoe)
    assert (await chat.answer(reader=zoe)).text == wording.NO_JOB
    assert state(chat, job) is State.QUEUED
    await chat.write(f"/cancel {job.id}")
    await chat.answer()
    assert state(chat, job) is State.CANCELLED


async def test_what_has_ended_cannot_be_cancelled(chat: Chat) -> None:
    job = await add(chat)
    chat.finish(job)
    await chat.write(f"/cancel {job.id}")
    assert (await chat.answer()).text not in (wording.CANCELLED, wording.NO_JOB)
    assert state(chat, job) is State.DONE


# All jobs


async def test_cancelling_all_asks_first(chat: Chat) -> None:
    mia = chat.somebody("Mia", may=True)
    mine, hers, nobodys = await add(chat, 1, chat.owner), await add(chat, 2, mia), await add(chat, 3)
    await chat.write("/cancelall")
    asked = await chat.answer()
    assert list(buttons(asked)) == ["Cancel mine (1)", "Cancel everybody's (3)", "No"]
    assert (await chat.press(asked, "No")).message == wording.KEPT_ALL
    assert {state(chat, one) for one in (mine, hers, nobodys)} == {State.QUEUED}
    await chat.write("/cancelall")
    await chat.press(await chat.answer(2), "Cancel mine (1)")
    assert [state(chat, one) for one in (mine, hers, nobodys)] == [State.CANCELLED, State.QUEUED, State.QUEUED]
    await chat.write("/cancelall")
    last = await chat.answer(3)
    assert (await chat.press(last, "Cancel everybody's (2)")).message == "2 jobs cancelled."
    assert {state(chat, one) for one in (mine, hers, nobodys)} == {State.CANCELLED}
    await until(lambda: last.text == "2 jobs cancelled." and not buttons(last), pause=0.005)
    await chat.write("/cancelall")
    assert (await chat.answer(4)).text == wording.NOTHING_TO_CANCEL


async def test_the_question_still_works_after_a_restart(chat: Chat) -> None:
    job = await add(chat, person=chat.owner)
    await chat.write("/cancelall")
    asked = await chat.answer()
    await chat.restart()
    await chat.press(asked, "Cancel mine (1)")
    assert state(chat, job) is State.CANCELLED


async def test_members_cancel_their_own_jobs_only(chat: Chat) -> None:
    mia = chat.somebody("Mia", may=True)
    hers, nobodys = await add(chat, 1, mia), await add(chat, 2)
    await chat.write("/cancelall", mia)
    asked = await chat.answer(reader=mia)
    assert list(buttons(asked)) == ["Cancel mine (1)", "No"]
    forged = await forge(chat, mia, f"all:every:{mia.id}".encode())
    assert (await chat.world.press(mia, forged, f"all:every:{mia.id}".encode())).message == wording.KEPT_ALL
    await chat.press(asked, "Cancel mine (1)", user=mia)
    assert [state(chat, one) for one in (hers, nobodys)] == [State.CANCELLED, State.QUEUED]


async def test_in_a_group_only_who_asked_confirms(chat: Chat) -> None:
    mia = chat.somebody("Mia", may=True)
    group = chat.group(mia)
    job = await add(chat, person=chat.owner)
    chat.say(group, "/cancelall")
    asked = await chat.answer(reader=group)
    assert (await chat.press(asked, "Cancel mine (1)", user=mia)).message == wording.NOT_YOURS
    assert state(chat, job) is State.QUEUED
    await chat.press(asked, "Cancel mine (1)")
    assert state(chat, job) is State.CANCELLED


async def test_more_jobs_than_a_page_of_the_database_are_cancelled(chat: Chat) -> None:
    jobs = [await add(chat, number, chat.owner) for number in range(450)]
    await chat.write("/cancelall")
    assert (await chat.press(await chat.answer(), "Cancel mine (450)")).message == "450 jobs cancelled."
    assert {state(chat, one) for one in jobs} == {State.CANCELLED}


# Buttons


async def test_the_buttons_of_a_job(chat: Chat) -> None:
    job = await add(chat, person=chat.owner)
    await chat.write("/status")
    await until(lambda: chat.bot.board.wake.is_set())
    shown = await status_of(chat)
    for label, notice, becomes in (
        ("Pause 1", wording.PAUSED, State.PAUSED), ("Resume 1", wording.RESUMED, State.QUEUED),
        ("Cancel 1", wording.CANCELLED, State.CANCELLED),
    ):  # fmt: skip
        assert (await chat.press(shown, label)).message == notice
        assert state(chat, job) is becomes
        chat.pass_time()
        await chat.bot.board.refresh()
    assert buttons(shown) == {}


async def test_a_failed_job_is_tried_again(chat: Chat) -> None:
    job = await add(chat, person=chat.owner, chat_id=chat.owner.id)
    await chat.write("/start")
    await chat.answer()
    chat.fail(job, "example.org does not answer")
    await chat.bot.teller.tell()
    told = await chat.answer(2)
    await chat.restart()
    assert (await chat.press(told, "Try again")).message == wording.RETRIED
    assert state(chat, job) is State.QUEUED


async def test_buttons_of_a_group_serve_those_whose_job_it_is_and_owners(chat: Chat) -> None:
    mia, zoe = chat.somebody("Mia", may=True), chat.somebody("Zoe", may=True)
    group = chat.group(mia, zoe)
    group_id = -1_000_000_000_000 - group.id
    job = await add(chat, person=mia, chat_id=group_id)
    chat.say(group, "/status", sender=mia)
    await until(lambda: chat.bot.board.wake.is_set())
    shown = await status_of(chat, group)
    assert (await chat.press(shown, "Pause 1", user=zoe)).message == wording.NO_JOB
    assert (await chat.press(shown, "Pause 1", user=chat.somebody())).message == wording.NOT_YOURS
    assert state(chat, job) is State.QUEUED
    assert (await chat.press(shown, "Pause 1", user=mia)).message == wording.PAUSED
    chat.pass_time()
    await chat.bot.board.refresh()
    assert (await chat.press(shown, "Resume 1")).message == wording.RESUMED


ANYTHING = (
    b"pause", b"pause:", b"pause:\xff\xfe", b"cancel:" + b"9" * 50, b"retry:0000000000000000", b"all", b"all:::",
    b"all:mine:", b"all:every:1", b"jobs:", b"jobs:-1", b"jobs:" + b"9" * 50, "jobs:²".encode(), b"leech", b"leech:",
    b"\x00", b":", b"nonsense", b"login:x",
)  # fmt: skip


@pytest.mark.parametrize("data", ANYTHING)
async def test_a_press_may_hold_anything(chat: Chat, data: bytes) -> None:
    job = await add(chat, person=chat.owner)
    for user in (chat.owner, chat.somebody()):
        message = await forge(chat, user, data)
        assert (await chat.world.press(user, message, data)).message
    assert state(chat, job) is State.QUEUED


async def forge(chat: Chat, user: Any, data: bytes) -> Any:
    """A message of the bot to `user` with a button that sends `data`."""
    await chat.write("/help", user)
    await chat.settled()
    button = raw.types.KeyboardInlineButton(text="x", type=raw.types.InlineButtonTypeCallback(data=data))
    rows = [raw.types.KeyboardInlineButtonRow(buttons=[button])]
    markup = raw.types.ReplyInlineMarkup(rows=rows)
    return await chat.world.send_private(chat.leecher, user, text="x", reply_markup=markup)


async def test_without_jobs_status_says_so(chat: Chat) -> None:
    await chat.write("/status")
    assert (await chat.answer()).text == wording.NO_JOBS


@pytest.mark.parametrize("command", ["/status", "/cancelall", f"/cancel {'0' * 16}", f"/leech {FILM}"])
async def test_while_the_database_does_not_answer_that_is_said(chat: Chat, command: str) -> None:
    chat.jobs.failing = True
    await chat.write(command)
    assert wording.UNAVAILABLE in (await chat.answer()).text
