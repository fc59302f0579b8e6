"""What a job is, for both sides of the sandbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from streamvault.errors import StreamVaultError

NOBODY_WAITS = 19
"""JobLimits.nice of work that nobody waits for."""


@dataclass(frozen=True, slots=True)
class JobLimits:
    """Bounds of one job.

    `read`: bytes of the file it may be given; beyond them reading raises ReadLimit, or if `ends` the file behaves as if
    it ended. `cpu`: seconds of processor
    time. `wall`: seconds without its waits for bytes; `source`: seconds that all its waits for bytes may take together.
    `memory`: bytes of address space beyond the loaded libraries. `result`: bytes it may send, its answer included.
    `nice`: NOBODY_WAITS, or less.
    """

    read: int = 8 << 20
    cpu: int = 12
    wall: float = 20.0
    source: float = 60.0
    memory: int = 768 << 20
    result: int = 1 << 20
    nice: int = NOBODY_WAITS
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """`function` is "package.module:function" of a JobFunction; `size` that of the file in bytes; `arguments` is JSON.

    `blobs` are bytes given to the job beside its arguments (the header of a file, for example).
    """

    function: str
    size: int
    arguments: Mapping[str, Any] = field(default_factory=dict)
    blobs: tuple[bytes, ...] = ()
    limits: JobLimits = field(default_factory=JobLimits)


class ReadLimit(Exception):
    """A job wanted to read more of its file than its limits allow."""


class BoundedFile(Protocol):
    """The file as the job sees it: a seekable file object. `most` bounds the cells that may be fetched from now on."""

    size: int
    most: int

    def read(self, count: int = -1) -> bytes: ...
    def seek(self, offset: int, whence: int = 0) -> int: ...
    def tell(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Call:
    """What a JobFunction gets. `write` sends bytes of the result, in order; it waits while the server takes none."""

    file: BoundedFile
    arguments: Mapping[str, Any]
    blobs: tuple[bytes, ...]
    write: Callable[[bytes], None]


JobFunction = Callable[[Call], Mapping[str, Any]]
"""Runs in the fork; returns a JSON object. An exception ends the fork, and the server gets JobFailed."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a job returned, and all bytes that it wrote."""

    answer: Mapping[str, Any]
    data: bytes = b""


class JobFailed(StreamVaultError):
    """A job ended without an answer, or broke the rules of the sandbox.

    `has_read`: whether it had requested bytes of the file; a job that fails before may be the installation's fault.
    `killed`: its process was killed from outside, or the sandbox's with it, so that the job may be run again.
    """

    def __init__(self, reason: str, *, has_read: bool, killed: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.has_read = has_read
        self.killed = killed
