"""7: films are repackaged for as many viewers as there are places, and while their processes are killed."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from streamvault.playback.slots import HOLD, VIEWERS
from tests.e2e.test_hls_from_telegram import GET_FILE, playlist, post
from tests.support.http_client import Reply, request
from tests.support.sources import ManualClock
from tests.support.stack import emulator_world
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product

NOTHING_KEPT: dict[str, Any] = {"start_timeout": 15.0, "stall_timeout": 15.0, "cache_memory": 0, "cache_disk": 0}
RENDITIONS = ("video.m3u8", "audio/1.m3u8")


def children(whole: Whole) -> list[int]:
    """The processes that repackage something now."""
    origin = whole.services.media.sandbox.origin
    return [] if origin is None else [*map(int, Path(f"/proc/{origin}/task/{origin}/children").read_text().split())]


async def made_despite_a_kill(whole: Whole, address: str) -> Reply:
    """What is made while Telegram's answers are held until the process that makes it, the only one, is killed."""
    held = whole.world.emulator.faults.slow_answer(method=GET_FILE)
    asked = asyncio.create_task(request(whole.address, address))
    [child] = await until(lambda: children(whole))
    os.kill(child, signal.SIGKILL)
    await until(lambda: child not in children(whole))
    held.lift()
    reply = await asked
    await until(lambda: not children(whole))
    return reply


async def test_play_goes_on_while_the_processes_that_make_it_are_killed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with emulator_world() as world:
        async with whole_product(tmp_path, world=world, **NOTHING_KEPT) as whole:
            hls = await post(whole)
            addresses = [one for name in RENDITIONS for one in await playlist(whole, f"{hls}/{name}")]
            expected = [(await request(whole.address, address)).body for address in addresses]
        async with whole_product(tmp_path, world=world, **NOTHING_KEPT) as whole:
            origins, found, killed = set[int | None](), list[bytes](), 0
            for address in addresses:
                if address.endswith(".m4s"):
                    reply, killed = await made_despite_a_kill(whole, address), killed + 1
                else:
                    reply = await request(whole.address, address)
                assert reply.status == 200
                found.append(reply.body)
                origins.add(whole.services.media.sandbox.origin)
    assert found == expected
    assert len(origins) == 1, "a child's end is not that of the process that starts it"
    assert killed == len(addresses) - len(RENDITIONS)
    assert caplog.text.count("was killed, and is started again") == killed


async def test_ten_viewers_share_two_slots_and_the_eleventh_gets_in_later(tmp_path: Path) -> None:
    settings = {**NOTHING_KEPT, "playback_slots": 2, "trusted_proxies": "127.0.0.1"}
    async with whole_product(tmp_path, **settings) as whole:
        slots = whole.services.media.slots
        clock = slots._clock = ManualClock()

        async def ask(viewer: int, address: str) -> Reply:
            return await request(whole.address, address, headers={"X-Forwarded-For": f"203.0.113.{viewer}"})

        hls = await post(whole)
        wanted = [one for name in RENDITIONS for one in await playlist(whole, f"{hls}/{name}") if one.endswith(".m4s")]
        clock.advance(HOLD)  # nobody watches
        held = whole.world.emulator.faults.slow_answer(method=GET_FILE)
        viewers = range(1, 1 + 2 * VIEWERS)
        asked = [asyncio.create_task(ask(viewer, wanted[viewer - 1])) for viewer in viewers]
        await until(lambda: (slots.used, slots.waiting) == (2, len(viewers) - 2))
        await until(lambda: len(children(whole)) == whole.services.media.sandbox.running == 2)
        refused = await ask(99, wanted[0])
        held.lift()
        assert [(reply.status, reply.body[4:8]) for reply in await asyncio.gather(*asked)] == [(200, b"moof")] * 10
        assert refused.status == (await ask(99, wanted[0])).status == 503
        after = int(refused.headers["retry-after"])
        assert 1 <= after <= HOLD
        clock.advance(after)
        assert (await ask(99, wanted[0])).body == asked[0].result().body
