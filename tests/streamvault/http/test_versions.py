"""Lists say how each version of a film plays in a browser, out of what was read before."""

import dataclasses
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from streamvault.media.model import MediaFile
from streamvault.media.name_facts import NameFacts
from streamvault.playback.model import VERSION, Facts, Track
from tests.support.files import media_file
from tests.support.site import Site, open_site

FILM, SERIES = "f:dunes-2021", "s:the-garden"
AVC, HIGH10, HEVC, AAC, AC3 = "avc1.640028", "avc1.6e0028", "hvc1.2.4.L120.B0", "mp4a.40.2", "ac-3"


def facts(container: str, picture: tuple[str, str], sound: tuple[str, str], **more: Any) -> Facts:
    tracks = (Track(0, "video", *picture), Track(1, "audio", *sound))
    return Facts(container, 60.0, tracks=tracks, **more)


MP4 = facts("mp4", ("h264", AVC), ("aac", AAC))
MKV = facts("matroska", ("h264", AVC), ("ac3", AC3))
UHD = facts("matroska", ("hevc", HEVC), ("eac3", "ec-3"))
XVID = facts("avi", ("mpeg4", ""), ("mp3", "mp4a.40.34"), reason="XviD pictures cannot be repackaged")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with open_site(rate_limit=0) as opened:
        yield opened


async def put(site: Site, number: int, read: Facts | None, *, version: int = VERSION, **name: Any) -> MediaFile:
    file = media_file(number, size=100 - number)
    await site.put(file)
    named = dataclasses.replace(NameFacts(1), **{"title": "Dunes", "work": FILM, **name})
    await site.catalog.store_facts({file.key.file_unique_id: named})
    if read is not None:
        await site.put_facts(file, read, version=version)
    return file


async def plays(site: Site, **client: str) -> dict[int, dict[str, Any]]:
    tree = await site.get(f"/api/works/{FILM}", **client)
    return {item["message_id"]: item["plays"] for item in tree["files"]}


async def test_each_version_of_a_film_says_how_it_plays(site: Site) -> None:
    for number, read in enumerate((MP4, MKV, UHD, XVID, None), start=1):
        await put(site, number, read)
    await put(site, 6, MP4, version=VERSION - 1)
    found = await plays(site)
    ways = {number: one["way"] for number, one in found.items()}
    assert ways == {1: "direct", 2: "hls", 3: "player", 4: "player", 5: "unknown", 6: "unknown"}
    assert found[1] == {"way": "direct", "reason": "", "codecs": [AVC, AAC]}
    assert found[2] == {"way": "hls", "reason": "The browser does not open matroska files.", "codecs": [AVC, AC3]}
    assert f"hevc ({HEVC})" in found[3]["reason"]
    assert "XviD pictures cannot be repackaged." in found[4]["reason"]
    assert (found[5]["codecs"], "not looked" in found[5]["reason"]) == ([], True)
    assert site.probes.queries == 1


async def test_a_client_that_says_what_it_takes_gets_its_own_answers(site: Site) -> None:
    for number, read in enumerate((MP4, MKV, UHD), start=1):
        await put(site, number, read)
    takes = ",".join((AVC, HEVC, AAC, AC3))
    safari = {"client": "1", "containers": "mp4,hls", "takes": takes, "mse": ""}
    assert {number: one["way"] for number, one in (await plays(site, **safari)).items()} == {
        1: "direct", 2: "hls", 3: "hls",
    }  # fmt: skip
    everything = {"client": "1", "containers": "mp4,matroska", "takes": f"{takes},ec-3", "mse": ""}
    assert {one["way"] for one in (await plays(site, **everything)).values()} == {"direct"}
    assert {one["way"] for one in (await plays(site, client="1")).values()} == {"player"}


async def test_a_server_that_repackages_nothing_says_so() -> None:
    async with open_site(playback_slots=0) as site:
        await put(site, 1, MKV)
        [one] = (await plays(site)).values()
        assert (one["way"], "repackages no films" in one["reason"]) == ("player", True)


async def test_episodes_of_a_series_say_it_too(site: Site) -> None:
    await put(site, 1, MKV, work=SERIES, season=1, episode=1)
    await put(site, 2, MP4, work=SERIES, season=1, episode=2)
    [season] = (await site.get(f"/api/works/{SERIES}"))["seasons"]
    ways = [item["plays"]["way"] for episode in season["episodes"] for item in episode["files"]]
    assert (ways, site.probes.queries) == (["hls", "direct"], 1)


async def test_pictures_of_10_bits_are_for_browsers_that_say_that_they_take_them(site: Site) -> None:
    await put(site, 1, facts("mp4", ("h264", HIGH10), ("aac", AAC)))
    assert [one["way"] for one in (await plays(site)).values()] == ["player"]
    mine = {"client": "1", "containers": "mp4", "takes": f"{HIGH10},{AAC}", "mse": ""}
    assert [one["way"] for one in (await plays(site, **mine)).values()] == ["direct"]


async def test_a_playlist_says_it_in_attributes_that_players_ignore(site: Site) -> None:
    photo: dict[str, Any] = {"kind": "photo", "mime_type": "image/jpeg", "name": "x.jpg"}
    await site.put(media_file(9, **photo))
    for number, read in enumerate((MP4, MKV, UHD, None), start=1):
        await put(site, number, read)
    for ending in ("m3u8", "m3u"):
        before = site.probes.queries
        text = (await site.client.get(f"/api/catalog.{ending}", params={"sort": "date", "order": "asc"})).text
        lines = [line for line in text.splitlines() if line.startswith("#EXTINF")]
        found = {re.search(r'/thumb/-?\d+/(\d+)"', line)[1]: line for line in lines}  # type: ignore[index]
        assert 'browser="direct",' in found["1"]
        assert 'browser="hls" browser-reason="The browser does not open matroska files.",' in found["2"]
        assert re.search(r'browser="player" browser-reason="[^",]*hevc[^",]*",', found["3"])
        assert 'browser="unknown",' in found["4"]
        assert "browser" not in found["9"]
        assert site.probes.queries == before + 1


async def test_damaged_facts_are_as_those_that_were_not_read(site: Site) -> None:
    file = await put(site, 1, MP4)
    row = site.probes.rows[file.key.file_unique_id]
    site.probes.rows[file.key.file_unique_id] = dataclasses.replace(row, facts='{"container": 3')
    assert [one["way"] for one in (await plays(site)).values()] == ["unknown"]
