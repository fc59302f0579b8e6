"""9: what people who are no owners can make the bot do, over the emulated Telegram."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from streamvault.access.identity import Person
from streamvault.telegram.bot.outbox import STRANGERS_AT_ONCE
from tests.support.bot_stage import PAUSE, Stage, assert_links, bot_stage, origin_of
from tests.support.people import Door
from tests.support.stack import HOME_DC
from tests.support.waiting import until


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path) as opened:
        yield opened


def group_of(stage: Stage, people: list[Any]) -> Any:
    """A group that the bot and `people` are in."""
    group = stage.world.add_channel("Talk", creator=people[0], megagroup=True)
    for user in (stage.telegram.bot, *people[1:]):
        stage.world.add_member(group, user)
    return group


def by_the_bot(stage: Stage, group: Any) -> list[Any]:
    """What the bot has written in the group."""
    return [one for one in group.messages.values() if one.sender_id == stage.telegram.bot.id and one.text]


def calls(stage: Stage) -> dict[str, int]:
    """The requests that cost something, so far."""
    counters = stage.telegram.emulator.counters
    methods = ("messages.sendMessage", "messages.sendMedia", "channels.getMessages", "messages.getMessages")
    return {method: counters.value("calls", method=method) for method in methods}


@pytest.mark.parametrize("text", ["/link", "/link@vault_bot", "/LINK", "/link please, now"])
@pytest.mark.parametrize("replied", [True, False], ids=["reply", "no reply"])
async def test_link_by_a_stranger_in_a_group_is_not_answered_and_costs_nothing(
    stage: Stage, text: str, replied: bool
) -> None:
    stranger = stage.world.add_user("+15550177", first_name="Eve", home_dc=HOME_DC)
    group = group_of(stage, [stranger])
    film = await stage.world.post(group, sender=stranger, file=stage.file("shared.mp4"))
    await stage.settled()
    before = calls(stage)
    for _ in range(20):
        await stage.world.post(group, sender=stranger, text=text, **({"reply_to": film.id} if replied else {}))
    await stage.settled()
    assert by_the_bot(stage, group) == []
    assert stage.kept() == []
    spent = calls(stage)
    assert spent.pop("messages.sendMessage") == before.pop("messages.sendMessage") + 1  # the /help of `settled`
    assert spent == before


async def test_link_in_the_name_of_a_group_or_channel_is_not_answered(stage: Stage) -> None:
    stranger = stage.world.add_user("+15550177", first_name="Eve", home_dc=HOME_DC)
    group = group_of(stage, [stranger])
    film = await stage.world.post(group, sender=stranger, file=stage.file("shared.mp4"))
    await stage.world.post(group, text="/link", reply_to=film.id)
    await stage.world.post(stage.telegram.films, text="/link")
    await stage.settled()
    assert by_the_bot(stage, group) == by_the_bot(stage, stage.telegram.films) == []
    assert stage.kept() == []


async def test_an_owner_in_a_group_of_strangers_is_answered(stage: Stage) -> None:
    strangers = [stage.world.add_user(f"+1555020{number}", first_name="Eve", home_dc=HOME_DC) for number in range(5)]
    group = group_of(stage, [*strangers, stage.telegram.owner])
    film = await stage.world.post(group, sender=strangers[0], file=stage.file("shared.mp4"))
    for stranger in strangers:
        await stage.world.post(group, sender=stranger, text="/link", reply_to=film.id)
    command = await stage.world.post(group, sender=stage.telegram.owner, text="/link", reply_to=film.id)
    [answer] = await until(lambda: by_the_bot(stage, group), pause=PAUSE)
    await stage.settled()
    assert by_the_bot(stage, group) == [answer]
    assert answer.reply_to == command.id
    assert_links(stage, answer.text, origin_of(stage.telegram.vault, stage.kept()[0]))


@pytest.mark.parametrize("message", ["text", "file", "command"])
async def test_a_hundred_unknown_people_do_not_delay_an_owner(stage: Stage, message: str) -> None:
    """Telegram would refuse the owner's answer if all of them were answered."""
    stage.telegram.emulator.faults.rate_limit(20, per=60, seconds=40, method="messages.sendMessage")
    for number in range(100):
        stranger = stage.world.add_user(f"+1555{number:04}", first_name=f"Unknown {number}", home_dc=HOME_DC)
        for _ in range(2):
            if message == "file":
                await stage.write(stranger, file=stage.file(f"{number}.mp4", seed=number + 1))
            else:
                await stage.write(stranger, text="/start" if message == "command" else "hi")
    await stage.write(file=stage.file())
    await until(lambda: any("Watch: " in one.text for one in stage.answers()), pause=PAUSE)
    await stage.settled()
    assert stage.slept == []
    assert len(stage.kept()) == 1
    # the links, the /help of `settled`, and the few that strangers get
    assert calls(stage)["messages.sendMessage"] <= 2 + STRANGERS_AT_ONCE + 1


@pytest.mark.parametrize("strangers", [0, 200])
async def test_an_owners_link_takes_as_many_messages_with_two_hundred_strangers_as_without(
    stage: Stage, strangers: int
) -> None:
    """Under a limit that only the strangers' answers could use up, the link is the first message to the owner."""
    send = "messages.sendMessage"
    stage.telegram.emulator.faults.rate_limit(STRANGERS_AT_ONCE + 2, per=3600, seconds=3600, method=send)
    people = [
        stage.world.add_user(f"+1556{number:04}", first_name="Eve", home_dc=HOME_DC) for number in range(strangers)
    ]
    for number, stranger in enumerate(people):
        await stage.write(stranger, text="/start" if number % 2 else "who are you?")
    await stage.write(file=stage.file())
    answer = await stage.answer()
    assert_links(stage, answer.text, origin_of(stage.telegram.vault, stage.kept()[0]))
    to_strangers = sum(len(stage.answers(one)) for one in people)
    assert (to_strangers > 0) is (strangers > 0)
    assert calls(stage)[send] - to_strangers == 1
    assert stage.slept == []


@pytest.mark.parametrize(
    "text", ["/start", "/help", "/login", "/login 4F7K2M9Q", "/start login_4F7K", "/start invite_x"]
)
async def test_slow_questions_for_roles_do_not_delay_an_owner(tmp_path: Path, text: str) -> None:
    """The client handles few messages at a time, and who wrote them may have to be asked of Telegram."""
    door = Door()
    async with bot_stage(tmp_path, access=door.access) as stage:
        door.desk.answers.clear()
        assert stage.accounts is not None
        workers = stage.accounts.main.client.workers
        mia = stage.world.add_user("+15550188", first_name="Mia", home_dc=HOME_DC)
        door.desk.held[mia.id] = Person(mia.id, "Mia")
        strangers = [
            stage.world.add_user(f"+1557{number:04}", first_name="Eve", home_dc=HOME_DC)
            for number in range(2 * workers)
        ]
        for person in (mia, *strangers):
            await stage.write(person, text=text)
        await until(lambda: door.desk.asked > workers, pause=PAUSE)
        await stage.write(file=stage.file())
        answer = await stage.answer()
        assert_links(stage, answer.text, origin_of(stage.telegram.vault, stage.kept()[0]))
        assert stage.answers(mia) == []
        door.desk.answers.set()
        await stage.answer(reader=mia)


@pytest.mark.parametrize("command", ["/invite", "/invite 5", "/people", "/channels"])
async def test_commands_of_owners_ask_nothing_about_others(tmp_path: Path, command: str) -> None:
    door = Door()
    async with bot_stage(tmp_path, access=door.access) as stage:
        strangers = [
            stage.world.add_user(f"+1558{number:04}", first_name="Eve", home_dc=HOME_DC) for number in range(3)
        ]
        group = group_of(stage, [*strangers, stage.telegram.owner])
        hello = await stage.world.post(group, sender=stage.telegram.owner, text="hello")
        for stranger in strangers:
            await stage.world.post(group, sender=stranger, text=command, reply_to=hello.id)
            await stage.write(stranger, text=command)
        before = calls(stage)["channels.getMessages"]
        await stage.settled()
        assert by_the_bot(stage, group) == []
        assert door.desk.asked == 0
        assert calls(stage)["channels.getMessages"] == before == 0
        assert door.desk.done == []
