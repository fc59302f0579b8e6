"""People who write to the bot and press its buttons, in tests with `bot_stage` and a `Door`."""

from typing import Any

from pyrogram import raw

from streamvault.access.identity import Person
from streamvault.access.login import Outcome, Started
from tests.support.bot_stage import PAUSE, Stage
from tests.support.people import Door
from tests.support.stack import HOME_DC
from tests.support.waiting import until


def somebody(stage: Stage, name: str = "Eve", number: int = 77) -> Any:
    return stage.world.add_user(f"+155501{number}", first_name=name, home_dc=HOME_DC)


def member(stage: Stage, door: Door, name: str = "Mia", number: int = 88) -> Any:
    user = somebody(stage, name, number)
    door.desk.held[user.id] = Person(user.id, name)
    return user


def owner(stage: Stage) -> Person:
    return Person(stage.telegram.owner.id, "Owner")


def buttons(message: Any) -> dict[str, bytes]:
    """Label and data of the buttons under a message."""
    rows = message.reply_markup.rows if message.reply_markup else []
    found = [button for row in rows for button in row.buttons]
    return {one.text: one.type.data for one in found if isinstance(one.type, raw.types.InlineButtonTypeCallback)}


async def edited(message: Any, text: str) -> None:
    await until(lambda: message.text == text, pause=PAUSE)
    assert message.reply_markup is None


async def outcome(door: Door, started: Started) -> Outcome:
    return await door.access.logins.outcome(started.code, started.secret)


async def forged(stage: Stage, user: Any, data: bytes) -> Any:
    """A message of the bot to `user` with a button that sends `data`."""
    await stage.write(user, text="/help")
    button = raw.types.KeyboardInlineButton(text="x", type=raw.types.InlineButtonTypeCallback(data=data))
    rows = [raw.types.KeyboardInlineButtonRow(buttons=[button])]
    return await stage.world.send_private(
        stage.telegram.bot, user, text="x", reply_markup=raw.types.ReplyInlineMarkup(rows=rows)
    )
