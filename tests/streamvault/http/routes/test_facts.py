"""GET /api/facts: what a film holds, 202 while it is read, and who may ask."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from streamvault.errors import SourceBusy
from streamvault.http.routes import facts as module
from streamvault.media.model import MediaFile
from streamvault.playback.facts import RETRY_AFTER, FactsService
from streamvault.playback.making.probe import probe_file
from streamvault.playback.model import Probed
from streamvault.reading.lanes import Lane
from tests.support.cell_files import CellFile
from tests.support.ffmpeg_films import FILMS
from tests.support.http_client import request
from tests.support.probes import MemoryProbes
from tests.support.serving import Bench, serving
from tests.support.sources import media_file

PATH = "/api/facts/-1001234567890/7"


class Looker:
    """Looks into a film in this process, once `gate` is set."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, file: MediaFile, lane: Callable[[], Lane]) -> Probed:
        await self.gate.wait()
        if self.error:
            raise self.error
        return probe_file(CellFile(FILMS["mkv"].path))


@pytest.fixture
def looker() -> Looker:
    return Looker()


@pytest.fixture
async def bench(looker: Looker) -> AsyncIterator[Bench]:
    bench = Bench()
    async with FactsService(looker, MemoryProbes()) as bench.facts, serving(bench):
        bench.finder.add(media_file(5), message_id=7)
        yield bench


async def test_facts_of_a_film(bench: Bench) -> None:
    reply = await request(bench.address, PATH)
    facts = json.loads(reply.body)

    assert reply.status == 200
    assert (facts["container"], facts["seekable"], facts["reason"]) == ("matroska", True, "")
    assert facts["duration"] == pytest.approx(24, abs=0.1)
    assert [(track["type"], track["codec_string"], track["language"]) for track in facts["tracks"]] == [
        ("video", "avc1.64000c", ""), ("audio", "ac-3", "en"), ("audio", "mp4a.40.2", "de"), ("subtitle", "", "en"),
        ("subtitle", "", "fr"),
    ]  # fmt: skip
    assert facts["tracks"][1]["channels"] == 6
    assert [chapter["title"] for chapter in facts["chapters"]] == ["One", "Two"]
    assert facts["attachments"] == [{"name": "a.ttf", "mime_type": "font/ttf", "size": 3_000_000}]
    fresh = await request(bench.address, PATH, headers={"If-None-Match": reply.headers["etag"]})
    assert fresh.status == 304


async def test_a_film_that_is_being_read_is_202_with_retry_after(
    bench: Bench, looker: Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_WITHIN", 0.05)
    looker.gate.clear()
    reply = await request(bench.address, PATH)
    assert (reply.status, reply.headers["retry-after"]) == (202, str(RETRY_AFTER))
    assert json.loads(reply.body) == {"state": "reading"}
    looker.gate.set()
    monkeypatch.setattr(module, "READ_WITHIN", 10.0)
    assert (await request(bench.address, PATH)).status == 200


async def test_telegram_that_floods_is_503(bench: Bench, looker: Looker) -> None:
    looker.error = SourceBusy(17.0)
    reply = await request(bench.address, PATH)
    assert (reply.status, reply.headers["retry-after"]) == (503, "17")


async def test_other_files_are_422_with_the_reason(bench: Bench) -> None:
    book = replace(media_file(6, name="book.pdf", mime_type="application/pdf"), kind="document")
    bench.finder.add(book, message_id=8)
    reply = await request(bench.address, "/api/facts/-1001234567890/8")
    assert reply.status == 422
    assert "neither a film nor a song" in json.loads(reply.body)["detail"]


async def test_a_server_without_the_library_says_so() -> None:
    async with serving() as bench:
        bench.finder.add(media_file(5), message_id=7)
        reply = await request(bench.address, PATH)
    assert reply.status == 422
    assert "extra `media`" in json.loads(reply.body)["detail"]


async def test_a_token_for_one_file_opens_its_facts_alone(looker: Looker) -> None:
    bench = Bench(public_access=False)
    async with FactsService(looker, MemoryProbes()) as bench.facts, serving(bench):
        file = media_file(5)
        bench.finder.add(file, message_id=7)
        bench.finder.add(file, message_id=8)
        token = bench.token(file.origin)
        assert (await request(bench.address, f"{PATH}?token={token}")).status == 200
        assert (await request(bench.address, f"/api/facts/-1001234567890/8?token={token}")).status in (401, 403, 404)
        assert (await request(bench.address, PATH)).status == 401
