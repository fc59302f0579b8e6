"""What a child says is understood, or taken for nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.cells import PER_WINDOW
from streamvault.reading.frames.sandbox_protocol import (
    ANSWER,
    LARGEST,
    LARGEST_TINY,
    SAID,
    Answering,
    Asking,
    answer_length,
    pack,
    pack_answer,
    unpack,
)


@pytest.mark.parametrize(
    "said", [Asking(0, 1), Asking(1 << 40, PER_WINDOW), Answering(0, 0), Answering(LARGEST_TINY, LARGEST)], ids=repr
)
def test_what_is_said_is_heard(said: Asking | Answering) -> None:
    assert len(pack(said)) == SAID
    assert unpack(pack(said)) == said


@pytest.mark.parametrize(
    "said", [Asking(0, 0), Asking(0, PER_WINDOW + 1), Answering(LARGEST_TINY + 1, 0), Answering(0, LARGEST + 1)],
    ids=repr,
)  # fmt: skip
def test_too_much_is_nonsense(said: Asking | Answering) -> None:
    assert unpack(pack(said)) is None


@given(st.binary(min_size=SAID, max_size=SAID))
def test_no_bytes_are_an_error(head: bytes) -> None:
    heard = unpack(head)
    assert heard is None or pack(heard) == head


def test_an_answer_has_its_length_before_it() -> None:
    answer = pack_answer(b"cells")
    assert answer_length(answer[:ANSWER]) == 5
    assert answer[ANSWER:] == b"cells"
