"""A film in a channel is played as HLS by the whole product, and what fails in mid-play fails as streams do."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urljoin

import av
import pytest

from streamvault.indexing import opened
from streamvault.media.model import Origin
from tests.support import chirp_films
from tests.support.http_client import Reply, request
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import BytesContent

GET_FILE = "upload.getFile"


@pytest.fixture
async def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Whole]:
    """The product without a cache; a message may be read again after a moment."""
    monkeypatch.setattr(opened, "INTERVAL", 0.05)
    monkeypatch.setattr(opened, "PAUSE", 0.01)
    async with whole_product(tmp_path, start_timeout=15.0, stall_timeout=15.0, cache_memory=0, cache_disk=0) as whole:
        yield whole


async def post(whole: Whole) -> str:
    """The path of the HLS of a new film."""
    data = chirp_films.many_sounds().read_bytes()
    chat_id, message_id = await whole.world.post_file(BytesContent(data), name="film.mkv", mime_type="video/x-matroska")
    await until(lambda: whole.services.catalog.get(Origin(chat_id, message_id)))
    return f"/hls/{chat_id}/{message_id}"


async def playlist(whole: Whole, path: str) -> list[str]:
    """The addresses in a media playlist."""
    reply = await request(whole.address, path)
    assert reply.status == 200, reply.body
    text = reply.body.decode()
    found = [*re.findall(r'#EXT-X-MAP:URI="([^"]+)"', text), *re.findall(r"^[^#\s].*$", text, re.MULTILINE)]
    return [urljoin(path, uri) for uri in found]


async def test_a_film_with_ac3_is_played(whole: Whole) -> None:
    hls = await post(whole)
    master = (await request(whole.address, f"{hls}/master.m3u8")).body.decode()
    assert master.count("TYPE=AUDIO") == 7
    for path in (f"{hls}/video.m3u8", f"{hls}/audio/1.m3u8"):
        replies = [await request(whole.address, address) for address in await playlist(whole, path)]
        with av.open(io.BytesIO(b"".join(reply.body for reply in replies))) as container:
            assert float((container.duration or 0) / 1e6) == pytest.approx(20, abs=0.8)


async def test_a_film_that_is_deleted_in_mid_play_is_gone(whole: Whole) -> None:
    hls = await post(whole)
    init, first, second, *_ = await playlist(whole, f"{hls}/video.m3u8")
    assert [(await request(whole.address, address)).status for address in (init, first)] == [200, 200]
    await whole.world.emulator.world.delete(whole.world.films.messages[int(hls.rpartition("/")[2])])

    async def gone() -> Reply | None:
        reply = await request(whole.address, second)
        assert reply.status in (200, 404, 410)
        return None if reply.status == 200 else reply

    assert (await until(gone, pause=0.02)).status in (404, 410)
    assert (await request(whole.address, hls.replace("/hls/", "/stream/"))).status in (404, 410)


async def test_a_flood_wait_in_mid_play_says_when_to_come_back(whole: Whole) -> None:
    hls = await post(whole)
    init, first, second, *_ = await playlist(whole, f"{hls}/video.m3u8")
    assert [(await request(whole.address, address)).status for address in (init, first)] == [200, 200]
    whole.world.emulator.faults.flood_wait(40, method=GET_FILE)
    reply = await request(whole.address, second)
    assert reply.status == 503
    assert 1 <= int(reply.headers["retry-after"]) <= 40
    assert (await request(whole.address, first)).status == 200  # is kept, and needs no bytes
