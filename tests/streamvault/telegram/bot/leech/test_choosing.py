"""Choosing among the entries of a source by buttons."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamvault.leech import transitions
from streamvault.leech.choice import ChoiceNeeded, Choosable, asking
from streamvault.leech.model import Job, Lease, Options, State, Transfer
from streamvault.telegram.bot.leech import choice_words, wording
from streamvault.telegram.bot.leech.choice_words import PAGE
from streamvault.telegram.bot.leech.choosing import EDIT_SECONDS, IN_GROUPS
from tests.streamvault.telegram.bot.leech.test_board import EDIT, calls
from tests.streamvault.telegram.bot.leech.test_managing import forge
from tests.support.leech_chat import Chat, buttons, leech_chat
from tests.support.waiting import until

LIST = "https://example.org/list"
NASTY = "Серия </b>\u202e" + "ж" * 300


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with leech_chat(tmp_path) as opened:
        yield opened


async def asks(chat: Chat, count: int, *, sender: Any = None, group: Any = None) -> tuple[Job, Any]:
    """A job whose worker found so many entries, and the question about them."""
    if group is None:
        await chat.write(f"/yl {LIST} -s", sender)
        await chat.answer(reader=sender)
    else:
        chat.say(group, f"/yl {LIST} -s")
        await chat.answer(reader=group)
    [job] = [one for one in chat.open() if one.options.choose]
    entries = [Choosable(n, f"{NASTY} {n}", 5000 if n == 1 else None) for n in range(1, count + 1)]
    held = replace(job, state=State.READING, lease=Lease("w", 1.0, 1), fence=1)
    transfer = asking(Transfer(), ChoiceNeeded(entries, "Garden & more"))
    found = transitions.choosing(replace(held, transfer=transfer), now=job.updated + 1)
    job = chat.change(job, **{name: getattr(found, name) for name in ("state", "reason", "transfer", "updated")})
    before = len(chat.said(group or sender))
    for _ in range(2):
        await chat.bot.teller.tell()
    said = chat.said(group or sender)
    assert len(said) == before + 1, "it is asked once"
    return job, said[-1]


async def press(chat: Chat, message: Any, label: str, *, user: Any = None) -> Any:
    """Press the button whose label begins so; what it says."""
    [data] = [data for text, data in buttons(message).items() if text.startswith(label)]
    return (await chat.world.press(user or chat.owner, message, data)).message


def select(chat: Chat, job: Job) -> tuple[int, ...]:
    return chat.jobs.stored[job.id].options.select


async def test_entries_are_picked_over_pages_and_restarts_and_the_job_starts(chat: Chat) -> None:
    job, message = await asks(chat, PAGE + 3)
    assert job.options == Options(ytdlp=True, choose=True)
    assert message.text == f"Which entries of Garden & more?\n0 of {PAGE + 3} chosen, page 1 of 2"
    labels = list(buttons(message))
    assert labels[0].startswith(f"{choice_words.OFF} 1. Серия </b>")
    assert labels[0].endswith("\u2026 (4.9 KiB)")
    assert labels[PAGE:] == ["Back", "More", f"All {PAGE + 3}", "Start (0)", "Cancel"]
    assert all(len(label.encode("utf-16-le")) <= 2 * choice_words.LABEL for label in labels)
    assert all(len(data) <= 64 for data in buttons(message).values())
    assert await press(chat, message, "Start") == choice_words.NONE_PICKED
    await press(chat, message, f"{choice_words.OFF} 2.")
    await chat.restart()
    await press(chat, message, "More")
    await chat.bot.choosing.refresh()
    assert "1 of 11 chosen, page 2 of 2" in message.text
    await press(chat, message, f"{choice_words.OFF} 11.")
    chat.pass_time(EDIT_SECONDS)
    await chat.bot.choosing.refresh()
    assert any(label.startswith(f"{choice_words.ON} 11.") for label in buttons(message))
    assert select(chat, job) == (2, 11)
    assert await press(chat, message, "Start") == wording.RESUMED
    chat.pass_time(EDIT_SECONDS)
    await chat.bot.choosing.refresh()
    assert (message.text, buttons(message)) == ("2 entries chosen of list.", {})
    started = chat.jobs.stored[job.id]
    assert (started.state, started.options) == (State.QUEUED, Options(ytdlp=True, select=(2, 11)))


async def test_many_presses_are_few_edits_and_none_with_the_same_text(chat: Chat) -> None:
    job, message = await asks(chat, 5)
    old = dict(buttons(message))
    for _ in range(3):
        for number in range(1, 5):
            data = old[next(label for label in old if f" {number}. " in label)]
            await chat.world.press(chat.owner, message, data)
            await chat.bot.choosing.refresh()
    assert (calls(chat, EDIT), select(chat, job)) == (1, (1, 2, 3, 4))
    chat.pass_time(EDIT_SECONDS)
    await chat.bot.choosing.refresh()
    assert calls(chat, EDIT) == 2
    assert "4 of 5 chosen" in message.text
    await press(chat, message, "All 5")
    chat.pass_time(EDIT_SECONDS)
    await chat.bot.choosing.refresh()
    assert select(chat, job) == (1, 2, 3, 4, 5)
    assert "None" in buttons(message)
    for data in (old["All 5"], old["All 5"]):
        await chat.world.press(chat.owner, await forge(chat, chat.owner, data), data)
    edits = calls(chat, EDIT)
    chat.pass_time(60)
    await press(chat, message, "None")
    await press(chat, message, "None")
    await chat.world.press(chat.owner, message, buttons(message)["None"])
    await chat.bot.choosing.refresh()
    assert select(chat, job) == ()
    assert calls(chat, EDIT) == edits + 3, "of this message one, and of each forged one"


async def test_only_who_asked_presses(chat: Chat) -> None:
    """Owners neither, who may change the job otherwise."""
    mia, zoe = chat.somebody("Mia", may=True), chat.somebody("Zoe", may=True)
    job, message = await asks(chat, 3, sender=mia)
    start, first = buttons(message)["Start (0)"], next(iter(buttons(message).values()))
    for presser in (zoe, chat.owner):
        for data in (first, start):
            answered = await chat.world.press(presser, await forge(chat, presser, data), data)
            assert answered.message == wording.NOT_YOURS
    chat.desk.members.discard(mia.id)
    assert (await chat.world.press(mia, message, first)).message == wording.NOT_YOURS
    chat.desk.members.add(mia.id)
    wrong = (b"pick:", b"pick:../x:t1.0", first[:-3], first + b"9" * 30, b"pick:" + b"0" * 16 + b":t1.0")
    for data in wrong:
        answered = await chat.world.press(mia, await forge(chat, mia, data), data)
        assert answered.message == choice_words.OVER, data
    assert select(chat, job) == ()
    assert await press(chat, message, "Cancel", user=mia) == wording.CANCELLED
    assert await press(chat, message, f"{choice_words.OFF} 1.", user=mia) == choice_words.OVER
    await chat.bot.choosing.refresh()
    assert (message.text, buttons(message)) == ("Cancelled: Garden & more", {})


async def test_in_a_group_it_is_edited_less_often(chat: Chat) -> None:
    group = chat.group()
    job, message = await asks(chat, 2, group=group)
    for number in (1, 2):
        await press(chat, message, f"{choice_words.OFF} {number}.")
        await chat.bot.choosing.refresh()
    chat.pass_time(EDIT_SECONDS)
    await chat.bot.choosing.refresh()
    assert (calls(chat, EDIT), "1 of 2 chosen" in message.text) == (1, True)
    chat.pass_time(IN_GROUPS)
    await chat.bot.choosing.refresh()
    assert "2 of 2 chosen" in message.text
    assert select(chat, job) == (1, 2)


async def test_a_flood_wait_is_sat_out_and_the_last_state_shown(chat: Chat) -> None:
    job, message = await asks(chat, 2)
    await press(chat, message, f"{choice_words.OFF} 1.")
    flood = chat.telegram.emulator.faults.flood_wait(1, method=EDIT)
    await chat.bot.choosing.refresh()
    assert flood.used == 1
    chat.telegram.emulator.faults.lift_all()
    await press(chat, message, f"{choice_words.OFF} 2.")
    await chat.bot.choosing.refresh()
    assert "0 of 2 chosen" in message.text, "the wait is not over"

    async def shown() -> bool:
        chat.pass_time(EDIT_SECONDS)
        await chat.bot.choosing.refresh()
        return "2 of 2 chosen" in message.text

    await until(shown)
    assert select(chat, job) == (1, 2)


async def test_an_offer_leads_there_too(chat: Chat) -> None:
    await chat.write(LIST)
    offered = await chat.answer()
    assert list(buttons(offered)) == ["Leech", "By yt-dlp", "Choose entries", "No"]
    await chat.press(offered, "Choose entries")
    await chat.settled()
    assert [job.options for job in chat.open()] == [Options(ytdlp=True, choose=True)]
