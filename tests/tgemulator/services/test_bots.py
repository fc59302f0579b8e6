"""Commands, buttons and their answers."""

import asyncio
from typing import Any

import pytest
from pyrogram import errors, raw, types

from tests.support.waiting import until
from tests.tgemulator.services.conftest import Stage, Starter
from tests.tgemulator.services.test_messages import updates_of
from tests.tgemulator.services.test_updates import chat_id_of
from tgemulator.errors import RpcError


def keyboard(*buttons: types.InlineKeyboardButton) -> types.InlineKeyboardMarkup:
    return types.InlineKeyboardMarkup([list(buttons)])


async def test_commands_of_a_bot_are_set_read_and_deleted(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    await bot.set_bot_commands([types.BotCommand("start", "Begin"), types.BotCommand("help", "What I can do")])
    assert stage.world.commands.get(stage.bot.id) == [("start", "Begin"), ("help", "What I can do")]
    assert [item.command for item in await bot.get_bot_commands()] == ["start", "help"]
    ada = await start(stage.ada)
    full = await ada.invoke(raw.functions.users.GetFullUser(id=await ada.resolve_peer("vault_bot")))
    assert [item.command for item in full.full_user.bot_info.commands] == ["start", "help"]
    await bot.delete_bot_commands()
    assert stage.world.commands.get(stage.bot.id) == []


@pytest.mark.parametrize(
    ("command", "description", "error"),
    [
        ("Start", "x", "BOT_COMMAND_INVALID"),
        ("with space", "x", "BOT_COMMAND_INVALID"),
        ("x" * 33, "x", "BOT_COMMAND_INVALID"),
        ("start", "", "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("start", "x" * 257, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_bad_commands_are_refused(
    stage: Stage, start: Starter, command: str, description: str, error: str
) -> None:
    bot = await start(stage.bot)
    with pytest.raises(errors.RPCError, match=error):
        await bot.set_bot_commands([types.BotCommand(command, description)])


async def test_a_press_reaches_the_bot_and_its_answer_the_user(stage: Stage, start: Starter) -> None:
    await stage.world.send_private(stage.ada, stage.bot, text="/start")
    bot = await start(stage.bot)

    @bot.on_callback_query()  # type: ignore[untyped-decorator]  # the library is untyped
    async def pressed(_: Any, query: Any) -> None:
        await query.answer(f"you chose {query.data}", show_alert=True)

    markup = keyboard(types.InlineKeyboardButton("A", callback_data="a"))
    sent = await bot.send_message(stage.ada.id, "choose", reply_markup=markup)
    mine = next(item for item in stage.world.mailbox(stage.ada.id).messages.values() if item.text == "choose")
    answer = await stage.world.press(stage.ada, mine, b"a")
    assert (answer.message, answer.alert) == ("you chose a", True)
    ada = await start(stage.ada)
    await ada.resolve_peer("vault_bot")
    again = await ada.request_callback_answer(stage.bot.id, mine.id, "a")
    assert again.message == "you chose a"
    with pytest.raises(RpcError, match="DATA_INVALID"):
        await stage.world.press(stage.ada, mine, b"b")
    assert sent.reply_markup.inline_keyboard[0][0].callback_data == "a"


async def test_a_press_that_the_bot_does_not_answer_times_out(stage: Stage) -> None:
    data = raw.types.InlineButtonTypeCallback(data=b"a")
    row = raw.types.KeyboardInlineButtonRow(buttons=[raw.types.KeyboardInlineButton(text="A", type=data)])
    markup = raw.types.ReplyInlineMarkup(rows=[row])
    message = await stage.world.send_private(stage.bot, stage.ada, text="choose", reply_markup=markup)
    with pytest.raises(RpcError, match="BOT_RESPONSE_TIMEOUT"):
        await stage.world.press(stage.ada, message, b"a", timeout=0)


async def test_an_answer_to_an_unknown_query_is_refused(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    with pytest.raises(errors.QueryIdInvalid):
        await bot.answer_callback_query("123456")


@pytest.mark.parametrize(
    ("button", "error"),
    [
        (types.InlineKeyboardButton("Watch", url="http://localhost:8080/watch/1"), "BUTTON_URL_INVALID"),
        (types.InlineKeyboardButton("Watch", url="http://homeserver/watch/1"), "BUTTON_URL_INVALID"),
        (types.InlineKeyboardButton("Press", callback_data="x" * 65), "BUTTON_DATA_INVALID"),
        (types.InlineKeyboardButton(" ", callback_data="x"), "BUTTON_TEXT_INVALID"),
    ],
    ids=["localhost", "no dot", "data", "text"],
)
async def test_bad_buttons_are_refused(
    stage: Stage, start: Starter, button: types.InlineKeyboardButton, error: str
) -> None:
    bot = await start(stage.bot)
    with pytest.raises(errors.RPCError, match=error):
        await bot.send_message(chat_id_of(stage.films), "text", reply_markup=keyboard(button))
    assert stage.films.last_id == 1


async def test_a_url_button_is_kept_until_an_edit_without_it(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    edits = updates_of(bot, "edited_message")
    button = types.InlineKeyboardButton("Watch", url="https://example.org/watch/1")
    sent = await bot.send_message(chat_id_of(stage.films), "film", reply_markup=keyboard(button))
    assert stage.films.messages[sent.id].reply_markup.rows[0].buttons[0].type.url == button.url
    edited = await bot.edit_message_text(chat_id_of(stage.films), sent.id, "film")
    assert edited.reply_markup is None
    assert edits.empty()


async def test_a_start_parameter_reaches_the_bot(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    inbox = updates_of(bot)
    ada = await start(stage.ada)
    await ada.start_bot("vault_bot", "abc")
    assert (await asyncio.wait_for(inbox.get(), 5)).text == "/start abc"


@pytest.mark.parametrize("parameter", ["a b", "ä", "a+b", "a=", "x" * 65, "login.1", "a\n"])
async def test_a_start_parameter_that_no_link_can_have_is_refused(stage: Stage, start: Starter, parameter: str) -> None:
    await start(stage.bot)
    ada = await start(stage.ada)
    with pytest.raises(errors.RPCError, match="START_PARAM_INVALID"):
        await ada.start_bot("vault_bot", parameter)
    with pytest.raises(RpcError, match="START_PARAM_INVALID"):
        await stage.world.start_bot(stage.ada, stage.bot, parameter)
    assert stage.world.mailbox(stage.bot.id).messages == {}


async def test_a_persons_own_commands_go_before_those_of_everybody(stage: Stage, start: Starter) -> None:
    bot = await start(stage.bot)
    ada, ben = await start(stage.ada), stage.world.add_user("+15550999", first_name="Ben")
    await stage.world.start_bot(stage.ada, stage.bot)
    await until(lambda: stage.world.mailbox(stage.bot.id).messages)
    for scope, name in (
        (types.BotCommandScopeDefault(), "start"),
        (types.BotCommandScopeAllPrivateChats(), "help"),
        (types.BotCommandScopeChat(stage.ada.id), "invite"),
    ):
        await bot.set_bot_commands([types.BotCommand(name, "x")], scope=scope)
        full = await ada.invoke(raw.functions.users.GetFullUser(id=await ada.resolve_peer("vault_bot")))
        assert [item.command for item in full.full_user.bot_info.commands] == [name]
    assert stage.world.commands.shown(stage.bot.id, ("peer", "user", ben.id), ("users",)) == [("help", "x")]


async def test_an_edit_that_changes_nothing_and_an_answer_that_comes_too_late_are_refused(
    stage: Stage, start: Starter
) -> None:
    await stage.world.start_bot(stage.ada, stage.bot)
    bot = await start(stage.bot)
    queries: asyncio.Queue[Any] = asyncio.Queue()

    @bot.on_callback_query()  # type: ignore[untyped-decorator]  # the library is untyped
    async def pressed(_: Any, query: Any) -> None:
        queries.put_nowait(query)

    markup = keyboard(types.InlineKeyboardButton("A", callback_data="a"))
    sent = await bot.send_message(stage.ada.id, "choose", reply_markup=markup)
    with pytest.raises(errors.MessageNotModified):
        await bot.edit_message_text(stage.ada.id, sent.id, "choose", reply_markup=markup)
    mine = next(item for item in stage.world.mailbox(stage.ada.id).messages.values() if item.text == "choose")
    with pytest.raises(RpcError, match="BOT_RESPONSE_TIMEOUT"):
        await stage.world.press(stage.ada, mine, b"a", timeout=0.2)
    query = await asyncio.wait_for(queries.get(), 5)
    with pytest.raises(errors.QueryIdInvalid):
        await query.answer("too late")
    await bot.edit_message_text(stage.ada.id, sent.id, "choose")
    assert mine.reply_markup is None
