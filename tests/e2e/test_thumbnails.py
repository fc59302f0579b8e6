"""Pictures of real media over a real connection to Telegram: few bytes, made once, kept over a restart."""

import asyncio
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import streamvault.server.media
from streamvault.media.model import Origin
from tests.support.films import film, jpeg, late_index, song
from tests.support.http_client import Reply, request
from tests.support.stack import FOREIGN_DC, MIB, EmulatedWorld, emulator_world
from tests.support.stills import children
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world import attributes
from tgemulator.world.content import BytesContent, Content
from tgemulator.world.stored_file import Thumb

GIB = 1 << 30
Place = tuple[int, int]


async def post(world: EmulatedWorld, content: bytes | Content, **how: Any) -> Place:
    """Post a file without a thumbnail, unless `how` has one."""
    held = BytesContent(content) if isinstance(content, bytes) else content
    return await world.post_file(held, dc_id=FOREIGN_DC, **{"attributes": [attributes.video(4, 160, 90)], **how})


async def seen(whole: Whole, place: Place) -> None:
    """Wait until the bot has the file, and has prepared what players ask for first."""
    await until(lambda: whole.services.catalog.get(Origin(*place)))
    await whole.services.media.prewarm.settled()


async def picture(whole: Whole, place: Place) -> Reply:
    """The picture, asked for as long as the server says that it is being made."""
    while True:
        reply = await request(whole.address, f"/thumb/{place[0]}/{place[1]}")
        if reply.status != 503:
            return reply
        assert reply.headers["retry-after"]


def size(reply: Reply) -> tuple[int, int]:
    assert (reply.status, reply.headers["content-type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(reply.body)) as opened:
        opened.load()
        assert opened.format == "JPEG"
        return opened.size


async def shown(whole: Whole, place: Place) -> dict[str, Any]:
    item: dict[str, Any] = json.loads((await request(whole.address, f"/api/catalog/{place[0]}/{place[1]}")).body)
    return item


async def thumb_url(whole: Whole, place: Place) -> str | None:
    url: str | None = (await shown(whole, place))["thumb_url"]
    return url


async def has_placeholder(whole: Whole, place: Place) -> bool:
    return str((await shown(whole, place))["placeholder"]).startswith("data:image/jpeg;base64,")


async def test_films_and_songs_without_a_thumbnail_get_one_out_of_few_bytes(tmp_path: Path) -> None:
    async with whole_product(tmp_path) as whole:
        late = await post(whole.world, late_index(film(size=(640, 360)), 3 * GIB))
        music = await post(
            whole.world, song(jpeg()), name="song.mp3", mime_type="audio/mpeg", attributes=[attributes.audio(1)]
        )
        voice = await post(
            whole.world, song(None), name="voice.ogg", mime_type="audio/ogg", attributes=[attributes.voice(1)]
        )
        for place in (late, music, voice):
            await seen(whole, place)
        before = whole.getfile_bytes()
        assert size(await picture(whole, late)) == (320, 180)
        assert whole.getfile_bytes() - before <= MIB
        assert size(await picture(whole, music)) == (320, 320)
        await until(lambda: has_placeholder(whole, late))
        await until(lambda: has_placeholder(whole, music))
        assert not await has_placeholder(whole, voice)
        assert [bool(await thumb_url(whole, place)) for place in (late, music, voice)] == [True, True, False]
        assert (await picture(whole, voice)).status == 404
        after = whole.getfile_bytes()
        assert size(await picture(whole, late)) == (320, 180)
        assert whole.getfile_bytes() == after
        assert not children()


async def test_a_file_that_costs_too_much_is_read_once_within_the_bound(tmp_path: Path) -> None:
    async with whole_product(tmp_path) as whole:
        hostile = await post(whole.world, late_index(film(), 3 * GIB, index=40 * MIB))
        await seen(whole, hostile)
        await until(whole.getfile_bytes)  # what is prepared for players may begin a moment after the row is there
        await whole.services.media.prewarm.settled()
        before = whole.getfile_bytes()
        assert (await picture(whole, hostile)).status == 404
        cost = whole.getfile_bytes() - before
        assert cost <= 8 * MIB
        assert (await picture(whole, hostile)).status == 404
        assert whole.getfile_bytes() - before == cost


async def test_pictures_outlive_a_restart_without_a_word_to_telegram(tmp_path: Path) -> None:
    async with emulator_world() as world:
        thumb = Thumb("m", 320, 180, BytesContent(jpeg((320, 180))))
        ours, none = await post(world, film()), await post(world, b"no film at all")
        places = [await post(world, b"film", thumbs=[thumb]), ours]
        async with whole_product(tmp_path, world=world, cache_memory=0) as whole:
            bodies = [(await picture(whole, place)).body for place in places]
            assert (await picture(whole, none)).status == 404
            await asyncio.gather(*(picture(whole, place) for place in places * 4))
        asked = world.emulator.counters.value("getfile_at")
        assert world.emulator.counters.value("getfile_at", thumb="m") == 1
        async with whole_product(tmp_path, world=world, cache_memory=0) as whole:
            assert [(await picture(whole, place)).body for place in places] == bodies
            assert (await picture(whole, none)).status == 404
        assert world.emulator.counters.value("getfile_at") == asked


async def test_without_a_disk_cache_nothing_is_written(tmp_path: Path) -> None:
    async with whole_product(tmp_path, cache_disk=0) as whole:
        place = await post(whole.world, film())
        assert size(await picture(whole, place)) == (160, 90)
        assert not (whole.services.settings.data_dir / "cache").exists()


async def test_without_pyav_the_rest_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamvault.server.media, "can_make_stills", lambda: False)
    async with whole_product(tmp_path) as whole:
        data = film()
        place = await post(whole.world, data)
        assert await thumb_url(whole, place) is None
        assert (await picture(whole, place)).status == 404
        assert (await request(whole.address, f"/stream/{place[0]}/{place[1]}")).body == data


def test_the_server_itself_never_loads_pyav_or_pillow() -> None:
    program = "import sys, streamvault.server.run; print(*[name for name in ('av', 'PIL') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
