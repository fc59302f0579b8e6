"""G: names that players look for beside a film: the subtitle of that name, else 404, and never the film."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from streamvault.media.model import MediaFile, Origin
from tests.support.files import CHANNEL, media_file
from tests.support.http_client import request
from tests.support.serving import Bench

FILM = media_file(7, size=3000, name="Quarry.mkv", mime_type="video/x-matroska")


def beside(name: str, message_id: int, mime_type: str = "application/x-subrip", *, size: int = 77) -> MediaFile:
    """Another file of the film's channel."""
    return media_file(message_id, name=name, mime_type=mime_type, kind="document", size=size)


@pytest.mark.parametrize(
    "name",
    [
        "Quarry.srt", "Quarry.de.srt", "Quarry.nfo", "Quarry-fanart.jpg", "Quarry.ass", "movie.nfo", "folder.jpg",
        "Quarry.m3u8", "Quarry.edl", "Quarry.pdf", "Quarry.mka", "Quarry.VTT", "Quarry.idx", "other.txt",
    ],
)  # fmt: skip
async def test_what_is_not_there_is_404_without_a_read(bench: Bench, name: str) -> None:
    path = bench.finder.add(FILM, message_id=7)
    for method in ("GET", "HEAD"):
        assert (await request(bench.address, f"{path}/{name}", method=method)).status == 404
    assert bench.source.requests == []


@pytest.mark.parametrize(
    "name",
    [
        "Quarry.mkv", "An old name.mkv", "renamed.MKV", "Quarry.mp4", "Quarry", "", "Vol. 2", "Mr. Quarry", "a/b/c",
        "Quarry.2007",
    ],
)  # fmt: skip
async def test_the_file_opens_under_its_name_an_old_one_and_none(bench: Bench, name: str) -> None:
    path = bench.finder.add(FILM, message_id=7)
    reply = await request(bench.address, f"{path}/{quote(name)}")
    assert (reply.status, len(reply.body)) == (200, FILM.size)


async def test_what_is_there_is_answered(bench: Bench) -> None:
    path = bench.finder.add(FILM, message_id=7)
    await bench.catalog.put(beside("Quarry.srt", 8, size=11))
    await bench.catalog.put(beside("Quarry.de.srt", 9, size=12))
    await bench.catalog.put(beside("Quarry-fanart.jpg", 10, "image/jpeg", size=13))
    await bench.catalog.put(beside("Quarry.nfo", 11, "text/plain", size=14))
    for name, size in {"Quarry.srt": 11, "quarry.DE.srt": 12, "Quarry-fanart.jpg": 13, "Quarry.nfo": 14}.items():
        reply = await request(bench.address, f"{path}/{name}")
        assert (reply.status, len(reply.body)) == (200, size)
        assert reply.headers["content-disposition"].lower() == f'inline; filename="{name.lower()}"'
    assert (await request(bench.address, f"{path}/Quarry.en.srt")).status == 404


async def test_no_other_file_is_found_by_its_name(bench: Bench) -> None:
    """A link to one film opens the film and what belongs to it, not whatever else the channel holds."""
    path = bench.finder.add(FILM, message_id=7)
    for number, name in enumerate(("secret.srt", "Quarry 2.pdf", "Quarry and the others of that year.srt", "a.jpg")):
        await bench.catalog.put(beside(name, 20 + number))
        assert (await request(bench.address, f"{path}/{quote(name)}")).status == 404
    await bench.catalog.put(replace(beside("Quarry.srt", 8), origin=Origin(CHANNEL - 1, 8)))
    assert (await request(bench.address, f"{path}/Quarry.srt")).status == 404


async def test_files_that_are_no_films_open_under_their_endings(bench: Bench) -> None:
    paper = media_file(7, size=30, name="paper.pdf", mime_type="application/pdf", kind="document")
    blob = media_file(7, size=30, name="data", mime_type="application/octet-stream", kind="document")
    picture = media_file(7, size=30, name="photo-7.jpg", mime_type="image/jpeg", kind="photo")
    for file, name in ((paper, "old.pdf"), (blob, "data.srt"), (picture, "photo-7.jpeg"), (paper, "paper")):
        path = bench.finder.add(file, message_id=7)
        assert (await request(bench.address, f"{path}/{name}")).status == 200
