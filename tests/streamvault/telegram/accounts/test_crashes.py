"""Crashes after the server has handled a request and before its answer is stored."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from streamvault.errors import SourceUnavailable
from streamvault.media.model import MediaFile
from streamvault.telegram.mtproto import resend
from streamvault.telegram.mtproto.clock import ServerClock
from streamvault.telegram.mtproto.pending import PendingRequest
from streamvault.telegram.sessions import codec
from streamvault.telegram.sessions.file import FileBackend
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import Identity, StoredKey
from tests.streamvault.telegram.conftest import Connect, Online, exports, keys, right
from tests.support.stack import ENTRY_DC, FOREIGN_DC, HOME_DC, MIB, EmulatedWorld
from tests.support.waiting import until

TRIP = 0.15
"""Seconds of latency each way, so that a process can be ended while an answer is on its way."""


def totals(world: EmulatedWorld) -> dict[str, Any]:
    counters = world.emulator.counters
    return {"keys": counters.by("keys_created", "dc")} | {
        name: counters.value(name) for name in ("logins", "exports", "imports")
    }


@pytest.mark.parametrize("moment", ["keys", "logins"])
@pytest.mark.parametrize("entry", [HOME_DC, ENTRY_DC])
async def test_a_crash_during_the_first_login_makes_no_second_key_or_login(
    world: EmulatedWorld, connect: Connect, moment: str, entry: int
) -> None:
    async def first_start() -> None:
        async with connect(entry=entry):
            raise AssertionError("the first process was not cancelled during its login")

    name = {"keys": "keys_created"}.get(moment, moment)
    with world.emulator.faults.latency(TRIP):
        process = asyncio.create_task(first_start())
        await until(lambda: world.emulator.counters.value(name, **({"dc": HOME_DC} if moment == "keys" else {})))
        process.cancel()
        await asyncio.wait({process})
    assert process.cancelled()
    for _ in range(2):
        async with connect(entry=entry):
            pass
    made = {HOME_DC: 1} | {entry: 1}
    assert totals(world) == {"keys": made, "logins": 1, "exports": 0, "imports": 0}


@pytest.mark.parametrize(
    ("moment", "where"), [("keys_created", FOREIGN_DC), ("imports", FOREIGN_DC), ("exports", HOME_DC)]
)
async def test_a_crash_during_the_first_fetch_makes_no_second_key_export_or_import(
    world: EmulatedWorld, connect: Connect, moment: str, where: int
) -> None:
    place = await world.post_synthetic(2 * MIB, dc_id=FOREIGN_DC)
    await _crash_while_fetching(world, connect, place, moment=moment, where=where)
    for _ in range(2):
        async with connect() as online:
            await _fetch(online, await online.file(place))
    assert totals(world) == {"keys": {HOME_DC: 1, FOREIGN_DC: 1}, "logins": 1, "exports": 1, "imports": 1}


async def test_an_export_is_made_once_although_two_processes_missed_its_answer(
    world: EmulatedWorld, connect: Connect
) -> None:
    place = await world.post_synthetic(2 * MIB, dc_id=FOREIGN_DC)
    await _crash_while_fetching(world, connect, place, moment="exports", where=HOME_DC)
    async with connect():  # resumes the MTProto session without requesting an export
        pass
    async with connect() as online:
        await _fetch(online, await online.file(place))
    assert world.emulator.counters.value("exports") == 1


async def test_a_session_whose_message_numbers_are_refused_is_not_resumed_again(
    world: EmulatedWorld, connect: Connect, tmp_path: Path
) -> None:
    place = await world.post_synthetic(2 * MIB, dc_id=FOREIGN_DC)
    async with connect() as online:
        connection = online.accounts.main._main_connection
        pending = PendingRequest(connection.session_id, connection.msg_factory._last_msg_id, -4000, time.time())
        await online.accounts.main.session.set_pending_export(FOREIGN_DC, pending)
    with pytest.raises(SourceUnavailable, match="message numbers"):
        async with connect():
            raise AssertionError("the message numbers are not below those of the session")
    async with connect() as online:
        await _fetch(online, await online.file(place))


async def test_an_old_answer_does_not_set_the_clock_of_a_resumed_session(connect: Connect) -> None:
    """The first answer in a resumed MTProto session may be as old as the pending request."""
    async with connect() as online:
        connection, asked, ahead = online.accounts.main._main_connection, time.time() - 40, 7
        connection.client.server_clock = ServerClock()
        resend.resume_session(
            connection, [PendingRequest(connection.session_id, int((asked + ahead) * (1 << 32)), 1, asked)]
        )
        assert connection.client.server_clock.known
        assert connection.client.server_clock.ahead == pytest.approx(ahead, abs=1)


@pytest.mark.parametrize("dc_id", [HOME_DC, FOREIGN_DC])
async def test_a_stored_key_that_the_server_does_not_know_is_replaced_at_once(
    world: EmulatedWorld, connect: Connect, tmp_path: Path, dc_id: int
) -> None:
    place = await world.post_synthetic(2 * MIB, dc_id=FOREIGN_DC)
    if dc_id != HOME_DC:
        async with connect():
            pass
    identity = await _identity(connect, tmp_path, world)
    session = StoredSession(FileBackend(tmp_path / "data" / "sessions", "streamvault_v2"))
    await session.open(identity)
    await session.put_key(StoredKey(dc_id, bytes(range(256))))
    await session.close()
    async with connect() as online:
        await _fetch(online, await online.file(place))
    assert (keys(world, dc_id), exports(world)) == (1, 1)


async def _crash_while_fetching(world: EmulatedWorld, connect: Connect, place: Any, *, moment: str, where: int) -> None:
    """Cancel a fetching process when the server has counted `moment` and its answer is still on its way."""

    async def process() -> None:
        async with connect() as online:
            await _fetch(online, await online.file(place))

    labels = {} if moment == "exports" else {"dc": FOREIGN_DC}
    with world.emulator.faults.latency(TRIP, dc=where):
        running = asyncio.create_task(process())
        await until(lambda: world.emulator.counters.value(moment, **labels))
        running.cancel()
        await asyncio.wait({running})
    assert running.cancelled()


async def _fetch(online: Online, film: MediaFile) -> None:
    assert await online.source.fetch(film, MIB, MIB) == right(1)


async def _identity(connect: Connect, folder: Path, world: EmulatedWorld) -> Identity:
    """The identity that a first start stores in a session of these settings."""
    async with connect(session_name="another"):
        stored = await FileBackend(folder / "data" / "sessions", "another").peek()
    world.emulator.counters.reset()
    return codec.unpack(Identity, stored[codec.IDENTITY])
