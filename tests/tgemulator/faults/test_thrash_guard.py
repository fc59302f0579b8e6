"""Too many exports, keys or logins are answered with long flood waits."""

from pyrogram import raw

from tests.support.offline import BOB, SetClock, call_of
from tests.support.outcomes import outcome, outcomes
from tgemulator.emulator import Emulator
from tgemulator.faults.floods import ThrashGuard


async def test_too_many_exports_of_an_account_get_a_long_flood_wait(emulator: Emulator, clock: SetClock) -> None:
    emulator.faults.thrash_guard(ThrashGuard(exports=3, window=60))
    call, export = call_of(emulator), "auth.exportAuthorization"
    assert await outcomes(call, 4, name=export) == ["ok"] * 3 + ["420 FLOOD_WAIT_2000"]
    assert await outcome(call_of(emulator, BOB), export) == "ok"
    assert await outcome(call) == "ok", "files are not concerned"
    clock.now += 1000
    assert await outcome(call, export) == "420 FLOOD_WAIT_1000"
    assert emulator.counters.value("early_calls", method=export) == 1
    clock.now += 1000
    assert await outcome(call, export) == "ok"


async def test_exports_that_are_far_apart_are_not_limited(emulator: Emulator, clock: SetClock) -> None:
    emulator.faults.thrash_guard(ThrashGuard(exports=2, window=60))
    call = call_of(emulator)
    for _ in range(10):
        assert await outcome(call, "auth.exportAuthorization") == "ok"
        clock.now += 30


async def test_too_many_keys_stop_logins_and_exports_of_all_accounts(emulator: Emulator, clock: SetClock) -> None:
    emulator.faults.thrash_guard(ThrashGuard(keys=5, window=60))
    login = raw.functions.auth.ImportBotAuthorization(flags=0, api_id=1, api_hash="", bot_auth_token="77:x")
    for _ in range(5):
        emulator.faults.key_made(2)
    assert await outcome(call_of(emulator, None), "auth.importBotAuthorization", login) == "ok"
    emulator.faults.key_made(4)
    assert await outcome(call_of(emulator, BOB), "auth.exportAuthorization") == "ok"
    emulator.faults.key_made(2)
    assert await outcome(call_of(emulator, None), "auth.importBotAuthorization", login) == "420 FLOOD_WAIT_2000"
    assert await outcome(call_of(emulator, BOB), "auth.exportAuthorization") == "420 FLOOD_WAIT_2000"
    clock.now += 2000
    assert await outcome(call_of(emulator, BOB), "auth.exportAuthorization") == "ok"


async def test_logins_of_a_bot_are_counted_by_its_token(emulator: Emulator) -> None:
    emulator.faults.thrash_guard(ThrashGuard(logins=1))
    logins = [
        raw.functions.auth.ImportBotAuthorization(flags=0, api_id=1, api_hash="", bot_auth_token=f"{number}:x")
        for number in (77, 78, 77)
    ]
    found = [await outcome(call_of(emulator, None), "auth.importBotAuthorization", login) for login in logins]
    assert found == ["ok", "ok", "420 FLOOD_WAIT_2000"]


async def test_the_guard_is_on_by_default_and_can_be_switched_off(emulator: Emulator) -> None:
    guard = emulator.faults.thrash.guard
    assert guard is not None
    emulator.faults.thrash_guard(None)
    call = call_of(emulator)
    assert set(await outcomes(call, guard.exports + 5, name="auth.exportAuthorization")) == {"ok"}
