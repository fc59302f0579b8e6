"""A film whose index is at its end comes with it in front: byte for byte predictable, at any offset, without a disk."""

import asyncio
import hashlib
import itertools
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from streamvault.leech.model import Described
from streamvault.leech.mp4.source import MOVED, NOTE, FaststartSource
from streamvault.leech.sources.base import TAIL, Checkpoint, SourceChanged
from streamvault.leech.transfer import TransferRun
from tests.support.boxes import box, chunk_offsets, content, top, track
from tests.support.leeching import Killed, MemoryRecorder, MemoryUploads, Steps
from tests.support.ranged_source import RangedSource

FTYP = box("ftyp", b"isom\0\0\2\0isommp41")
MEDIA = random.Random(4).randbytes(3_000_000)


def late_film(*, behind: bytes = b"", moov: bytes = b"", large: bool = False) -> bytes:
    mdat = box("mdat", MEDIA, large=large)
    return FTYP + mdat + (moov or box("moov", track(chunk_offsets([40, 70_000])), box("udta", b"chapters"))) + behind


async def read(
    source: FaststartSource, checkpoint: Checkpoint | None = None
) -> tuple[Described, bytes, dict[str, str]]:
    async with source.open(checkpoint) as opened:
        assert opened.offset == (checkpoint.offset if checkpoint else 0)
        data = b"".join([block async for block in opened.blocks])
        return opened.described, data, opened.state


@pytest.mark.parametrize("large", [False, True], ids=["32 bits", "64 bits"])
@pytest.mark.parametrize(
    "behind", [b"", box("free", b"x" * 30), box("free", bytes(1_500_000)) + box("uuid", b"y" * 90)]
)
async def test_the_index_comes_first_and_the_media_as_they_were(behind: bytes, large: bool) -> None:
    old = RangedSource(late_film(behind=behind, large=large))
    described, data, state = await read(FaststartSource(old))
    assert described == replace(old.described, size=len(old.data))
    assert len(data) == len(old.data)
    assert [kind for kind, *_ in top(data)] == ["ftyp", "moov", "mdat", *(kind for kind, *_ in top(behind))]
    assert content(data, "mdat") == content(old.data, "mdat")
    assert NOTE not in state
    assert old.asked[0] == old.asked[-1] == 0
    assert len(old.asked) == (4 if len(behind) > 1_000_000 else 3)


async def test_it_goes_on_at_any_offset_also_after_a_restart() -> None:
    old = RangedSource(late_film(behind=box("free", b"x" * 30)))
    first = FaststartSource(old)
    described, data, state = await read(first)
    kinds = {kind: (start, size) for kind, start, size in top(data)}
    places = [start + by for start, size in kinds.values() for by in (0, 1, size // 2)] + [TAIL + 900, len(data) - 1]
    for offset, source in itertools.product(places, (first, FaststartSource(old))):
        if not offset:
            continue
        before = data[max(0, offset - TAIL) : offset]
        checkpoint = Checkpoint(described, offset, (len(before), hashlib.sha256(before).hexdigest()), state)
        assert (await read(source, checkpoint))[:2] == (described, data[offset:])
    old.asked.clear()
    offset = len(data) // 2
    before = data[offset - TAIL : offset]
    await read(first, Checkpoint(described, offset, (TAIL, hashlib.sha256(before).hexdigest()), state))
    assert (len(old.asked), old.tails[-1]) == (1, True), "the bytes before it are compared at the source"


async def test_another_file_at_the_source_is_not_mixed_with_what_was_begun() -> None:
    old = RangedSource(late_film())
    described, data, state = await read(FaststartSource(old))
    checkpoint = Checkpoint(described, len(data) // 2, None, state)
    old.data = old.data.replace(b"chapters", b"CHAPTERS")
    with pytest.raises(SourceChanged):
        await read(FaststartSource(old), checkpoint)
    old.etag = "2"
    with pytest.raises(SourceChanged):
        await read(FaststartSource(old), checkpoint)


@pytest.mark.parametrize("resumable", [True, False])
async def test_a_film_in_order_and_what_is_no_film_are_asked_for_once(resumable: bool) -> None:
    in_order = FTYP + box("moov", track(chunk_offsets([900]))) + box("mdat", MEDIA)
    for data in (in_order, MEDIA, b"", b"ftyp", FTYP, box("mdat", MEDIA), FTYP + box("free", bytes(2 << 20)) + b"junk"):
        old = RangedSource(data, resumable=resumable)
        described, got, state = await read(FaststartSource(old))
        assert (got, described, old.asked, state) == (data, old.described, [0], {})


@pytest.mark.parametrize(
    ("old", "why"),
    [
        (RangedSource(late_film(), resumable=False), "cannot be asked for it"),
        (RangedSource(late_film(), told=False), "cannot be asked for it"),
        (RangedSource(late_film(), unreadable=1), "could not be read before"),
        (RangedSource(late_film(moov=box("free", b"no index"))), "not found"),
        (RangedSource(late_film(behind=box("moov", track(chunk_offsets([40]))))), "two of them"),
        (RangedSource(late_film(behind=box("moof", b"x"))), "moof"),
        (RangedSource(late_film(behind=b"\0\0\0\0")), "cut off"),
        (RangedSource(late_film(moov=box("moov", track(chunk_offsets([40]), own=False)))), "another file"),
        (RangedSource(late_film(moov=box("moov", bytes(17 << 20)))), "moved at most"),
        (RangedSource(FTYP + box("mdat", MEDIA)[:-1]), "does not fit"),
        (RangedSource(late_film(moov=b"".join(box("free", bytes(1_100_000)) for _ in range(9)))), "not found"),
    ],
)
async def test_what_cannot_be_put_in_order_comes_as_it_is_with_a_note(old: RangedSource, why: str) -> None:
    source = FaststartSource(old)
    described, data, state = await read(source)
    assert (data, described) == (old.data, old.described)
    assert why in state[NOTE]
    assert MOVED not in state
    if old.told and old.unreadable is None:
        later = Checkpoint(described, 1_000_000, None, state)
        assert (await read(source, later))[1] == old.data[1_000_000:]


async def test_a_transfer_through_kills_gives_the_same_file() -> None:
    old = RangedSource(late_film())
    expected = (await read(FaststartSource(old)))[1]
    steps, ids = Steps(), itertools.count(1)
    uploads, recorder = MemoryUploads(steps, parts_limit=100), MemoryRecorder(steps)

    async def transfer() -> None:
        await TransferRun(
            FaststartSource(old), uploads, recorder.stored, recorder=recorder, post=uploads.post,
            discard=uploads.delete, new_file_id=lambda: next(ids),
        ).run()  # fmt: skip

    for parts in (0, 1, 3):

        def is_there(parts: int = parts) -> bool:
            return bool(recorder.stored.pieces) and recorder.stored.pieces[-1].parts >= parts

        steps.restart(killed_when=is_there)
        with pytest.raises(Killed):
            await transfer()
    steps.restart()
    await transfer()
    assert [message.data for message in uploads.messages.values()] == [expected]


class Huge(RangedSource):
    """`data`, with `gap` zeros before its last `behind` bytes, which are not in memory."""

    gap, behind = 6 << 30, 0

    @property
    def described(self) -> Described:
        return Described(self.name, len(self.data) + self.gap, "video/mp4", self.etag, None, resumable=True)

    async def _blocks(self, offset: int) -> AsyncIterator[bytes]:
        turn = len(self.data) - self.behind
        for start, end, data in (
            (0, turn, self.data[:turn]),
            (turn, turn + self.gap, b""),
            (turn + self.gap, self.gap + len(self.data), self.data[turn:]),
        ):
            while start <= offset < end:
                length = min(1 << 20, end - offset)
                yield data[offset - start :][:length] if data else bytes(length)
                offset += length


async def test_an_index_behind_six_gib_comes_first_with_offsets_of_64_bits() -> None:
    """U11: neither disk nor much memory is needed for that; chunks near 4 GiB need more bits behind the index."""
    near = (1 << 32) - 60
    moov = box("moov", track(chunk_offsets([48, near])), track(chunk_offsets([6 << 30], wide=True)))
    mdat = (1).to_bytes(4, "big") + b"mdat" + (16 + 4000 + Huge.gap).to_bytes(8, "big") + MEDIA[:4000]
    old = Huge(FTYP + mdat + moov)
    old.behind = len(moov)
    source = FaststartSource(old)
    async with source.open(None) as opened:
        described, state = opened.described, opened.state
        head = await anext(opened.blocks) + await anext(opened.blocks) + await anext(opened.blocks)
    grown = len(moov) + 8
    assert described.size == len(old.data) + Huge.gap + 8
    assert head[: len(FTYP)] == FTYP
    new = head[len(FTYP) :][:grown]
    assert new[:8] == grown.to_bytes(4, "big") + b"moov"
    assert new.count(b"stco") == 0
    assert (near + grown).to_bytes(8, "big") in new
    assert ((6 << 30) + grown).to_bytes(8, "big") in new
    assert head[len(FTYP) + grown :].startswith(mdat)
    last = Checkpoint(described, (described.size or 0) - 9, None, state)
    assert (await read(FaststartSource(old), last))[1] == bytes(9)


async def test_a_source_that_hangs_over_the_index_costs_a_while_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamvault.leech.mp4.source.PATIENCE", 0.01)

    class Hanging(RangedSource):
        async def _blocks(self, offset: int) -> AsyncIterator[bytes]:
            if offset > 0:
                await asyncio.Event().wait()
            async for block in RangedSource._blocks(self, offset):
                yield block

    old = Hanging(late_film())
    _, data, state = await read(FaststartSource(old))
    assert data == old.data
    assert "could not be read" in state[NOTE]
