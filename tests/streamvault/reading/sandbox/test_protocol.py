"""Messages are parsed, or recognised as invalid; jobs and control messages arrive as they were sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.reading.sandbox.model import Job, JobLimits
from streamvault.reading.sandbox.protocol import (
    CONTROL,
    LARGEST_JOB,
    LARGEST_REASON,
    LENGTH,
    MESSAGE_HEADER,
    PIECE,
    AnswerHeader,
    CellRequest,
    Control,
    FailureHeader,
    Message,
    Order,
    PieceHeader,
    pack_cells,
    pack_job,
    pack_message,
    unpack_answer,
    unpack_control,
    unpack_job,
    unpack_length,
    unpack_message,
)

VALID = [
    CellRequest(0, 1), CellRequest((1 << 64) - 1, PER_WINDOW), PieceHeader(1), PieceHeader(PIECE), AnswerHeader(0),
    AnswerHeader(0xFFFFFFFF), FailureHeader(0), FailureHeader(LARGEST_REASON),
]  # fmt: skip
INVALID = [
    CellRequest(0, 0), CellRequest(0, PER_WINDOW + 1), PieceHeader(0), PieceHeader(PIECE + 1),
    FailureHeader(LARGEST_REASON + 1),
]  # fmt: skip


@pytest.mark.parametrize("message", VALID, ids=repr)
def test_a_packed_message_is_unpacked_unchanged(message: Message) -> None:
    assert len(pack_message(message)) == MESSAGE_HEADER
    assert unpack_message(pack_message(message)) == message


@pytest.mark.parametrize("message", INVALID, ids=repr)
def test_a_message_beyond_the_limits_is_invalid(message: Message) -> None:
    assert unpack_message(pack_message(message)) is None


@given(
    st.one_of(
        st.binary(min_size=MESSAGE_HEADER, max_size=MESSAGE_HEADER),
        st.builds(
            lambda kind, rest: kind + rest,
            st.sampled_from([b"R", b"D", b"A", b"F"]),
            st.binary(min_size=MESSAGE_HEADER - 1, max_size=MESSAGE_HEADER - 1),
        ),
    )
)
def test_any_header_is_a_message_or_invalid(head: bytes) -> None:
    message = unpack_message(head)
    assert message is None or pack_message(message) == head


@given(st.binary(max_size=200))
def test_any_answer_is_an_object_or_invalid(data: bytes) -> None:
    answer = unpack_answer(data)
    assert answer is None or isinstance(answer, dict)
    assert unpack_answer(b'{"a": [1]}') == {"a": [1]}


def test_cells_are_preceded_by_their_length_and_bounded() -> None:
    packed = pack_cells(b"cells")
    assert unpack_length(packed[:LENGTH]) == 5
    assert packed[LENGTH:] == b"cells"
    with pytest.raises(ValueError, match="for one request"):
        pack_cells(bytes(PER_WINDOW * CELL + 1))


@given(
    size=st.integers(0, 1 << 60),
    arguments=st.dictionaries(st.text(), st.one_of(st.integers(), st.text(), st.none()), max_size=4),
    blobs=st.lists(st.binary(max_size=40), max_size=4),
    cpu=st.integers(1, 100),
)
def test_a_job_arrives_as_it_was_sent(size: int, arguments: dict[str, object], blobs: list[bytes], cpu: int) -> None:
    job = Job("module:function", size, arguments=arguments, blobs=tuple(blobs), limits=JobLimits(cpu=cpu, wall=1.5))
    packed = pack_job(job)
    end = LENGTH + unpack_length(packed[:LENGTH])
    found, lengths = unpack_job(packed[LENGTH:end])
    assert (found.function, found.size, found.arguments, found.limits) == (
        job.function, size, arguments, job.limits,
    )  # fmt: skip
    assert lengths == [len(blob) for blob in blobs]
    assert packed[end:] == b"".join(blobs)


def test_a_job_is_bounded() -> None:
    with pytest.raises(ValueError, match=f"at most {LARGEST_JOB}"):
        pack_job(Job("module:function", 1, blobs=(bytes(LARGEST_JOB // 2), bytes(LARGEST_JOB // 2))))


@pytest.mark.parametrize("order", list(Order))
def test_a_control_message_arrives_as_it_was_sent(order: Order) -> None:
    message = Control(order, 7, -9, 0.25)
    assert len(message.pack()) == CONTROL
    assert unpack_control(message.pack()) == message


@pytest.mark.parametrize("data", [b"", b"x", bytes(CONTROL), b"F" + bytes(CONTROL)], ids=len)
def test_other_bytes_are_no_control_message(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack_control(data)
