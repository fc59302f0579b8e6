"""Pieces of other splitters end to end, and names that only look like theirs."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from streamvault.indexing.arrangement import BEGINS
from streamvault.media.types import type_of
from tests.support.http_client import request
from tests.support.mongo import leaves_sockets, mongo_server
from tests.support.slices import sliced
from tests.support.split_files import SEAMS, SEED, SIZE, SIZES, listed
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import BytesContent, SyntheticContent, synthetic_bytes

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


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole_product(tmp_path) as whole:
        yield whole


@asynccontextmanager
async def product_on(database: str, folder: Path) -> AsyncIterator[Whole]:
    """The whole product on SQLite, or on a server of MongoDB's protocol."""
    async with AsyncExitStack() as stack:
        settings: dict[str, Any] = {}
        if database == "mongodb":
            settings["database_url"] = (
                await stack.enter_async_context(mongo_server(folder / "mongo", keeps=False))
            ).url
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
