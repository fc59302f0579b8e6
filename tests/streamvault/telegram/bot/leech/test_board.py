"""The status message of a chat: sent once, edited seldom, and in nobody's way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from streamvault.leech.model import Job, State
from streamvault.leech.queue import Wanted
from streamvault.telegram.bot.leech import wording
from streamvault.telegram.bot.leech.board import EDIT_SECONDS
from streamvault.telegram.bot.leech.status import NOTHING
from tests.support.leech_chat import Chat, code, leech_chat

EDIT, SEND = "messages.editMessage", "messages.sendMessage"
NASTY = "a</b><a href=x>&lt;_*[.mkv"


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with leech_chat(tmp_path) as opened:
        await opened.write("/start")  # bots write to nobody first
        await opened.world.delete(await opened.answer())
        yield opened


def calls(chat: Chat, method: str) -> int:
    return int(chat.telegram.emulator.counters.value("calls", method=method))


async def add(chat: Chat, number: int = 1, *, name: str | None = None, **wanted: Any) -> Job:
    source = f"https://example.org/{name or f'{number}.mkv'}"
    given = {"person": chat.owner.id, **wanted}
    return (await chat.queue.add(Wanted(source, chat.target, **given))).job


async def shown(chat: Chat) -> Any:
    """The status message in the owner's chat, sent now."""
    chat.bot.board.show(chat.owner.id, anew=True)
    await chat.bot.board.refresh()
    return chat.said()[-1]


def progress(chat: Chat, job: Job, done: int) -> None:
    chat.change(job, state=State.TRANSFERRING, bytes_done=done, bytes_total=1000)


async def test_leeching_brings_a_status(chat: Chat) -> None:
    await chat.write("/leech https://example.org/film.mkv")
    await chat.answer()
    await chat.bot.board.refresh()
    status = await chat.answer(2)
    assert status.text.startswith("1 job, 0 running\n\n1. film.mkv\nwaits for its turn\n")


async def test_it_is_edited_seldom_and_never_with_the_same_text(chat: Chat) -> None:
    job = await add(chat)
    message = await shown(chat)
    for step in range(1, 61):  # a minute, looked at each second
        progress(chat, job, step * 10)
        chat.pass_time(1)
        await chat.bot.board.refresh()
    assert calls(chat, EDIT) == 60 // EDIT_SECONDS
    assert "60 %" in message.text
    for _ in range(60):
        chat.pass_time(1)
        await chat.bot.board.refresh()
    assert calls(chat, EDIT) == 60 // EDIT_SECONDS
    assert calls(chat, SEND) == 2


async def test_there_is_one_in_a_chat_at_its_end(chat: Chat) -> None:
    await add(chat)
    first = await shown(chat)
    chat.pass_time()
    second = await shown(chat)
    assert first.deleted
    assert chat.said() == [second]


async def test_one_that_was_just_edited_is_sent_anew(chat: Chat) -> None:
    job = await add(chat)
    first = await shown(chat)
    progress(chat, job, 500)
    chat.pass_time()
    await chat.bot.board.refresh()
    assert "50 %" in first.text
    assert (await shown(chat)) is not first
    assert first.deleted


async def test_asking_often_sends_nothing_new(chat: Chat) -> None:
    await add(chat)
    first = await shown(chat)
    for _ in range(20):
        assert await shown(chat) is first
    assert calls(chat, SEND) == 2


async def test_it_goes_on_after_a_restart(chat: Chat) -> None:
    job = await add(chat)
    message = await shown(chat)
    await chat.restart()
    progress(chat, job, 500)
    await chat.bot.board.refresh()
    assert chat.said() == [message]
    assert "50 %" in message.text


async def test_after_a_restart_a_new_one_replaces_it(chat: Chat) -> None:
    await add(chat)
    first = await shown(chat)
    await chat.restart()
    await chat.bot.board.refresh()
    chat.pass_time()
    second = await shown(chat)
    assert first.deleted
    assert chat.said() == [second]


async def test_when_all_is_done_it_says_so_and_is_forgotten(chat: Chat) -> None:
    job = await add(chat)
    message = await shown(chat)
    chat.finish(job)
    chat.pass_time()
    await chat.bot.board.refresh()
    assert message.text == NOTHING
    assert message.reply_markup is None
    assert not [name for name in await chat.catalog.marks() if name.startswith("leech_status")]
    await add(chat, 2)
    chat.pass_time()
    await chat.bot.board.refresh()
    assert message.text == NOTHING


async def test_a_message_that_somebody_deleted_is_given_up(chat: Chat) -> None:
    job = await add(chat)
    message = await shown(chat)
    await chat.world.delete(message)
    progress(chat, job, 500)
    for _ in range(5):
        chat.pass_time()
        await chat.bot.board.refresh()
    assert calls(chat, EDIT) == 1
    assert chat.said() == []
    assert (await shown(chat)).text.startswith("1 job")


async def test_a_flood_wait_skips_edits(chat: Chat) -> None:
    job = await add(chat)
    message = await shown(chat)
    flood = chat.telegram.emulator.faults.flood_wait(40, method=EDIT)
    for step in range(1, 4):
        progress(chat, job, step * 100)
        chat.pass_time()
        await chat.bot.board.refresh()
    assert flood.used == 1
    chat.telegram.emulator.faults.lift_all()
    assert "10 %" not in message.text
    assert chat.jobs.stored[job.id].state is State.TRANSFERRING


async def test_a_flood_wait_on_sending_delays_the_message(chat: Chat) -> None:
    await add(chat)
    chat.telegram.emulator.faults.flood_wait(40, method=SEND)
    chat.bot.board.show(chat.owner.id, anew=True)
    await chat.bot.board.refresh()
    assert chat.said() == []
    chat.telegram.emulator.faults.lift_all()
    chat.pass_time()
    await chat.bot.board.refresh()
    assert chat.said() == [], "the wait is not over"


@pytest.mark.parametrize("error", [(500, "INTERNAL"), (400, "PEER_ID_INVALID"), (403, "CHAT_WRITE_FORBIDDEN")])
async def test_what_fails_in_a_status_touches_no_job(chat: Chat, error: tuple[int, str]) -> None:
    """L3."""
    job = await add(chat)
    await shown(chat)
    code, text = error
    chat.telegram.emulator.faults.error(code, text, method=EDIT)
    progress(chat, job, 500)
    before = chat.jobs.stored[job.id]
    chat.pass_time()
    await chat.bot.board.refresh()
    assert chat.jobs.stored[job.id] == before


async def test_while_the_database_does_not_answer_nothing_is_shown(chat: Chat) -> None:
    job = await add(chat)
    message = await shown(chat)
    progress(chat, job, 500)
    chat.jobs.failing = True
    chat.pass_time()
    await chat.bot.board.refresh()
    assert calls(chat, EDIT) == 0
    chat.jobs.failing = False
    await chat.bot.board.refresh()
    assert "50 %" in message.text


async def test_a_name_of_a_file_is_no_markup(chat: Chat) -> None:
    """L3."""
    job = await add(chat, name="x")
    changed = chat.finish(job, name=NASTY)
    chat.change(job, state=State.TRANSFERRING, transfer=changed.transfer)
    message = await shown(chat)
    assert code(message) == [NASTY.rpartition("/")[2], job.id]
    assert NASTY.rpartition("/")[2] in message.text


async def test_twelve_jobs_are_paged_also_after_a_restart(chat: Chat) -> None:
    """L3, L4."""
    for number in range(12):
        await add(chat, number)
    message = await shown(chat)
    assert "(page 1 of 3)" in message.text
    await chat.press(message, "More")
    await chat.bot.board.refresh()
    assert "(page 2 of 3)" in message.text
    await chat.restart()
    await chat.press(message, "More")
    await chat.bot.board.refresh()
    assert "(page 3 of 3)" in message.text
    await chat.press(message, "More")
    await chat.bot.board.refresh()
    assert "(page 1 of 3)" in message.text


async def test_an_old_status_has_no_pages(chat: Chat) -> None:
    for number in range(12):
        await add(chat, number)
    first = await shown(chat)
    markup = first.reply_markup
    chat.pass_time()
    await shown(chat)
    old = await chat.world.send_private(chat.leecher, chat.owner, text="old", reply_markup=markup)
    assert (await chat.press(old, "More")).message == wording.OLD_STATUS


async def test_five_hundred_cyrillic_names_are_shown(chat: Chat) -> None:
    """L3, L4: Telegram takes every page."""
    for number in range(500):
        await add(chat, name=f"{'Очень длинное имя ' * 12}{number}.mkv".replace(" ", "%20"))
    message = await shown(chat)
    for page in range(2, 6):
        await chat.press(message, "More")
        await chat.bot.board.refresh()
        assert f"500 jobs, 0 running (page {page} of 100)" in message.text


async def test_a_person_sees_their_own_jobs_and_owners_all(chat: Chat) -> None:
    mia = chat.somebody("Mia", may=True)
    await chat.write("/status", mia)
    await chat.answer(reader=mia)
    await add(chat, 1)
    await add(chat, 2, person=mia.id)
    chat.bot.board.show(mia.id, anew=True)
    chat.bot.board.show(chat.owner.id, anew=True)
    await chat.bot.board.refresh()
    assert chat.said(mia)[-1].text.startswith("1 job, 0 running\n\n1. 2.mkv")
    assert chat.said()[-1].text.startswith("2 jobs")


async def test_a_group_sees_what_was_asked_for_there(chat: Chat) -> None:
    group = chat.group()
    group_id = -1_000_000_000_000 - group.id
    await add(chat, 1)
    await add(chat, 2, asked=chat.asked(1, group_id))
    chat.bot.board.show(group_id, anew=True)
    await chat.bot.board.refresh()
    assert chat.said(group)[-1].text.startswith("1 job, 0 running\n\n1. 2.mkv")


async def test_that_telegram_brakes_uploads_is_shown(chat: Chat) -> None:
    """U12."""
    await add(chat)
    chat.braked = 12.0
    assert "Telegram brakes uploads: they go on in 12 s" in (await shown(chat)).text


async def test_while_it_runs_it_shows_at_once_what_is_asked_for(chat: Chat) -> None:
    await add(chat)
    running = asyncio.create_task(chat.bot.run())
    try:
        await chat.write("/status")
        assert (await chat.answer()).text.startswith("1 job")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
