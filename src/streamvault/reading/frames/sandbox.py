"""The sandboxed child process that decodes files of unknown origin, since FFmpeg may crash, hang or use much memory.

It is started by sandbox_process.py, reads the file through its pipes, and runs under limits of memory, processor time
and open files. It inherits no environment, hence no secrets.
"""

import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.reading.frames.sandbox_protocol import (
    ANSWER_HEADER,
    MOST_CELLS,
    CellRequest,
    ResultHeader,
    answer_length,
    pack_message,
)

MEMORY = 768 << 20
"""Bytes of address space; decoding 4K video takes about half of that."""

CPU = 12
"""Seconds of processor time."""

FILES = 32
"""Open files."""


class RemoteFile:
    """A file object for FFmpeg that fetches at most `most` cells; beyond them it behaves as at the end of the file.

    Each cell is fetched once. Sequential reads fetch more at a time, since an index may have some MiB.
    """

    def __init__(self, request: Callable[[CellRequest], bytes], size: int, *, most: int = MOST_CELLS) -> None:
        self.most = most
        self._request = request
        self._size = size
        self._cells: dict[int, bytes] = {}
        self._at = 0
        self._next, self._run = -1, 1

    def read(self, count: int = -1) -> bytes:
        """Up to `count` bytes; b"" at the end, or when no more cells may be fetched."""
        if count < 0:
            count = self._size
        if self._at >= self._size or not count:
            return b""
        cell, skip = divmod(self._at, CELL)
        if cell not in self._cells:
            self._fetch(cell)
        piece = self._cells.get(cell, b"")[skip : skip + count]
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As io's."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """As io's."""
        return self._at

    def _fetch(self, cell: int) -> None:
        self._run = min(2 * self._run, PER_WINDOW) if cell == self._next else 1
        last = min(cell + self._run, cell - cell % PER_WINDOW + PER_WINDOW, -(-self._size // CELL))
        last = min([last, *(held for held in self._cells if cell < held < last)])
        last = min(last, cell + self.most - len(self._cells))
        if last <= cell:
            return
        data = self._request(CellRequest(cell, last - cell))
        for index in range(last - cell):
            self._cells[cell + index] = data[index * CELL : (index + 1) * CELL]
        self._next = last


def main() -> None:
    """Take size (bytes) and duration (seconds, 0: unknown) from the command line; read the file, write the picture."""
    size, duration = int(sys.argv[1]), float(sys.argv[2])
    answers, messages = _pipes()
    _limit()
    from streamvault.reading.frames.extraction import take_still  # loaded under the limits; never in the server itself

    def read_cells(request: CellRequest) -> bytes:
        messages.write(pack_message(request))
        messages.flush()
        return _exactly(answers, answer_length(_exactly(answers, ANSWER_HEADER)))

    tiny, picture = take_still(RemoteFile(read_cells, size), duration) or (b"", b"")
    messages.write(pack_message(ResultHeader(len(tiny), len(picture))) + tiny + picture)
    messages.flush()


def _exactly(pipe: BinaryIO, count: int) -> bytes:
    data = pipe.read(count)
    if len(data) < count:
        os._exit(3)  # the parent has exited
    return data


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output as other descriptors, so that the output of a library does not mix with messages."""
    answers, messages = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    return answers, messages


def _limit() -> None:
    os.nice(19)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FILES),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def command(size: int, duration: float) -> list[str]:
    """The command line of a child, which finds this package without any environment variable."""
    start = f"import sys; sys.path.insert(0, sys.argv.pop(1)); from {__name__} import main; main()"
    root = str(Path(__file__).parents[3])
    return [sys.executable, "-I", "-c", start, root, str(size), f"{duration:.3f}"]
