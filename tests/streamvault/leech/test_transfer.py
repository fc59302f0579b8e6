"""A transfer posts every byte once, whenever the process that does it dies and whatever Telegram forgets."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamvault.errors import SourceFailed, SourceRefused
from streamvault.leech.model import Described, Transfer
from streamvault.leech.transfer import Finished, Posting, TransferRun
from streamvault.media.uploads import PART
from tests.support.leeching import Killed, MemoryRecorder, MemorySource, MemoryUploads, Steps
from tests.support.proof import full

SIZES = [1, PART - 1, PART, PART + 1, 4 * PART - 1, 4 * PART, 4 * PART + 1, 8 * PART, 9 * PART + 77]
"""Bytes; a message takes four parts here."""


def data_of(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


@dataclass(slots=True)
class Stage:
    """A transfer, its source and Telegram."""

    source: MemorySource
    uploads: MemoryUploads
    recorder: MemoryRecorder
    ids: "itertools.count[int]"

    async def run(self, *, post: Posting | None = None) -> Transfer:
        return await TransferRun(
            self.source, self.uploads, self.recorder.stored,
            recorder=self.recorder, post=post or self.uploads.post, discard=self.uploads.delete,
            new_file_id=lambda: next(self.ids),
        ).run()  # fmt: skip

    async def run_through_kills(self, kills: list[int]) -> Transfer:
        steps = self.source.steps
        for killed_at in kills:
            steps.restart(killed_at)
            try:
                return await self.run()
            except Killed:
                pass
        steps.restart()
        return await self.run()

    async def die(self, when: Callable[[], bool]) -> None:
        self.source.steps.restart(killed_when=when)
        with pytest.raises(Killed):
            await self.run()

    def content(self) -> bytes:
        """What the messages hold, in the order of their pieces; each piece is there once."""
        messages = sorted(self.uploads.messages.values(), key=lambda message: message.number)
        assert [message.number for message in messages] == list(range(len(messages)))
        assert [message.last for message in messages] == [False] * (len(messages) - 1) + [True]
        return b"".join(message.data for message in messages)


def stage(size: int, *, told: bool = True) -> Stage:
    steps = Steps()
    return Stage(
        MemorySource(data_of(size), steps, told), MemoryUploads(steps), MemoryRecorder(steps), itertools.count(1)
    )


@pytest.mark.parametrize("told", [True, False], ids=["size told", "size unknown"])
@pytest.mark.parametrize("size", SIZES)
async def test_every_size_is_cut_at_exact_bytes(size: int, told: bool) -> None:
    it = stage(size, told=told)
    done = await it.run()
    assert it.content() == it.source.data
    assert [piece.size for piece in done.pieces] == [min(4 * PART, size - start) for start in range(0, size, 4 * PART)]
    assert it.source.read == size
    assert it.uploads.most_in_flight <= 8


@pytest.mark.parametrize("told", [True, False], ids=["size told", "size unknown"])
async def test_a_source_without_bytes_is_refused_and_posts_nothing(told: bool) -> None:
    it = stage(0, told=told)
    with pytest.raises(SourceRefused):
        await it.run()
    assert not it.uploads.messages


@settings(max_examples=60 if full() else 25, deadline=None)
@given(st.sampled_from(SIZES), st.booleans(), st.lists(st.integers(0, 60), max_size=6))
async def test_it_survives_a_death_at_any_step(size: int, told: bool, kills: list[int]) -> None:
    it = stage(size, told=told)
    await it.run_through_kills(kills)
    assert it.content() == it.source.data


async def test_each_death_costs_what_was_on_its_way_and_no_more() -> None:
    it = stage(40 * PART)
    it.uploads.parts_limit = 100
    await it.run_through_kills([70])
    assert it.content() == it.source.data
    assert it.source.read <= len(it.source.data) + (8 + 3) * PART, "eight parts on their way, one held, two not stored"


async def test_a_finished_transfer_does_nothing_more() -> None:
    it = stage(PART, told=False)
    await it.run()
    it.source.read = 0
    await it.run()
    assert (it.source.read, len(it.uploads.messages)) == (0, 1)


async def test_parts_that_telegram_forgot_are_sent_again_from_the_start_of_their_message() -> None:
    it = stage(7 * PART)
    await it.die(lambda: len(it.recorder.stored.pieces) == 2 and it.recorder.stored.pieces[1].parts > 0)
    assert len(it.uploads.messages) == 1
    it.uploads.forget_parts()
    await it.run_through_kills([])
    assert it.content() == it.source.data


async def test_a_source_that_changed_begins_anew_and_leaves_nothing_of_the_old_one() -> None:
    it = stage(7 * PART)
    await it.die(lambda: len(it.recorder.stored.pieces) == 2 and it.recorder.stored.pieces[1].parts > 0)
    assert len(it.uploads.messages) == 1
    it.source.data, it.source.etag = data_of(6 * PART + 5, seed=2), "2"
    await it.run_through_kills([3])
    assert it.content() == it.source.data


async def test_fewer_parts_than_before_cut_the_rest_anew() -> None:
    """Premium ended while a piece was on its way."""
    it = stage(12 * PART)
    it.uploads.parts_limit = 8
    await it.die(lambda: bool(it.recorder.stored.pieces) and it.recorder.stored.pieces[-1].parts > 3)
    it.uploads.parts_limit = 3
    await it.run_through_kills([])
    assert it.content() == it.source.data
    assert max(len(message.data) for message in it.uploads.messages.values()) <= 3 * PART


async def test_parts_that_telegram_never_keeps_are_a_failure_in_the_end() -> None:
    it = stage(3 * PART)
    post = it.uploads.post

    async def forgetful(described: Described, finished: Finished) -> int:
        it.uploads.forget_parts()
        return await post(described, finished)

    with pytest.raises(SourceFailed):
        await it.run(post=forgetful)
    assert not it.uploads.messages
