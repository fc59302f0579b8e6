"""Uvicorn's connection, with a short queue: what a viewer has not taken waits in the kernel and in the cache only."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class StreamProtocol(HttpToolsProtocol):
    """A sender is held back as soon as the kernel takes no more, so that a paused viewer costs one piece."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)
