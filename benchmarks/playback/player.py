"""A player of HLS that fetches a film's picture and one sound track as it plays them."""

import http.client
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urljoin

from benchmarks.streaming.testbed import Address

AHEAD = 10.0
"""Seconds of the film that it has fetched, or tries to."""


@dataclass(slots=True)
class Played:
    """`sent`: bytes of segments; `worst`: the longest that a segment took, as a share of its own length, and `slowest`
    in seconds; `seconds` of the film fetched; `failed`: the first answer that was no segment."""

    sent: int = 0
    worst: float = 0.0
    slowest: float = 0.0
    seconds: float = 0.0
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """An address, and seconds."""

    path: str
    length: float


class Player:
    """One viewer, with an address of its own; `film` is the path of the film's HLS."""

    def __init__(self, server: Address, film: str, *, number: int = 1) -> None:
        self._server, self._film = server, film
        self._here = (f"127.0.1.{number}", 0)
        self.played = Played()

    def get(self, path: str) -> tuple[int, bytes, float]:
        """Status, body, and the seconds that Retry-After says (0: none)."""
        connection = http.client.HTTPConnection(*self._server, timeout=120, source_address=self._here)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read(), float(answer.getheader("Retry-After") or 0)
        finally:
            connection.close()

    def pictures(self) -> list[Segment]:
        """The segments of the picture."""
        return self._segments(f"{self._film}/video.m3u8")

    def sounds(self) -> list[Segment]:
        """The segments of the first sound track."""
        master = self._text(f"{self._film}/master.m3u8")
        return self._segments(urljoin(f"{self._film}/", re.findall(r'TYPE=AUDIO.*URI="([^"]+)"', master)[0]))

    def play(self, seconds: float) -> Played:
        """Play so many seconds from the film's beginning; what is ahead then has been fetched."""
        began, at = time.monotonic(), 0.0
        with ThreadPoolExecutor(2) as pool:
            for both in zip(self.pictures(), self.sounds(), strict=False):
                if at - AHEAD >= seconds or self.played.failed:
                    break
                time.sleep(max(0.0, began + at - AHEAD - time.monotonic()))
                list(pool.map(self._fetch, both))
                at += both[0].length
        self.played.seconds = at
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        return self.played

    def _fetch(self, segment: Segment) -> None:
        began = time.monotonic()
        status, body, _ = self.get(segment.path)
        took = time.monotonic() - began
        if status != 200:
            self.played.failed = self.played.failed or f"{segment.path} was answered with {status}"
        self.played.sent += len(body)
        self.played.worst = max(self.played.worst, took / segment.length)
        self.played.slowest = max(self.played.slowest, took)

    def _segments(self, path: str) -> list[Segment]:
        found = re.findall(r"#EXTINF:([\d.]+),\n(\S+)", self._text(path))
        return [Segment(urljoin(path, address), float(length)) for length, address in found]

    def _text(self, path: str) -> str:
        """A playlist, asked for again while the server says so."""
        ends = time.monotonic() + 60
        while True:
            status, body, pause = self.get(path)
            if status == 200:
                return body.decode()
            if status != 503 or time.monotonic() > ends:
                raise RuntimeError(f"{path} was answered with {status}: {body.decode(errors='replace')[:200]}")
            time.sleep(max(0.2, pause))
