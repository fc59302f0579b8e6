"""/invite, /people and /channels, over the emulated Telegram."""

import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from streamvault.access.identity import Person
from streamvault.access.once import INVITATION_SECONDS
from streamvault.telegram.bot import access_texts, texts
from tests.support.bot_people import buttons, forged, somebody
from tests.support.bot_stage import PAUSE, Stage, bot_stage
from tests.support.people import Door
from tests.support.waiting import until
from tgemulator.world.model import Forward


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def stage(tmp_path: Path, door: Door) -> AsyncIterator[Stage]:
    async with bot_stage(tmp_path, access=door.access) as opened:
        yield opened


async def invitation(stage: Stage) -> str:
    """The start parameter of an invitation."""
    before = len(stage.answers())
    await stage.write(text="/invite")
    answer = await stage.answer(before + 1)
    [parameter] = re.findall(r"https://t\.me/vault_bot\?start=(\S+)", answer.text)
    assert "24 hours" in answer.text
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", parameter)
    return str(parameter)


# Invitations


async def test_who_opens_an_invitation_first_is_a_member(stage: Stage, door: Door) -> None:
    parameter = await invitation(stage)
    mia, eve = somebody(stage, "Mia", 88), somebody(stage)
    await stage.write(mia, text=f"/start {parameter}")
    assert (await stage.answer(reader=mia)).text == access_texts.WELCOME
    await stage.write(eve, text=f"/start {parameter}")
    assert (await stage.answer(reader=eve)).text == access_texts.BAD_INVITATION
    assert door.desk.held == {mia.id: Person(mia.id, "Mia")}
    assert door.desk.done == [("admit", mia.id, stage.telegram.owner.id)]
    await stage.write(mia, text="/login")
    assert "https://tv.example.org/login/" in (await stage.answer(2, reader=mia)).text


async def test_an_invitation_expires_and_is_not_used_up_by_members(stage: Stage, door: Door) -> None:
    parameter = await invitation(stage)
    mia = somebody(stage, "Mia", 88)
    door.desk.held[mia.id] = Person(mia.id, "Mia")
    for user in (mia, stage.telegram.owner):
        before = len(stage.answers(user))
        await stage.write(user, text=f"/start {parameter}")
        assert (await stage.answer(before + 1, reader=user)).text == access_texts.IS_MEMBER
    door.now += INVITATION_SECONDS
    eve = somebody(stage)
    await stage.write(eve, text=f"/start {parameter}")
    assert (await stage.answer(reader=eve)).text == access_texts.BAD_INVITATION
    assert eve.id not in door.desk.held


@pytest.mark.parametrize("storing", ["people", "invitations"])
async def test_a_failure_uses_no_invitation_up(stage: Stage, door: Door, storing: str) -> None:
    parameter = await invitation(stage)
    mia, eve = somebody(stage, "Mia", 88), somebody(stage)
    (door.desk if storing == "people" else door.records).failing_methods = {"admit", "change"}
    await stage.write(mia, text=f"/start {parameter}")
    assert (await stage.answer(reader=mia)).text == access_texts.UNAVAILABLE
    assert door.desk.held == {}
    door.desk.failing_methods, door.records.failing_methods = set(), set()
    if storing == "people":  # it was Mia who opened it first
        await stage.write(eve, text=f"/start {parameter}")
        assert (await stage.answer(reader=eve)).text == access_texts.BAD_INVITATION
    await stage.write(mia, text=f"/start {parameter}")
    assert (await stage.answer(2, reader=mia)).text == access_texts.WELCOME
    assert door.desk.held == {mia.id: Person(mia.id, "Mia")}
    assert [kind for kind, _ in door.records.stored] == []


async def test_an_invitation_is_withdrawn(stage: Stage, door: Door) -> None:
    parameter = await invitation(stage)
    [shown] = stage.answers()
    data = buttons(shown)["Withdraw"]
    assert len(data) <= 64
    mia, eve = somebody(stage, "Mia", 88), somebody(stage)
    theirs = await forged(stage, eve, data)
    assert (await stage.world.press(eve, theirs, data)).message == access_texts.NOT_YOURS
    assert (await stage.world.press(stage.telegram.owner, shown, data)).message == access_texts.WITHDRAWN
    await until(lambda: shown.text == access_texts.WITHDRAWN, pause=PAUSE)
    assert buttons(shown) == {}
    again = await forged(stage, stage.telegram.owner, data)
    assert (await stage.world.press(stage.telegram.owner, again, data)).message == access_texts.INVITATION_OVER
    await stage.write(mia, text=f"/start {parameter}")
    assert (await stage.answer(reader=mia)).text == access_texts.BAD_INVITATION
    assert door.desk.held == {}


@pytest.mark.parametrize("parameter", ["invite_", "invite_x", "invite_" + "A" * 43, "INVITE_" + "A" * 43])
async def test_a_made_up_invitation_lets_nobody_in(stage: Stage, door: Door, parameter: str) -> None:
    eve = somebody(stage)
    await stage.write(eve, text=f"/start {parameter}")
    assert (await stage.answer(reader=eve)).text == access_texts.BAD_INVITATION
    assert door.desk.done == []


async def test_an_invitation_of_somebody_who_is_no_owner_any_more_is_void(stage: Stage, door: Door) -> None:
    eve = somebody(stage)
    token = await door.access.invitations.new(Person(4711, "Former owner"))
    await stage.write(eve, text=f"/start invite_{token}")
    assert (await stage.answer(reader=eve)).text == access_texts.BAD_INVITATION
    assert door.desk.done == []


async def test_an_id_is_let_in_and_other_words_are_explained(stage: Stage, door: Door) -> None:
    for number, (text, answer) in enumerate(
        [
            ("/invite 12345", "User 12345 is a member now: /login lets them in."),
            ("/invite 12345", "User 12345 may log in already."),
            ("/invite -5", access_texts.INVITE_HOW),
            ("/invite @mia", access_texts.INVITE_HOW),
            ("/invite 12345 678", access_texts.INVITE_HOW),
            ("/invite 99999999999999999999", access_texts.INVITE_HOW),
            ("/invite ١٢٣", access_texts.INVITE_HOW),
        ],
        1,
    ):
        await stage.write(text=text)
        assert (await stage.answer(number)).text == answer
    assert list(door.desk.held) == [12345]


async def test_the_sender_of_a_forwarded_message_is_let_in(stage: Stage, door: Door) -> None:
    mia = somebody(stage, "Mia", 88)
    shown = await stage.write(text="hello", forward=Forward(("user", mia.id)))
    hidden = await stage.write(text="hello", forward=Forward(None, name="Somebody"))
    own = await stage.write(text="hello")
    await stage.settled()
    before = len(stage.answers())
    for number, (replied, answer) in enumerate(
        [
            (shown, f"Mia ({mia.id}) is a member now: /login lets them in."),
            (hidden, access_texts.UNKNOWN_PERSON),
            (own, access_texts.UNKNOWN_PERSON),
        ],
        1,
    ):
        await stage.write(text="/invite", reply_to=replied)
        assert (await stage.answer(before + number)).text == answer
    assert list(door.desk.held) == [mia.id]


async def test_in_a_group_a_reply_lets_its_sender_in_and_a_link_is_not_shown(stage: Stage, door: Door) -> None:
    mia = somebody(stage, "Mia", 88)
    group = stage.world.add_channel("Talk", creator=stage.telegram.owner, megagroup=True)
    for user in (stage.telegram.bot, mia):
        stage.world.add_member(group, user)
    hello = await stage.world.post(group, sender=mia, text="hello")
    await stage.world.post(group, sender=mia, text="/invite", reply_to=hello.id)
    await stage.world.post(group, sender=stage.telegram.owner, text="/invite")
    await stage.world.post(group, sender=stage.telegram.owner, text="/invite", reply_to=hello.id)
    await stage.settled()
    said = [one.text for one in group.messages.values() if one.sender_id == stage.telegram.bot.id and one.text]
    assert said == [access_texts.IN_PRIVATE, f"Mia ({mia.id}) is a member now: /login lets them in."]
    assert list(door.desk.held) == [mia.id]


@pytest.mark.parametrize("what", ["forward", "hidden forward", "text"])
async def test_in_a_group_a_reply_lets_nobody_in_but_who_wrote_it(stage: Stage, door: Door, what: str) -> None:
    """What somebody passes on in a group is theirs to choose."""
    mia, eve = somebody(stage, "Mia", 88), somebody(stage)
    group = stage.world.add_channel("Talk", creator=stage.telegram.owner, megagroup=True)
    for user in (stage.telegram.bot, mia, eve):
        stage.world.add_member(group, user)
    held: dict[str, dict[str, Any]] = {
        "forward": {"text": "hello", "forward": Forward(("user", eve.id))},
        "hidden forward": {"text": "hello", "forward": Forward(None, name="Somebody")},
        "text": {"text": "hello"},
    }
    hello = await stage.world.post(group, sender=mia, **held[what])
    await stage.world.post(group, sender=stage.telegram.owner, text="/invite", reply_to=hello.id)
    await stage.settled()
    assert list(door.desk.held) == [mia.id]


@pytest.mark.parametrize("command", ["/invite", "/invite 5", "/people", "/channels"])
async def test_members_and_strangers_may_not(stage: Stage, door: Door, command: str) -> None:
    eve, mia = somebody(stage), somebody(stage, "Mia", 88)
    door.desk.held[mia.id] = Person(mia.id, "Mia")
    for user in (eve, mia):
        await stage.write(user, text=command)
        assert (await stage.answer(reader=user)).text == texts.not_an_owner(user.id)
    assert door.desk.done == []
    assert door.records.stored == {}


# People


async def test_members_are_listed_and_removed(stage: Stage, door: Door) -> None:
    await stage.write(text="/people")
    assert (await stage.answer()).text == access_texts.NOBODY
    for number, name in ((51, "Mia"), (52, "<b>Leo</b>\u202e"), (53, "")):
        door.desk.held[number] = Person(number, name)
    await stage.write(text="/people")
    listed = await stage.answer(2)
    assert listed.text.splitlines() == ["Members:", "1. User 53", "2. <b>Leo</b> (52)", "3. Mia (51)"]
    assert list(buttons(listed).values()) == [b"drop:53", b"drop:52", b"drop:51"]
    given = await stage.world.press(stage.telegram.owner, listed, b"drop:52")
    assert given.message == "Removed."
    await until(lambda: listed.text.splitlines() == ["Members:", "1. User 53", "2. Mia (51)"], pause=PAUSE)
    assert door.desk.done == [("remove", 52, stage.telegram.owner.id)]
    assert list(buttons(listed).values()) == [b"drop:53", b"drop:51"]


async def test_a_long_list_fits_into_a_message(stage: Stage, door: Door) -> None:
    for number in range(1, 400):
        door.desk.held[10**15 + number] = Person(10**15 + number, "🎬" * 200)
    await stage.write(text="/people")
    listed = await stage.answer()
    assert listed.text.splitlines()[-1] == f"... and {399 - access_texts.LISTED} more"
    assert len(listed.reply_markup.rows) == access_texts.LISTED + 1


def begins_with(listed: Any, number: int) -> bool:
    """Whether the list shows members from this number on."""
    return bool(listed.text.splitlines()[1].startswith(f"{number}. "))


async def test_a_long_list_is_paged_to_its_end(stage: Stage, door: Door) -> None:
    for number in range(1, 2 * access_texts.LISTED + 2):
        door.desk.held[100 + number] = Person(100 + number, f"Member {number}")
    await stage.write(text="/people")
    listed = await stage.answer()
    seen = list(buttons(listed).values())[:-1]
    for first in (access_texts.LISTED + 1, 2 * access_texts.LISTED + 1):
        await stage.world.press(stage.telegram.owner, listed, buttons(listed)["More"])
        await until(partial(begins_with, listed, first), pause=PAUSE)
        seen += list(buttons(listed).values())[:-1]
    assert seen == [f"drop:{number}".encode() for number in sorted(door.desk.held, reverse=True)]
    assert listed.text.splitlines()[-1].startswith(f"{2 * access_texts.LISTED + 1}. ")
    await stage.world.press(stage.telegram.owner, listed, buttons(listed)["First page"])
    await until(partial(begins_with, listed, 1), pause=PAUSE)


async def test_a_button_of_owners_serves_nobody_else(stage: Stage, door: Door) -> None:
    mia = somebody(stage, "Mia", 88)
    door.desk.held = {51: Person(51, "Leo"), mia.id: Person(mia.id, "Mia")}
    chat_id = -1_000_000_000_777
    for data in (b"drop:51", b"people:0", b"channels:0", f"serve:{chat_id}".encode()):
        message = await forged(stage, mia, data)
        assert (await stage.world.press(mia, message, data)).message == access_texts.NOT_YOURS
    assert 51 in door.desk.held
    assert door.served == []
