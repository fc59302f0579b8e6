"""A joined file over HTTP: one file with one length, one entity tag and one name."""

from dataclasses import replace

import pytest

from streamvault.errors import FileGone
from streamvault.media.cells import CELL
from streamvault.media.model import MediaFile
from streamvault.media.parts import as_posted, piece
from streamvault.reading.frames.extractor import Still
from streamvault.reading.frames.service import FrameService
from streamvault.reading.picture_cache import PictureCache
from tests.streamvault.http.routes.range_cases import ask, check_row, rows_for
from tests.support.http_client import request
from tests.support.serving import Bench, serving
from tests.support.sources import Memory, fail, pattern

SIZES = [2 * CELL + 5, 2 * CELL + 5, 77]
TOTAL = sum(SIZES)


def add(bench: Bench) -> tuple[MediaFile, list[str]]:
    """Add a joined file; the file and the paths of its messages."""
    whole = bench.source.cut(SIZES)
    rows = [whole, piece(whole, 1), piece(whole, 2)]
    return whole, [bench.finder.add(row, message_id=7 + number) for number, row in enumerate(rows)]


async def test_a_joined_file_has_one_length_type_name_and_tag(bench: Bench) -> None:
    whole, (path, *_) = add(bench)
    reply = await request(bench.address, path)
    assert reply.status == 200
    assert reply.complete
    assert reply.body == pattern(0, TOTAL)
    assert reply.headers["content-length"] == str(TOTAL)
    assert reply.headers["content-type"] == "video/mp4"
    assert reply.headers["content-disposition"] == 'inline; filename="film.mp4"'
    assert reply.headers["etag"] == f'"jWhole-{TOTAL:x}"'
    head = await request(bench.address, path, method="HEAD")
    assert head.headers["content-length"] == str(TOTAL)
    again = await request(bench.address, path, headers={"If-None-Match": reply.headers["etag"]})
    assert again.status == 304
    assert whole.parts


async def test_the_range_table(bench: Bench) -> None:
    _, (path, *_) = add(bench)
    for row in rows_for(TOTAL):
        check_row(row, await ask(row, path, address=bench.address, size=TOTAL), size=TOTAL, expected_bytes=pattern)


@pytest.mark.parametrize("seam", [SIZES[0], SIZES[0] + SIZES[1]])
@pytest.mark.parametrize(("before", "after"), [(1, 1), (0, 1), (1, 0), (CELL + 9, 70), (40, 77)])
async def test_ranges_over_a_seam(bench: Bench, seam: int, before: int, after: int) -> None:
    _, (path, *_) = add(bench)
    start, stop = seam - before, seam + after
    reply = await request(bench.address, path, headers={"Range": f"bytes={start}-{stop - 1}"})
    assert reply.status == 206
    assert reply.headers["content-range"] == f"bytes {start}-{stop - 1}/{TOTAL}"
    assert reply.body == pattern(start, stop)


async def test_several_ranges_over_seams(bench: Bench) -> None:
    _, (path, *_) = add(bench)
    spans = [(seam - 3, seam + 3) for seam in (SIZES[0], SIZES[0] + SIZES[1])]
    header = "bytes=" + ",".join(f"{start}-{stop - 1}" for start, stop in spans)
    reply = await request(bench.address, path, headers={"Range": header})
    assert reply.status == 206
    assert reply.complete
    for start, stop in spans:
        assert f"Content-Range: bytes {start}-{stop - 1}/{TOTAL}\r\n\r\n".encode() + pattern(start, stop) in reply.body


async def test_each_piece_can_be_requested_alone(bench: Bench) -> None:
    _, paths = add(bench)
    at = 0
    for path, size in zip([paths[0] + "?piece=1", *paths[1:]], SIZES, strict=True):
        reply = await request(bench.address, path)
        assert reply.body == pattern(at, at + size)
        assert f".{paths.index(path.partition('?')[0]) + 1:03}" in reply.headers["content-disposition"]
        at += size


async def test_piece_is_ignored_for_files_that_were_not_split(bench: Bench) -> None:
    file = as_posted(replace(bench.source.cut(SIZES), parts=()))
    assert (await request(bench.address, bench.finder.add(file, message_id=9) + "?piece=1")).body == pattern(0, TOTAL)


async def test_a_deleted_piece_aborts_the_stream(bench: Bench) -> None:
    _, (path, *_) = add(bench)
    bench.source.faults.extend([None] * 2)
    bench.source.always = fail(FileGone("deleted"))
    reply = await request(bench.address, path)
    assert reply.status == 200
    assert not reply.complete
    assert reply.body == pattern(0, len(reply.body))
    assert bench.sample("streams_aborted_total") == 1


async def test_the_thumbnail_is_that_of_the_first_piece(bench: Bench) -> None:
    _, (path, *_) = add(bench)
    reply = await request(bench.address, path.replace("/stream/", "/thumb/"))
    assert reply.status == 200
    assert reply.body == b"\xff\xd8Piece0"


async def test_a_picture_is_made_from_the_joined_file() -> None:
    bench = Bench()
    made: list[MediaFile] = []

    async def make(file: MediaFile) -> Still:
        made.append(file)
        return Still(tiny=b"", picture=b"\xff\xd8picture")

    whole = replace(bench.source.cut(SIZES), thumb_sizes=())
    path = bench.finder.add(whole, message_id=7)
    async with FrameService(make, PictureCache(Memory(), None)) as bench.frames, serving(bench):
        reply = await request(bench.address, path.replace("/stream/", "/thumb/"))
    assert reply.body == b"\xff\xd8picture"
    assert made == [whole]
