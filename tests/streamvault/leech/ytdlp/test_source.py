"""A video that is one file: read with the fields that its site wants, over links that expire."""

import hashlib
from dataclasses import replace

import pytest

from streamvault.errors import SourceFailed
from streamvault.leech.model import Described
from streamvault.leech.sources.base import TAIL, Checkpoint, SourceChanged
from streamvault.leech.ytdlp.lines import Entry
from streamvault.leech.ytdlp.source import PlainVideo, sent_headers
from tests.support.http_sources import FILM, http_client, read_all
from tests.support.raw_server import Answer, Request, ranged, raw_server, response

VIDEO = Entry("x", "Garden", "", "mkv", protocol="http")

REFERER = "https://site.example/"


class Links:
    """A site whose links are good until the next one is made; `looked` counts them."""

    def __init__(self) -> None:
        self.looked = 0
        self.base = ""
        self.cut: int | None = None
        """Bytes after which an answer ends."""

    def __call__(self, request: Request) -> Answer:
        if request.target != f"/signed/{self.looked}" or request.headers.get("referer") != REFERER:
            return response("403 Forbidden", b"expired")
        whole = ranged(request, FILM, etag='"1"', content_type="video/x-matroska")
        return whole if self.cut is None else whole[: len(whole) - len(FILM) + request.start() + self.cut]

    async def look(self) -> Entry:
        self.looked += 1
        url = f"{self.base}/signed/{self.looked}"
        return replace(VIDEO, url=url, headers={"Referer": REFERER, "Cookie": "a=b", "User-Agent": "Site"})


@pytest.fixture
def links() -> Links:
    return Links()


async def test_each_reading_has_a_fresh_link_and_goes_on_at_its_byte(links: Links) -> None:
    async with raw_server(links) as web:
        links.base = f"http://127.0.0.1:{web.port}"
        opened, data = await read_all(PlainVideo(http_client(), links.look, await links.look()))
        assert (opened.described.name, opened.described.mime_type, opened.described.size) == (
            "Garden.mkv", "video/x-matroska", len(FILM),
        )  # fmt: skip
        assert data == FILM
        assert links.looked == 1, "the first answer was not used"
        tail = FILM[100_000 - TAIL : 100_000]
        mark = (len(tail), hashlib.sha256(tail).hexdigest())
        checkpoint = Checkpoint(opened.described, 100_000, mark, dict(opened.state))
        opened, data = await read_all(PlainVideo(http_client(), links.look), checkpoint)
        assert (links.looked, opened.offset) == (2, 100_000)
        assert data == FILM[100_000:]
        assert opened.described.name == "Garden.mkv"
        assert {request.headers["user-agent"] for request in web.requests} == {"Site"}
        assert not any("cookie" in request.headers for request in web.requests)


async def test_a_link_that_expires_while_it_is_read_is_no_end(links: Links) -> None:
    async with raw_server(links) as web:
        links.base, links.cut = f"http://127.0.0.1:{web.port}", 200_000
        video, blocks = PlainVideo(http_client(idle=0.0), links.look), list[bytes]()

        async def read() -> None:
            async with video.open(None) as opened:
                async for block in opened.blocks:
                    blocks.append(block)
                    links.looked += 1  # that one is good no longer

        with pytest.raises(SourceFailed, match="a fresh one is asked for"):
            await read()
        assert b"".join(blocks) == FILM[: len(b"".join(blocks))]


async def test_another_video_is_not_continued() -> None:
    described = Described("Garden.mkv", len(FILM), resumable=True)
    for entry, state in ((VIDEO, {"ytdlp": "y"}), (VIDEO, {}), (replace(VIDEO, merged=True), {"ytdlp": "x"})):
        with pytest.raises(SourceChanged):
            async with PlainVideo(http_client(), Links().look, entry).open(Checkpoint(described, 1000, None, state)):
                pass


def test_fields_of_a_site_cannot_take_ours_apart() -> None:
    given = {
        "Referer": "https://site.example/", "range": "bytes=5-", "Host": "inner", "X-Bad": "a\r\nX: y", "X-Word": "сад",
        "Authorization": "Basic x", "Accept-Encoding": "gzip", "Origin": "https://site.example",
    }  # fmt: skip
    assert sent_headers(given) == {"Referer": "https://site.example/", "Origin": "https://site.example"}
