"""The bot over the emulated Telegram: private messages and the answers to them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from streamvault.telegram.bot import texts, vault
from tests.support.bot_stage import Stage, assert_links, assert_one_sentence, bot_stage, origin_of, url_buttons, urls_in

NAMES = (
    "Küche & Garten.mp4",
    "東京物語 – 第1話.mkv",
    "فيلم عربي.mp4",
    "हिन्दी फ़िल्म.mp4",
    "👩‍👩‍👧 family.webm",
    "<b>bold</b> & [link](http://x.y)_under_*star*`code`~~.mp4",
    "100% #1?.mp4",
    "../../etc/passwd",
    "a" * 200 + ".映画",
)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path) as opened:
        yield opened


async def test_start_and_help_are_answered_and_registered(stage: Stage) -> None:
    await stage.write(text="/start")
    assert (await stage.answer(1)).text == texts.START
    await stage.write(text="/help")
    assert (await stage.answer(2)).text == texts.HELP
    calls = stage.telegram.emulator.counters.value("calls", method="bots.setBotCommands")
    assert calls == 1


async def test_an_owners_file_is_copied_once_and_answered_with_working_links(stage: Stage) -> None:
    sent = await stage.write(file=stage.file("harbour.mp4"), text="my caption")
    answer = await stage.answer()
    [kept] = stage.kept()
    origin = origin_of(stage.telegram.vault, kept)
    assert_links(stage, answer.text, origin)
    assert "harbour.mp4" in answer.text
    assert kept.file is sent.file
    assert kept.text == "my caption"
    assert kept.forward is None
    assert [label for label, _ in url_buttons(answer)] == ["Watch", "Download"]
    assert [url for _, url in url_buttons(answer)] == urls_in(answer.text)
    row = await stage.row(origin)
    assert (row.name, row.caption, row.size) == ("harbour.mp4", "my caption", 5000)
    assert await stage.finder.find(origin.chat_id, origin.message_id) == row
    await stage.settled()
    assert len(stage.kept()) == 1


@pytest.mark.parametrize("name", NAMES)
async def test_a_file_may_have_any_name(stage: Stage, name: str) -> None:
    await stage.write(file=stage.file(name), text="<i>cap_tion_</i> **x** [a](b)")
    answer = await stage.answer()
    [kept] = stage.kept()
    assert kept.text == "<i>cap_tion_</i> **x** [a](b)"
    assert (await stage.row(origin_of(stage.telegram.vault, kept))).name == name
    assert texts.display_name(name) in answer.text
    assert_links(stage, answer.text, origin_of(stage.telegram.vault, kept))
    shown = unquote(urlsplit(urls_in(answer.text)[-1]).path).split("/", 4)[-1]
    assert "/" not in shown
    assert len(url_buttons(answer)) == 2


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("", "Paper Moons S03E11 720p", "Paper Moons S03E11 720p.mp4"),
        ("VID_20240105_120000.mp4", "Birthday of Tim", "Birthday of Tim.mp4"),
        (".mp4", "Regatta #sail", "Regatta.mp4"),
    ],
)
async def test_a_name_that_says_nothing_gives_way_to_the_text(stage: Stage, name: str, text: str, kept: str) -> None:
    """C: in the answer, in its addresses and in the vault."""
    await stage.write(file=stage.file(name), text=text)
    answer = await stage.answer()
    assert answer.text.startswith(f"{kept}\n")
    assert unquote(urlsplit(urls_in(answer.text)[-1]).path).endswith(f"/{kept}")
    [copy] = stage.kept()
    assert (await stage.row(origin_of(stage.telegram.vault, copy))).name == kept


async def test_a_repeated_update_makes_one_copy(stage: Stage) -> None:
    assert stage.accounts is not None
    client = stage.accounts.main.client
    handle, seen = client.handle_updates, []

    async def twice(updates: Any) -> None:
        seen.append(updates)
        await handle(updates)
        await handle(updates)

    client.handle_updates = twice
    await stage.write(file=stage.file())
    await stage.answer()
    client.handle_updates = handle
    await stage.settled()
    assert seen
    assert len(stage.kept()) == 1
    assert len([one for one in stage.answers() if urls_in(one.text)]) == 1


async def test_a_caption_that_looks_like_a_command_does_not_lose_the_file(stage: Stage) -> None:
    await stage.write(file=stage.file(), text="/start")
    assert_links(stage, (await stage.answer()).text, origin_of(stage.telegram.vault, stage.kept()[0]))


@pytest.mark.parametrize("public_url", ["http://localhost:8080", "http://media:8080"])
async def test_a_host_without_a_dot_gets_text_only(tmp_path: Path, public_url: str) -> None:
    async with bot_stage(tmp_path, public_url=public_url) as stage:
        await stage.write(file=stage.file())
        answer = await stage.answer()
        assert answer.reply_markup is None
        assert len(re.findall(re.escape(public_url), answer.text)) == 2


async def test_an_answer_with_a_refused_button_is_sent_without_buttons(stage: Stage) -> None:
    stage.telegram.emulator.faults.error(400, "BUTTON_URL_INVALID", method="messages.sendMessage", times=1)
    await stage.write(file=stage.file())
    answer = await stage.answer()
    assert url_buttons(answer) == []
    assert_links(stage, answer.text, origin_of(stage.telegram.vault, stage.kept()[0]))


async def test_with_public_access_links_need_no_token(tmp_path: Path) -> None:
    async with bot_stage(tmp_path, public_access=True) as stage:
        await stage.write(file=stage.file())
        assert "token" not in (await stage.answer()).text


async def test_an_album_gets_one_answer_with_a_link_for_each(stage: Stage) -> None:
    stage.write_album([stage.file(f"part {number}.mp4", seed=number) for number in range(1, 5)])
    await stage.settled()
    [links] = [one for one in stage.answers() if urls_in(one.text)]
    assert [one.file.name for one in stage.kept()] == [f"part {number}.mp4" for number in range(1, 5)]
    for kept in stage.kept():
        assert_links(stage, links.text, origin_of(stage.telegram.vault, kept))
    assert len(url_buttons(links)) == 8
    assert stage.telegram.emulator.counters.value("calls", method="messages.getMessages") == 1


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["Paper Moons S03E11", "", ""], ["Paper Moons S03E11.mp4"] * 2 + ["Harbour 1987.mp4"]),
        (["", "Watch now 👉 Cold Ledger (2009)", ""], ["Cold Ledger (2009).mp4"] * 2 + ["Harbour 1987.mp4"]),
        (["", "", "Regatta #sail"], ["Regatta.mp4"] * 2 + ["Harbour 1987.mp4"]),
        (["North", "South", ""], ["North.mp4", "South.mp4", "Harbour 1987.mp4"]),
        (["", "x" * 1025, ""], None),
    ],
)
async def test_the_copies_of_an_album_have_its_text(stage: Stage, texts: list[str], names: list[str] | None) -> None:
    """C: files without a name are called by it; a text that bots may not send costs only the file that has it."""
    stage.write_album([stage.file("", seed=1), stage.file("", seed=2), stage.file("Harbour 1987.mp4", seed=3)], texts)
    await stage.settled()
    if names is None:
        assert [one.text for one in stage.kept()] == ["", ""]
    else:
        assert [file.name for file in await stage.rows()] == names
        only = [text for text in texts if text]
        assert [one.text for one in stage.kept()] == (only * 3 if len(only) == 1 else texts)


async def test_an_album_whose_links_are_long_is_answered_in_several_messages(stage: Stage) -> None:
    stage.write_album([stage.file("映" * 60 + f"{number}.mp4", seed=number) for number in range(10)])
    await stage.answer(2)
    await stage.settled()
    links = [one for one in stage.answers() if urls_in(one.text)]
    assert all(len(one.text) <= texts.MESSAGE_UNITS for one in links)
    text = "\n".join(one.text for one in links)
    for kept in stage.kept():
        assert_links(stage, text, origin_of(stage.telegram.vault, kept))
    assert len(stage.kept()) == 10


# Refused messages: the answer is one sentence and nothing is copied


async def test_a_message_without_a_file_is_refused(stage: Stage) -> None:
    await stage.write(text="hello")
    await assert_one_sentence(stage, texts.NO_FILE)


async def test_a_user_who_is_no_owner_is_told_their_id(stage: Stage) -> None:
    other = stage.world.add_user("+15550199", first_name="Other")
    await stage.write(other, file=stage.file())
    await assert_one_sentence(stage, texts.not_an_owner(other.id), reader=other)
    assert str(other.id) in stage.answers(other)[0].text


async def test_a_link_command_of_a_user_who_is_no_owner_is_refused(stage: Stage) -> None:
    other = stage.world.add_user("+15550199", first_name="Other")
    await stage.write(other, text="/link")
    await assert_one_sentence(stage, texts.not_an_owner(other.id), reader=other)


async def test_without_a_vault_channel_files_are_refused(tmp_path: Path) -> None:
    async with bot_stage(tmp_path, vault_channel=None) as stage:
        await stage.write(file=stage.file())
        await assert_one_sentence(stage, vault.UNSET)


async def test_the_answer_when_the_bot_is_not_in_the_vault(tmp_path: Path) -> None:
    async with bot_stage(tmp_path, started=False) as stage:
        stage.world.remove_member(stage.telegram.vault, stage.telegram.bot)
        await stage.start()
        await stage.write(file=stage.file())
        await assert_one_sentence(stage, vault.NOT_IN_IT)


async def test_the_answer_when_the_bot_was_removed_from_the_vault(stage: Stage) -> None:
    await stage.write(file=stage.file())
    await stage.answer()
    await stage.world.delete(stage.kept())
    stage.world.remove_member(stage.telegram.vault, stage.telegram.bot)
    await stage.write(file=stage.file())
    assert (await stage.answer(2)).text in (vault.NOT_IN_IT, vault.NO_RIGHTS)
    assert stage.kept() == []


async def test_the_answer_without_the_right_to_post_in_the_vault(stage: Stage) -> None:
    stage.world.add_member(stage.telegram.vault, stage.telegram.bot, rights={"edit_messages"})
    await stage.write(file=stage.file())
    await assert_one_sentence(stage, vault.NO_RIGHTS)


async def test_link_without_a_reply_is_refused(stage: Stage) -> None:
    await stage.write(text="/link")
    await assert_one_sentence(stage, texts.NO_REPLY)


async def test_link_as_a_reply_to_text_is_refused(tmp_path: Path) -> None:
    async with bot_stage(tmp_path) as stage:
        text = await stage.write(text="/start")
        await stage.answer()
        await stage.write(text="/link", reply_to=text)
        assert (await stage.answer(2)).text == texts.NO_FILE_REPLIED
        await stage.settled()
        assert stage.kept() == []


async def test_link_as_a_reply_to_a_deleted_message_is_refused(tmp_path: Path) -> None:
    async with bot_stage(tmp_path) as stage:
        await stage.stop()
        film = await stage.write(file=stage.file())
        await stage.write(text="/link", reply_to=film)
        await stage.world.delete(film)
        await stage.start()
        await assert_one_sentence(stage, texts.DELETED)


@pytest.mark.parametrize("command", ["/start", "/help"])
async def test_a_newcomer_is_told_the_own_id_by_the_first_answer(stage: Stage, command: str) -> None:
    """12: Telegram's button sends /start first, and the next answer to somebody who is no owner comes in an hour."""
    newcomer = stage.world.add_user("+15557777", first_name="New")
    await stage.write(newcomer, text=command)
    await stage.write(newcomer, text="who am I?")
    first = await stage.answer(reader=newcomer)
    assert f"Your Telegram id is {newcomer.id}" in first.text
    assert "OWNER_IDS" in first.text
    await stage.settled()
    assert len(stage.answers(newcomer)) == 1
    await stage.write(text=command)
    assert "OWNER_IDS" not in (await stage.answer(2)).text
