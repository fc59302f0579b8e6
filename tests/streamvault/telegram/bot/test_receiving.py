"""Files that owners have sent to the bot are copied and answered once, whatever the process has done by its end."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pyrogram import errors as rpc

from streamvault.catalog.sqlite.catalog import SqliteCatalog
from streamvault.errors import CatalogError, SourceUnavailable
from streamvault.indexing.received import PREFIX
from streamvault.telegram.bot import intake, receiving
from tests.support.bot_stage import PAUSE, Stage, assert_links, bot_stage, hold_floods, origin_of
from tests.support.waiting import until

SEND_MEDIA, SEND_MESSAGE, READ = "messages.sendMedia", "messages.sendMessage", "messages.getMessages"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path) as opened:
        yield opened


async def marked(stage: Stage) -> dict[str, str]:
    return {name: value for name, value in (await stage.catalog.marks()).items() if name.startswith(PREFIX)}


async def all_answered(stage: Stage) -> None:
    """Wait until no mark is left."""

    async def none_left() -> bool:
        return not await marked(stage)

    await until(none_left, pause=PAUSE)


async def waiting(stage: Stage, count: int) -> None:
    """Wait until so many files are marked."""

    async def look() -> bool:
        return len(await marked(stage)) == count

    await until(look, pause=PAUSE)


def linked(stage: Stage) -> list[str]:
    """The names of the files that were answered with links, in order."""
    texts = "\n".join(one.text for one in stage.answers())
    return re.findall(r"^(\S+\.(?:mp4|mkv|flac|pdf))$", texts, re.MULTILINE)


async def begun_during_a_flood(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, method: str, send: Callable[[], Any], *, after: int = 0
) -> None:
    """`send` something whose `method` meets a flood wait that does not end while the bot runs."""
    hold_floods(stage, monkeypatch, until=asyncio.Event())
    stage.telegram.emulator.faults.flood_wait(3600, method=method, after=after)
    await send()
    await until(lambda: stage.bot._outbox._floods.running, pause=PAUSE)


async def again(stage: Stage) -> None:
    """Start once more, an hour later."""
    await stage.stop()
    stage.telegram.emulator.faults.lift_all()
    await stage.start()


@pytest.mark.parametrize("names", [["film.mp4"], ["a.mkv", "b.flac", "c.pdf"]])
async def test_what_was_not_copied_is_copied_after_the_next_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    """F: and its sender gets the links."""

    async def send() -> None:
        for number, name in enumerate(names):
            await stage.write(file=stage.file(name, seed=number + 1))

    await begun_during_a_flood(stage, monkeypatch, SEND_MEDIA, send)
    await waiting(stage, len(names))
    assert stage.kept() == []
    await again(stage)
    await all_answered(stage)
    assert [one.file.name for one in stage.kept()] == names
    assert linked(stage) == names
    await again(stage)
    await stage.settled()
    assert [one.file.name for one in stage.kept()] == names
    assert linked(stage) == names


async def test_what_was_copied_and_not_answered_is_answered_after_the_next_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F"""
    await begun_during_a_flood(stage, monkeypatch, SEND_MESSAGE, lambda: stage.write(file=stage.file()))
    await again(stage)
    answer = await stage.answer()
    await all_answered(stage)
    assert len(stage.kept()) == 1
    assert_links(stage, answer.text, origin_of(stage.telegram.vault, stage.kept()[0]))


async def test_an_album_goes_on_where_it_was(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """F: the files that were copied are not copied again, and the caption is that of all."""

    async def send() -> None:
        stage.write_album([stage.file(f"{number}.mp4", seed=number) for number in range(1, 4)], ["Regatta"])

    await begun_during_a_flood(stage, monkeypatch, SEND_MEDIA, send, after=1)
    await waiting(stage, 3)
    assert [one.file.name for one in stage.kept()] == ["1.mp4"]
    await again(stage)
    await all_answered(stage)
    assert [(one.file.name, one.text) for one in stage.kept()] == [(f"{n}.mp4", "Regatta") for n in range(1, 4)]
    assert "\n".join(one.text for one in stage.answers()).count("Watch: ") == 3


async def test_a_message_that_is_gone_is_forgotten(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """F"""
    sent: list[Any] = []

    async def send() -> None:
        sent.append(await stage.write(file=stage.file()))

    await begun_during_a_flood(stage, monkeypatch, SEND_MEDIA, send)
    await waiting(stage, 1)
    await stage.stop()
    sent[0].deleted = True
    stage.telegram.emulator.faults.lift_all()
    await stage.start()
    await all_answered(stage)
    await stage.settled()
    assert (stage.kept(), linked(stage)) == ([], [])


async def test_a_flood_while_messages_are_read_again_is_waited_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F"""
    await begun_during_a_flood(stage, monkeypatch, SEND_MEDIA, lambda: stage.write(file=stage.file()))
    await waiting(stage, 1)
    await stage.stop()
    stage.telegram.emulator.faults.lift_all()
    stage.telegram.emulator.faults.flood_wait(600, method=READ, times=1)
    await stage.start()
    await stage.answer()
    await all_answered(stage)
    assert len(stage.kept()) == 1
    assert stage.slept[0] == pytest.approx(600, abs=1)


async def test_messages_that_cannot_be_read_again_stay_for_the_next_start(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F"""
    await begun_during_a_flood(stage, monkeypatch, SEND_MEDIA, lambda: stage.write(file=stage.file()))
    await waiting(stage, 1)
    await stage.stop()
    stage.telegram.emulator.faults.lift_all()
    stage.telegram.emulator.faults.error(400, "PEER_ID_INVALID", method=READ, times=1)
    await stage.start()
    await until(lambda: stage.bot._receiving._resuming and stage.bot._receiving._resuming.done(), pause=PAUSE)
    await stage.settled()
    assert (stage.kept(), len(await marked(stage))) == ([], 1)
    await again(stage)
    await all_answered(stage)
    assert linked(stage) == ["film.mp4"]


async def test_a_copy_that_was_sent_and_not_stored_is_found_in_the_vault(stage: Stage) -> None:
    """F: neither row nor mark nor update state were stored; Telegram delivers the message again."""
    await stage.catalog.__aexit__(None, None, None)
    await stage.write(file=stage.file())
    await stage.answer()
    await stage.stop()
    async with SqliteCatalog(stage.settings.data_dir.parent / "catalog.db") as stage.catalog:
        await stage.start()
        [kept] = stage.kept()
        await stage.row(origin_of(stage.telegram.vault, kept))
        await until(lambda: stage.bot._intake.empty and stage.bot._outbox.empty, pause=PAUSE)
        await all_answered(stage)
        await stage.settled()
        assert (len(stage.kept()), linked(stage)) == (1, ["film.mp4"])
        assert_links(stage, stage.answers()[0].text, origin_of(stage.telegram.vault, kept))
        await stage.stop()


async def test_what_a_former_owner_sent_is_forgotten(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """F"""
    await begun_during_a_flood(stage, monkeypatch, SEND_MEDIA, lambda: stage.write(file=stage.file()))
    await waiting(stage, 1)
    stage.settings = stage.settings.model_copy(update={"owner_ids": frozenset({stage.telegram.owner.id + 1})})
    await again(stage)
    await all_answered(stage)
    assert (stage.kept(), stage.answers()) == ([], [])


async def test_a_file_that_is_refused_is_told_of_once(stage: Stage) -> None:
    """F: it is not tried again after the next start."""
    stage.telegram.emulator.faults.error(400, "CHAT_FORWARDS_RESTRICTED", method=SEND_MEDIA)
    await stage.write(file=stage.file())
    await stage.answer()
    await all_answered(stage)
    await again(stage)
    await stage.settled()
    assert (stage.kept(), linked(stage)) == ([], [])


async def reconnected(stage: Stage) -> None:
    """What the server does at each connection, until it is done."""
    assert stage.accounts is not None
    await stage.bot.start(stage.accounts.main.client)
    await until(lambda: stage.bot._receiving._resuming and stage.bot._receiving._resuming.done(), pause=PAUSE)


def cut_off(stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """No answer reaches Telegram."""

    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(stage.bot._outbox, "_send", fail)


OUTAGES = [SourceUnavailable("lost"), ConnectionResetError("lost"), TimeoutError(), rpc.SessionRevoked(), KeyError("x")]


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("names", [["film.mp4"], ["a.mkv", "b.flac"]], ids=len)
@pytest.mark.parametrize("restarted", [True, False])
async def test_links_that_an_outage_kept_back_are_sent_at_the_next_connection(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, outage: Exception, names: list[str], restarted: bool
) -> None:
    with monkeypatch.context() as during:
        cut_off(stage, during, outage)
        for number, name in enumerate(names):
            await stage.write(file=stage.file(name, seed=number + 1))
        await until(lambda: len(stage.kept()) == len(names), pause=PAUSE)
        await until(lambda: stage.bot._intake.empty and stage.bot._outbox.empty, pause=PAUSE)
    await waiting(stage, len(names))
    await (again(stage) if restarted else reconnected(stage))
    await all_answered(stage)
    await stage.settled()
    assert (sorted(linked(stage)), len(stage.kept())) == (sorted(names), len(names))


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda one: type(one).__name__)
async def test_a_refusal_that_an_outage_kept_back_is_made_up_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, outage: Exception
) -> None:
    """The copy works by then."""
    stage.telegram.emulator.faults.error(400, "CHAT_WRITE_FORBIDDEN", method=SEND_MEDIA)
    with monkeypatch.context() as during:
        cut_off(stage, during, outage)
        await stage.write(file=stage.file())
        await waiting(stage, 1)
        await until(lambda: stage.bot._intake.empty and stage.bot._outbox.empty, pause=PAUSE)
    stage.telegram.emulator.faults.lift_all()
    assert (stage.kept(), len(await marked(stage))) == ([], 1)
    await reconnected(stage)
    await all_answered(stage)
    assert (linked(stage), len(stage.kept())) == (["film.mp4"], 1)


async def test_an_answer_that_telegram_refuses_is_not_sent_again(stage: Stage) -> None:
    stage.telegram.emulator.faults.error(400, "USER_IS_BLOCKED", method=SEND_MESSAGE)
    await stage.write(file=stage.file())
    await until(lambda: stage.kept() and stage.bot._intake.empty and stage.bot._outbox.empty, pause=PAUSE)
    await all_answered(stage)
    await again(stage)
    await stage.settled()
    assert linked(stage) == []


@pytest.mark.parametrize("remembered", [1, 4])
async def test_queued_files_are_neither_refused_nor_forgotten_at_a_reconnection(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    """More files than may wait came in, and the others were refused."""
    monkeypatch.setattr(receiving, "REMEMBERED_MESSAGES", remembered)
    monkeypatch.setattr(intake, "MAX_WAITING", 4)
    over = asyncio.Event()
    hold_floods(stage, monkeypatch, until=over)
    stage.telegram.emulator.faults.flood_wait(3600, method=SEND_MEDIA, times=1)
    for number in range(7):
        await stage.write(file=stage.file(f"{number}.mp4", seed=number + 1))

    def refusals() -> int:
        return [one.text for one in stage.answers()].count(intake.FULL)

    await until(lambda: refusals() == 3, pause=PAUSE)
    await waiting(stage, 4)
    await reconnected(stage)
    await until(lambda: stage.bot._outbox.empty, pause=PAUSE)
    assert (stage.bot._intake._files, refusals(), len(await marked(stage))) == (4, 3, 4)
    over.set()
    await all_answered(stage)
    assert linked(stage) == [f"{number}.mp4" for number in range(4)]
    assert [one.file.name for one in stage.kept()] == linked(stage)


def never_stored(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the process ended each time between an answer and the deletion of its marks."""

    async def fail(_: object) -> None:
        raise CatalogError("the database is away")

    monkeypatch.setattr(stage.bot.index.received, "answered", fail)


async def test_links_whose_marks_were_not_deleted_are_not_sent_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["a.mkv", "b.flac", "c.pdf"]
    never_stored(stage, monkeypatch)
    for number, name in enumerate(names):
        await stage.write(file=stage.file(name, seed=number + 1))
        await stage.answer(number + 1)
    await waiting(stage, 3)
    await again(stage)
    await all_answered(stage)
    await stage.settled()
    assert linked(stage) == names


@pytest.mark.parametrize("refused", [True, False])
async def test_links_of_an_album_whose_marks_were_not_deleted_are_not_sent_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, refused: bool
) -> None:
    """Nor if they were sent without buttons, as Telegram had refused those."""
    never_stored(stage, monkeypatch)
    names = [f"{number}.mp4" for number in range(1, 5)]
    await stage.write(file=stage.file("0.mp4", seed=9))
    await stage.answer()
    if refused:
        stage.telegram.emulator.faults.error(400, "BUTTON_URL_INVALID", method=SEND_MESSAGE, times=1)
    stage.write_album([stage.file(name, seed=number + 1) for number, name in enumerate(names)])
    await stage.answer(2)
    await waiting(stage, 5)
    await stage.stop()
    if refused:
        stage.telegram.emulator.faults.error(400, "BUTTON_URL_INVALID", method=SEND_MESSAGE, after=1, times=1)
    await stage.start()
    await all_answered(stage)
    await stage.settled()
    assert linked(stage) == ["0.mp4", *names]


async def test_links_that_shared_a_message_after_a_flood_are_not_sent_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_stored(stage, monkeypatch)
    over = asyncio.Event()
    hold_floods(stage, monkeypatch, until=over)
    stage.telegram.emulator.faults.flood_wait(30, method=SEND_MESSAGE)
    names = [f"{number}.mp4" for number in range(30)]
    for number, name in enumerate(names):
        await stage.write(file=stage.file(name, seed=number + 1))
    await until(lambda: sum(len(one.files) for one in stage.bot._outbox._waiting) == 30, pause=PAUSE)
    over.set()
    await until(lambda: linked(stage) == names, pause=PAUSE)
    await again(stage)
    await all_answered(stage)
    await stage.settled()
    assert linked(stage) == names


async def test_an_answer_whose_receipt_was_lost_is_repeated_as_it_was(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram took it, and more files were copied meanwhile."""
    send = stage.bot._outbox._send
    copied = asyncio.Event()

    async def lose_the_first(*answer: Any) -> None:
        await send(*answer)
        if not copied.is_set():
            await until(lambda: len(stage.kept()) == 3 and stage.bot._intake.empty, pause=PAUSE)
            copied.set()
            raise TimeoutError

    monkeypatch.setattr(stage.bot._outbox, "_send", lose_the_first)
    names = [f"{number}.mp4" for number in range(3)]
    for number, name in enumerate(names):
        await stage.write(file=stage.file(name, seed=number + 1))
    await until(lambda: set(linked(stage)) == set(names) and stage.bot._outbox.empty, pause=PAUSE)
    await all_answered(stage)
    await stage.settled()
    assert linked(stage) == names


async def test_a_refusal_that_was_sent_does_not_keep_links_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner is told that it failed, the marks are not deleted, and the next start copies the file."""
    never_stored(stage, monkeypatch)
    stage.telegram.emulator.faults.error(400, "CHAT_WRITE_FORBIDDEN", method=SEND_MEDIA)
    await stage.write(file=stage.file())
    await stage.answer()
    await waiting(stage, 1)
    await again(stage)
    await all_answered(stage)
    assert linked(stage) == ["film.mp4"]


async def test_a_refusal_whose_marks_were_not_deleted_is_not_sent_twice(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_stored(stage, monkeypatch)
    stage.telegram.emulator.faults.error(400, "CHAT_WRITE_FORBIDDEN", method=SEND_MEDIA)
    stage.write_album([stage.file(f"{number}.mp4", seed=number) for number in range(1, 4)])
    refusal = await stage.answer()
    await waiting(stage, 3)
    await stage.stop()
    await stage.start()
    await all_answered(stage)
    await stage.settled()
    assert [one.text for one in stage.answers()].count(refusal.text) == 1
