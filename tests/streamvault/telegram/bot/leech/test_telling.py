"""The end of a job is told where it was asked for, once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from streamvault.access.urls import Links
from streamvault.leech.model import Asked, Job, State
from streamvault.leech.queue import Wanted
from streamvault.telegram.bot.leech import wording
from tests.streamvault.telegram.bot.leech.test_managing import forge
from tests.support.bot_stage import url_buttons
from tests.support.leech_chat import FILM, Chat, buttons, code, leech_chat
from tests.support.waiting import until

SEND = "messages.sendMessage"
LINKS = Links("https://tv.example.org/watch/1?token=x", "https://tv.example.org/stream/1?token=x")


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with leech_chat(tmp_path) as opened:
        yield opened


async def leeched(chat: Chat, sender: Any = None) -> tuple[Any, Job]:
    """The message that asked for a job, and the job."""
    message = await chat.write(f"/leech {FILM}", sender)
    await chat.answer(reader=sender)
    return message, chat.open()[-1]


async def test_a_job_that_is_done_is_told_with_its_links(chat: Chat) -> None:
    chat.links = LINKS
    message, job = await leeched(chat)
    chat.finish(job, name="A <b>film</b>.mkv", size=3 << 20)
    await chat.bot.teller.tell()
    told = await chat.answer(2)
    post = f"https://t.me/c/{chat.telegram.vault.id}/42"
    assert told.text == (f"Done: b>.mkv\n3.0 MiB\n\nPost: {post}\n\nWatch: {LINKS.watch}\n\nDownload: {LINKS.download}")
    assert code(told) == ["b>.mkv"]
    assert told.reply_to == chat.world.delivery.copy_for(message, chat.owner.id).id
    assert url_buttons(told) == [("Watch", LINKS.watch), ("Download", LINKS.download)]


async def test_links_are_written_anew_for_who_asked(chat: Chat) -> None:
    mia, zoe = chat.somebody("Mia", may=True), chat.somebody("Zoe", may=True)
    chat.links = LINKS
    _, job = await leeched(chat, mia)
    chat.finish(job)
    await chat.bot.teller.tell()
    told = await chat.answer(2, reader=mia)
    data = buttons(told)["Fresh links"]
    assert len(data) <= 64
    chat.links = Links(LINKS.watch.replace("=x", "=y"), LINKS.download)
    assert (await chat.world.press(zoe, await forge(chat, zoe, data), data)).message == wording.NO_LINKS
    await chat.restart()
    assert (await chat.press(told, "Fresh links", user=mia)).message == wording.FRESH_LINKS
    await until(lambda: chat.links and chat.links.watch in told.text, pause=0.005)
    chat.links = None
    await chat.press(told, "Fresh links", user=mia)
    await until(lambda: "Watch:" not in told.text and not buttons(told), pause=0.005)
    for wrong in (b"links:", b"links:../x", b"links:" + b"0" * 16):
        said = (await chat.world.press(mia, await forge(chat, mia, wrong), wrong)).message
        assert said in (wording.NOT_YOURS, wording.NO_LINKS), wrong
    chat.change(job, state=State.FAILED)
    assert (await chat.world.press(mia, await forge(chat, mia, data), data)).message == wording.NO_LINKS


async def test_a_job_that_failed_is_told_with_its_reason(chat: Chat) -> None:
    _, job = await leeched(chat)
    chat.fail(job, "example.org refuses the request (403)")
    await chat.bot.teller.tell()
    told = await chat.answer(2)
    assert told.text == "Failed: film.mkv\nexample.org refuses the request (403)"
    assert buttons(told) == {"Try again": f"retry:{job.id}".encode()}


async def test_it_is_told_once(chat: Chat) -> None:
    _, job = await leeched(chat)
    chat.finish(job)
    for _ in range(3):
        await chat.bot.teller.tell()
        await chat.restart()
    await chat.bot.teller.tell()
    assert len(chat.said()) == 2


async def test_it_is_told_after_a_restart(chat: Chat) -> None:
    _, job = await leeched(chat)
    await chat.stop()
    chat.finish(job)
    await chat.start()
    await chat.bot.teller.tell()
    assert (await chat.answer(2)).text.startswith("Done: film.mkv")


async def test_what_was_sent_and_not_stored_is_not_sent_again(chat: Chat) -> None:
    """Killed in between."""
    _, job = await leeched(chat)
    done = chat.finish(job)
    await chat.bot.teller.tell()
    chat.jobs.stored[job.id] = done
    await chat.restart()
    await chat.bot.teller.tell()
    assert len(chat.said()) == 2
    told = chat.jobs.stored[job.id].asked
    assert told is not None
    assert told.told == done.updated


async def test_each_end_is_told(chat: Chat) -> None:
    _, job = await leeched(chat)
    chat.fail(job, "it does not answer")
    await chat.bot.teller.tell()
    await chat.queue.retry(job.id)
    await chat.bot.teller.tell()
    chat.finish(job)
    await chat.bot.teller.tell()
    assert [one.text.partition(":")[0] for one in chat.said()] == ["Queued", "Failed", "Done"]


async def test_a_flood_wait_delays_it(chat: Chat) -> None:
    _, job = await leeched(chat)
    chat.finish(job)
    flood = chat.telegram.emulator.faults.flood_wait(40, method=SEND)
    for _ in range(3):
        await chat.bot.teller.tell()
    assert flood.used == 1
    asked = chat.jobs.stored[job.id].asked
    assert asked is not None
    assert asked.told is None


async def test_where_nothing_can_be_written_any_more_it_is_given_up(chat: Chat) -> None:
    mia = chat.somebody("Mia", may=True)
    group = chat.group(mia)
    group_id = -1_000_000_000_000 - group.id
    job = (await chat.queue.add(Wanted(FILM, chat.target, mia.id, asked=chat.asked(2, group_id)))).job
    other = (await chat.queue.add(Wanted(FILM + "2", chat.target, asked=chat.asked(2)))).job
    chat.world.remove_member(group, chat.leecher)
    chat.finish(job)
    chat.finish(other)
    await chat.write("/start")
    await chat.answer()
    await chat.bot.teller.tell()
    assert len(chat.said()) == 2
    assert all(one.asked and one.asked.told for one in chat.jobs.stored.values())


async def test_who_deleted_their_message_is_told_all_the_same(chat: Chat) -> None:
    chat.links = LINKS
    message, job = await leeched(chat)
    await chat.world.delete(message)
    chat.finish(job)
    await chat.bot.teller.tell()
    assert (await chat.answer(2)).text.startswith("Done: film.mkv")


@pytest.mark.parametrize("state", [State.CANCELLED, State.PAUSED])
async def test_what_somebody_has_done_is_not_told(chat: Chat, state: State) -> None:
    _, job = await leeched(chat)
    chat.change(job, state=state)
    await chat.bot.teller.tell()
    assert len(chat.said()) == 1


async def test_what_was_asked_for_elsewhere_is_not_told(chat: Chat) -> None:
    for number, asked in enumerate((None, Asked(chat.leecher.id + 1, chat.owner.id, 1))):
        job = (await chat.queue.add(Wanted(f"{FILM}?{number}", chat.target, chat.owner.id, asked=asked))).job
        chat.finish(job)
    await chat.bot.teller.tell()
    assert calls(chat) == 0


async def test_more_ends_than_a_page_of_the_database_are_told(chat: Chat) -> None:
    await chat.write("/start")
    await chat.answer()
    for number in range(450):
        asked = chat.asked(1) if number % 150 == 149 else None
        job = (await chat.queue.add(Wanted(f"{FILM}?{number}", chat.target, chat.owner.id, asked=asked))).job
        chat.finish(job)
    await chat.bot.teller.tell()
    assert sum(one.text.startswith("Done") for one in chat.said()) == 3


async def test_while_the_database_does_not_answer_it_is_told_later(chat: Chat) -> None:
    _, job = await leeched(chat)
    chat.finish(job)
    chat.jobs.failing = True
    await chat.bot.teller.tell()
    assert len(chat.said()) == 1
    chat.jobs.failing = False
    await chat.bot.teller.tell()
    assert len(chat.said()) == 2


def calls(chat: Chat) -> int:
    return int(chat.telegram.emulator.counters.value("calls", method=SEND))


async def test_a_chat_that_fails_keeps_no_other_waiting(chat: Chat) -> None:
    await chat.write("/start")
    await chat.answer()
    group = chat.group()
    group_id = -1_000_000_000_000 - group.id
    for number, asked in enumerate((chat.asked(2, group_id), chat.asked(1))):
        job = (await chat.queue.add(Wanted(f"{FILM}?{number}", chat.target, chat.owner.id, asked=asked))).job
        chat.finish(job, name=f"{number}.mkv")
    chat.telegram.emulator.faults.error(500, "INTERNAL", method=SEND, channel=group.id)
    await chat.bot.teller.tell()
    assert chat.said()[1:] == chat.said(group) == [], "one failure ends the round, as Telegram may be away"
    chat.telegram.emulator.faults.lift_all()
    chat.telegram.emulator.faults.flood_wait(600, method=SEND, channel=group.id)
    await chat.bot.teller.tell()
    assert [one.text.split("\n")[0] for one in chat.said()[1:]] == ["Done: 1.mkv"]
    assert chat.said(group) == []


async def test_many_ends_come_no_faster_than_a_chat_takes_them(chat: Chat) -> None:
    """500 dead links in one file end within a minute."""
    mia = chat.somebody("Mia", may=True)
    for person in (chat.owner, mia):
        await chat.write("/start", person)
        await chat.answer(reader=person)
    for number in range(16):
        asked = chat.asked(1, mia.id if number == 15 else chat.owner.id)
        job = (await chat.queue.add(Wanted(f"{FILM}?{number}", chat.target, chat.owner.id, asked=asked))).job
        chat.fail(job, "there is no such file")
    told = []
    for _ in range(4):
        await chat.bot.teller.tell()
        told.append((len(chat.said()) - 1, len(chat.said(mia)) - 1))
        chat.pass_time(6)
    assert told == [(10, 1), (12, 1), (14, 1), (15, 1)]


async def test_a_job_of_the_future_hides_no_other(chat: Chat) -> None:
    """Another process, whose clock is an hour early, has changed a job."""
    _, job = await leeched(chat)
    other = (await chat.queue.add(Wanted(f"{FILM}?2", chat.target, chat.owner.id))).job
    chat.change(other, updated=other.updated + 3600)
    await chat.bot.teller.tell()
    chat.finish(job)
    await chat.bot.teller.tell()
    assert (await chat.answer(2)).text.startswith("Done: film.mkv")
