"""G: names that players look for beside a film: the subtitle of that name, else 404, and never the film."""

import unicodedata
from dataclasses import replace
from typing import Literal
from urllib.parse import quote

import pytest

from streamvault.access.urls import path_name
from streamvault.media.model import MediaFile, Origin
from streamvault.media.types import UNKNOWN, kind_of, type_of
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


@pytest.mark.parametrize(
    ("opened", "other"),
    [
        ("Beach.jpg", "Beach 2.png"), ("Invoice 12.pdf", "Invoice 12 passwords.txt"), ("Beach.jpg", "Beach.png"),
        ("Holiday.zip", "Holiday IMG_0001.jpg"), ("server.log", "server key.png"), ("paper.pdf", "paper.en.srt"),
        ("Tim.mp4", "Tim passport scan.jpg"), ("Tim.mp4", "Tim api key.conf"), ("Tim.mp4", "Tim.conf"),
        ("Tim.mp4", "Tim.log"), ("Tim.mp4", "Tim-passport.jpg"), ("Tim.mp4", "Tim 2.jpg"), ("Tim.mp4", "Tim-id.jpg"),
        ("Tim.mp4", "Tim_2.jpg"), ("Tim.mp4", "Tim-2.txt"), ("Tim.mp4", "Tim-passwords.txt"),
        ("Tim.mp4", "Tim.secret.srt"),
        ("Tim.mp4", "Timothy.srt"), ("Tim.mp4", "Tim de.srt"), ("Tim.mp4", "Tim.ini"), ("Song.mp3", "Song lyrics.txt"),
        ("Tim.mp4", "Tim-2.mp3"), ("Tim.mp4", "Tim-keys.url"), ("Tim.mp4", "Tim.xsl"), (".mkv", ".de.srt"),
    ],
)  # fmt: skip
async def test_a_link_opens_no_file_that_only_begins_with_the_same_words(bench: Bench, opened: str, other: str) -> None:
    mime_type = type_of(opened)
    file = media_file(7, size=30, name=opened, mime_type=mime_type, kind=kind_of(mime_type))
    path = bench.finder.add(file, message_id=7)
    await bench.catalog.put(beside(other, 8, type_of(other)))
    assert (await request(bench.address, f"{path}/{quote(other)}")).status == 404
    assert bench.source.requests == []


@pytest.mark.parametrize(
    "name",
    [
        "Quarry.eng.srt", "Quarry.pt-BR.srt", "Quarry.zh-Hans.ass", "Quarry.es-419.vtt", "Quarry.en.forced.srt",
        "Quarry.de.sdh.srt", "Quarry_de.srt", "Quarry-en.srt", "Quarry.English.srt", "Quarry.español.srt",
        "Quarry.2.srt", "Quarry.en.hi.2.srt", "Quarry.forced.sup", "Quarry.pl.txt", "Quarry.txt", "Quarry.jpg",
        "Quarry-poster.png", "Quarry-fanart2.jpg", "Quarry-backdrop-1.jpg", "Quarry.clearlogo.png", "Quarry-disc.png",
        "Quarry-thumb.webp", "Quarry.mkv.srt", "Quarry.mkv.jpg", "Quarry.xml", "Quarry_chapters.xml", "Quarry.tbn",
        "QUARRY.DE.SRT",
    ],
)  # fmt: skip
async def test_the_names_that_players_and_libraries_write_are_found(bench: Bench, name: str) -> None:
    path = bench.finder.add(FILM, message_id=7)
    await bench.catalog.put(beside(name, 8, type_of(name)))
    reply = await request(bench.address, f"{path}/{quote(name)}")
    assert (reply.status, len(reply.body)) == (200, 77)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("asked", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("film", "wanted"),
    [
        ("Amélie.mkv", "Amélie.srt"), ("Amélie.mkv", "Amélie.fr.forced.srt"), ("Žižkov.mp4", "Žižkov-poster.jpg"),
        ("Việt Nam.mkv", "Việt Nam.vi.ass"), ("한국 영화.mkv", "한국 영화.ko.srt"),
        ("C# за 100%.mkv", "C# за 100%.ru.srt"),
    ],
)  # fmt: skip
async def test_accents_may_be_written_in_either_form(
    bench: Bench, form: Literal["NFC", "NFD"], asked: Literal["NFC", "NFD"], film: str, wanted: str
) -> None:
    path = bench.finder.add(replace(FILM, name=unicodedata.normalize(form, film)), message_id=7)
    await bench.catalog.put(beside(unicodedata.normalize(form, wanted), 8, type_of(wanted)))
    name = path_name(unicodedata.normalize(asked, wanted))
    reply = await request(bench.address, f"{path}/{quote(name)}")
    assert (reply.status, len(reply.body)) == (200, 77)


PROBED = (
    "mks usf rt aqt jss pjs mpl mpl2 sbv sami smi scc stl psb dks ttxt itt lyrics lrc cdg idx sub sup strm url md5 sfv "
    "dat opf edl bif xml utf utf8 utf-8 mpsub pgs tbn chapters actors properties sha256"
)


@pytest.mark.parametrize("ending", PROBED.split())
async def test_every_ending_that_is_probed_is_that_file_or_404(bench: Bench, ending: str) -> None:
    path = bench.finder.add(FILM, message_id=7)
    for name in (f"Quarry.{ending}", f"Quarry.{ending.upper()}", f"renamed.{ending}", f"Quarry.mkv.{ending}"):
        assert (await request(bench.address, f"{path}/{name}")).status == 404
    assert bench.source.requests == []
    await bench.catalog.put(beside(f"Quarry.{ending}", 8, UNKNOWN))
    reply = await request(bench.address, f"{path}/Quarry.{ending}")
    assert (reply.status, len(reply.body)) == (200, 77)


@pytest.mark.parametrize(
    "name",
    [
        "Quarry-trailer.mp4", "Quarry-sample.mkv", "Quarry.sample.avi", "Quarry_Trailer.webm", "Quarry-trailer2.mp4",
        "Quarry-behindthescenes.mkv", "Quarry-deleted.mkv", "Quarry-trailer-1.mp4", "Quarry-trailer.de.mkv",
    ],
)  # fmt: skip
async def test_a_trailer_is_another_file_than_the_film(bench: Bench, name: str) -> None:
    path = bench.finder.add(FILM, message_id=7)
    assert (await request(bench.address, f"{path}/{name}")).status == 404
    assert bench.source.requests == []
    await bench.catalog.put(replace(beside(name, 8, type_of(name)), kind="video"))
    reply = await request(bench.address, f"{path}/{name}")
    assert (reply.status, len(reply.body)) == (200, 77)


async def test_a_trailer_opens_under_its_own_names(bench: Bench) -> None:
    path = bench.finder.add(replace(FILM, name="Quarry-trailer.mkv"), message_id=7)
    for name in ("Quarry-trailer.mkv", "Quarry-trailer.mp4", "quarry-TRAILER.mkv", "Quarry.mkv"):
        assert (await request(bench.address, f"{path}/{name}")).status == 200
    assert (await request(bench.address, f"{path}/Quarry-trailer-sample.mkv")).status == 404


async def test_a_film_with_an_ending_that_is_probed_opens_under_older_names(bench: Bench) -> None:
    path = bench.finder.add(replace(FILM, name="AVSEQ01.DAT", mime_type="video/mpeg"), message_id=7)
    for name in ("AVSEQ01.DAT", "older.dat", "AVSEQ01.mpg"):
        assert (await request(bench.address, f"{path}/{name}")).status == 200
    await bench.catalog.put(beside("AVSEQ01.srt", 8))
    assert len((await request(bench.address, f"{path}/AVSEQ01.srt")).body) == 77
