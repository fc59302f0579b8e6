"""The commands for calls, as people write them in a group, and what they make of the group's call."""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyrogram import raw

from streamvault.access.identity import Person
from streamvault.catalog.base import Catalog, CatalogQuery
from streamvault.media.model import MediaFile, Origin
from streamvault.telegram.bot.tasks import PeopleTasks
from streamvault.telegram.bot.voice import wording
from streamvault.telegram.bot.voice.commands import GROUP_AT_ONCE
from streamvault.voice import transitions
from streamvault.voice.calls import Calls
from streamvault.voice.model import Loop, Status
from streamvault.voice.rights import Control
from streamvault.voice.store.sqlite import SqliteCalls
from tests.support.bot_stage import Stage, bot_stage
from tests.support.stack import HOME_DC, chat_id_of
from tests.support.waiting import until
from tgemulator.world.content import SyntheticContent


@dataclass
class Desk:
    """A VoiceDesk over a catalog. `readers` may see the library, `granted` have the right `voice`."""

    calls: Calls
    catalog: Catalog
    library: int
    readers: set[int]
    granted: set[int]
    control: Control = Control.ADMINS
    why: str = ""
    asked: list[str] = field(default_factory=list)

    def missing(self) -> str:
        return self.why

    async def is_granted(self, person: Person) -> bool:
        return person.id in self.granted

    async def chats(self, person: Person) -> frozenset[int]:
        return frozenset({self.library} if person.id in self.readers else ())

    async def search(self, words: str, chats: frozenset[int], *, limit: int) -> Sequence[MediaFile]:
        self.asked.append(words)
        page = await self.catalog.page(CatalogQuery(words, chat_ids=chats, limit=limit))
        return [one.file for one in page.items]

    async def file(self, origin: Origin) -> MediaFile | None:
        return await self.catalog.get(origin)


@dataclass
class Club:
    """A group with its people: the owner, `member` who may see the library, `admin` of the chat, and `guest`."""

    stage: Stage
    desk: Desk
    group: Any
    member: Any
    admin: Any
    guest: Any

    async def says(self, who: Any, text: str) -> Any:
        """The bot's answer to what somebody writes."""
        before = len(self.answers())
        await self.stage.world.post(self.group, sender=who, text=text)
        return (await until(lambda: self.answers()[before:]))[0]

    def answers(self) -> list[Any]:
        bot = self.stage.telegram.bot.id
        return [one for one in self.group.messages.values() if one.sender_id == bot and one.text]

    async def call(self) -> Any:
        return await self.desk.calls.get(chat_id_of(self.group))

    async def plays(self) -> None:
        """The worker has begun what was asked for."""
        await self.desk.calls.change(
            chat_id_of(self.group), lambda call, now: transitions.begun(call, call.stream, now=now)
        )


@asynccontextmanager
async def club(folder: Path, *names: str) -> AsyncIterator[Club]:
    """With songs of these names in the library."""
    async with bot_stage(folder, started=False) as stage, SqliteCalls(folder / "calls.db") as calls:
        owner = stage.telegram.owner
        member, admin, guest = (
            stage.world.add_user(f"+1555020{number}", first_name=name)
            for number, name in enumerate(("Member", "Admin", "Guest"))
        )
        group = stage.world.add_channel("Club", creator=owner, megagroup=True)
        for user in (stage.telegram.bot, member, guest):
            stage.world.add_member(group, user)
        stage.world.add_member(group, admin, admin=True)
        readers = {owner.id, member.id}
        stage.voice = desk = Desk(
            Calls(calls), stage.catalog, chat_id_of(stage.telegram.films), readers, granted={owner.id}
        )
        await stage.start()
        for number, name in enumerate(names, 1):
            sound = [raw.types.DocumentAttributeAudio(duration=100 * number, title=name)]
            posted = await stage.telegram.post_file(
                SyntheticContent(1000, number), dc_id=HOME_DC, name=f"{name}.mp3", mime_type="audio/mpeg",
                attributes=sound,
            )  # fmt: skip
            await stage.row(Origin(*posted))
        yield Club(stage, desk, group, member, admin, guest)


async def test_words_play_what_they_find_and_then_queue_it(tmp_path: Path) -> None:
    async with club(tmp_path, "Garden song", "Kitchen song") as at:
        assert (await at.says(at.member, "/play garden")).text == "Playing: Garden song (1:40)"
        assert (await at.says(at.member, "/play@vault_bot kitchen")).text == "Queued as 1: Kitchen song (3:20)"
        call = await at.call()
        assert call.item is not None
        assert (call.status, call.item.person, call.item.video) == (Status.JOINING, at.member.id, False)
        assert (await at.says(at.guest, "/queue")).text == "1. Kitchen song (3:20)"
        assert (await at.says(at.guest, "/now")).text == "Joining the call: Garden song (1:40)\n0:00 of 1:40"
        assert (await at.says(at.member, "/play cellar")).text == wording.NOT_FOUND
        [origin] = call.queue
        link = f"https://tv.example.org/watch/{origin.chat_id}/{origin.message_id}"
        assert (await at.says(at.member, f"/vplay {link}")).text == "Queued as 2: Kitchen song (3:20)"


async def test_of_several_finds_a_button_chooses(tmp_path: Path) -> None:
    async with club(tmp_path, "Garden song", "Kitchen song") as at:
        answer = await at.says(at.member, "/play song")
        [first, second] = [button for row in answer.reply_markup.rows for button in row.buttons]
        assert [first.text, second.text] == ["Kitchen song (3:20)", "Garden song (1:40)"]
        assert (await at.call()).item is None
        stranger = await at.stage.world.press(at.guest, answer, second.type.data)
        assert stranger.message == wording.STRANGER
        await at.stage.world.press(at.member, answer, second.type.data)
        await until(lambda: answer.text == "Playing: Garden song (1:40)")
        call = await at.call()
        assert call.item is not None
        assert call.item.name == "Garden song"


async def test_who_may_do_what(tmp_path: Path) -> None:
    async with club(tmp_path, "Garden song") as at:
        assert (await at.says(at.guest, "/play garden")).text == wording.STRANGER
        await at.says(at.stage.telegram.owner, "/play garden")
        assert (await at.says(at.member, "/pause")).text == wording.NO_CONTROL
        assert (await at.says(at.admin, "/pause")).text.startswith("Paused: Garden song")
        at.desk.control = Control.OWNERS
        assert (await at.says(at.admin, "/resume")).text == wording.NO_CONTROL
        at.desk.control = Control.EVERYONE
        assert (await at.says(at.guest, "/resume")).text.startswith("Joining the call: Garden song")
        at.desk.control = Control.OWNERS
        await at.says(at.stage.telegram.owner, "/stop")
        await at.says(at.member, "/play garden")
        assert (await at.says(at.member, "/stop")).text == wording.NOTHING, "one's own"


async def test_every_command_does_what_it_says(tmp_path: Path) -> None:
    async with club(tmp_path, "Garden song", "Kitchen song") as at:
        owner = at.stage.telegram.owner
        assert at.stage.bot.voice is not None
        at.stage.bot.voice.tasks = PeopleTasks(frozenset(), itertools.count(0, 10).__next__)  # time passes

        async def says(text: str) -> str:
            return str((await at.says(owner, text)).text)

        assert await says("/skip") == wording.NOTHING
        await says("/play garden")
        await says("/play kitchen")
        await at.plays()
        await says("/seek 1:05")
        assert (await at.call()).position == 65.0
        assert await says("/seek 9:99:99:9") == wording.BAD_TIME
        assert await says("/seek 5:00") == "It is 100 s long."
        await says("/seek -30")
        assert (await at.call()).position == 35.0
        await says("/volume 80%")
        assert (await at.call()).volume == 80
        assert await says("/volume loud") == wording.BAD_VOLUME
        await says("/loop all")
        assert (await at.call()).loop is Loop.ALL
        assert await says("/loop twice") == wording.BAD_LOOP
        assert (await says("/skip")).startswith("Joining the call: Kitchen song")
        assert [item.name for item in (await at.call()).queue] == ["Garden song"]
        await says("/shuffle")
        await says("/pause")
        assert (await at.call()).status is Status.PAUSED
        assert (await says("/play")).startswith("Joining the call: Kitchen song"), "without words it goes on"
        assert await says("/vplay") == wording.WHAT
        assert await says("/stop") == wording.NOTHING
        assert await says("/queue") == wording.EMPTY
        assert {name for name, _ in wording.COMMANDS} == set(at.stage.bot.voice._handles)


async def test_what_is_missing_is_told_and_a_group_is_not_flooded(tmp_path: Path) -> None:
    async with club(tmp_path) as at:
        at.desk.why = "Nothing can be played: install it."
        assert (await at.says(at.guest, "/play x")).text == at.desk.why
        for _ in range(GROUP_AT_ONCE + 5):
            await at.stage.world.post(at.group, sender=at.guest, text="/now")
        await at.stage.settled()
        assert len(at.answers()) <= GROUP_AT_ONCE
        assert (await at.says(at.stage.telegram.owner, "/now")).text == at.desk.why, "owners are answered"


def test_positions_are_read_as_people_write_them() -> None:
    for text, expected in {
        "90": 90.0, "1:30": 90.0, "1:02:03": 3723.0, "+30": 130.0, "-15": 85.0, "-200": 0.0, "": None, "x": None,
        "1:2:3:4": None, "+": None, "٣": None,
    }.items():  # fmt: skip
        assert wording.read_position(text, 100.0) == expected, text
    assert [wording.clock(seconds) for seconds in (0, 61.9, 3723)] == ["0:00", "1:01", "1:02:03"]
