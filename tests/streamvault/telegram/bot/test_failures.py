"""The bot during flood waits, refusals by Telegram and an absent catalog."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.telegram.bot import intake, vault
from streamvault.telegram.updates.index_queue import STORING
from tests.support.bot_stage import PAUSE, Stage, assert_links, assert_one_sentence, bot_stage, hold_floods, origin_of
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
    await until(lambda: stage.bot._outbox._floods.running, pause=PAUSE)
    await stage.write(stranger, text="hi")
    await stage.write(text="/help")
    await until(lambda: len(stage.bot._outbox._waiting) == 2, pause=PAUSE)
    over.set()
    await stage.answer(2)
    await stage.settled()
    assert stage.answers(stranger) == []


SEND_MEDIA = "messages.sendMedia"


async def test_copies_wait_for_the_end_of_any_flood_and_keep_their_order(stage: Stage) -> None:
    """F: 20 messages a minute are allowed, then FLOOD_WAIT 30; an owner sends 30 films -> 30 links."""
    for method in (SEND_MEDIA, "messages.sendMessage"):
        stage.telegram.emulator.faults.rate_limit(20, per=60, seconds=30, method=method)
    for number in range(30):
        await stage.write(file=stage.file(f"{number}.mp4", seed=number + 1))
    found = await until(lambda: _all_texts(stage, 30), timeout=60, pause=PAUSE)
    assert [one.file.name for one in stage.kept()] == [f"{number}.mp4" for number in range(30)]
    assert re.findall(r"^(\d+)\.mp4$", "\n".join(found), re.MULTILINE) == [str(number) for number in range(30)]
    assert stage.slept
    assert stage.telegram.emulator.counters.value("early_calls") == 0


async def test_files_that_wait_for_a_flood_are_answered_together(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """F: several files in one message by then, of each owner's chat its own."""
    over = asyncio.Event()
    hold_floods(stage, monkeypatch, until=over)
    stage.telegram.emulator.faults.flood_wait(30, method=SEND_MEDIA)
    for number in range(12):
        await stage.write(file=stage.file(f"{number}.mp4", seed=number + 1))
    await until(lambda: stage.bot._intake._files == 12, pause=PAUSE)
    assert stage.kept() == []
    over.set()
    found = await until(lambda: _all_texts(stage, 12), pause=PAUSE)
    assert len(found) < 6


async def test_a_stranger_is_not_answered_while_copies_wait(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """F: a stranger sends 60 x "hi" into an owner's flood wait."""
    over = asyncio.Event()
    hold_floods(stage, monkeypatch, until=over)
    stranger = stage.world.add_user("+15550177", first_name="Eve", home_dc=HOME_DC)
    stage.telegram.emulator.faults.flood_wait(30, method=SEND_MEDIA)
    await stage.write(file=stage.file())
    await until(lambda: stage.bot._intake._floods.running, pause=PAUSE)
    for _ in range(60):
        await stage.write(stranger, text="hi")
    await stage.write(text="/help")
    await stage.answer()
    over.set()
    await stage.settled()
    assert stage.answers(stranger) == []
    assert len(stage.kept()) == 1


async def test_a_file_that_cannot_be_copied_does_not_cost_the_others_of_its_album(stage: Stage) -> None:
    """E: one file of an album is refused; the others are kept, and the reason is told once."""
    stage.telegram.emulator.faults.error(400, "CHAT_FORWARDS_RESTRICTED", method=SEND_MEDIA, after=1, times=2)
    stage.write_album([stage.file(f"part {number}.mp4", seed=number) for number in range(1, 6)])
    await stage.settled()
    assert [one.file.name for one in stage.kept()] == ["part 1.mp4", "part 4.mp4", "part 5.mp4"]
    told = [one.text for one in stage.answers()]
    assert told.count(vault.PROTECTED) == 1
    assert "".join(told).count("Watch: ") == 3


async def test_more_files_than_can_wait_are_refused_with_a_sentence(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F: nothing is dropped silently."""
    over = asyncio.Event()
    hold_floods(stage, monkeypatch, until=over)
    monkeypatch.setattr(intake, "MAX_WAITING", 2)
    stage.telegram.emulator.faults.flood_wait(30, method=SEND_MEDIA)
    for number in range(3):
        await stage.write(file=stage.file(f"{number}.mp4", seed=number + 1))
    assert (await stage.answer()).text == intake.FULL
    over.set()
    await stage.settled()
    assert [one.file.name for one in stage.kept()] == ["0.mp4", "1.mp4"]


async def test_what_is_linked_and_was_not_copied_at_the_end_is_named_in_the_log(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """F: nothing is dropped silently; what was sent itself is copied after the next start."""
    hold_floods(stage, monkeypatch, until=asyncio.Event())
    stage.telegram.emulator.faults.flood_wait(3600, method=SEND_MEDIA)
    sent = await stage.write(file=stage.file())
    await until(lambda: stage.bot._intake._floods.running, pause=PAUSE)
    asked = await stage.write(text="/link", reply_to=sent)
    await until(lambda: stage.bot._intake._files == 2, pause=PAUSE)
    await stage.stop()
    assert f"1 files of message {stage.telegram.owner.id}/{asked.id} were not copied" in caplog.text
    assert f"message {stage.telegram.owner.id}/{sent.id} were not copied" not in caplog.text


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
