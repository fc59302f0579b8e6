"""A channel whose updates cannot be fetched delays no other, and is told of."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from streamvault.media.model import Origin
from tests.support.http_client import request
from tests.support.stack import HOME_DC, chat_id_of, emulator_world
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import SyntheticContent

DIFFERENCE = "updates.getChannelDifference"
FOLLOWED = 27


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    """The product, following FOLLOWED channels, each with a pts that is stored."""
    async with emulator_world() as world:
        for number in range(FOLLOWED - 2):
            channel = world.emulator.world.add_channel(f"Channel {number}", creator=world.owner)
            world.emulator.world.add_member(channel, world.bot, admin=True)
        async with whole_product(tmp_path, world=world, channels=tuple(map(chat_id_of, channels_of(world)))) as whole:
            await listed(whole, await post_in(whole, channels_of(world)))
            yield whole


def channels_of(world: Any) -> list[Any]:
    return [chat for chat in world.emulator.world.chats.values() if chat.kind == "channel"]


async def post_in(whole: Whole, channels: list[Any]) -> list[Origin]:
    return [Origin(*await whole.world.post_file(SyntheticContent(5000, 1), channel=channel)) for channel in channels]


async def post_unseen(whole: Whole, channels: list[Any]) -> list[Origin]:
    """Post while nothing can be pushed, and forget what was to be: only a difference can tell of these."""
    with whole.world.emulator.faults.half_open():
        posted = await post_in(whole, channels)
        await whole.world.emulator.restart_dc(HOME_DC)
    return posted


async def listed(whole: Whole, origins: list[Origin]) -> None:
    """Wait until the catalog has all of them."""
    for origin in origins:
        await until(lambda: whole.services.catalog.get(origin), timeout=60)  # noqa: B023  awaited in this turn


async def degraded(whole: Whole) -> list[str]:
    return list(json.loads((await request(whole.address, "/readyz")).body)["degraded"])


async def reconnected(whole: Whole) -> None:
    """Drop every connection; returns when the bot fetches what it may have missed."""
    counters = whole.world.emulator.counters
    before = counters.value("calls", method=DIFFERENCE)
    await whole.world.emulator.drop_connections()
    await until(lambda: counters.value("calls", method=DIFFERENCE) > before, timeout=60)


async def _degraded_is(whole: Whole, wanted: list[str]) -> bool:
    return await degraded(whole) == wanted


@pytest.mark.parametrize("fault", ["error", "silence"])
async def test_one_channel_that_fails_for_ever_delays_no_other(
    whole: Whole, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """E: the fault is never lifted, so whatever is listed was listed in spite of it."""
    failing, *others = channels_of(whole.world)
    faults, scope = whole.world.emulator.faults, {"method": DIFFERENCE, "channel": failing.id}
    made: Any = faults.error(500, "INTERNAL", **scope) if fault == "error" else faults.slow_answer(**scope)
    with caplog.at_level(logging.WARNING):
        await reconnected(whole)
        await until(lambda: made.used >= 1, timeout=60)
        await listed(whole, await post_in(whole, others))
        in_step = await post_in(whole, [failing])
        await listed(whole, in_step)
        if fault == "silence":  # told of as soon as the call is given up, which takes long
            return
        await until(lambda: _degraded_is(whole, ["updates"]), timeout=60)
    named = [record.getMessage() for record in caplog.records if "channel -100" in record.getMessage()]
    assert named
    assert all(f"channel {chat_id_of(failing)}" in message for message in named)


async def test_all_channels_recover_when_the_fault_ends(whole: Whole) -> None:
    """E: with a fault on all of them, and connections that broke meanwhile."""
    everything = channels_of(whole.world)
    fault = whole.world.emulator.faults.error(500, "INTERNAL", method=DIFFERENCE)
    await reconnected(whole)
    await until(lambda: fault.used >= FOLLOWED, timeout=60)
    assert await degraded(whole) == ["updates"]
    missed = await post_unseen(whole, everything)
    await until(lambda: fault.used >= 3 * FOLLOWED, timeout=60)
    fault.lift()
    await listed(whole, missed)
    await until(lambda: _degraded_is(whole, []), timeout=60)
    assert (await request(whole.address, "/readyz")).status == 200


async def test_channels_that_never_answer_leave_room_for_the_differences_of_others(whole: Whole) -> None:
    """E: more channels are silent than differences are fetched at once; the others' missed posts are listed before one
    of the silent ones is given up and asked again.
    """
    silent, others = channels_of(whole.world)[-10:], channels_of(whole.world)[:-10]  # the newest are asked first
    held = [whole.world.emulator.faults.slow_answer(method=DIFFERENCE, channel=channel.id) for channel in silent]
    missed = await post_unseen(whole, others)
    await listed(whole, missed)
    assert await degraded(whole) == []
    assert not any(fault.lifted.is_set() for fault in held)
