"""The checks of the dispatcher, their errors, and the answers of handlers."""

import logging
from typing import Any

import pytest
from pyrogram import raw
from pyrogram.raw.core import Long

from tests.support.handlers import Slow, handling
from tests.support.rawclient import RawClient, TransportFailure, initialised
from tests.tgemulator.conftest import HOME, login
from tgemulator.emulator import Emulator
from tgemulator.errors import RpcError, TransportError
from tgemulator.faults.registry import DropConnection
from tgemulator.services.registry import Call

CONFIG = raw.functions.help.GetConfig()
NEAREST = raw.functions.help.GetNearestDc
UNKNOWN = raw.functions.langpack.GetLanguages(lang_pack="")


async def _error(client: RawClient, query: Any) -> tuple[int, str]:
    answer = await client.call(query)
    assert isinstance(answer, raw.types.RpcError)
    return answer.error_code, answer.error_message


async def test_the_first_call_of_a_key_needs_init_connection(client: RawClient) -> None:
    assert await _error(client, CONFIG) == (400, "CONNECTION_NOT_INITED")
    await client.init()
    assert isinstance(await client.call(CONFIG), raw.types.Config)


@pytest.mark.parametrize("layer", [0, -1, 100_000])
async def test_an_unknown_layer_is_refused(client: RawClient, layer: int) -> None:
    query = initialised(CONFIG)
    query.layer = layer
    assert await _error(client, query) == (400, "CONNECTION_LAYER_INVALID")


async def test_an_api_id_of_0_is_refused(client: RawClient) -> None:
    query = initialised(CONFIG)
    query.query.api_id = 0
    assert await _error(client, query) == (400, "CONNECTION_API_ID_INVALID")


async def test_an_unknown_method_is_refused_and_counted(
    emulator: Emulator, bot: RawClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "tgemulator"):
        assert await _error(bot, UNKNOWN) == (400, f"INPUT_METHOD_INVALID_{UNKNOWN.ID}")
        assert (await _error(bot, b"\x01\x02\x03\x04"))[1] == f"INPUT_METHOD_INVALID_{0x04030201}"
    assert "langpack.getLanguages" in caplog.text
    assert emulator.counters.value("unknown_methods", method="langpack.getLanguages") == 1


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (login().write()[:-4], "INPUT_FETCH_ERROR"),
        (login().write() + bytes(4), "INPUT_FETCH_ERROR"),
        (raw.functions.InvokeWithoutUpdates.ID.to_bytes(4, "little"), "INPUT_FETCH_ERROR"),
        (raw.functions.users.GetUsers.ID.to_bytes(4, "little") + b"\x11" * 8, "INPUT_CONSTRUCTOR_INVALID_286331153"),
        (raw.functions.InvokeWithoutUpdates.ID.to_bytes(4, "little") * 20, "INPUT_FETCH_ERROR"),
    ],
)
async def test_a_malformed_query_is_refused(bot: RawClient, body: bytes, text: str) -> None:
    async def never(call: Call, query: Any) -> Any:
        raise AssertionError

    with handling(raw.functions.users.GetUsers, never):
        assert await _error(bot, body) == (400, text)


async def test_a_method_that_needs_a_login_is_refused_without(client: RawClient) -> None:
    await client.init()
    assert await _error(client, raw.functions.updates.GetState()) == (401, "AUTH_KEY_UNREGISTERED")


async def test_bots_cannot_call_methods_for_users(bot: RawClient, caplog: pytest.LogCaptureFixture) -> None:
    with handling(NEAREST, Slow(True), bots=False), caplog.at_level(logging.WARNING, "tgemulator"):
        assert await _error(bot, NEAREST()) == (400, "BOT_METHOD_INVALID")
    assert "help.getNearestDc" in caplog.text


async def test_users_cannot_call_methods_for_bots(emulator: Emulator, client: RawClient) -> None:
    await client.init()
    (key,) = emulator.keys.all()
    emulator.keys.log_in(key, emulator.world.add_user("+15550100", first_name="Ada", home_dc=HOME).id)
    with handling(NEAREST, Slow(True), users=False):
        assert await _error(client, NEAREST()) == (400, "USER_BOT_REQUIRED")


async def test_a_media_only_address_refuses_other_methods_than_files(emulator: Emulator, bot: RawClient) -> None:
    address = emulator.address(HOME, media_only=True)
    async with await RawClient.connect(address, identity=bot.me) as media:
        assert isinstance(await media.call(CONFIG), raw.types.Config)
        code, text = await _error(media, raw.functions.updates.GetState())
        assert (code, text.rpartition("_")[0]) == (400, "INPUT_METHOD_INVALID")
    assert emulator.counters.value("rejected", why="media_only") == 1


async def test_a_cdn_dc_refuses_methods_of_other_dcs(emulator: Emulator) -> None:
    async with await RawClient.connect(emulator.address(203)) as client:
        await client.make_key(emulator.cdn_public_key_pem)
        assert await _error(client, NEAREST()) == (400, "CDN_METHOD_INVALID")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (True, True),
        (False, False),
        ([raw.types.InputUserSelf()], [raw.types.InputUserSelf()]),
        (raw.types.InputUserSelf(), raw.types.InputUserSelf()),
        (raw.types.InputUserSelf().write(), raw.types.InputUserSelf()),
        (raw.core.Vector([5, 6], Long), [5, 6]),
        (raw.types.NearestDc(country="Z" * 20_000, this_dc=1, nearest_dc=1),) * 2,  # packed on its way
    ],
)
async def test_every_kind_of_answer_is_serialised(client: RawClient, answer: Any, expected: Any) -> None:
    async def handler(call: Call, query: Any) -> Any:
        return answer

    await client.init()
    with handling(NEAREST, handler, login=False):
        assert await client.call(NEAREST()) == expected


async def test_a_bug_in_a_handler_is_a_500(client: RawClient, caplog: pytest.LogCaptureFixture) -> None:
    async def handler(call: Call, query: Any) -> Any:
        raise ZeroDivisionError

    await client.init()
    with handling(NEAREST, handler, login=False):
        assert await _error(client, NEAREST()) == (500, "INTERNAL")
    assert "ZeroDivisionError" in caplog.text


async def test_errors_raised_by_handlers_reach_the_client(emulator: Emulator, client: RawClient) -> None:
    raised: list[Exception] = [RpcError(420, "FLOOD_WAIT_7"), TransportError(-429)]

    async def handler(call: Call, query: Any) -> Any:
        raise raised.pop(0)

    await client.init()
    with handling(NEAREST, handler, login=False):
        assert await _error(client, NEAREST()) == (420, "FLOOD_WAIT_7")
        await client.send(NEAREST())
        with pytest.raises(TransportFailure) as failure:
            await client.receive()
        assert failure.value.code == -429
    assert emulator.counters.value("errors", code=420, method="help.getNearestDc") == 1
    assert emulator.counters.value("errors", code=-429) == 1


async def test_a_handler_can_drop_the_connection(client: RawClient) -> None:
    async def handler(call: Call, query: Any) -> Any:
        raise DropConnection

    await client.init()
    with handling(NEAREST, handler, login=False):
        await client.send(NEAREST())
        with pytest.raises((EOFError, ConnectionError)):
            await client.receive()


async def test_calls_run_at_the_same_time_unless_ordered(client: RawClient) -> None:
    await client.init()
    slow = Slow(True)
    with handling(NEAREST, slow, login=False):
        first = await client.send(NEAREST())
        await slow.started.wait()
        after = await client.send(raw.functions.InvokeAfterMsg(msg_id=first, query=CONFIG))
        assert isinstance(await client.call(CONFIG), raw.types.Config)  # overtakes
        slow.go.set()
        assert [(await client.expect(raw.types.RpcResult)).req_msg_id for _ in range(2)] == [first, after]


async def test_a_call_ordered_after_a_failed_one_fails(client: RawClient) -> None:
    await client.init()
    failed = await client.send(UNKNOWN)
    await client.result(failed)
    for wrapped in (
        raw.functions.InvokeAfterMsg(msg_id=failed, query=CONFIG),
        raw.functions.InvokeAfterMsgs(msg_ids=[1, failed], query=CONFIG),
    ):
        assert await _error(client, wrapped) == (400, "MSG_WAIT_FAILED")


async def test_calls_are_counted(emulator: Emulator, bot: RawClient) -> None:
    before = emulator.counters.value("calls", method="help.getConfig", user=4242)
    await bot.call(CONFIG)
    assert emulator.counters.value("calls", method="help.getConfig", user=4242) == before + 1
