"""Each fault acts on its scope, as often as it should, and ends when it is lifted."""

import asyncio
from typing import Any

import pytest
from pyrogram import raw

from tests.support.offline import ALICE, BOB, SetClock, call_of
from tests.support.outcomes import GET_FILE, outcome, outcomes
from tgemulator.emulator import Emulator
from tgemulator.errors import RpcError
from tgemulator.world.content import SyntheticContent


async def test_without_faults_every_call_passes(emulator: Emulator) -> None:
    assert await outcomes(call_of(emulator), 100) == ["ok"] * 100


async def test_a_fault_skips_the_first_calls_and_acts_its_number_of_times(emulator: Emulator) -> None:
    fault = emulator.faults.error(500, "RPC_CALL_FAIL", after=2, times=3)
    assert await outcomes(call_of(emulator), 7) == ["ok"] * 2 + ["500 RPC_CALL_FAIL"] * 3 + ["ok"] * 2
    assert (fault.seen, fault.used) == (7, 3)


@pytest.mark.parametrize(
    ("scope", "affected"),
    [
        ({}, True),
        ({"method": GET_FILE}, True),
        ({"method": "upload."}, True),
        ({"method": "upload"}, False),
        ({"method": "messages.getMessages"}, False),
        ({"user": ALICE}, True),
        ({"user": BOB}, False),
        ({"dc": 2}, True),
        ({"dc": 4}, False),
        ({"media": False}, True),
        ({"media": True}, False),
        ({"file": 77}, True),
        ({"file": 78}, False),
        ({"dc": 2, "user": BOB}, False),
    ],
)
async def test_a_fault_stays_within_its_scope(emulator: Emulator, scope: Any, affected: bool) -> None:
    emulator.faults.error(**scope)
    location = raw.types.InputDocumentFileLocation(id=77, access_hash=0, file_reference=b"", thumb_size="")
    query = raw.functions.upload.GetFile(location=location, offset=0, limit=4096)
    assert await outcome(call_of(emulator), query=query) == ("-503 Timeout" if affected else "ok")


def _queries_of(channel: int) -> dict[str, Any]:
    """Queries that name a channel: as the channel, as a peer, in a list, and one object down."""
    functions, peer = raw.functions, raw.types.InputPeerChannel(channel_id=channel, access_hash=0)
    given = raw.types.InputChannel(channel_id=channel, access_hash=0)
    everything = raw.types.ChannelMessagesFilterEmpty()
    return {
        "updates.getChannelDifference": functions.updates.GetChannelDifference(
            channel=given, filter=everything, pts=1, limit=1
        ),
        "messages.sendMessage": functions.messages.SendMessage(peer=peer, message="x", random_id=1),
        "channels.getChannels": functions.channels.GetChannels(id=[given]),
        "messages.getPeerDialogs": functions.messages.GetPeerDialogs(peers=[raw.types.InputDialogPeer(peer=peer)]),
    }


@pytest.mark.parametrize("method", list(_queries_of(1)))
async def test_a_fault_of_one_channel_leaves_the_others_alone(emulator: Emulator, method: str) -> None:
    """E: every call that names the channel fails, of whatever method, and no other."""
    fault = emulator.faults.error(500, "INTERNAL", channel=7)
    call = call_of(emulator)
    seven, eight = _queries_of(7)[method], _queries_of(8)[method]
    assert [await outcome(call, method, query) for query in (seven, eight, None)] == ["500 INTERNAL", "ok", "ok"]
    assert fault.used == 1


async def test_a_flood_wait_of_one_channel_closes_the_method_for_that_channel_only(emulator: Emulator) -> None:
    call, method = call_of(emulator), "updates.getChannelDifference"
    emulator.faults.flood_wait(30, channel=7, times=1)
    seen = [await outcome(call, method, _queries_of(channel)[method]) for channel in (7, 8, 7)]
    assert seen == ["420 FLOOD_WAIT_30", "ok", "420 FLOOD_WAIT_30"]


async def test_errors_of_every_layer(emulator: Emulator) -> None:
    call = call_of(emulator)
    with emulator.faults.error(406, "AUTH_KEY_DUPLICATED"):
        assert await outcome(call) == "406 AUTH_KEY_DUPLICATED"
    with emulator.faults.transport_error(-429):
        assert await outcome(call) == "-429"
    with emulator.faults.drop():
        assert await outcome(call) == "dropped"
    assert await outcome(call) == "ok"
    assert emulator.faults.active() == []


async def test_a_flood_wait_is_remembered_and_early_calls_are_counted(emulator: Emulator, clock: SetClock) -> None:
    emulator.faults.flood_wait(30, method=GET_FILE, user=ALICE, times=1)
    call = call_of(emulator)
    assert await outcome(call) == "420 FLOOD_WAIT_30"
    assert await outcome(call) == "420 FLOOD_WAIT_30"
    assert emulator.counters.value("early_calls") == 0, "it was sent before the answer could arrive"
    clock.now += 10.5
    assert await outcome(call) == "420 FLOOD_WAIT_20"
    assert emulator.counters.value("early_calls", user=ALICE, method=GET_FILE) == 1
    assert await outcome(call, "messages.getMessages") == "ok"
    assert await outcome(call_of(emulator, BOB)) == "ok"
    clock.now += 19.5
    assert await outcome(call) == "ok"
    assert emulator.counters.value("early_calls") == 1


async def test_a_flood_wait_may_end_at_a_given_time_or_be_a_premium_wait(emulator: Emulator, clock: SetClock) -> None:
    call = call_of(emulator)
    emulator.faults.flood_wait(until=clock.now + 12.2, times=1)
    assert await outcome(call) == "420 FLOOD_WAIT_13"
    clock.now += 12.2
    emulator.faults.flood_wait(3, premium=True, times=1)
    assert await outcome(call) == "420 FLOOD_PREMIUM_WAIT_3"


async def test_more_calls_than_the_rate_allows_get_a_flood_wait(emulator: Emulator, clock: SetClock) -> None:
    emulator.faults.rate_limit(3, per=1, seconds=5)
    call = call_of(emulator)
    assert await outcomes(call, 4) == ["ok"] * 3 + ["420 FLOOD_WAIT_5"]
    assert await outcomes(call_of(emulator, BOB), 3) == ["ok"] * 3
    clock.now += 5
    assert await outcomes(call, 2) == ["ok"] * 2
    clock.now += 0.4
    assert await outcome(call) == "ok"
    clock.now += 0.6
    assert await outcomes(call, 2) == ["ok"] * 2, "the first two are a second old"


async def test_dead_key_deletes_keys_logs_them_out_or_refuses_their_calls(emulator: Emulator) -> None:
    home, foreign, other = call_of(emulator), call_of(emulator, dc_id=4), call_of(emulator, BOB, dc_id=4)
    with emulator.faults.dead_key(401, "SESSION_REVOKED", user=ALICE, dc=4):
        assert [await outcome(call) for call in (home, foreign, other)] == ["ok", "401 SESSION_REVOKED", "ok"]
        assert await outcome(call_of(emulator, dc_id=4)) == "ok", "a key made later is valid"
    emulator.faults.dead_key(401, "AUTH_KEY_UNREGISTERED", dc=2)
    assert (home.key.user_id, foreign.key.user_id) == (None, ALICE)
    emulator.faults.dead_key(dc=4, user=ALICE)
    assert not emulator.keys.exists(foreign.key.id)
    assert emulator.keys.exists(other.key.id)


async def test_a_slow_answer_waits_until_it_is_lifted(emulator: Emulator) -> None:
    fault = emulator.faults.slow_answer()
    waiting = asyncio.create_task(outcome(call_of(emulator)))
    await asyncio.wait({waiting}, timeout=0.05)
    assert (fault.used, waiting.done()) == (1, False)
    fault.lift()
    assert await waiting == "ok"


async def test_a_slow_answer_comes_after_its_seconds(emulator: Emulator) -> None:
    loop = asyncio.get_running_loop()
    emulator.faults.slow_answer(0.05)
    began = loop.time()
    assert await outcome(call_of(emulator)) == "ok"
    assert loop.time() - began >= 0.045


async def test_conditions_follow_the_faults_at_once(emulator: Emulator) -> None:
    faults = emulator.faults
    main, media = faults.conditions(2, media_only=False), faults.conditions(2, media_only=True)
    other = faults.conditions(4, media_only=False)
    slow, slower = faults.latency(0.04), faults.latency(0.01, dc=2)
    narrow = faults.bandwidth(1000, dc=2, media=True)
    assert (main.latency, media.latency, other.latency) == (0.05, 0.05, 0.04)
    assert (main.bandwidth, media.bandwidth) == (None, 1000)
    with faults.half_open(dc=4):
        assert (main.half_open, other.half_open) == (False, True)
    for fault in (slow, slower, narrow):
        fault.lift()
    assert (main.latency, media.bandwidth, other.half_open) == (0, None, False)


async def test_a_limited_network_fault_takes_the_first_connections_in_use_and_no_others(emulator: Emulator) -> None:
    faults = emulator.faults
    idle, home, elsewhere = (
        faults.conditions(dc, media_only=media) for dc, media in ((2, True), (2, False), (4, True))
    )
    fault = faults.stall(dc=2, media=True, connections=1)
    busy = faults.conditions(2, media_only=True)
    for item in (home, elsewhere):
        item.packet_seen()
    assert not any(item.stalled for item in (idle, busy, home, elsewhere)), "none in scope is in use yet"
    busy.packet_seen()
    idle.packet_seen()
    assert [item.stalled for item in (idle, busy)] == [False, True]
    with faults.stall(dc=2, connections=2):
        for item in (busy, idle, home):
            item.packet_seen()
        assert [item.stalled for item in (idle, busy, home)] == [True, True, False], "one that is affected counts again"
    assert [item.stalled for item in (idle, busy)] == [False, True]
    assert (fault.describe()["used"], "affected" in fault.describe()) == (1, False)
    fault.lift()
    assert (busy.stalled, busy.on_packet) == (False, None)


async def test_waiting_on_a_stalled_connection_ends_when_the_fault_is_lifted(emulator: Emulator) -> None:
    conditions = emulator.faults.conditions(2, media_only=False)
    await conditions.until_flowing()
    fault = emulator.faults.stall(dc=2)
    waiting = asyncio.create_task(conditions.until_flowing())
    other = emulator.faults.latency(1.0)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done(), "switching on another fault does not end the stall"
    fault.lift()
    await waiting
    other.lift()


async def test_chunks_are_cut_emptied_or_changed(emulator: Emulator) -> None:
    faults, call = emulator.faults, call_of(emulator)
    file = emulator.files.add(SyntheticContent(1 << 20, 1), dc_id=2)
    other = emulator.files.add(SyntheticContent(1 << 20, 2), dc_id=2)
    data = file.content.read(0, 8192)
    with faults.short_chunk(1000, file=file.id):
        assert faults.shape_chunk(call, data, file_id=file.id) == data[:1000]
        assert faults.shape_chunk(call, data, file_id=other.id) == data
    with faults.empty_chunk(times=1):
        assert [faults.shape_chunk(call, data, file_id=file.id) for _ in range(2)] == [b"", data]
    with faults.wrong_bytes(at=8192 + 5):
        wrong = faults.shape_chunk(call, data, file_id=file.id)
    assert [index for index in range(8192) if wrong[index] != data[index]] == [5]
    assert len(wrong) == 8192
    assert faults.shape_chunk(call, data, file_id=file.id) == data


async def test_lifting_all_ends_faults_and_waits(emulator: Emulator) -> None:
    emulator.faults.flood_wait(30, times=1)
    emulator.faults.stall()
    call = call_of(emulator)
    assert await outcome(call) == "420 FLOOD_WAIT_30"
    assert [fault.describe()["name"] for fault in emulator.faults.active()] == ["flood_wait", "link"]
    emulator.faults.lift_all()
    assert emulator.faults.active() == []
    assert await outcome(call) == "ok"
    with pytest.raises(KeyError):
        emulator.faults.lift(1)


async def test_references_expire_by_fault(emulator: Emulator) -> None:
    file = emulator.files.add(SyntheticContent(10, 1), dc_id=2)
    reference = emulator.files.file_reference(file, ALICE, origin=1)
    emulator.faults.expire_references(file)
    with pytest.raises(RpcError, match="FILE_REFERENCE_EXPIRED"):
        emulator.files.check_reference(file, ALICE, reference=reference)
