"""Whatever one viewer asks about films that were not looked into yet, others have theirs looked into."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from streamvault.http.routes.hls import version_of
from streamvault.media.model import MediaFile
from streamvault.playback import facts as module
from streamvault.playback.facts import OF_ONE, RETRY_AFTER, FactsService
from streamvault.playback.model import Facts, Probed, Track
from streamvault.playback.packing import NO_KEYS
from streamvault.playback.slots import Slots
from streamvault.reading.lanes import Lane
from streamvault.reading.reader import Bounds
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.server.playback import open_segments, open_subtitles
from tests.support.http_client import request
from tests.support.probes import MemoryProbes
from tests.support.serving import Bench, serving
from tests.support.sources import media_file
from tests.support.waiting import until

CHAT = media_file(1).origin.chat_id
FOUND = Probed(Facts("matroska", 24.0, tracks=(Track(2, "subtitle", "subrip", ""),)), NO_KEYS)
FILMS = 2 * OF_ONE
ADDRESSES = {
    "playlist": f"/hls/{CHAT}/{{}}/master.m3u8",
    "segment": f"/hls/{CHAT}/{{}}/{{version}}/0/0.m4s",
    "list of subtitles": f"/subtitles/{CHAT}/{{}}",
    "whole subtitles": f"/subtitles/{CHAT}/{{}}/2.vtt",
    "facts": f"/api/facts/{CHAT}/{{}}",
}


def path(address: str, number: int, token: str) -> str:
    return f"{address.format(number, version=version_of(media_file(number)))}?token={token}"


class Looker:
    """Looks into films once `gate` is set."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.lanes: list[Lane] = []

    async def __call__(self, file: MediaFile, lane: Callable[[], Lane]) -> Probed:
        await self.gate.wait()
        self.lanes.append(lane())
        return FOUND

    async def ends(self, bench: Bench, count: int) -> None:
        """Let the looks go on, wait for so many, and see that there are no others."""
        self.gate.set()
        await until(lambda: len(self.lanes) == count)
        assert bench.facts is not None
        await bench.facts.of(media_file(FILMS + 1), within=30, viewer="last")
        assert len(self.lanes) == count + 1


@pytest.fixture
def looker() -> Looker:
    return Looker()


@pytest.fixture
async def bench(looker: Looker, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """A server wired as the real one, with a queue that has room for one file more than one viewer may have read."""
    monkeypatch.setattr(module, "QUEUE", OF_ONE + 1)
    monkeypatch.setattr("streamvault.http.routes.facts.READ_WITHIN", 0.0)
    bench, bounds = Bench(public_access=False), Bounds(0.0, 0.0)
    for number in range(FILMS):
        bench.finder.add(media_file(number + 1), message_id=number + 1)
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(Sandbox())
        facts = bench.facts = await stack.enter_async_context(FactsService(looker, MemoryProbes()))
        slots = Slots(2)
        bench.segments = await stack.enter_async_context(
            open_segments(sandbox, bench.cells, facts, slots=slots, bounds=bounds, read_ahead=False)
        )
        bench.subtitles = await stack.enter_async_context(
            open_subtitles(sandbox, bench.cells, facts, slots=slots, bounds=bounds)
        )
        await stack.enter_async_context(serving(bench))
        yield bench


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
async def test_one_viewer_s_questions_leave_room_for_others(bench: Bench, looker: Looker, address: str) -> None:
    greedy, other = (bench.token(None, expires_at=1 << 32 | number) for number in range(2))
    for number in range(FILMS - 1):
        reply = await request(bench.address, path(address, number + 1, greedy))
        assert (reply.status, reply.headers["retry-after"]) in ((503, str(RETRY_AFTER)), (202, str(RETRY_AFTER)))
    reply = await request(bench.address, f"/api/facts/{CHAT}/{FILMS}?token={other}")
    assert reply.status == 202, "it is being read"
    await looker.ends(bench, OF_ONE + 1)
    assert set(looker.lanes) == {Lane.PLAYBACK}


async def test_all_questions_of_a_viewer_count_together(bench: Bench, looker: Looker) -> None:
    """One about each of OF_ONE films, each in another way, and none about a further film in whichever way."""
    greedy = bench.token(None)
    kinds = list(ADDRESSES.values())
    for number in range(OF_ONE):
        await request(bench.address, path(kinds[number % len(kinds)], number + 1, greedy))
    for address in kinds:
        reply = await request(bench.address, path(address, FILMS, greedy))
        assert (reply.status, "too many films" in json.loads(reply.body)["detail"]) == (503, True)
        waiting = await request(bench.address, path(address, 1, greedy))
        assert waiting.status == 202 or "is being looked into" in json.loads(waiting.body)["detail"]
    await looker.ends(bench, OF_ONE)
