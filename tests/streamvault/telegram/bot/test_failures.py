"""The bot during flood waits, refusals by Telegram and an absent catalog."""

import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.telegram.bot import vault
from tests.support.bot_stage import PAUSE, Stage, assert_links, assert_one_sentence, bot_stage, origin_of
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


async def test_an_answer_is_given_up_at_a_long_flood_wait(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    stage.telegram.emulator.faults.flood_wait(600, method="messages.sendMessage", times=1)
    await stage.write(file=stage.file())
    await until(lambda: any("could not be sent" in record.getMessage() for record in caplog.records), pause=PAUSE)
    stage.telegram.emulator.faults.lift_all()
    await stage.write(text="/help")
    await until(
        lambda: len([one for one in caplog.records if "could not be sent" in one.getMessage()]) == 2, pause=PAUSE
    )
    assert stage.slept == []
    assert stage.answers() == []
    assert stage.telegram.emulator.counters.value("calls", method="messages.sendMessage") == 1


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


async def test_with_a_closed_catalog_the_sender_gets_links_and_it_is_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.catalog.__aexit__(None, None, None)
    await stage.world.post(stage.telegram.films, file=stage.file())
    await stage.write(file=stage.file())
    assert_links(stage, (await stage.answer()).text, origin_of(stage.telegram.vault, stage.kept()[0]))
    await until(
        lambda: any("indexing waits for the database" in one.getMessage() for one in caplog.records), pause=PAUSE
    )
