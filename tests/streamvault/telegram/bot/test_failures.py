"""The bot during flood waits, refusals by Telegram and an absent catalog."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.telegram.bot import vault
from streamvault.telegram.updates.index_queue import STORING
from tests.support.bot_stage import PAUSE, Stage, assert_links, assert_one_sentence, bot_stage, origin_of
from tests.support.stack import HOME_DC
from tests.support.waiting import until


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path) as opened:
        yield opened


async def test_a_short_flood_wait_is_waited_for_once(stage: Stage) -> None:
    stage.telegram.emulator.faults.flood_wait(7, method="messages.sendMessage", times=1)
    await stage.write(file=stage.file())
    await stage.answer()
    assert stage.slept == pytest.approx([7], abs=1)
    assert len(stage.kept()) == 1


async def test_answers_to_an_owner_wait_for_the_end_of_a_long_flood(stage: Stage) -> None:
    stage.telegram.emulator.faults.flood_wait(600, method="messages.sendMessage", times=1)
    await stage.write(file=stage.file())
    await stage.answer()
    assert stage.slept == pytest.approx([600], abs=1)
    assert_links(stage, stage.answers()[0].text, origin_of(stage.telegram.vault, stage.kept()[0]))


def hold_floods(stage: Stage, monkeypatch: pytest.MonkeyPatch, *, until: asyncio.Event) -> None:
    """The bot's flood waits last until `until` is set."""
    pass_time = stage._sleep

    async def sleep(seconds: float) -> None:
        await until.wait()
        await pass_time(seconds)

    monkeypatch.setattr(stage.bot._outbox, "_sleep", sleep)


async def test_links_that_wait_for_a_flood_share_a_message(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    over = asyncio.Event()

    hold_floods(stage, monkeypatch, until=over)
    stage.telegram.emulator.faults.flood_wait(30, method="messages.sendMessage")
    for number in range(30):
        await stage.write(file=stage.file(f"{number}.mp4", seed=number + 1))
    await until(lambda: len(stage.kept()) == 30, pause=PAUSE)
    await until(lambda: sum(len(one.files) for one in stage.bot._outbox._waiting) == 30, pause=PAUSE)
    assert stage.answers() == []
    over.set()
    texts = await until(lambda: _all_texts(stage, 30), pause=PAUSE)
    assert [f"{number}.mp4" in "".join(texts) for number in range(30)] == [True] * 30
    assert len(texts) < 15


def _all_texts(stage: Stage, links: int) -> list[str]:
    texts = [one.text for one in stage.answers()]
    return texts if "".join(texts).count("Watch: ") == links else []


async def test_people_who_are_no_owners_get_one_answer_and_delay_nobody(stage: Stage) -> None:
    stranger = stage.world.add_user("+15550177", first_name="Eve", home_dc=HOME_DC)
    for _ in range(60):
        await stage.write(stranger, text="hi")
    await stage.write(file=stage.file())
    await until(lambda: any("Watch: " in one.text for one in stage.answers()), pause=PAUSE)
    await stage.settled()
    assert len(stage.answers(stranger)) == 1
    assert stage.slept == []


async def test_nobody_but_owners_is_answered_during_a_flood(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    over = asyncio.Event()

    hold_floods(stage, monkeypatch, until=over)
    stranger = stage.world.add_user("+15550177", first_name="Eve", home_dc=HOME_DC)
    stage.telegram.emulator.faults.flood_wait(30, method="messages.sendMessage")
    await stage.write(file=stage.file())
    await until(lambda: stage.bot._outbox._flooded, pause=PAUSE)
    await stage.write(stranger, text="hi")
    await stage.write(text="/help")
    await until(lambda: len(stage.bot._outbox._waiting) == 2, pause=PAUSE)
    over.set()
    await stage.answer(2)
    await stage.settled()
    assert stage.answers(stranger) == []


async def test_the_answer_to_a_flood_wait_of_the_copy_names_its_seconds(stage: Stage) -> None:
    stage.telegram.emulator.faults.flood_wait(600, method="messages.sendMedia")
    await stage.write(file=stage.file())
    text = (await stage.answer()).text
    assert re.fullmatch(r"Telegram asks me to wait \d+ seconds: .*", text)
    assert stage.kept() == []


async def test_the_answer_to_a_caption_that_is_too_long(stage: Stage) -> None:
    await stage.write(file=stage.file(), text="x" * 1025)
    await assert_one_sentence(stage, vault.TOO_LONG)


async def test_the_answer_to_an_unknown_error_names_its_code(stage: Stage) -> None:
    stage.telegram.emulator.faults.error(400, "NEVER_HEARD_OF_IT", method="messages.sendMedia", times=1)
    await stage.write(file=stage.file())
    await assert_one_sentence(stage, "Telegram refused to copy this file (NEVER_HEARD_OF_IT).")


async def test_with_a_closed_catalog_the_sender_gets_links_and_it_is_reported(stage: Stage) -> None:
    await stage.catalog.__aexit__(None, None, None)
    await stage.world.post(stage.telegram.films, file=stage.file())
    await stage.write(file=stage.file())
    assert_links(stage, (await stage.answer()).text, origin_of(stage.telegram.vault, stage.kept()[0]))
    await until(lambda: (STORING, True) in stage.failing, pause=PAUSE)
