"""What people write to the leech bot becomes jobs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pyrogram import raw

from streamvault.leech.model import Job, Options, State
from streamvault.leech.torrent_files import MOST, file_of
from streamvault.telegram.bot.leech import wording
from streamvault.telegram.bot.leech.requests import MAX_FILE
from tests.support.leech_chat import FILM, Chat, buttons, code, leech_chat
from tests.support.swarm import torrent_of
from tests.support.waiting import until

OTHER = "http://files.example.org/b%20c.mp4?sig=a+b=="


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Chat]:
    async with leech_chat(tmp_path) as opened:
        yield opened


def sources(chat: Chat) -> list[str]:
    return [job.source for job in chat.open()]


async def queued(chat: Chat, count: int) -> list[Job]:
    await until(lambda: len(chat.jobs.stored) == count, pause=0.005)
    return chat.open()


@pytest.mark.parametrize("command", ["/leech", "/l", "/leech@{bot}", "/L"])
async def test_an_address_behind_leech_is_queued(chat: Chat, command: str) -> None:
    message = await chat.write(f"{command.format(bot=chat.leecher.username)} {FILM} -n My film.mkv")
    answer = await chat.answer()
    [job] = chat.open()
    assert (job.source, job.chat_id, job.person, job.options.name) == (FILM, chat.target, chat.owner.id, "My film.mkv")
    assert job.asked == chat.asked(message.id)
    assert code(answer) == ["My film.mkv", job.id]
    assert chat.noted == [job]


async def test_an_address_behind_ytdlleech_is_one_for_yt_dlp(chat: Chat) -> None:
    await chat.write(f"/ytdlleech {FILM} -n My film -d")
    await chat.write(f"/yl@{chat.leecher.username} {OTHER} -s 3,1-2")
    await queued(chat, 2)
    assert [(job.source, job.options) for job in chat.open()] == [
        (FILM, Options("My film", as_document=True, ytdlp=True)),
        (OTHER, Options(select=(1, 2, 3), ytdlp=True)),
    ]
    await chat.write(f"/leech {FILM}")  # the same address, and another wish
    await queued(chat, 3)


@pytest.mark.parametrize(
    "word", ["--exec=touch", "--exec", "-o", "ftp://example.org/x", "ytsearch:x", "file:///etc/passwd"]
)
async def test_nothing_behind_it_becomes_an_option_of_yt_dlp(chat: Chat, word: str) -> None:
    """Y6."""
    await chat.write(f"/yl {word}")
    await chat.answer()
    assert not chat.jobs.stored


async def test_an_offer_can_be_taken_for_yt_dlp(chat: Chat) -> None:
    await chat.write(f"{FILM}\nftp://example.org/x.mkv")
    offered = await chat.answer()
    await chat.press(offered, "By yt-dlp")
    [job] = await queued(chat, 1)
    assert (job.source, job.options) == (FILM, Options(ytdlp=True))
    await until(lambda: "1 left out" in offered.text, pause=0.005)


async def test_several_addresses_are_jobs_of_their_own(chat: Chat) -> None:
    await chat.write(f"/leech {FILM}\n{OTHER}\n{FILM}")
    assert (await chat.answer()).text.startswith("2 queued:\nfilm.mkv ")
    assert sources(chat) == [FILM, OTHER]


async def test_a_reply_takes_the_addresses_of_the_message(chat: Chat) -> None:
    link = raw.types.MessageEntityTextUrl(offset=4, length=4, url=OTHER)
    replied = await chat.write(f"the film, or {FILM}.", entities=[link])
    await chat.answer()
    await chat.write("/leech", reply_to=replied)
    await queued(chat, 2)
    assert sources(chat) == [FILM, OTHER]


async def test_a_reply_with_an_address_of_its_own_takes_that(chat: Chat) -> None:
    replied = await chat.write(f"see {OTHER}")
    await chat.answer()
    await chat.write(f"/leech {FILM}", reply_to=replied)
    await queued(chat, 1)
    assert sources(chat) == [FILM]


LIST = f"# films\n{FILM}\nnotes\n{OTHER}\n".encode()


async def test_a_text_file_is_read(chat: Chat) -> None:
    await chat.write("/leech", file=chat.list_file(LIST))
    await queued(chat, 2)
    assert sources(chat) == [FILM, OTHER]
    assert "1 left out: no address that can be leeched." in (await chat.answer()).text


async def test_a_reply_to_a_text_file_is_read(chat: Chat) -> None:
    replied = await chat.write(file=chat.list_file(LIST, "list.TXT", "application/octet-stream"))
    await chat.answer()
    await chat.write("/l -d", reply_to=replied)
    assert [job.options.as_document for job in await queued(chat, 2)] == [True, True]


async def test_a_torrent_file_is_read(chat: Chat, tmp_path: Path) -> None:
    torrent = torrent_of(
        tmp_path, {"Garden/film.mkv": b"film" * 50_000}, trackers=("http://t.example/SECRET/announce",)
    )
    await chat.write("/leech -s 1", file=chat.list_file(torrent.data, "garden.torrent", "application/x-bittorrent"))
    [job] = await queued(chat, 1)
    assert job.options.select == (1,)
    assert job.source.endswith("&dn=Garden")
    assert file_of(chat.queue.address(job)) == torrent.data
    assert "SECRET" not in (await chat.answer()).text


async def test_a_torrent_file_in_private_is_an_offer(chat: Chat, tmp_path: Path) -> None:
    torrent = torrent_of(tmp_path, {"film.mkv": b"film" * 50_000})
    await chat.write(file=chat.list_file(torrent.data, "garden.TORRENT", "application/octet-stream"))
    assert (await chat.answer()).text == "Leech this?\nfilm.mkv"


FILES = {
    "no torrent": (
        b"d4:infoi1ee",
        "x.torrent",
        "text/plain",
        "I cannot read this .torrent file: it describes no torrent.",
    ),
    "a big torrent": (b"d" * (MOST + 1), "x.torrent", "application/x-bittorrent", wording.TORRENT_TOO_BIG),
    "big": (b"#" * (MAX_FILE + 1), "list.txt", "text/plain", wording.FILE_TOO_BIG),
    "a film": (b"film", "film.mkv", "video/x-matroska", wording.NO_TEXT_FILE),
    "no text": (b"\0\1\2", "list.txt", "text/plain", "This file is no text: send one with an address in each line."),
}


@pytest.mark.parametrize("case", FILES)
async def test_a_file_that_is_no_list_is_refused(chat: Chat, case: str) -> None:
    data, name, mime_type, sentence = FILES[case]
    await chat.write("/leech", file=chat.list_file(data, name, mime_type))
    assert (await chat.answer()).text == sentence
    assert not chat.jobs.stored


async def test_a_list_of_the_biggest_size_is_read(chat: Chat) -> None:
    data = FILM.encode() + b"\n"
    await chat.write("/leech", file=chat.list_file(data + b"#" * (MAX_FILE - len(data))))
    await queued(chat, 1)


REFUSED = {
    "/leech": "Which address?",
    f"/leech {FILM} -z -e": "either packed or unpacked",
    "/leech https://t.me/c/1960912864": "names no message",
    "/leech https://t.me/films/7 -z": "copied as they are",
    "/leech gopher://example.org/a": "has to begin with",
    "/leech https://example.org:0/a": "there is no port 0",
}


@pytest.mark.parametrize("text", REFUSED)
async def test_what_cannot_be_leeched_is_said(chat: Chat, text: str) -> None:
    await chat.write(text)
    assert REFUSED[text] in (await chat.answer()).text
    assert not chat.jobs.stored


async def test_a_source_that_is_there_already_is_answered_with_its_post(chat: Chat) -> None:
    await chat.write(f"/leech {FILM}")
    [job] = await queued(chat, 1)
    await chat.answer()
    chat.finish(job, name="A film.mkv")
    await chat.write(f"/leech {FILM}")
    link = f"https://t.me/c/{chat.telegram.vault.id}/42"
    assert (await chat.answer(2)).text == f"There already:\nA film.mkv {link}"
    assert chat.jobs.stored[job.id].state is State.DONE


async def test_one_bad_address_of_several_does_not_stop_the_others(chat: Chat) -> None:
    await chat.write(f"/leech {FILM}\nhttps://example.org:0/a\n{OTHER}")
    answer = await chat.answer()
    assert sources(chat) == [FILM, OTHER]
    assert "Refused:\nhttps://example.org:0/a This address is not valid: there is no port 0." in answer.text


async def test_while_the_database_does_not_answer_that_is_said(chat: Chat) -> None:
    chat.jobs.failing = True
    await chat.write(f"/leech {FILM}\n{OTHER}")
    assert (await chat.answer()).text.count(wording.UNAVAILABLE) == 2


# Offers


async def test_an_address_in_private_is_an_offer(chat: Chat) -> None:
    message = await chat.write(f"look: {FILM}")
    offered = await chat.answer()
    assert offered.text == f"Leech this?\n{FILM}"
    assert code(offered) == [FILM]
    assert not chat.jobs.stored
    await chat.press(offered, "Leech")
    [job] = await queued(chat, 1)
    assert (job.source, job.asked) == (FILM, chat.asked(message.id))
    await until(lambda: offered.text == f"Queued:\nfilm.mkv {job.id}", pause=0.005)
    assert buttons(offered) == {}


async def test_an_offer_still_works_after_a_restart(chat: Chat) -> None:
    """L4."""
    await chat.write(file=chat.list_file(LIST))
    offered = await chat.answer()
    assert offered.text.startswith("Leech these 2 addresses?")
    await chat.restart()
    await chat.press(offered, "Leech")
    await queued(chat, 2)
    assert sources(chat) == [FILM, OTHER]


async def test_links_to_chats_beside_an_address_are_left_out(chat: Chat) -> None:
    await chat.write(f"{FILM} from https://t.me/films")
    offered = await chat.answer()
    assert offered.text == f"Leech this?\n{FILM}\n\n1 left out: no address that can be leeched."
    await chat.press(offered, "Leech")
    assert [job.source for job in await queued(chat, 1)] == [FILM]


async def test_links_to_messages_are_offered_and_taken(chat: Chat) -> None:
    await chat.write("t.me/c/1960912864/3/8")
    assert (await chat.answer()).text == "Leech this?\nt.me/c/1960912864/3/8"
    await chat.write("/leech https://t.me/Films/5-12")
    [job] = await queued(chat, 1)
    assert job.source == "https://t.me/films/5-12"


@pytest.mark.parametrize("text", ["/ytdl", f"/leech2 {FILM}", "/"])
async def test_an_unknown_command_is_said(chat: Chat, text: str) -> None:
    await chat.write(text)
    assert (await chat.answer()).text == wording.NO_COMMAND


async def test_an_offer_can_be_declined(chat: Chat) -> None:
    await chat.write(FILM)
    offered = await chat.answer()
    assert (await chat.press(offered, "No")).message == wording.NOT_TAKEN
    await until(lambda: offered.text == wording.NOT_TAKEN, pause=0.005)
    assert not chat.jobs.stored


async def test_an_offer_whose_message_was_deleted_says_so(chat: Chat) -> None:
    message = await chat.write(FILM)
    offered = await chat.answer()
    await chat.world.delete(message)
    assert (await chat.press(offered, "Leech")).message == wording.ADDRESSES_GONE
    assert not chat.jobs.stored


async def test_a_second_press_adds_nothing(chat: Chat) -> None:
    await chat.write(FILM)
    offered = await chat.answer()
    data = buttons(offered)["Leech"]
    markup = offered.reply_markup
    await chat.press(offered, "Leech")
    await queued(chat, 1)
    await until(lambda: offered.text.startswith("Queued"), pause=0.005)
    offered.reply_markup = markup  # a client that shows the old message still
    chat.world.delivery.copy_for(offered, chat.leecher.id).reply_markup = markup
    await chat.world.press(chat.owner, offered, data)
    await chat.settled()
    assert sources(chat) == [FILM]


async def test_a_message_without_an_address_is_answered(chat: Chat) -> None:
    await chat.write("hello")
    assert (await chat.answer()).text == wording.NO_ADDRESS


# Who may


async def test_a_person_with_the_right_may_leech(chat: Chat) -> None:
    mia = chat.somebody("Mia", may=True)
    await chat.write(f"/leech {FILM}", mia)
    [job] = await queued(chat, 1)
    assert job.person == mia.id


@pytest.mark.parametrize("text", [f"/leech {FILM}", FILM, "/status", "/cancelall", "/start", "hello"])
async def test_strangers_get_one_sentence(chat: Chat, text: str) -> None:
    eve = chat.somebody()
    for _ in range(3):
        await chat.write(text, eve)
        await chat.settled()
    assert [one.text for one in chat.said(eve)] == [wording.not_allowed(eve.id)]
    assert not chat.jobs.stored


async def test_who_lost_the_right_cannot_take_an_offer(chat: Chat) -> None:
    mia = chat.somebody("Mia", may=True)
    await chat.write(FILM, mia)
    offered = await chat.answer(reader=mia)
    chat.desk.members.clear()
    assert (await chat.press(offered, "Leech", user=mia)).message == wording.NOT_YOURS
    assert not chat.jobs.stored


async def test_while_rights_cannot_be_told_owners_go_on(chat: Chat) -> None:
    mia = chat.somebody("Mia", may=True)
    chat.desk.failing = True
    await chat.write(f"/leech {OTHER}", mia)
    await chat.write(f"/leech {FILM}")
    await chat.answer()
    await chat.settled()
    assert sources(chat) == [FILM]
    assert chat.said(mia) == []


async def test_in_groups_commands_are_heard_and_strangers_are_not(chat: Chat) -> None:
    mia, eve = chat.somebody("Mia", may=True), chat.somebody()
    group = chat.group(mia, eve)
    chat.say(group, f"/leech {OTHER}", sender=eve)
    said = chat.say(group, f"/leech {FILM}", sender=mia)
    answer = await chat.answer(reader=group)
    [job] = chat.open()
    assert (job.source, job.person) == (FILM, mia.id)
    assert job.asked is not None
    assert (job.asked.message_id, answer.reply_to) == (said.id, said.id)
    chat.say(group, FILM, sender=mia)
    await chat.settled()
    assert len(chat.said(group)) == 1


async def test_help_says_how(chat: Chat) -> None:
    await chat.write("/start")
    await chat.write("/help")
    assert [(await chat.answer(number)).text for number in (1, 2)] == [wording.START, wording.HELP]


async def test_without_a_channel_that_is_said(tmp_path: Path) -> None:
    async with leech_chat(tmp_path, vault_channel=None) as chat:
        await chat.write(f"/leech {FILM}")
        assert (await chat.answer()).text == wording.NO_CHANNEL


async def test_a_channel_that_was_made_later_is_known_by_its_name(tmp_path: Path) -> None:
    async with leech_chat(tmp_path, vault_channel=None, leech_channel="@leeched") as chat:
        channel = chat.world.add_channel("Leeched", creator=chat.owner, username="leeched")
        chat.world.add_member(channel, chat.leecher, admin=True)
        await chat.write(f"/leech {FILM}")
        [job] = await queued(chat, 1)
        assert job.chat_id == -1_000_000_000_000 - channel.id
