"""/subtitles: tracks in a film and files beside it, as WebVTT; and renditions of HLS."""

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from streamvault.media.model import MediaFile
from streamvault.playback.slots import Slots
from tests.support.files import media_file
from tests.support.hls import FilmSource, cells_over, film_server
from tests.support.http_client import request
from tests.support.programs import program
from tests.support.serving import Bench, serving

CUES = re.compile(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})\n((?:.+\n?)*)")
FILM = media_file(7, size=3000, name="Quarry.2019.mkv", mime_type="video/x-matroska")
LINES = {
    "ru": ["Привет, как дела? Я думал, ты не придёшь.", "Мы ждали тебя весь вечер."],
    "ar": ["مرحبا كيف حالك اليوم", "لقد انتظرناك طوال المساء"],
    "de": ["Wo warst du gestern?", "Wir haben überall gesucht."],
}


def srt(lines: list[str]) -> str:
    return "\r\n".join(
        f"{n + 1}\r\n00:00:0{n},500 --> 00:00:0{n + 1},000\r\n<i>{line}</i>\r\n" for n, line in enumerate(lines)
    )


def vtt(lines: list[str]) -> bytes:
    """What a file of these lines becomes."""
    cues = [f"00:00:0{n}.500 --> 00:00:0{n + 1}.000\n<i>{line}</i>\n" for n, line in enumerate(lines)]
    return "\n".join(["WEBVTT\n", *cues]).encode()


def with_files(files: dict[str, bytes], **changes: Any) -> tuple[Bench, FilmSource, list[MediaFile]]:
    """A server with a film in message 7 and these files after it, as a channel has them."""
    bench, source, posted = Bench(**changes), FilmSource(), list[MediaFile]()
    bench.source, bench.cells = source, cells_over(source)
    bench.finder.add(FILM, message_id=7)
    for number, (name, data) in enumerate(files.items(), 8):
        file = media_file(number, name=name, mime_type="application/x-subrip", kind="document", size=len(data))
        bench.finder.add(file, message_id=number)
        source.data[file.key.file_unique_id] = data
        posted.append(file)
    return bench, source, posted


async def listed(bench: Bench, path: str) -> list[dict[str, Any]]:
    reply = await request(bench.address, path)
    assert reply.status == 200, reply.body
    items: list[dict[str, Any]] = json.loads(reply.body)["items"]
    return items


PATH = f"/subtitles/{FILM.origin.chat_id}/7"


@pytest.mark.parametrize(
    ("language", "charset"),
    [("ru", "utf-8"), ("ru", "cp1251"), ("ar", "cp1256"), ("de", "utf-16"), ("de", "cp1252"), ("ar", "utf-8-sig")],
)
async def test_files_beside_a_film_in_the_charsets_of_their_authors(language: str, charset: str) -> None:
    """6: side files in UTF-8, UTF-16, cp1251, cp1256."""
    bench, _, posted = with_files({f"Quarry.2019.{language}.srt": srt(LINES[language]).encode(charset)})
    for file in posted:
        await bench.catalog.put(file)
    async with serving(bench):
        (item,) = await listed(bench, PATH)
        assert (item["id"], item["language"], item["format"], item["message_id"]) == ("m8", language, "srt", 8)
        reply = await request(bench.address, item["url"])
        again = await request(bench.address, item["url"], headers={"If-None-Match": reply.headers["etag"]})
    assert reply.headers["content-type"] == "text/vtt; charset=utf-8"
    assert reply.body == vtt(LINES[language])
    assert again.status == 304


async def test_what_is_listed_and_what_is_not() -> None:
    names = ["Quarry.2019.srt", "Quarry.2019.en.forced.ass", "Quarry.2019.pt-BR.vtt", "Quarry.2019.sup",
             "Quarry.2019.S01E01.srt", "Quarry.2020.srt", "Quarry.2019 passport.srt", "Quarry.2019.nfo"]  # fmt: skip
    bench, _, posted = with_files(dict.fromkeys(names, b"1"))
    for file in posted:
        await bench.catalog.put(file)
    async with serving(bench):
        items = await listed(bench, PATH)
        foreign = await request(bench.address, f"{PATH}/m13.vtt")
        picture = await request(bench.address, f"{PATH}/m11.vtt")
    assert {(item["format"], item["language"], item["forced"], item["url"] is None) for item in items} == {
        ("srt", "", False, False), ("ass", "en", True, False), ("vtt", "pt", False, False), ("sup", "", False, True),
    }  # fmt: skip
    assert foreign.status == 404, "a file of another film is not opened by this film's address"
    assert picture.status == 422
    assert b"pictures" in picture.body


async def test_a_file_that_is_too_large_and_names_that_are_none() -> None:
    bench, source, _ = with_files({})
    huge = replace(
        media_file(8, name="Quarry.2019.srt", kind="document", size=9 << 20), mime_type="application/x-subrip"
    )
    bench.finder.add(huge, message_id=8)
    async with serving(bench):
        assert (await request(bench.address, f"{PATH}/m8.vtt")).status == 422
        for name in ("x", "m", "-1", "99999999999", "m9"):
            assert (await request(bench.address, f"{PATH}/{name}.vtt")).status == 404
    assert source.requests == []


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20 s with a key frame every 2 s, SubRip and ASS with a cue a second, each longer than a second."""
    folder = tmp_path_factory.mktemp("film")
    lines = (f"{n + 1}\n00:00:{n:02d},200 --> 00:00:{n + 1:02d},500\n<b>line {n}</b>\n" for n in range(19))
    (folder / "cues.srt").write_text("\n".join(lines))
    path = folder / "film.mkv"
    sources = ["-f", "lavfi", "-i", "testsrc2=s=160x90:r=12:d=21", "-i", str(folder / "cues.srt")]
    coder = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "24", "-x264-params", "scenecut=0", "-bf", "0"]
    maps = ["-map", "0:v", "-map", "1:s", "-map", "1:s", "-c:s:0", "subrip", "-c:s:1", "ass"]
    names = ["-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "title=Signs"]
    command = [program("ffmpeg"), "-v", "error", "-nostdin", *sources, *maps, *coder, *names, str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


EXPECTED = {(f"00:00:{n:02d}.200", f"00:00:{n + 1:02d}.500", f"<b>line {n}</b>") for n in range(19)}


def cues(body: bytes) -> list[tuple[str, str, str]]:
    return [(start, end, text.rstrip("\n")) for start, end, text in CUES.findall(body.decode())]


async def test_renditions_of_hls_and_whole_tracks(film: Path) -> None:
    async with film_server(film) as (bench, source, hls):
        master = (await request(bench.address, f"{hls}/master.m3u8")).body.decode()
        uris = re.findall(r'TYPE=SUBTITLES.*URI="([^"]+)"', master)
        assert uris == ["text/1.m3u8", "text/2.m3u8"]
        for uri in uris:
            path = urljoin(f"{hls}/", uri)
            playlist = (await request(bench.address, path)).body.decode()
            segments = [line for line in playlist.splitlines() if line and not line.startswith("#")]
            assert len(segments) == playlist.count("#EXTINF:") >= 4
            replies = [await request(bench.address, urljoin(path, one)) for one in segments]
            assert {reply.headers["content-type"] for reply in replies} == {"text/vtt; charset=utf-8"}
            assert all("immutable" in reply.headers["cache-control"] for reply in replies)
            found = [cues(reply.body) for reply in replies]
            assert {cue for part in found for cue in part} == EXPECTED
            assert all(len(set(part)) == len(part) for part in found)
        read = source.read
        items = await listed(bench, hls.replace("/hls/", "/subtitles/"))
        assert [(item["id"], item["track"]) for item in items] == [("1", 1), ("2", 2)]
        whole = [await request(bench.address, item["url"]) for item in items]
        assert [cues(reply.body) for reply in whole] == [sorted(EXPECTED)] * 2
        assert source.read == read, "all of it was in the caches"
        missing = await request(bench.address, f"/subtitles/{hls.removeprefix('/hls/')}/0.vtt")
        assert missing.status == 404


@pytest.mark.parametrize(("slots", "ids"), [(0, ["m8"]), (2, ["1", "2", "m8"])])
async def test_tracks_are_listed_where_they_can_be_fetched_and_files_always(
    film: Path, slots: int, ids: list[str]
) -> None:
    """With PLAYBACK_SLOTS=0 none of the film's own can be; a server without PyAV lists none either (see above)."""
    data, name = srt(LINES["de"]).encode(), f"{film.stem}.de.srt"
    async with film_server(film, playback_slots=slots, check=Slots(slots).check) as (bench, source, hls):
        path = hls.replace("/hls/", "/subtitles/")
        chat_id = int(path.split("/")[2])
        beside = media_file(
            8, chat_id=chat_id, name=name, kind="document", size=len(data), mime_type="application/x-subrip"
        )
        source.data[beside.key.file_unique_id] = data
        bench.finder.add(beside, message_id=8)
        await bench.catalog.put(beside)
        items = await listed(bench, path)
        replies = [await request(bench.address, item["url"]) for item in items]
        assert ([item["id"] for item in items], {reply.status for reply in replies}) == (ids, {200})
        assert replies[-1].body == vtt(LINES["de"])
        assert (await request(bench.address, f"{path}/1.vtt")).status == (200 if slots else 422)


async def test_a_link_to_a_film_opens_its_subtitles_and_no_others() -> None:
    bench, _, posted = with_files({"Quarry.2019.srt": srt(LINES["de"]).encode()}, public_access=False)
    for file in posted:
        await bench.catalog.put(file)
    token = bench.token(FILM.origin)
    async with serving(bench):
        assert (await request(bench.address, PATH)).status == 401
        (item,) = await listed(bench, f"{PATH}?token={token}")
        assert (await request(bench.address, item["url"])).status == 200
        assert (await request(bench.address, f"/s/{token}{PATH}/m8.vtt")).body == vtt(LINES["de"])
        other = PATH.removesuffix("7") + "8"
        assert (await request(bench.address, f"{other}?token={token}")).status == 403
