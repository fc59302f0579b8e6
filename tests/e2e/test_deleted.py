"""A film that was deleted without a word is neither listed nor played any more soon after somebody opens it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from streamvault.indexing import opened
from streamvault.media.model import Origin
from tests.support.http_client import request
from tests.support.stack import chat_id_of
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import SyntheticContent, synthetic_bytes

SIZE = 300_000
GET_MESSAGES = "channels.getMessages"


@pytest.fixture
async def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Whole]:
    """The product; a message may be read again after a moment instead of a minute."""
    monkeypatch.setattr(opened, "INTERVAL", 0.05)
    monkeypatch.setattr(opened, "PAUSE", 0.01)
    async with whole_product(tmp_path) as whole:
        yield whole


async def listed(whole: Whole) -> int:
    return len(json.loads((await request(whole.address, "/api/catalog")).body)["items"])


async def plays(whole: Whole, path: str) -> bool:
    """Whether the film is given, exactly."""
    reply = await request(whole.address, path)
    assert reply.status in (200, 404, 410)
    assert reply.status != 200 or reply.body == synthetic_bytes(1, 0, SIZE)
    return reply.status == 200


async def test_a_deleted_film_is_no_longer_played_from_the_cache(whole: Whole) -> None:
    """W: today it goes on playing from the cache, and stays listed."""
    path, other = await whole.post(SIZE), await whole.post(SIZE, seed=2)
    assert await plays(whole, path)  # and is cached now
    message = whole.world.films.messages[int(path.rpartition("/")[2])]
    await whole.world.emulator.world.delete(message)
    assert await plays(whole, path)  # the opening that has it looked at
    await until(lambda: _stops(whole, path), pause=0.02)
    assert await listed(whole) == 1
    assert (await request(whole.address, other)).status == 200


async def _stops(whole: Whole, path: str) -> bool:
    return not await plays(whole, path)


async def test_a_film_that_another_message_holds_goes_on_from_there(whole: Whole) -> None:
    """W: the address of the deleted message goes on, too."""
    emulated = whole.world.emulator.world
    file = whole.world.emulator.files.add(SyntheticContent(SIZE, 1), dc_id=2, name="film.mp4", mime_type="video/mp4")
    first = await emulated.post(whole.world.films, file=file)
    second = await emulated.post(whole.world.films, file=file)
    origins = [Origin(chat_id_of(whole.world.films), message.id) for message in (first, second)]
    for origin in origins:
        await until(lambda: whole.services.catalog.get(origin))  # noqa: B023  awaited in this turn
    path = f"/stream/{origins[0].chat_id}/{origins[0].message_id}"
    assert await plays(whole, path)
    await emulated.delete(first)
    assert await plays(whole, path)
    await until(lambda: _gone(whole, origins[0]), pause=0.02)
    assert await plays(whole, path)
    assert await listed(whole) == 1


async def _gone(whole: Whole, origin: Origin) -> bool:
    return await whole.services.catalog.get(origin) is None


@pytest.mark.parametrize("fault", ["flood wait", "away", "refused"])
async def test_what_cannot_be_looked_at_goes_on_playing(whole: Whole, fault: str) -> None:
    """W: unknown is not deleted, even where it is."""
    path = await whole.post(SIZE)
    assert await plays(whole, path)
    await whole.world.emulator.world.delete(whole.world.films.messages[int(path.rpartition("/")[2])])
    faults = whole.world.emulator.faults
    if fault == "flood wait":
        made: Any = faults.flood_wait(3600, method=GET_MESSAGES, times=1)
    elif fault == "away":
        made = faults.error(500, "INTERNAL", method=GET_MESSAGES)
    else:
        made = faults.error(400, "CHANNEL_PRIVATE", method=GET_MESSAGES)
    async with asyncio.timeout(30):
        while not made.used:  # each opening may have it looked at
            assert await plays(whole, path)
    assert await plays(whole, path)
    assert await listed(whole) == 1
