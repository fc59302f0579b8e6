"""A web server for torrents."""

from collections.abc import Callable

from tests.support.raw_server import Answer, Request, response


class Site:
    """A tracker that knows one peer (`peer`: its port, 0 for none), answers by their targets, and files by ranges."""

    def __init__(self) -> None:
        self.peer = 0
        self.files: dict[str, Callable[[], bytes]] = {}
        self.data: dict[str, bytes] = {}
        self.announced: list[str] = []

    def __call__(self, request: Request) -> Answer:
        target = request.target.partition("?")[0]
        if target == "/announce":
            self.announced.append(request.target)
            peers = bytes((127, 0, 0, 1)) + self.peer.to_bytes(2) if self.peer else b""
            return response("200 OK", b"d8:intervali1800e5:peers%d:%se" % (len(peers), peers))
        if target in self.files:
            return self.files[target]()
        if target in self.data:
            return part_of(request, self.data[target])
        return response("404 Not Found")


def part_of(request: Request, data: bytes) -> bytes:
    """The answer to a request for a range, which web seeds are asked for."""
    first, last = map(int, request.headers["range"].removeprefix("bytes=").split("-"))
    return response("206 Partial Content", data[first : last + 1], content_range=f"bytes {first}-{last}/{len(data)}")
