"""Uvicorn's HTTP protocol without a write buffer of its own: unsent data stays in the kernel's and in the cache."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class StreamProtocol(HttpToolsProtocol):
    """Pauses the sender as soon as the kernel's buffer is full, so that a paused viewer holds one block of memory."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=0)
