"""Parts of files go to Telegram whatever breaks on the way, and come back byte for byte."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from streamvault.errors import PartsLost
from streamvault.media.uploads import PART, REQUESTS_PER_CONNECTION, SMALL_FILE
from streamvault.telegram.files.upload import AccountUploads
from tests.streamvault.telegram.conftest import Connect, Online
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB, EmulatedWorld, chat_id_of
from tests.support.steady_loop import wait_faster
from tests.support.uploading import Uploading, digest, documents, random_data
from tests.support.waiting import until

SAVE = "upload.saveBigFilePart"
Make = Callable[..., Uploading]


@pytest.fixture
async def make(world: EmulatedWorld, online: Online) -> Make:
    return partial(Uploading, world, AccountUploads(online.accounts.main))


async def _read_back(world: EmulatedWorld, online: Online, message: int) -> bytes:
    file = await online.file((chat_id_of(world.films), message))
    chunks = [await online.source.fetch(file, at, MIB) for at in range(0, file.size, MIB)]
    return b"".join(chunks)


def _parts_saved(world: EmulatedWorld) -> int:
    return world.emulator.counters.value("parts_saved")


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "size", [1, PART // 2, PART, 2 * PART, SMALL_FILE - 1, SMALL_FILE, SMALL_FILE + 1, 24 * PART, 24 * PART + 1]
)
async def test_a_file_of_any_size_comes_back_as_it_was(
    world: EmulatedWorld, online: Online, make: Make, size: int, known: bool
) -> None:
    job = make(random_data(size), known=known)
    message = await job.send()
    assert digest(await _read_back(world, online, message)) == digest(job.data)
    assert _parts_saved(world) == job.parts
    assert [one.id for one in documents(world)] == [message]


@pytest.mark.parametrize("premium", [False, True])
@pytest.mark.parametrize("beyond", [-1, 0, 1])
async def test_a_piece_holds_what_the_account_may_upload_now_and_not_one_part_more(
    world: EmulatedWorld, online: Online, make: Make, premium: bool, beyond: int
) -> None:
    world.bot.api_limits = {"parts": 3, "premium": premium}
    job = make(b"")
    limits = await job.uploads.limits()
    assert (limits.parts, limits.piece) == ((6, 6 * PART) if premium else (3, 3 * PART))
    job.data = random_data(limits.piece + beyond)
    job.known = False  # so that it goes by saveBigFilePart
    if beyond <= 0:
        assert digest(await _read_back(world, online, await job.send())) == digest(job.data)
        return
    with pytest.raises(ExceptionGroup) as raised:
        await job.send()
    assert raised.group_contains(PartsLost)


async def test_limits_follow_premium_from_one_file_to_the_next(world: EmulatedWorld, make: Make) -> None:
    uploads = make(b"").uploads
    found = []
    for premium in (False, True, False):
        world.bot.api_limits["premium"] = premium
        found.append((await uploads.limits()).parts)
    assert found == [4000, 8000, 4000]


async def test_without_its_configuration_the_documented_limits_apply(world: EmulatedWorld, make: Make) -> None:
    world.emulator.faults.error(400, "BOT_METHOD_INVALID", method="help.getAppConfig")
    assert (await make(b"").uploads.limits()).parts == 4000


async def test_parts_lost_when_premium_ends_are_told_before_the_message(world: EmulatedWorld, make: Make) -> None:
    """U13: FILE_PARTS_INVALID is no reason to give the file up: the pieces are cut anew."""
    world.bot.api_limits = {"parts": 3, "premium": True}
    job = make(random_data(5 * PART), known=False)
    await job.save()
    world.bot.api_limits["premium"] = False
    with pytest.raises(PartsLost, match="FILE_PARTS_INVALID"):
        await job.uploads.post(job.post)
    assert documents(world) == []


async def test_a_killed_connection_costs_the_parts_on_their_way_only(
    world: EmulatedWorld, online: Online, make: Make
) -> None:
    job = make(random_data(40 * PART))
    slow = world.emulator.faults.slow_answer(method=SAVE, after=20)
    saving = asyncio.create_task(job.save())
    await until(lambda: slow.used >= 4)
    assert await world.emulator.drop_connections(HOME_DC) > 0
    slow.lift()
    await saving
    message = await job.uploads.post(job.post)
    assert digest(await _read_back(world, online, message)) == digest(job.data)
    assert sorted(job.saved) == list(range(40))
    assert _parts_saved(world) <= 40 + 4 * REQUESTS_PER_CONNECTION


async def test_a_data_centre_that_restarts_in_between_loses_nothing(
    world: EmulatedWorld, online: Online, make: Make
) -> None:
    job = make(random_data(30 * PART))
    await job.save(stop=12)
    await world.emulator.restart_dc(HOME_DC, down_for=1.0)
    await job.save(first=12)
    message = await job.uploads.post(job.post)
    assert digest(await _read_back(world, online, message)) == digest(job.data)


async def test_uploads_have_connections_of_their_own_and_no_more_than_the_setting(
    world: EmulatedWorld, connect: Connect
) -> None:
    async with connect(connections_per_dc=2) as online:
        job = Uploading(world, AccountUploads(online.accounts.main), random_data(40 * PART))
        await job.send()
        sessions = online.accounts.main.media_sessions
        uploading = sessions.for_dc(HOME_DC, family="upload")
        assert uploading is not sessions.for_dc(HOME_DC)
        assert world.emulator.counters.value("connections", dc=HOME_DC, media=1) == 2


@pytest.mark.parametrize("premium", [False, True])
async def test_a_brake_on_uploads_is_waited_for_and_downloads_go_on(
    world: EmulatedWorld, online: Online, make: Make, premium: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """U12: slow, not failed; one line in the log; the viewers' lane untouched."""
    film = await online.file(await world.post_synthetic(MIB))
    job = make(random_data(40 * PART))
    world.emulator.faults.flood_wait(1, premium=premium, method=SAVE, after=19, times=1)
    with caplog.at_level(logging.WARNING, "streamvault.telegram.files"):
        saving = asyncio.create_task(job.save())
        await until(lambda: job.uploads.slowed > 0)
        assert await online.source.fetch(film, 0, MIB) == random_data(MIB)
        await saving
    assert job.uploads.slowed <= 1
    message = await job.uploads.post(job.post)
    assert digest(await _read_back(world, online, message)) == digest(job.data)
    refused = world.emulator.counters.value("errors", code=420, method=SAVE)
    assert 1 <= refused <= 4 * REQUESTS_PER_CONNECTION  # those that were on their way, once each
    assert world.emulator.counters.value("calls", method=SAVE) == 40 + refused
    assert len([record for record in caplog.records if "brakes the uploads" in record.message]) == 1


async def test_a_flood_wait_of_downloads_does_not_hold_uploads_up(
    world: EmulatedWorld, online: Online, make: Make
) -> None:
    await online.accounts.main.floods.record("file", 3600)
    job = make(random_data(3 * PART))
    await job.send()
    assert job.uploads.slowed == 0
    assert len(documents(world)) == 1


async def test_parts_go_to_the_data_centre_that_telegram_names(
    world: EmulatedWorld, online: Online, make: Make
) -> None:
    world.emulator.faults.error(303, f"FILE_MIGRATE_{FOREIGN_DC}", method="upload.", dc=HOME_DC)
    job = make(random_data(3 * PART))
    message = await job.send()
    world.emulator.faults.lift_all()
    assert documents(world)[0].file.content.read(0, len(job.data)) == job.data
    assert world.emulator.counters.value("connections", dc=FOREIGN_DC, media=1) >= 1
    assert message == documents(world)[0].id


@pytest.mark.parametrize(
    ("code", "text", "method"),
    [
        (500, "RPC_CALL_FAIL", SAVE),
        (-503, "Timeout", SAVE),
        (500, "FILE_WRITE_FAILED", SAVE),
        (500, "RPC_CALL_FAIL", "messages.sendMedia"),
        (-503, "Timeout", "messages.sendMedia"),
    ],
)
async def test_failures_of_the_server_are_tried_again(
    world: EmulatedWorld, make: Make, code: int, text: str, method: str
) -> None:
    world.emulator.faults.error(code, text, method=method, times=1)
    job = make(random_data(21 * PART))
    message = await job.send()
    assert [one.id for one in documents(world)] == [message]


@pytest.mark.parametrize(
    "text", ["FILE_PART_SIZE_CHANGED", "FILE_PART_SIZE_INVALID", "FILE_PARTS_INVALID", "FILE_PART_LENGTH_INVALID"]
)
async def test_a_part_that_does_not_fit_is_told(world: EmulatedWorld, make: Make, text: str) -> None:
    world.emulator.faults.error(400, text, method=SAVE, times=1)
    job = make(random_data(PART), known=False)
    with pytest.raises(PartsLost, match=text):
        await job.uploads.save(7, 0, job.data, total=None, big=True)


async def test_on_a_slow_network_no_part_is_sent_twice(world: EmulatedWorld, online: Online, make: Make) -> None:
    """Nothing comes back while a part takes seconds to leave: that is no silence."""
    job = make(random_data(6 * PART), known=False)
    wait_faster(20.0)
    with world.emulator.faults.bandwidth(48 * 1024, dc=HOME_DC, media=True):
        await job.save()
    assert (_parts_saved(world), world.emulator.counters.value("calls", method=SAVE)) == (6, 6)
    message = await job.uploads.post(job.post)
    assert digest(await _read_back(world, online, message)) == digest(job.data)


async def test_half_open_connections_are_noticed_and_their_parts_sent_over_others(
    world: EmulatedWorld, online: Online, make: Make
) -> None:
    job = make(random_data(24 * PART))
    await job.save(stop=8)
    wait_faster(20.0)
    world.emulator.faults.half_open(dc=HOME_DC, media=True, connections=1)
    await job.save(first=8)
    message = await job.uploads.post(job.post)
    assert digest(await _read_back(world, online, message)) == digest(job.data)


async def test_more_parts_than_the_window_holds_wait_for_their_turn(world: EmulatedWorld, make: Make) -> None:
    held = world.emulator.faults.slow_answer(method=SAVE)
    jobs: list[Any] = [make(random_data(24 * PART, seed=seed), file_id=seed) for seed in (1, 2)]
    jobs[1].uploads = jobs[0].uploads
    saving = [asyncio.create_task(job.save()) for job in jobs]
    await until(lambda: held.used >= 4)
    assert world.emulator.counters.value("calls", method=SAVE) == 4
    held.lift()
    await asyncio.gather(*saving)
    assert _parts_saved(world) == 48
    assert world.emulator.counters.snapshot()["peaks"]["in_flight"] <= 4 * REQUESTS_PER_CONNECTION + 4


async def test_a_cancelled_part_gives_its_turn_back(world: EmulatedWorld, make: Make) -> None:
    held = world.emulator.faults.slow_answer(method=SAVE)
    job = make(random_data(24 * PART))
    saving = asyncio.create_task(job.save())
    await until(lambda: held.used >= 4)
    saving.cancel()
    await asyncio.gather(saving, return_exceptions=True)
    held.lift()
    await job.save()
    assert sorted(job.saved) == list(range(24))
