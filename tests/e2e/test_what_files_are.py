"""What files are, however they were sent: in lists, facts, playlists, addresses and header fields."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest

from streamvault.media.model import Origin
from tests.support.http_client import request
from tests.support.mongo import mongo_server
from tests.support.slices import sliced
from tests.support.stack import MIB, chat_id_of
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world import attributes
from tgemulator.world.content import SyntheticContent

OCTETS = "application/octet-stream"


@pytest.fixture(params=["sqlite", "mongo"])
async def whole(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Whole]:
    """The product on each database."""
    async with AsyncExitStack() as stack:
        settings: dict[str, Any] = {}
        if request.param == "mongo":
            mongo = await stack.enter_async_context(mongo_server(tmp_path, keeps=False))
            settings["database_url"] = mongo.url
        yield await stack.enter_async_context(whole_product(tmp_path, **settings))


async def post(whole: Whole, name: str, mime_type: str = OCTETS, *, text: str = "", **sent: Any) -> dict[str, Any]:
    """Post a file into the channel; its item, once its name was parsed."""
    world = whole.world.emulator
    content = sent.pop("content", None) or SyntheticContent(sent.pop("size", 3000), len(world.files.files))
    file = world.files.add(content, dc_id=2, name=name, mime_type=mime_type, **sent)
    message = await world.world.post(whole.world.films, file=file, text=text)
    return await item(whole, message.id)


async def item(whole: Whole, message_id: int) -> dict[str, Any]:
    origin = Origin(chat_id_of(whole.world.films), message_id)

    async def parsed() -> bool:
        entry = await whole.services.catalog.entry(origin)
        return entry is not None and (entry.facts is not None or entry.file.part_of is not None)

    await until(parsed, timeout=60)  # the child has the lowest priority
    found: dict[str, Any] = await get(whole, f"/api/catalog/{origin.chat_id}/{origin.message_id}")
    return found


async def get(whole: Whole, path: str) -> Any:
    reply = await request(whole.address, path)
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


async def names(whole: Whole, **query: str) -> set[str]:
    filters = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    return {each["name"] for each in (await get(whole, f"/api/catalog?{filters}"))["items"]}


async def playlist(whole: Whole) -> str:
    return (await request(whole.address, "/api/catalog.m3u8")).body.decode()


async def test_films_and_music_are_what_they_are_however_they_were_sent(whole: Whole) -> None:
    """A: in lists, facets and works, and in the type that a player is told."""
    lights = await post(whole, "Harbour Lights 1987.mkv", "video/x-matroska")
    bus = await post(whole, "Night Bus.mp4")
    blues = await post(whole, "Tin Roof Blues.flac", "audio/flac")
    paper = await post(whole, "paper.pdf", "application/pdf")
    subtitles = await post(whole, "Night Bus.ass", "audio/aac")
    assert [each["kind"] for each in (lights, bus, blues, paper, subtitles)] == [
        "video", "video", "audio", "document", "document",
    ]  # fmt: skip
    assert {each["telegram_kind"] for each in (lights, bus, blues, paper, subtitles)} == {"document"}
    assert await names(whole, kind="video") == {"Harbour Lights 1987.mkv", "Night Bus.mp4"}
    assert await names(whole, kind="audio") == {"Tin Roof Blues.flac"}
    assert await names(whole, kind="document") == {"paper.pdf", "Night Bus.ass"}
    facets = await get(whole, "/api/catalog/facets")
    assert {each["value"]: each["count"] for each in facets["kinds"]} == {"video": 2, "audio": 1, "document": 2}
    assert lights["facts"]["work"] == "f:harbour-lights-1987"
    reply = await request(whole.address, bus["stream_url"], method="HEAD")
    assert (reply.headers["content-type"], bus["mime_type"]) == ("video/mp4", "video/mp4")
    listed = await playlist(whole)
    assert listed.count("#EXTINF") == 3
    assert "Night Bus.mp4" in listed
    assert ".ass" not in listed


async def test_a_cut_film_is_of_the_kind_of_the_same_film_in_one_piece(whole: Whole) -> None:
    """A: and so are its pieces, which are joined by their own names, and the name of the whole by the text."""
    content = SyntheticContent(2 * MIB + 5, 1)
    first, second = sliced(content, (MIB, MIB + 5))
    one = await post(whole, "Night Bus.mkv")
    await post(whole, "Night Train.mkv.001", content=second)
    cut = await post(whole, "movie.mkv.001", content=second, text="Cold Ledger 2009 1080p BluRay")
    rest = await post(whole, "movie.mkv.002", content=first)
    cut = await item(whole, cut["message_id"])
    assert cut["pieces"] == 2
    assert (one["kind"], cut["kind"], rest["kind"]) == ("video", "video", "video")
    assert (cut["name"], cut["mime_type"]) == ("Cold Ledger 2009 1080p BluRay.mkv", "video/x-matroska")
    assert await names(whole, kind="document") == set()


NAMED_BY_THE_TEXT = [
    # name, text, decided name, work, season and episode
    ("", "Paper Moons S03E11 720p", "Paper Moons S03E11 720p.mp4", "s:paper-moons", (3, 11)),
    ("video.mp4", "Tide Tables S01E02 1080p", "Tide Tables S01E02 1080p.mp4", "s:tide-tables", (1, 2)),
    ("movie.mp4", "Cold Ledger 2009 BluRay", "Cold Ledger 2009 BluRay.mp4", "f:cold-ledger-2009", (None, None)),
    ("VID_20240105_120000.mp4", "Birthday of Tim", "Birthday of Tim.mp4", "", (None, None)),
    ("\u200b .mp4", "Regatta", "Regatta.mp4", "", (None, None)),
    ("Real Name 2001.mp4", "Cold Ledger 2009 1080p", "Real Name 2001.mp4", "f:real-name-2001", (None, None)),
]


async def test_the_text_names_what_says_nothing(whole: Whole) -> None:
    """C: heading, work, season and episode, playlist and address follow."""
    for name, text, kept, work, episode in NAMED_BY_THE_TEXT:
        found = await post(whole, name, "video/mp4", text=text, attributes=[attributes.video(3.0, 64, 36)])
        assert found["name"] == kept
        facts = found["facts"]
        assert (facts["work"], (facts["season"], facts["episode"])) == (work, episode)
        assert unquote(found["stream_url"]).endswith(f"/{kept}")
        assert f",{kept}\n" in await playlist(whole)


async def test_without_any_text_a_made_name_tells_no_facts(whole: Whole) -> None:
    """C"""
    found = await post(whole, "", "video/mp4", attributes=[attributes.video(3.0, 64, 36)])
    assert found["name"] == f"video-{found['message_id']}.mp4"
    assert (found["facts"]["title"], found["facts"]["work"]) == ("", "")


async def test_an_edited_text_renames_the_file(whole: Whole) -> None:
    """C: and its facts are read again."""
    found = await post(whole, "movie.mkv", text="Cold Ledger 2009 1080p")
    assert found["facts"]["work"] == "f:cold-ledger-2009"
    world = whole.world.emulator.world
    await world.edit(whole.world.films.messages[found["message_id"]], text="Warm Ledger 2010 1080p")

    async def renamed() -> bool:
        return await names(whole, work="f:warm-ledger-2010") == {"Warm Ledger 2010 1080p.mkv"}

    await until(renamed, timeout=60)
    assert await names(whole, work="f:cold-ledger-2009") == set()


async def test_the_type_that_a_player_is_told(whole: Whole) -> None:
    """B: and what keeps a page of another type from running here."""
    for name, sent, told in (
        ("reel.mkv", "application/x-mkv", "video/x-matroska"),
        ("c.flac", "application/x-flac", "audio/flac"),
        ("a.vob", "binary/octet-stream", "video/mpeg"),
        ("p.mp4", "text/html", "text/html"),
        ("n.html", "video/mp4", "video/mp4"),
    ):
        found = await post(whole, name, sent)
        reply = await request(whole.address, found["stream_url"], method="HEAD")
        served = "text/plain" if told == "text/html" else told
        assert (found["mime_type"], reply.headers["content-type"].partition(";")[0]) == (told, served)
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert ("sandbox" in reply.headers.get("content-security-policy", "")) is (told == "text/html")


async def test_the_subtitle_beside_a_film_is_found_by_its_name(whole: Whole) -> None:
    """G: whatever letters it has; no byte is read for one that is not there."""
    film = await post(whole, "Der Fluß – 川 (Director's cut).mkv")
    path = film["stream_url"].rpartition("/")[0]
    read = whole.getfile_bytes()
    for name in ("Der Fluß – 川 (Director's cut).de.srt", "Der Fluß – 川 (Director's cut).nfo"):
        assert (await request(whole.address, f"{path}/{quote(name)}")).status == 404
    assert whole.getfile_bytes() == read
    subtitle = await post(whole, "Der Fluß – 川 (Director's cut).de.srt", content=SyntheticContent(99, 5))
    reply = await request(whole.address, f"{path}/{quote(subtitle['name'])}")
    assert (reply.status, len(reply.body)) == (200, 99)
