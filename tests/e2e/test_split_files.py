"""Files that were cut, end to end: posted piece by piece into an emulated Telegram, streamed as one over HTTP."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from streamvault.indexing.arrangement import BEGINS
from streamvault.media.cells import CELL
from streamvault.media.manifest import ListedPart, Manifest, write_manifest
from streamvault.media.model import MediaFile, Origin
from streamvault.media.types import type_of
from tests.streamvault.http.routes.range_cases import ask, check_row, rows_for
from tests.support.http_client import opened, request
from tests.support.mongo import leaves_sockets, mongo_server
from tests.support.proof import full
from tests.support.slices import sliced
from tests.support.stack import FOREIGN_DC, HOME_DC, MIB, chat_id_of
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import BytesContent, SyntheticContent, sha256_of, synthetic_bytes

SIZES = (2 * MIB + 3, 2 * MIB + 3, MIB + 777)
SIZE = sum(SIZES)
SEAMS = (SIZES[0], SIZES[0] + SIZES[1])
LARGEST = 2_097_152_000
SEED = 5


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole_product(tmp_path) as whole:
        yield whole


class Posted:
    """A film in pieces, as it was posted into a channel; `files` and `messages` as the emulator knows them."""

    def __init__(self, whole: Whole, name: str, sizes: Sequence[int]) -> None:
        self.whole = whole
        self.sizes = sizes
        files = whole.world.emulator.files
        self.files = [
            files.add(piece, dc_id=(HOME_DC, FOREIGN_DC)[number % 2], name=f"{name}.{number + 1:03}")
            for number, piece in enumerate(sliced(SyntheticContent(sum(sizes), SEED), sizes))
        ]
        self.channel = whole.world.films
        self.messages: list[Any] = []

    async def post(self, channel: Any = None, order: Sequence[int] | None = None) -> "Posted":
        """Post all pieces, and wait until they are one file in the catalog."""
        self.channel = channel or self.channel
        world = self.whole.world.emulator.world
        posted = {
            number: await world.post(self.channel, file=self.files[number])
            for number in order or range(len(self.files))
        }
        self.messages = [posted[number] for number in range(len(self.files))]
        await self.is_cut_into(len(self.files))
        return self

    def origin(self, number: int) -> Origin:
        return Origin(chat_id_of(self.channel), self.messages[number].id)

    def path(self, number: int = 0) -> str:
        return f"/stream/{self.origin(number).chat_id}/{self.origin(number).message_id}"

    async def row(self, number: int = 0) -> MediaFile | None:
        return await self.whole.services.catalog.get(self.origin(number))

    async def is_cut_into(self, count: int) -> None:
        """Wait until the catalog has it as one file of so many pieces; none: it is a plain file."""

        async def so() -> bool:
            row = await self.row()
            return row is not None and len(row.parts) == count

        await until(so)

    async def get(self, start: int, stop: int) -> bytes:
        reply = await request(self.whole.address, self.path(), headers={"Range": f"bytes={start}-{stop - 1}"})
        assert (reply.status, reply.complete) == (206, True)
        assert reply.headers["content-range"] == f"bytes {start}-{stop - 1}/{sum(self.sizes)}"
        return reply.body


def told_of_deletions(whole: Whole) -> None:
    """From now on the bot hears of deleted messages, as bots sometimes do."""
    emulator = whole.world.emulator
    emulator.world.tell_bots_of_deletions = True


def right(start: int, stop: int) -> bytes:
    return synthetic_bytes(SEED, start, stop - start)


async def listed(whole: Whole) -> dict[str, dict[str, Any]]:
    reply = await request(whole.address, "/api/catalog")
    return {item["name"]: item for item in json.loads(reply.body)["items"]}


async def test_a_film_in_pieces_is_one_file(whole: Whole) -> None:
    film = await Posted(whole, "Film.mkv", SIZES).post(order=(1, 2, 0))
    items = await listed(whole)
    assert set(items) == {"Film.mkv"}
    assert items["Film.mkv"]["size"] == SIZE
    assert items["Film.mkv"]["kind"] == "video"
    reply = await request(whole.address, items["Film.mkv"]["stream_url"])
    assert (reply.status, reply.complete) == (200, True)
    assert reply.headers["content-length"] == str(SIZE)
    assert reply.headers["content-type"] == "video/x-matroska"
    assert reply.body == right(0, SIZE)
    head = await request(whole.address, film.path(), method="HEAD")
    assert head.headers["etag"] == reply.headers["etag"]
    assert head.headers["content-length"] == str(SIZE)


async def test_ranges_over_each_seam_suffixes_and_several_at_once(whole: Whole) -> None:
    film = await Posted(whole, "Film.mkv", SIZES).post()
    for seam in SEAMS:
        for before, after in ((1, 1), (0, 1), (1, 0), (700_000, 700_000)):
            assert await film.get(seam - before, seam + after) == right(seam - before, seam + after)
    for row in rows_for(SIZE):
        reply = await ask(row, film.path(), address=whole.address, size=SIZE)
        check_row(row, reply, size=SIZE, expected_bytes=right)


async def test_it_is_made_ready_for_playing_when_its_last_piece_comes(whole: Whole) -> None:
    film = await Posted(whole, "Film.mkv", SIZES).post()
    row, prewarm = await film.row(), whole.services.prewarm
    assert row is not None
    await until(lambda: row.key in prewarm._recent)
    await prewarm.settled()
    asked = whole.getfile_bytes()
    for start, stop in ((0, 2 * CELL), (SIZE - CELL, SIZE)):
        assert await film.get(start, stop) == right(start, stop)
    assert whole.getfile_bytes() == asked


async def test_each_piece_is_there_by_itself(whole: Whole) -> None:
    film = await Posted(whole, "Film.mkv", SIZES).post()
    at = 0
    for number, size in enumerate(SIZES):
        reply = await request(whole.address, film.path(number) + "?piece=1")
        assert reply.body == right(at, at + size)
        assert f'filename="Film.mkv.{number + 1:03}"' in reply.headers["content-disposition"]
        at += size


async def test_a_deleted_piece_takes_the_film_apart_and_a_new_one_mends_it(whole: Whole) -> None:
    film = await Posted(whole, "Film.mkv", SIZES).post()
    world = whole.world.emulator.world
    told_of_deletions(whole)
    await world.delete(film.messages[1])
    await film.is_cut_into(0)
    assert set(await listed(whole)) == {"Film.mkv.001", "Film.mkv.003"}
    film.messages[1] = await world.post(film.channel, file=film.files[1])
    await film.is_cut_into(3)
    assert set(await listed(whole)) == {"Film.mkv"}
    assert await film.get(SEAMS[0] - 9, SEAMS[1] + 9) == right(SEAMS[0] - 9, SEAMS[1] + 9)


async def test_an_edited_caption_of_the_first_piece_leaves_the_film_whole(whole: Whole) -> None:
    film = await Posted(whole, "Film.mkv", SIZES).post()
    await whole.world.emulator.world.edit(film.messages[0], text="The film #drama")

    async def edited() -> bool:
        row = await film.row()
        return row is not None and row.caption == "The film #drama"

    await until(edited)
    assert set(await listed(whole)) == {"The film.mkv"}
    assert await film.get(0, 9) == right(0, 9)


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_a_piece_that_is_deleted_while_it_is_streamed_is_read_from_another_message(
    tmp_path: Path, number: int
) -> None:
    async with whole_product(tmp_path, cache_memory=0, cache_disk=0, readahead=1) as whole:
        sizes = (8 * MIB + 3, 8 * MIB + 3, 8 * MIB)
        film = await Posted(whole, "Film.mkv", sizes).post()
        copy = Posted(whole, "Film.mkv", sizes)
        copy.files = film.files
        await copy.post(whole.world.vault)
        told_of_deletions(whole)
        async with opened(whole.address, film.path(), receive_buffer=4096) as exchange:
            begun = await exchange.reader.readexactly(1000)
            await whole.world.emulator.world.delete(film.messages[number])
            whole.world.emulator.faults.expire_references()

            async def forgotten() -> bool:
                return await film.row(number) is None

            await until(forgotten)
            rest = await exchange.reader.readexactly(sum(sizes) - len(begun))
        assert begun + rest == right(0, sum(sizes))
        sample = whole.services.metrics.registry.get_sample_value
        assert not sample("streamvault_streams_aborted_total")
        assert sample("streamvault_failovers_total", {"reason": "origin"})


async def test_a_manifest_joins_what_names_and_sizes_do_not_tell(whole: Whole) -> None:
    sizes = (MIB, 2 * MIB, 33)
    pieces = Posted(whole, "The film with the lo", sizes)
    world = whole.world.emulator.world
    pieces.messages = [await world.post(pieces.channel, file=file) for file in pieces.files]
    await until(lambda: pieces.row(2))
    rows = [await pieces.row(number) for number in range(3)]
    parts = tuple(ListedPart(r.origin.message_id, r.size, r.key.file_unique_id) for r in rows if r is not None)
    data = write_manifest(Manifest("The film with the long name.mkv", sum(sizes), parts))
    manifest = whole.world.emulator.files.add(
        BytesContent(data), dc_id=HOME_DC, name="The film with the lo.parts.json", mime_type="application/json"
    )
    await world.post(pieces.channel, file=manifest)
    await pieces.is_cut_into(3)
    assert set(await listed(whole)) == {"The film with the long name.mkv"}
    assert await pieces.get(MIB - 5, 3 * MIB + 5) == right(MIB - 5, 3 * MIB + 5)


async def test_two_films_of_a_series_stay_two(whole: Whole) -> None:
    for number, size in ((1, MIB + 7), (2, MIB + 3)):
        await whole.world.post_file(SyntheticContent(size, number), name=f"Kill Bill Part {number}.mkv")

    async def both() -> bool:
        return len(await listed(whole)) == 2

    await until(both)
    assert set(await listed(whole)) == {"Kill Bill Part 1.mkv", "Kill Bill Part 2.mkv"}


NAMES = {
    "lake.mkv": ("lake.mkv.00", "lake.mkv.01", "lake.mkv.02"),
    "mere.flac": ("mere.flac.01", "mere.flac.02", "mere.flac.03"),
    "tarn.mp4": ("tarn.mp4.aa", "tarn.mp4.ab", "tarn.mp4.ac"),
    "dam.zip": ("dam.zip.001-of-003", "dam.zip.002-of-003", "dam.zip.003-of-003"),
    "weir.mkv": ("weir.mkv.1of3", "weir.mkv.2of3", "weir.mkv.3of3"),
    "creek.mkv": ("creek.mkv.rclone_chunk.001", "creek.mkv.rclone_chunk.002", "creek.mkv.rclone_chunk.003"),
    "brook.mkv": ("brook.part1.mkv", "brook.part2.mkv", "brook.part3.mkv"),
}
AVI, MATROSKA = b"RIFF\0\0\1\0AVI LIST", b"\x1a\x45\xdf\xa3"


@asynccontextmanager
async def product_on(database: str, folder: Path) -> AsyncIterator[Whole]:
    """The whole product on SQLite, or on a server of MongoDB's protocol."""
    async with AsyncExitStack() as stack:
        settings: dict[str, Any] = {}
        if database == "mongodb":
            settings["database_url"] = (await stack.enter_async_context(mongo_server(folder / "mongo"))).url
        yield await stack.enter_async_context(whole_product(folder / "data", **settings))


@leaves_sockets
@pytest.mark.parametrize("database", ["sqlite", "mongodb"])
async def test_the_pieces_of_other_splitters_are_one_file_each_exact_over_the_seams(
    tmp_path: Path, database: str
) -> None:
    """D"""
    async with product_on(database, tmp_path) as whole:
        world = whole.world
        first: dict[str, str] = {}
        for seed, (name, names) in enumerate(NAMES.items(), start=SEED):
            for number, content in enumerate(sliced(SyntheticContent(SIZE, seed), SIZES)):
                chat_id, message_id = await world.post_file(
                    content, name=names[number], mime_type="application/octet-stream"
                )
                first.setdefault(name, f"/stream/{chat_id}/{message_id}")

        async def joined() -> bool:
            items = await listed(whole)
            return set(items) == set(NAMES) and all(item["pieces"] == 3 for item in items.values())

        await until(joined)
        items = await listed(whole)
        for seed, (name, path) in enumerate(first.items(), start=SEED):
            assert items[name]["size"] == SIZE
            assert items[name]["mime_type"] == type_of(name)
            for seam in SEAMS:
                reply = await request(whole.address, path, headers={"Range": f"bytes={seam - 9}-{seam + 8}"})
                assert reply.status == 206
                assert reply.body == synthetic_bytes(seed, seam - 9, 18)
            reply = await request(whole.address, path)
            assert reply.body == synthetic_bytes(seed, 0, SIZE)


@leaves_sockets
@pytest.mark.parametrize("database", ["sqlite", "mongodb"])
async def test_films_and_versions_with_numbers_stay_apart(tmp_path: Path, database: str) -> None:
    """D"""
    films = {"Old.Film.part1.avi": 716_800, "Old.Film.part2.avi": 600_000, "clip.mp4.01": 4096, "clip.mp4.02": 2048}
    texts = {"notes 2.10": 90_000, "notes 2.11": 80_000, "v1.00": 90_000, "v1.01": 120_000}
    async with product_on(database, tmp_path) as whole:
        for name, size in films.items():
            start = AVI if name.endswith("avi") else b"\0\0\0\x20ftypisom"
            await whole.world.post_file(BytesContent(start.ljust(size, b"x")), name=name, mime_type="video/x-msvideo")
        for name, size in texts.items():
            await whole.world.post_file(BytesContent(b"x" * size), name=name, mime_type="application/octet-stream")
        seconds = {"Old.Film.part2.avi", "clip.mp4.02"}

        async def read() -> bool:
            marks = await whole.services.catalog.marks()
            return sum(name.startswith("start/") and value == BEGINS for name, value in marks.items()) == len(seconds)

        await until(read)
        assert {name: item["size"] for name, item in (await listed(whole)).items()} == films | texts


async def test_parts_that_play_by_themselves_are_one_work_in_order(whole: Whole) -> None:
    """D"""
    names = [f"Holiday.part{number:03}.mkv" for number in range(1, 13)]
    for seed, name in enumerate([*names[6:], *names[:6]]):
        await whole.world.post_file(BytesContent(MATROSKA.ljust(4096, bytes([seed]))), name=name)

    async def work() -> list[str]:
        found = json.loads((await request(whole.address, "/api/works/s:holiday")).body)
        return [episode["files"][0]["name"] for season in found.get("seasons", ()) for episode in season["episodes"]]

    async def in_order() -> bool:
        return await work() == names

    await until(in_order, timeout=60)  # the child that parses names has the lowest priority
    assert set(await listed(whole)) == set(names)


async def test_while_a_start_is_not_known_pieces_stay_apart_and_others_are_indexed(whole: Whole) -> None:
    """D"""
    plain = "application/octet-stream"
    with whole.world.emulator.faults.slow_answer(method="upload.getFile"):
        await whole.world.post_file(BytesContent(b"x" * 716_800), name="Film.part1.avi", mime_type=plain)
        await whole.world.post_file(BytesContent(b"x" * 600_000), name="Film.part2.avi", mime_type=plain)
        await whole.post(1000)
        assert set(await listed(whole)) == {"Film.part1.avi", "Film.part2.avi", "synthetic 1.mp4"}

    async def joined() -> bool:
        return set(await listed(whole)) == {"Film.avi", "synthetic 1.mp4"}

    await until(joined)


@pytest.mark.skipif(not full(), reason="5 GB; `make proof` runs it")
@pytest.mark.timeout(1800)
async def test_five_gigabytes_in_three_pieces(tmp_path: Path) -> None:
    sizes = (LARGEST, LARGEST, 5_000_000_000 - 2 * LARGEST)
    async with whole_product(tmp_path) as whole:
        film = await Posted(whole, "Film.mkv", sizes).post()
        for seam in (LARGEST, 2 * LARGEST):
            for before, after in ((1, 1), (0, MIB), (MIB, 0), (3 * MIB + 1, 5 * MIB + 1)):
                assert await film.get(seam - before, seam + after) == right(seam - before, seam + after)
        expected = asyncio.create_task(asyncio.to_thread(sha256_of, SyntheticContent(sum(sizes), SEED)))
        digest, left = hashlib.sha256(), sum(sizes)
        async with opened(whole.address, film.path()) as exchange:
            assert exchange.reply.headers["content-length"] == str(left)
            while left:
                data = await exchange.reader.read(4 * MIB)
                assert data
                digest.update(data)
                left -= len(data)
        assert digest.hexdigest() == await expected
