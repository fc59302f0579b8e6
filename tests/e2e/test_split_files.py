"""Files that were cut, end to end: posted piece by piece into an emulated Telegram, streamed as one over HTTP."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streamvault.media.cells import CELL
from streamvault.media.manifest import ListedPart, Manifest, write_manifest
from tests.streamvault.http.routes.range_cases import ask, check_row, rows_for
from tests.support.http_client import opened, request
from tests.support.proof import full
from tests.support.split_files import SEAMS, SEED, SIZE, SIZES, Posted, listed, right, told_of_deletions
from tests.support.stack import HOME_DC, MIB
from tests.support.waiting import until
from tests.support.whole import Whole, whole_product
from tgemulator.world.content import BytesContent, SyntheticContent, sha256_of

LARGEST = 2_097_152_000


@pytest.fixture
async def whole(tmp_path: Path) -> AsyncIterator[Whole]:
    async with whole_product(tmp_path) as whole:
        yield whole


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
    row, prewarm = await film.row(), whole.services.media.prewarm
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
