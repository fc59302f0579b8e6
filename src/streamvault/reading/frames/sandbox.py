"""The child process that opens foreign files: FFmpeg's decoders may crash, hang or swell over one, and it alone.

It is started by process.py, reads the file through its pipes, and has no files, no time and no memory to waste. It
inherits no environment, hence no secrets.
"""

import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from streamvault.media.cells import CELL, PER_WINDOW
from streamvault.reading.frames.sandbox_protocol import ANSWER, MOST_CELLS, Answering, Asking, answer_length, pack

MEMORY = 768 << 20
"""Bytes of address space; 4K takes about half of that."""

CPU = 12
"""Seconds of a processor."""

FILES = 32


class RemoteFile:
    """A file as FFmpeg reads it, of which at most `most` cells come; beyond that it looks as if it ended.

    Each cell comes once. Whoever reads on gets more at a time: an index may have some MiB.
    """

    def __init__(self, ask: Callable[[Asking], bytes], size: int, *, most: int = MOST_CELLS) -> None:
        self.most = most
        self._ask = ask
        self._size = size
        self._cells: dict[int, bytes] = {}
        self._at = 0
        self._next, self._run = -1, 1

    def read(self, count: int = -1) -> bytes:
        """Up to `count` bytes; b"" at the end, or when nothing more comes."""
        if count < 0:
            count = self._size
        if self._at >= self._size or not count:
            return b""
        cell, skip = divmod(self._at, CELL)
        if cell not in self._cells:
            self._bring(cell)
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

    def _bring(self, cell: int) -> None:
        self._run = min(2 * self._run, PER_WINDOW) if cell == self._next else 1
        last = min(cell + self._run, cell - cell % PER_WINDOW + PER_WINDOW, -(-self._size // CELL))
        last = min([last, *(held for held in self._cells if cell < held < last)])
        last = min(last, cell + self.most - len(self._cells))
        if last <= cell:
            return
        data = self._ask(Asking(cell, last - cell))
        for index in range(last - cell):
            self._cells[cell + index] = data[index * CELL : (index + 1) * CELL]
        self._next = last


def main() -> None:
    """Read size (bytes), duration (seconds, 0: unknown) from the command line, the file from stdin; then answer."""
    size, duration = int(sys.argv[1]), float(sys.argv[2])
    answers, said = _pipes()
    _limit()
    from streamvault.reading.frames.extraction import take_still  # under the limits, and never in the server itself

    def ask(asking: Asking) -> bytes:
        said.write(pack(asking))
        said.flush()
        return _exactly(answers, answer_length(_exactly(answers, ANSWER)))

    tiny, picture = take_still(RemoteFile(ask, size), duration) or (b"", b"")
    said.write(pack(Answering(len(tiny), len(picture))) + tiny + picture)
    said.flush()


def _exactly(pipe: BinaryIO, count: int) -> bytes:
    data = pipe.read(count)
    if len(data) < count:
        os._exit(3)  # the parent is gone: nobody wants a picture any more
    return data


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes under numbers of their own, so that whatever a library prints does not get between."""
    answers, said = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    return answers, said


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
    """The command line of a child, which finds this package and nothing else of our environment."""
    start = f"import sys; sys.path.insert(0, sys.argv.pop(1)); from {__name__} import main; main()"
    root = str(Path(__file__).parents[3])
    return [sys.executable, "-I", "-c", start, root, str(size), f"{duration:.3f}"]
