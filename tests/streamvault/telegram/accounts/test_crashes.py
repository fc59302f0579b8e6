"""A process that ends at the worst moments: after the server did something, and before we heard of it."""

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
"""Seconds that a packet takes each way, so that an answer is under way long enough to be missed."""


def totals(world: EmulatedWorld) -> dict[str, Any]:
    counters = world.emulator.counters
    return {"keys": counters.by("keys_created", "dc")} | {
        name: counters.value(name) for name in ("logins", "exports", "imports")
    }


@pytest.mark.parametrize("moment", ["keys", "logins"])
@pytest.mark.parametrize("entry", [HOME_DC, ENTRY_DC])
async def test_the_first_login(world: EmulatedWorld, connect: Connect, moment: str, entry: int) -> None:
    async def first_start() -> None:
        async with connect(entry=entry):
            raise AssertionError("the first process gets that far")

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
async def test_the_first_viewer_of_a_foreign_data_centre(
    world: EmulatedWorld, connect: Connect, moment: str, where: int
) -> None:
    place = await world.post_synthetic(2 * MIB, dc_id=FOREIGN_DC)
    await _viewer_ends(world, connect, place, moment=moment, where=where)
    for _ in range(2):
        async with connect() as online:
            await _watch(online, await online.file(place))
    assert totals(world) == {"keys": {HOME_DC: 1, FOREIGN_DC: 1}, "logins": 1, "exports": 1, "imports": 1}


async def test_an_export_whose_answer_two_processes_did_not_see(world: EmulatedWorld, connect: Connect) -> None:
    place = await world.post_synthetic(2 * MIB, dc_id=FOREIGN_DC)
    await _viewer_ends(world, connect, place, moment="exports", where=HOME_DC)
    async with connect():  # takes the session up, and asks for no export
        pass
    async with connect() as online:
        await _watch(online, await online.file(place))
    assert world.emulator.counters.value("exports") == 1


async def test_a_session_that_cannot_be_taken_up_is_left_behind(
    world: EmulatedWorld, connect: Connect, tmp_path: Path
) -> None:
    place = await world.post_synthetic(2 * MIB, dc_id=FOREIGN_DC)
    async with connect() as online:
        link = online.accounts.main._main_link
        question = PendingRequest(link.session_id, link.msg_factory._last_msg_id, -4000, time.time())
        await online.accounts.main.session.set_pending_export(FOREIGN_DC, question)
    with pytest.raises(SourceUnavailable, match="message numbers"):
        async with connect():
            raise AssertionError("the numbers are below those of the session")
    async with connect() as online:
        await _watch(online, await online.file(place))


async def test_an_answer_of_long_ago_does_not_set_the_clock(connect: Connect) -> None:
    """The first thing that a taken-up session hears may be as old as the question."""
    async with connect() as online:
        link, asked, ahead = online.accounts.main._main_link, time.time() - 40, 7
        link.client.server_clock = ServerClock()
        resend.resume_session(link, [PendingRequest(link.session_id, int((asked + ahead) * (1 << 32)), 1, asked)])
        assert link.client.server_clock.known
        assert link.client.server_clock.ahead == pytest.approx(ahead, abs=1)


@pytest.mark.parametrize("dc_id", [HOME_DC, FOREIGN_DC])
async def test_a_key_that_the_server_never_got_is_replaced_at_once(
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
        await _watch(online, await online.file(place))
    assert (keys(world, dc_id), exports(world)) == (1, 1)


async def _viewer_ends(world: EmulatedWorld, connect: Connect, place: Any, *, moment: str, where: int) -> None:
    """A process that watches ends when the server has counted `moment`, whose answer is still under way."""

    async def process() -> None:
        async with connect() as online:
            await _watch(online, await online.file(place))

    labels = {} if moment == "exports" else {"dc": FOREIGN_DC}
    with world.emulator.faults.latency(TRIP, dc=where):
        running = asyncio.create_task(process())
        await until(lambda: world.emulator.counters.value(moment, **labels))
        running.cancel()
        await asyncio.wait({running})
    assert running.cancelled()


async def _watch(online: Online, film: MediaFile) -> None:
    assert await online.source.fetch(film, MIB, MIB) == right(1)


async def _identity(connect: Connect, folder: Path, world: EmulatedWorld) -> Identity:
    """What the session of these settings is bound to, as a first start writes it down."""
    async with connect(session_name="another"):
        stored = await FileBackend(folder / "data" / "sessions", "another").peek()
    world.emulator.counters.reset()
    return codec.unpack(Identity, stored[codec.IDENTITY])
