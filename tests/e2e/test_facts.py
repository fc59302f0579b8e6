"""What films hold, asked of the running server over an emulated Telegram: few bytes, read once, kept over a restart."""

import asyncio
import json
from pathlib import Path
from typing import Any

from streamvault.media.model import Origin
from tests.support.ffmpeg_films import FILMS
from tests.support.http_client import Reply, request
from tests.support.stack import FOREIGN_DC, MIB, EmulatedWorld, emulator_world
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world import attributes
from tgemulator.world.content import BytesContent

Place = tuple[int, int]


async def post(world: EmulatedWorld, data: bytes, name: str) -> Place:
    how: dict[str, Any] = {"name": name, "attributes": [attributes.video(24, 320, 180)]}
    return await world.post_file(BytesContent(data), dc_id=FOREIGN_DC, **how)


async def facts(whole: Whole, place: Place) -> Reply:
    """The answer, asked for as long as the server says that the file is being read."""
    async with asyncio.timeout(60):
        while True:
            reply = await request(whole.address, f"/api/facts/{place[0]}/{place[1]}")
            if reply.status != 202:
                return reply
            assert reply.headers["retry-after"]


async def test_facts_are_read_out_of_few_bytes_and_kept_over_a_restart(tmp_path: Path) -> None:
    async with emulator_world() as world:
        async with whole_product(tmp_path, world=world, cache_disk=0) as whole:
            film = await post(world, FILMS["mkv"].path.read_bytes(), "film.mkv")
            noise = await post(world, bytes(range(256)) * 20_000, "noise.mkv")
            for place in (film, noise):
                await until(lambda place=place: whole.services.catalog.get(Origin(*place)))  # type: ignore[misc]
            await whole.services.media.prewarm.settled()
            before = whole.getfile_bytes()
            first = await facts(whole, film)
            assert whole.getfile_bytes() - before <= MIB
            broken = json.loads((await facts(whole, noise)).body)
        found = json.loads(first.body)
        assert [track["codec"] for track in found["tracks"]] == ["h264", "ac3", "aac", "subrip", "ass"]
        assert (found["reason"], bool(broken["reason"])) == ("", True)
        async with whole_product(tmp_path, world=world, cache_disk=0) as again:
            before = again.getfile_bytes()
            assert (await facts(again, film)).body == first.body
            assert json.loads((await facts(again, noise)).body) == broken
            assert again.getfile_bytes() == before
