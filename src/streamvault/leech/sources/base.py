"""The interface of a source of one file: what it holds, and its bytes from any offset on."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from streamvault.leech.model import Described


class SourceChanged(Exception):
    """The source no longer holds the file that was begun: what was transferred must not be continued."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a transfer goes on: `offset` bytes of what `described` says were transferred; `tail`: the SHA-256 of the
    last bytes before `offset` (at most TAIL), and how many they are, to be compared where the source says that it
    holds another file; `state`: what Opened.state was when they were.
    """

    described: Described
    offset: int
    tail: tuple[int, str] | None = None
    state: dict[str, str] | None = None


TAIL = 64 * 1024


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is being read: what it is, the offset of the first byte that comes, and the bytes, in blocks of any
    size. The end of `blocks` is the end of the file; a body that ended too early raises SourceFailed instead, and
    `blocks` raise what `Source.open` does where the source had to be asked again in between. `state`: what the source
    wants in the next Checkpoint; it may change while blocks come.
    """

    described: Described
    offset: int
    blocks: AsyncIterator[bytes]
    state: dict[str, str]


class Source(Protocol):
    """One file of a source."""

    def open(self, checkpoint: Checkpoint | None) -> AbstractAsyncContextManager[Opened]:
        """Begin to read, at the checkpoint's offset where there is one (or at 0: see Opened.offset, which is one of
        the two).

        Raises SourceRefused (not to be tried again: a bad address, an unsafe one, no such file; LinkExpired where a
        fresh address goes on at the checkpoint), SourceFailed (try again later), SourceChanged (begin anew).
        """
        ...
