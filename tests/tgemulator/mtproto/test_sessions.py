"""MTProto sessions and service messages: acknowledgements, repeats, resending after a reconnection."""

import asyncio
import time

import pytest
from pyrogram import raw
from pyrogram.raw.core import Bytes

from tests.support.handlers import Slow, handling
from tests.support.rawclient import RawClient, container
from tests.tgemulator.conftest import again
from tgemulator.emulator import Emulator
from tgemulator.mtproto.connection import ACK_AFTER
from tgemulator.mtproto.session import MAX_UPDATES, RESENT_WHOLE

CONFIG = raw.functions.help.GetConfig()
NEAREST = raw.functions.help.GetNearestDc
PING = raw.functions.Ping(ping_id=7)


async def test_new_session_created_is_sent_once(client: RawClient) -> None:
    first = await client.send(PING, seq_no=0)
    created = await client.expect(raw.types.NewSessionCreated)
    assert (created.first_msg_id, created.server_salt) == (first, client.me.salt)
    await client.expect(raw.types.Pong)
    await client.send(PING, seq_no=0)
    assert isinstance((await client.receive()).value, raw.types.Pong)


async def test_msg_ids_and_seqnos_of_the_server_follow_the_protocol(bot: RawClient) -> None:
    ids = []
    for _ in range(3):
        await bot.send(CONFIG)
        received = await bot.receive()
        ids.append(received.msg_id)
        assert received.msg_id % 4 == 1  # an answer
        assert received.seq_no % 2 == 1  # that wants an acknowledgment
        assert abs(received.msg_id / (1 << 32) - time.time()) < 5
    assert ids == sorted(set(ids))


async def test_a_call_runs_once_however_often_it_is_sent(client: RawClient) -> None:
    await client.init()
    slow = Slow(raw.types.NearestDc(country="ZZ", this_dc=1, nearest_dc=1))
    with handling(NEAREST, slow, login=False):
        msg_id = await client.send(NEAREST(), seq_no=3)
        await slow.started.wait()
        await client.send(NEAREST(), msg_id=msg_id, seq_no=3)
        assert (await client.expect(raw.types.MsgsAck)).msg_ids == [msg_id]
        slow.go.set()
        first = await client.expect_message(raw.types.RpcResult)
        await client.send(NEAREST(), msg_id=msg_id, seq_no=3)
        second = await client.expect_message(raw.types.RpcResult)
        assert second == first
        await client.send(raw.types.MsgsAck(msg_ids=[first.msg_id]), seq_no=4)
        await client.send(NEAREST(), msg_id=msg_id, seq_no=3)
        assert (await client.expect(raw.types.MsgsAck)).msg_ids == [msg_id]
    assert slow.calls == 1


async def test_a_long_call_is_acknowledged_before_its_answer(client: RawClient) -> None:
    await client.init()
    slow = Slow(True)
    with handling(NEAREST, slow, login=False):
        began = time.monotonic()
        msg_id = await client.send(NEAREST())
        assert msg_id in (await client.expect(raw.types.MsgsAck)).msg_ids
        assert time.monotonic() - began >= ACK_AFTER * 0.5
        slow.go.set()
        assert await client.result(msg_id) is True


async def test_unacknowledged_answers_are_sent_again_on_a_new_connection(emulator: Emulator, client: RawClient) -> None:
    await client.init()
    slow = Slow(raw.types.NearestDc(country="ZZ", this_dc=1, nearest_dc=1))
    with handling(NEAREST, slow, login=False):
        msg_id = await client.send(NEAREST())
        await slow.started.wait()
        assert await emulator.drop_connections() == 1
        slow.go.set()
        async with await again(emulator, client, same_session=True) as back:
            await back.send(PING, content=False)
            assert (await back.result(msg_id)).country == "ZZ"
            await back.expect(raw.types.Pong)
    assert slow.calls == 1


async def test_large_answers_are_announced_and_sent_on_request(emulator: Emulator, client: RawClient) -> None:
    await client.init()
    answer = bytes(Bytes(bytes(RESENT_WHOLE)))

    async def large(*_: object) -> bytes:
        return b"".join((raw.types.upload.WebFile.ID.to_bytes(4, "little"), answer))

    with handling(NEAREST, large, login=False):
        msg_id = await client.send(NEAREST())
        await client.packet()
        await client.close()
        async with await again(emulator, client, same_session=True) as back:
            await back.send(PING, content=False)
            info = await back.expect(raw.types.MsgDetailedInfo)
            assert info.msg_id == msg_id
            assert info.bytes > RESENT_WHOLE
            await back.expect(raw.types.Pong)
            await back.send(raw.types.MsgResendReq(msg_ids=[info.answer_msg_id]), content=False)
            assert len(await back.packet()) > RESENT_WHOLE


async def test_acknowledged_answers_are_not_kept(emulator: Emulator, client: RawClient) -> None:
    await client.init()
    await client.send(CONFIG)
    answer = await client.receive()
    await client.send(raw.types.MsgsAck(msg_ids=[answer.msg_id]), content=False)
    await client.send(raw.types.MsgResendReq(msg_ids=[answer.msg_id]), content=False)
    assert isinstance((await client.receive()).value, raw.types.MsgsStateInfo)


async def test_msgs_state_req_is_answered_for_every_state(client: RawClient) -> None:
    early = client.me.msg_id()
    await client.send(PING, seq_no=0)
    skipped = client.me.msg_id()
    await client.init()
    slow = Slow(True)
    with handling(NEAREST, slow, login=False):
        running = await client.send(NEAREST())
        await slow.started.wait()
        pinged = await client.send(PING, content=False)
        future = client.me.msg_id(time.time() + 20)
        await client.send(raw.types.MsgsStateReq(msg_ids=[early, skipped, running, pinged, future]), content=False)
        info = (await client.expect(raw.types.MsgsStateInfo)).info
        assert [ord(state) for state in info] == [2, 2, 4 + 8 + 32, 4 + 16, 3]
        slow.go.set()


async def test_an_answer_may_be_dropped(client: RawClient) -> None:
    await client.init()
    slow = Slow(True)
    with handling(NEAREST, slow, login=False):
        running = await client.send(NEAREST())
        await slow.started.wait()
        assert isinstance(
            await client.call(raw.functions.RpcDropAnswer(req_msg_id=running)), raw.types.RpcAnswerDroppedRunning
        )
        slow.go.set()
        done = await client.send(CONFIG)
        received = await client.expect_message(raw.types.RpcResult)
        assert received.value.req_msg_id == done  # not `running`, whose answer is gone
    dropped = await client.call(raw.functions.RpcDropAnswer(req_msg_id=done))
    assert (dropped.msg_id, dropped.seq_no) == (received.msg_id, received.seq_no)
    assert isinstance(await client.call(raw.functions.RpcDropAnswer(req_msg_id=done)), raw.types.RpcAnswerUnknown)


async def test_answers_can_be_requested_again(client: RawClient) -> None:
    await client.init()
    msg_id = await client.send(CONFIG)
    first = await client.receive()
    await client.send(raw.types.MsgResendAnsReq(msg_ids=[msg_id]), content=False)
    assert await client.receive() == first


async def test_another_session_can_be_destroyed(emulator: Emulator, client: RawClient) -> None:
    async with await again(emulator, client, same_session=False) as other:
        await other.send(PING, content=False)
        await other.expect(raw.types.Pong)
        number = int.from_bytes(other.me.session_id, "little", signed=True)
    destroy = raw.functions.DestroySession(session_id=number)
    await client.send(destroy)
    assert (await client.expect(raw.types.DestroySessionOk)).session_id == number
    await client.send(destroy)
    assert (await client.expect(raw.types.DestroySessionNone)).session_id == number


async def test_ping_delay_disconnect_closes_the_connection(client: RawClient) -> None:
    await client.send(raw.functions.PingDelayDisconnect(ping_id=1, disconnect_delay=60))
    await client.expect(raw.types.Pong)
    await client.send(raw.functions.PingDelayDisconnect(ping_id=2, disconnect_delay=0))
    await client.expect(raw.types.Pong)
    with pytest.raises(EOFError):
        await client.receive()


async def test_service_messages_that_need_no_answer_get_none(client: RawClient) -> None:
    ids = [client.me.msg_id() for _ in range(3)]
    wait = raw.types.HttpWait(max_delay=0, wait_after=0, max_wait=0)
    info = raw.types.MsgsAllInfo(msg_ids=[1], info="\x01")
    await client.send(container((ids[0], 0, wait), (ids[1], 0, info), (ids[2], 0, PING)), content=False)
    assert isinstance((await client.receive()).value, raw.types.NewSessionCreated)
    assert (await client.expect(raw.types.Pong)).msg_id == ids[2]


async def test_a_malformed_service_message_is_refused(client: RawClient) -> None:
    error = await client.result(await client.send(PING.write()[:8]))
    assert error.error_message == "INPUT_FETCH_ERROR"


async def test_updates_go_to_subscribed_sessions_only(emulator: Emulator, bot: RawClient) -> None:
    user_id = int("4242")
    update = raw.types.UpdatesTooLong()
    async with await again(emulator, bot, same_session=False) as files:
        await files.call(raw.functions.InvokeWithoutUpdates(query=CONFIG))
        emulator.world.pushes.push(user_id, update)
        assert isinstance((await bot.receive()).value, raw.types.UpdatesTooLong)
        await files.send(PING, content=False)
        assert isinstance((await files.receive()).value, raw.types.Pong)


async def test_updates_are_kept_for_a_session_without_a_connection(emulator: Emulator, bot: RawClient) -> None:
    await bot.close()
    emulator.world.pushes.push(4242, raw.types.UpdatesTooLong())
    async with await again(emulator, bot, same_session=True) as back:
        await back.send(PING, content=False)
        await back.expect(raw.types.UpdatesTooLong)


async def test_too_many_updates_become_updates_too_long(emulator: Emulator, bot: RawClient) -> None:
    empty = raw.types.Updates(updates=[], users=[], chats=[], date=0, seq=0)
    for _ in range(MAX_UPDATES + 10):
        emulator.world.pushes.push(4242, empty)
    kinds = [type((await bot.receive()).value) for _ in range(MAX_UPDATES + 1)]
    assert kinds == [raw.types.Updates] * MAX_UPDATES + [raw.types.UpdatesTooLong]
    await bot.send(PING, content=False)
    assert isinstance((await bot.receive()).value, raw.types.Pong)  # and nothing more until it is acknowledged


async def test_restarting_a_dc_destroys_sessions_but_not_keys(emulator: Emulator, client: RawClient) -> None:
    await client.init()
    port = emulator.address(2)[1]
    down = asyncio.create_task(emulator.restart_dc(2, down_for=0.5))
    with pytest.raises((EOFError, ConnectionError)):
        await client.receive()
    with pytest.raises(ConnectionRefusedError):
        await again(emulator, client, same_session=True)
    await down
    assert emulator.address(2)[1] == port
    async with await again(emulator, client, same_session=True) as back:
        await back.send(PING, content=False)
        await back.expect(raw.types.NewSessionCreated)
