"""Addresses of data centres: stored between runs, and refreshed when they have changed."""

from dataclasses import replace

from tests.streamvault.telegram.conftest import Connect, keys
from tests.support.ports import free_port
from tests.support.stack import ENTRY_DC, FOREIGN_DC, HOME_DC, MIB, EmulatedWorld
from tgemulator.world.content import synthetic_bytes


async def test_a_restart_connects_without_an_answer_to_get_config(world: EmulatedWorld, connect: Connect) -> None:
    place = await world.post_synthetic(MIB, dc_id=FOREIGN_DC)
    async with connect(entry=ENTRY_DC) as online:
        await online.source.fetch(await online.file(place), 0, MIB)
    with world.emulator.faults.slow_answer(method="help.getConfig"):
        async with connect(entry=ENTRY_DC) as online:
            assert await online.source.fetch(await online.file(place), 0, MIB) == synthetic_bytes(1, 0, MIB)


async def test_a_moved_home_data_centre_is_found_through_another_one(world: EmulatedWorld, connect: Connect) -> None:
    place = await world.post_synthetic(MIB)
    async with connect(entry=ENTRY_DC) as online:
        session = online.accounts.main.session
        moved = [replace(a, port=free_port()) if a.dc_id == HOME_DC else a for a in session.addresses]
        await session.set_addresses(tuple(moved))
    async with connect(entry=ENTRY_DC) as online:
        assert await online.source.fetch(await online.file(place), 0, MIB) == synthetic_bytes(1, 0, MIB)
        assert {a.port for a in online.accounts.main.session.addresses} & {world.emulator.address(HOME_DC)[1]}
    assert (keys(world, ENTRY_DC), keys(world, HOME_DC)) == (1, 1)
    assert world.emulator.counters.value("logins") == 1
