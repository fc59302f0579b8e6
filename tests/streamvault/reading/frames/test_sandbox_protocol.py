"""The messages of the child are parsed, or recognised as invalid."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.cells import PER_WINDOW
from streamvault.reading.frames.sandbox_protocol import (
    ANSWER_HEADER,
    LARGEST,
    LARGEST_TINY,
    MESSAGE_HEADER,
    CellRequest,
    ResultHeader,
    answer_length,
    pack_answer,
    pack_message,
    unpack_message,
)


@pytest.mark.parametrize(
    "message",
    [CellRequest(0, 1), CellRequest(1 << 40, PER_WINDOW), ResultHeader(0, 0), ResultHeader(LARGEST_TINY, LARGEST)],
    ids=repr,
)
def test_a_packed_message_is_unpacked_unchanged(message: CellRequest | ResultHeader) -> None:
    assert len(pack_message(message)) == MESSAGE_HEADER
    assert unpack_message(pack_message(message)) == message


@pytest.mark.parametrize(
    "message",
    [
        CellRequest(0, 0),
        CellRequest(0, PER_WINDOW + 1),
        ResultHeader(LARGEST_TINY + 1, 0),
        ResultHeader(0, LARGEST + 1),
    ],
    ids=repr,
)
def test_a_message_beyond_the_limits_is_invalid(message: CellRequest | ResultHeader) -> None:
    assert unpack_message(pack_message(message)) is None


@given(st.binary(min_size=MESSAGE_HEADER, max_size=MESSAGE_HEADER))
def test_any_header_is_a_message_or_invalid(head: bytes) -> None:
    message = unpack_message(head)
    assert message is None or pack_message(message) == head


def test_an_answer_is_preceded_by_its_length() -> None:
    answer = pack_answer(b"cells")
    assert answer_length(answer[:ANSWER_HEADER]) == 5
    assert answer[ANSWER_HEADER:] == b"cells"
