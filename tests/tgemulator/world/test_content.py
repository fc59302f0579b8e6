"""Contents return the same bytes for a range however it is read."""

import hashlib
import itertools
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgemulator.world.content import BytesContent, Content, DiskContent, SyntheticContent, sha256_of, synthetic_bytes

BLOCK = 64 * 1024
SAMPLE = random.Random(5).randbytes(3 * BLOCK + 17)


@pytest.fixture(params=["bytes", "disk"])
def sample(request: pytest.FixtureRequest, tmp_path: Path) -> Content:
    if request.param == "bytes":
        return BytesContent(SAMPLE)
    path = tmp_path / "sample"
    path.write_bytes(SAMPLE)
    return DiskContent(path)


@pytest.mark.parametrize(
    ("offset", "limit"),
    [(0, 10), (5, 0), (len(SAMPLE) - 3, 10), (len(SAMPLE), 10), (len(SAMPLE) + 5, 10), (BLOCK - 1, 2), (0, 1 << 30)],
)
def test_content_reads_like_a_slice(sample: Content, offset: int, limit: int) -> None:
    assert sample.size == len(SAMPLE)
    assert sample.read(offset, limit) == SAMPLE[offset : offset + limit]


@given(
    start=st.integers(0, 4 * BLOCK),
    length=st.integers(0, 3 * BLOCK),
    cuts=st.lists(st.integers(0, 3 * BLOCK), max_size=5),
)
def test_a_synthetic_range_is_the_sum_of_its_parts(start: int, length: int, cuts: list[int]) -> None:
    points = sorted({0, length, *(cut for cut in cuts if cut < length)})
    parts = [synthetic_bytes(9, start + a, b - a) for a, b in itertools.pairwise(points)]
    assert b"".join(parts) == synthetic_bytes(9, start, length)
    assert sum(map(len, parts)) == length


def test_synthetic_content_ends_at_its_size() -> None:
    content = SyntheticContent(BLOCK + 1, 3)
    assert content.read(BLOCK, 4096) == synthetic_bytes(3, BLOCK, 1)
    assert content.read(BLOCK + 1, 4096) == b""
    assert content.read(BLOCK + 9, 4096) == b""


def test_synthetic_blocks_and_seeds_all_differ() -> None:
    blocks = {synthetic_bytes(seed, index * BLOCK, BLOCK) for seed in range(4) for index in range(64)}
    assert len(blocks) == 4 * 64


def test_a_synthetic_file_reaches_beyond_4_gib_at_once() -> None:
    content = SyntheticContent(4 << 30, 1)
    assert content.read((4 << 30) - 100, 4096) == synthetic_bytes(1, (4 << 30) - 100, 100)


def test_synthetic_bytes_never_change() -> None:
    digest = hashlib.shake_128(b"tgemulator synthetic content").digest(5 << 20)
    piece = synthetic_bytes(0, 1000, 5000)
    assert piece in digest
    assert synthetic_bytes(0, 1000, 5000) == piece


def test_sha256_of_is_that_of_all_bytes() -> None:
    content = SyntheticContent(300_001, 8)
    assert sha256_of(content, piece=4096) == hashlib.sha256(content.read(0, 300_001)).hexdigest()
