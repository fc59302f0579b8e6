"""The messages between server, origin and forks; pure, and bounded in both directions.

Server and origin exchange `Control` messages of a fixed size; the order to fork comes with the job's socket. On that
socket the server sends the job (`pack_job`) and an answer to each request for cells; the fork sends requests, pieces of
its result, and at the end its answer or the reason why there is none. A fork may send anything, so what it sends is
checked here and counted by the server.
"""

import dataclasses
import enum
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.reading.sandbox.model import Job, JobLimits

PIECE = 128 << 10
"""Bytes of one piece of a result at most."""

LARGEST_JOB = 16 << 20
"""Bytes of a job, its blobs included."""

LARGEST_REASON = 2000
"""Bytes of the reason for which a job failed."""

_CONTROL = struct.Struct("<cQqd")
_MESSAGE = struct.Struct("<cQI")
_LENGTH = struct.Struct("<I")
CONTROL, MESSAGE_HEADER, LENGTH = _CONTROL.size, _MESSAGE.size, _LENGTH.size
"""Bytes of a control message, of the header of a fork's message, and of a length before an answer or a job."""


class Order(enum.Enum):
    """What a control message says. The server's: FORK, KILL; the others are the origin's."""

    FORK = b"F"
    KILL = b"K"
    READY = b"R"
    FORKED = b"P"
    REFUSED = b"N"
    ENDED = b"E"


@dataclass(frozen=True, slots=True)
class Control:
    """`number` is the job's. `value`: process id (FORKED), errno (REFUSED), exit code or negative signal (ENDED).

    `cpu`: seconds of processor time that an ended fork took.
    """

    order: Order
    number: int = 0
    value: int = 0
    cpu: float = 0.0

    def pack(self) -> bytes:
        return _CONTROL.pack(self.order.value, self.number, self.value, self.cpu)


def unpack_control(data: bytes) -> Control:
    """Raises ValueError for anything else; each side trusts the other."""
    try:
        order, number, value, cpu = _CONTROL.unpack(data)
    except struct.error as error:
        raise ValueError(str(error)) from error
    return Control(Order(order), number, value, cpu)


@dataclass(frozen=True, slots=True)
class CellRequest:
    """A request for cells `[first, first + count)`, at most a window of them."""

    first: int
    count: int


@dataclass(frozen=True, slots=True)
class PieceHeader:
    """`length` bytes of the result follow."""

    length: int


@dataclass(frozen=True, slots=True)
class AnswerHeader:
    """`length` bytes of JSON follow: an object, the job's answer. The last message."""

    length: int


@dataclass(frozen=True, slots=True)
class FailureHeader:
    """`length` bytes of text follow: why the job failed. The last message."""

    length: int


Message = CellRequest | PieceHeader | AnswerHeader | FailureHeader


def pack_message(message: Message) -> bytes:
    """The header of a message of the fork."""
    match message:
        case CellRequest(first, count):
            return _MESSAGE.pack(b"R", first, count)
        case PieceHeader(length):
            return _MESSAGE.pack(b"D", 0, length)
        case AnswerHeader(length):
            return _MESSAGE.pack(b"A", 0, length)
        case FailureHeader(length):
            return _MESSAGE.pack(b"F", 0, length)


def unpack_message(header: bytes) -> Message | None:
    """The message; None for an invalid one, since a file may have taken over the fork."""
    kind, first, count = _MESSAGE.unpack(header)
    if kind == b"R" and 0 < count <= PER_WINDOW:
        return CellRequest(first, count)
    if first:
        return None
    if kind == b"D" and 0 < count <= PIECE:
        return PieceHeader(count)
    if kind == b"A":
        return AnswerHeader(count)
    if kind == b"F" and count <= LARGEST_REASON:
        return FailureHeader(count)
    return None


def unpack_answer(data: bytes) -> Mapping[str, Any] | None:
    """The job's answer; None for anything but a JSON object."""
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def pack_cells(data: bytes) -> bytes:
    """The server's answer to a request: the bytes of the cells, preceded by their length."""
    if len(data) > PER_WINDOW * CELL:
        raise ValueError(f"{len(data)} bytes for one request")
    return _LENGTH.pack(len(data)) + data


def unpack_length(header: bytes) -> int:
    """The number of bytes that follow."""
    length: int = _LENGTH.unpack(header)[0]
    return length


def pack_job(job: Job) -> bytes:
    """A job for its fork: a length, so much JSON, and the blobs. Raises ValueError where it is too large."""
    text = json.dumps({
        "function": job.function,
        "size": job.size,
        "arguments": dict(job.arguments),
        "limits": dataclasses.asdict(job.limits),
        "blobs": [len(blob) for blob in job.blobs],
    }).encode()  # fmt: skip
    packed = b"".join((_LENGTH.pack(len(text)), text, *job.blobs))
    if len(packed) > LARGEST_JOB:
        raise ValueError(f"a job of {len(packed)} bytes; at most {LARGEST_JOB} can be sent")
    return packed


def unpack_job(text: bytes) -> tuple[Job, list[int]]:
    """The job without its blobs, and how many bytes each of them has."""
    found = json.loads(text)
    job = Job(found["function"], found["size"], arguments=found["arguments"], limits=JobLimits(**found["limits"]))
    return job, found["blobs"]
