"""Every kind of fault in any order: a job that goes on after each of them has the file in the end, byte for byte."""

import random
from collections.abc import Callable

import pytest

from streamvault.errors import SourceFailed
from streamvault.leech.sources.base import Checkpoint
from streamvault.leech.sources.http.source import HttpSource
from streamvault.leech.sources.tails import Tail
from tests.support.http_sources import FILM, Clock, collect, http_client
from tests.support.proof import full
from tests.support.raw_server import Answer, Request, chunked, ranged, raw_server, response

MODIFIED = "Wed, 21 Oct 2015 07:28:00 GMT"
ATTEMPTS = 200


class Faulty:
    """A web server that does something wrong most of the time, chosen by a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._faults: list[Callable[[Request], Answer]] = [
            self._good, self._cut, self._part, self._early, self._whole, self._other_etag, self._busy, self._nothing,
            self._redirect, self._in_chunks, self._without_length, self._unreadable,
        ]  # fmt: skip

    def __call__(self, request: Request) -> Answer:
        return self._random.choice(self._faults)(request)

    def _good(self, request: Request) -> Answer:
        return ranged(request, FILM, etag='"1"', last_modified=MODIFIED)

    def _cut(self, request: Request) -> Answer:
        answer = self._good(request)
        assert isinstance(answer, bytes)
        return answer[: self._random.randrange(len(answer))]

    def _part(self, request: Request) -> Answer:
        return self._placed(request.start(), self._random.randrange(1, 90_000))

    def _early(self, request: Request) -> Answer:
        return self._placed(max(0, request.start() - self._random.randrange(1, 70_000)), len(FILM))

    def _placed(self, start: int, length: int) -> bytes:
        body = FILM[start : start + length]
        told = f"bytes {start}-{start + len(body) - 1}/{len(FILM)}"
        return response("206 Partial Content", body, content_range=told, etag='"1"')

    def _whole(self, _: Request) -> Answer:
        return response("200 OK", FILM, etag='"1"', last_modified=MODIFIED)

    def _other_etag(self, request: Request) -> Answer:
        return ranged(request, FILM, etag=f'"{self._random.randrange(100)}"', last_modified=MODIFIED)

    def _busy(self, _: Request) -> Answer:
        return response("503 Busy")

    def _nothing(self, _: Request) -> Answer:
        return b""

    def _redirect(self, request: Request) -> Answer:
        return response("302 Found", location=f"{request.target}x")

    def _in_chunks(self, _: Request) -> Answer:
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(
            FILM[:7], FILM[7:200_000], FILM[200_000:]
        )

    def _without_length(self, _: Request) -> Answer:
        return b"HTTP/1.0 200 OK\r\n\r\n" + FILM

    def _unreadable(self, _: Request) -> Answer:
        return b"\x00\x01 what\r\n\r\n"


@pytest.mark.parametrize("seed", range(300 if full() else 30))
async def test_any_faults(seed: int) -> None:
    clock, got, tail = Clock(), bytearray(), Tail()
    checkpoint: Checkpoint | None = None
    async with raw_server(Faulty(seed)) as server:
        source = HttpSource(http_client(clock=clock), server.url())
        for attempt in range(ATTEMPTS):
            blocks: list[bytes] = []
            try:
                async with source.open(checkpoint) as opened:
                    described, state = opened.described, opened.state
                    assert opened.offset == len(got)
                    await collect(opened, blocks, clock.wait if attempt % 2 else lambda: None)
                break
            except SourceFailed:
                clock.now += 1
            finally:
                for block in blocks:
                    got += block
                    tail.add(block)
                if got:
                    checkpoint = Checkpoint(described, len(got), tail.mark(), state)
    assert bytes(got) == FILM
    assert attempt < ATTEMPTS - 1
