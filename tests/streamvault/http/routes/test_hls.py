"""HLS of a film with a sound that browsers do not take."""

import asyncio
import io
import itertools
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin

import av
import pytest

from streamvault.access.limits import Limits
from streamvault.errors import FileGone, FileMissing, SourceBusy, SourceUnavailable
from streamvault.playback.making.probe import probe_file
from streamvault.playback.slots import VIEWERS, Slots
from streamvault.reading.sandbox.jobs import Sandbox
from streamvault.reading.sandbox.model import Job, JobFailed, Result
from tests.support import chirp_films
from tests.support.hls import MESSAGE, film_server
from tests.support.http_client import Address, Reply, request
from tests.support.repackaged import FileInMemory
from tests.support.sources import fail, hold
from tests.support.waiting import until


async def text(address: Address, path: str) -> str:
    reply = await request(address, path)
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    return reply.body.decode()


def uris(playlist: str) -> list[str]:
    """The addresses of a media playlist: initialization segment, then media segments."""
    lines = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    return [*re.findall(r'#EXT-X-MAP:URI="([^"]+)"', playlist), *lines]


async def rendition(address: Address, path: str) -> bytes:
    """A whole rendition."""
    parts = [await request(address, urljoin(path, uri)) for uri in uris(await text(address, path))]
    assert {part.status for part in parts} == {200}
    assert {part.headers["content-type"] for part in parts} == {"video/mp4"}
    return b"".join(part.body for part in parts)


async def test_a_film_is_played_by_its_playlists() -> None:
    async with film_server(chirp_films.short_film()) as (bench, _, hls):
        master = await text(bench.address, f"{hls}/master.m3u8")
        sounds = re.findall(r'#EXT-X-MEDIA:TYPE=AUDIO.*URI="([^"]+)"', master)
        pictures = await rendition(bench.address, urljoin(f"{hls}/", uris(master)[-1]))
        sound = await rendition(bench.address, urljoin(f"{hls}/", sounds[0]))
    with av.open(io.BytesIO(pictures)) as container:
        assert sum(1 for packet in container.demux() if packet.size) == 24 * 8
    with av.open(io.BytesIO(sound)) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
        assert float(sum(packet.duration or 0 for packet in container.demux())) / 48_000 == pytest.approx(8, abs=0.1)


@pytest.mark.parametrize(("late", "codec"), [(0.0, "mp4a.40.5"), (4.0, "mp4a.40.2")])
async def test_the_playlist_says_of_he_aac_what_its_initialization_segment_says(
    late: float, codec: str, tmp_path: Path
) -> None:
    """Where it begins too late to be copied it is encoded anew, as AAC-LC."""
    path = chirp_films.he_aac(tmp_path, late=late)
    picture, sound_track = probe_file(FileInMemory(path.read_bytes())).facts.tracks
    tracks = (picture, replace(sound_track, profile="HE-AAC"))
    async with film_server(path, facts={"tracks": tracks}) as (bench, _, hls):
        master = await text(bench.address, f"{hls}/master.m3u8")
        sound = await rendition(bench.address, f"{hls}/audio/1.m3u8")
    assert re.findall(r'CODECS="[^",]+,([^"]+)"', master) == [codec]
    config = sound[sound.index(b"\x05\x80\x80\x80", sound.index(b"esds")) + 5 :]
    assert config[0] >> 3 == int(codec.rpartition(".")[2])
    with av.open(io.BytesIO(sound)) as container:
        stream = container.streams.audio[0]
        times = [packet.pts * stream.time_base for packet in container.demux(stream) if packet.pts is not None]
    assert [float(times[0]), float(times[-1])] == pytest.approx([0, 8], abs=0.15)
    assert len({after - before for before, after in itertools.pairwise(times)}) == 1


async def _segments(address: Address, hls: str) -> list[str]:
    return [urljoin(f"{hls}/video.m3u8", uri) for uri in uris(await text(address, f"{hls}/video.m3u8"))]


async def test_what_is_held_or_asked_by_head_is_not_made() -> None:
    async with film_server(chirp_films.short_film()) as (bench, source, hls):
        addresses = await _segments(bench.address, hls)
        for address in addresses:
            first = await request(bench.address, address, method="HEAD")
            assert (first.status, first.body) == (200, b"")
            held = await request(bench.address, address, headers={"If-None-Match": first.headers["etag"]})
            assert (held.status, held.headers["etag"]) == (304, first.headers["etag"])
        assert source.requests == []
        made = await request(bench.address, addresses[1])
        assert (made.status, made.headers["etag"]) == (
            200,
            (await request(bench.address, addresses[1])).headers["etag"],
        )
        assert "immutable" in made.headers["cache-control"]


async def test_who_plays_by_hls_is_a_stream_that_owners_see() -> None:
    async with film_server(chirp_films.short_film()) as (bench, _, hls):
        addresses = await _segments(bench.address, hls)
        assert json.loads((await request(bench.address, "/api/stats")).body)["streams"]["active"] == 0, (
            "a playlist is none"
        )
        sent = [len((await request(bench.address, address)).body) for address in addresses]
        await request(bench.address, addresses[-1], method="HEAD")
        assert json.loads((await request(bench.address, "/api/stats")).body)["streams"]["active"] == 1
        assert bench.sample("bytes_total", tier="repackaged") == sum(sent)


async def test_two_viewers_of_a_segment_make_one() -> None:
    async with film_server(chirp_films.short_film()) as (bench, source, hls):
        address = (await _segments(bench.address, hls))[1]
        first = await request(bench.address, address)
        read = len(source.requests)
        second = await request(bench.address, address)
        assert (first.body, second.body[:4]) == (second.body, first.body[:4])
        assert len(source.requests) == read


async def test_tokens_are_handed_on_and_answers_are_private() -> None:
    async with film_server(chirp_films.short_film(), public_access=False) as (bench, _, hls):
        origin = next(iter(bench.finder.files.values())).origin  # type: ignore[union-attr]
        token = bench.token(type(origin)(origin.chat_id, MESSAGE))
        assert (await request(bench.address, f"{hls}/master.m3u8")).status in (401, 403)
        for prefix, query in (("", f"?token={token}"), (f"/s/{token}", "")):
            master = await text(bench.address, f"{prefix}{hls}/master.m3u8{query}")
            for uri in [*re.findall(r'URI="([^"]+)"', master), uris(master)[-1]]:
                inner = urljoin(f"{prefix}{hls}/", uri)
                last = urljoin(inner, uris(await text(bench.address, inner))[-1])
                reply = await request(bench.address, last)
                assert reply.status == 200
                assert reply.headers["cache-control"].startswith("private")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("{hls}/{version}/0/99.m4s", 404),
        ("{hls}/{version}/9/0.m4s", 404),
        ("{hls}/{version}/9/init.mp4", 404),
        ("{hls}/1-0000000000/0/0.m4s", 404),
        ("{hls}/audio/0.m3u8", 404),
        ("{hls}/master.m3u8?audio=5", 422),
        ("{hls}/master.m3u8?audio=x", 422),
        ("/hls/-1001234567890/8/master.m3u8", 404),
    ],
)
async def test_what_is_not_there(path: str, status: int) -> None:
    async with film_server(chirp_films.short_film()) as (bench, _, hls):
        version = (await _segments(bench.address, hls))[0].split("/")[4]
        reply = await request(bench.address, path.format(hls=hls, version=version))
    assert reply.status == status, reply.body


LONG = "9" * 5000
MISSING = [
    "{version}/0/99999.m4s", "{version}/77/0.m4s", "{version}/77/init.mp4", "{version}/0/0.vtt", "{version}/77/0.vtt",
    f"{{version}}/0/{LONG}.m4s", f"{{version}}/{LONG}/0.m4s", f"{{version}}/{LONG}/init.mp4",
    f"{{version}}/0/{LONG}.vtt", f"{{version}}/{LONG}/0.vtt", f"audio/{LONG}.m3u8", f"text/{LONG}.m3u8",
    "text/0.m3u8", "audio/77.m3u8", "{version}/0/1000000000.m4s",
]  # fmt: skip


@pytest.mark.parametrize(("method", "held"), [("GET", ""), ("HEAD", ""), ("GET", "*"), ("HEAD", "*")])
async def test_what_is_not_there_is_missing_for_every_kind_of_request(method: str, held: str) -> None:
    slots = Slots(1)
    async with film_server(chirp_films.short_film(), admit=slots.admit) as (bench, source, hls):
        version = (await _segments(bench.address, hls))[0].split("/")[4]
        for path in MISSING:
            address = f"{hls}/{path.format(version=version)}"
            reply = await request(
                bench.address, address, method=method, headers={"If-None-Match": held} if held else {}
            )
            assert reply.status == 404, path[:60]
        assert slots.viewers == 0
        assert source.read == 0


@pytest.mark.parametrize(("method", "held", "status"), [("HEAD", "", 200), ("GET", "*", 304), ("HEAD", "*", 304)])
async def test_who_only_asks_for_a_segment_keeps_a_place_or_is_told_that_there_is_none(
    method: str, held: str, status: int
) -> None:
    slots = Slots(1)
    async with film_server(chirp_films.short_film(), admit=slots.admit) as (bench, source, hls):
        headers = {"If-None-Match": held} if held else {}
        for address in (await _segments(bench.address, hls))[:2]:
            assert (await request(bench.address, address, method=method, headers=headers)).status == status
        assert (slots.viewers, source.read) == (1, 0)
    slots = Slots(1)
    for viewer in range(VIEWERS):
        slots.admit(viewer)
    async with film_server(chirp_films.short_film(), admit=slots.admit) as (bench, _, hls):
        for address in (await _segments(bench.address, hls))[:2]:
            assert (await request(bench.address, address, method=method, headers=headers)).status == 503


async def test_a_film_that_cannot_be_repackaged_says_why() -> None:
    why = "XviD cannot be played by browsers; VLC plays it."
    async with film_server(chirp_films.short_film(), facts={"reason": why}) as (bench, source, hls):
        reply = await request(bench.address, f"{hls}/master.m3u8")
    assert reply.status == 422
    assert why in reply.body.decode()
    assert source.read <= 1 << 20


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (FileGone("deleted"), 410),
        (FileMissing("unknown"), 404),
        (SourceBusy(30.0), 503),
        (SourceUnavailable("no connection"), 503),
    ],
)
async def test_a_source_that_fails_is_told_as_of_streams(error: Exception, status: int) -> None:
    async with film_server(chirp_films.short_film(), start_timeout=0.3) as (bench, source, hls):
        address = (await _segments(bench.address, hls))[1]
        source.always = fail(error)
        stream = await _status(bench.address, hls.replace("/hls/", "/stream/"))
        reply = await request(bench.address, address)
    assert (reply.status, stream.status) == (status, status)
    assert reply.headers.get("retry-after") == stream.headers.get("retry-after")


async def _status(address: Address, path: str) -> Reply:
    return await request(address, path, limit=1)


async def test_requests_for_one_film_at_the_same_time_are_one_stream() -> None:
    gate = asyncio.Event()
    limits = Limits(streams=1, patience=0.0)
    async with film_server(chirp_films.short_film(), limits=limits, stream_limit=1) as (bench, source, hls):
        addresses = await _segments(bench.address, hls)
        source.always = hold(gate)
        both = [asyncio.create_task(request(bench.address, address)) for address in addresses[:2]]
        await until(lambda: source.in_flight > 0 and limits.slots.open != {})
        refused = await request(bench.address, hls.replace("/hls/", "/stream/"), limit=1)
        gate.set()
        assert [reply.status for reply in await asyncio.gather(*both)] == [200, 200]
        assert refused.status == 429
        await until(lambda: limits.slots.open == {})
        assert (await request(bench.address, addresses[2])).status == 200


async def test_a_film_in_pieces_gives_the_same_segments() -> None:
    made = []
    for pieces in ((), (100_001, 77_777)):
        async with film_server(chirp_films.short_film(), pieces=pieces) as (bench, source, hls):
            made.append(await rendition(bench.address, f"{hls}/video.m3u8"))
            made.append(await rendition(bench.address, f"{hls}/audio/1.m3u8"))
            assert len(source.keys) == max(1, len(pieces) + 1)
    assert made[:2] == made[2:]


class Killed:
    """A sandbox whose first jobs of this function are killed; counts all jobs of it."""

    def __init__(self, times: int, function: str, within: Sandbox) -> None:
        self.left, self.function, self.within, self.jobs = times, function, within, 0

    async def run(self, job: Job, read: Callable[[range], Awaitable[bytes]]) -> Result:
        if job.function.endswith(self.function):
            self.jobs += 1
            if self.left:
                self.left -= 1
                raise JobFailed("it was killed", has_read=True, killed=True)
        return await self.within.run(job, read)


@pytest.mark.parametrize(("times", "status"), [(1, 200), (2, 503)])
async def test_a_killed_process_is_not_seen_by_the_viewer_but_when_it_is_killed_again(times: int, status: int) -> None:
    found: list[Killed] = []

    def killed(sandbox: Sandbox) -> Killed:
        found.append(Killed(times, "make_video", sandbox))
        return found[0]

    async with film_server(chirp_films.short_film(), sandbox_of=killed) as (bench, _, hls):
        address = (await _segments(bench.address, hls))[1]
        assert (await request(bench.address, address)).status == status
    assert found[0].jobs == 2


async def test_without_a_free_place_the_player_is_told_when_to_come_back() -> None:
    slots = Slots(1)
    for viewer in range(VIEWERS):
        slots.admit(viewer)
    async with film_server(chirp_films.short_film(), slot=slots.turn) as (bench, _, hls):
        address = (await _segments(bench.address, hls))[1]
        reply = await request(bench.address, address)
    assert reply.status == 503
    assert int(reply.headers["retry-after"]) >= 1
    assert "repackaging" in reply.body.decode()
