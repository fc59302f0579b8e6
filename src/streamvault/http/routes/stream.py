"""The bytes of a file over HTTP.

The first chunk is read before the status line is sent. Until then a failure has its own status; after that it aborts
the connection short of Content-Length, so that no client takes a truncated body for a complete one. The work for a
viewer ends when the viewer disconnects; the request to Telegram that is under way belongs to the cells and is finished.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from streamvault.errors import FileGone, FileMissing, StreamVaultError
from streamvault.http.active_streams import ActiveStream, who_of
from streamvault.http.dependencies import HttpServices, services_of
from streamvault.http.disconnect import until_disconnected
from streamvault.http.file_response import PlannedResponse, RequestInfo, plan_response
from streamvault.http.get_and_head import get_and_head
from streamvault.http.paths import is_possible
from streamvault.http.sidecars import file_called
from streamvault.http.viewers import viewer_of
from streamvault.media.byterange import ByteRange
from streamvault.media.classification import posted
from streamvault.media.model import MediaFile, Origin
from streamvault.reading.reader import TIERS, Bounds, FileReader
from streamvault.reading.retry import Clock, LoopClock, with_retries

logger = logging.getLogger(__name__)

BYTES = "*/*"  # whatever the file is
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"description": "A link token is needed"},
    403: {"description": "The token is wrong or has expired"},
    404: {"description": "No such file in a chat of this server"},
    410: {"description": "The message was deleted"},
    502: {"description": "Telegram refuses to give the file"},
    503: {"description": "Telegram cannot be reached; Retry-After says when to come back"},
}

EMPTY_CHUNK = {"type": "http.response.body", "body": b"", "more_body": True}
YIELD_AFTER = 128 << 10
"""Bytes after which a stream that never waits yields to the event loop.

Only then does it learn that its viewer has disconnected; asyncio warns at the sixth write to a lost connection.
"""

Body = list[bytes | FileReader]

router = APIRouter(tags=["media"])


class StreamResponse(Response):
    """Finds the file, reads its first chunk, then sends; ends at once when the viewer disconnects.

    A failure after the status line leaves the answer unfinished, which makes Uvicorn close the connection.
    """

    def __init__(
        self,
        services: HttpServices,
        origin: Origin,
        *,
        info: RequestInfo,
        name: str = "",
        piece: bool = False,
        clock: Clock | None = None,
    ) -> None:
        """`name`: see sidecars.py. `piece`: of a joined file, only what the message itself holds."""
        super().__init__()
        self._services = services
        self._metrics = services.metrics
        self._origin = origin
        self._info = info
        self._name = name
        self._alone = piece
        self._clock = clock or LoopClock()
        self._bounds = Bounds(services.settings.start_timeout, services.settings.stall_timeout)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        viewer = viewer_of(scope)
        await until_disconnected(self._serve(send, viewer, who_of(scope)), receive)

    async def _serve(self, send: Send, viewer: str, who: str) -> None:
        began = self._clock.time()
        file = await find_file(
            self._services, self._origin, viewer=viewer, within=self._bounds.start, clock=self._clock
        )
        file = posted(file) if self._alone else file
        if self._name:
            file = await file_called(self._services.catalog, file, self._name)
            self._origin = file.origin
        self._services.opened(file)
        decided = plan_response(file, self._info)
        if decided.status != 304:
            charset = await self._services.charsets.charset(file, lambda wanted: self._read(file, wanted, began))
            decided = plan_response(file, self._info, charset=charset)
        if not decided.body:
            await send_head(send, decided)
            await send({"type": "http.response.body", "body": b""})
            return
        active = self._services.active_streams.stream(who, self._origin, file)
        with self._metrics.streams_active.track_inprogress(), active as one:
            body = self._readers(file, decided)
            readers = [part for part in body if isinstance(part, FileReader)]
            try:
                await self._open(readers[0], self._bounds.start - (self._clock.time() - began))
                self._metrics.first_byte(self._clock.time() - began)
                await send_head(send, decided)
                await self._send_body(send, body, one)
            finally:
                for reader in readers:
                    reader.close()

    async def _open(self, reader: FileReader, within: float) -> None:
        try:
            await reader.open(within=within)
        except FileGone:
            self._services.suspect(self._origin)
            raise

    async def _read(self, file: MediaFile, wanted: ByteRange, began: float) -> bytes:
        """A few bytes of the file, as a viewer reads them."""
        with FileReader(
            self._services.cells, file, byte_range=wanted, bounds=self._bounds, clock=self._clock
        ) as reader:
            await self._open(reader, self._bounds.start - (self._clock.time() - began))
            return b"".join([bytes(piece) async for piece in reader])

    def _readers(self, file: MediaFile, decided: PlannedResponse) -> Body:
        """The body with a reader for each byte range."""
        cells, bounds, clock = self._services.cells, self._bounds, self._clock
        return [
            part if isinstance(part, bytes) else FileReader(cells, file, byte_range=part, bounds=bounds, clock=clock)
            for part in decided.body
        ]

    async def _send_body(self, send: Send, body: Body, one: ActiveStream) -> None:
        try:
            for part in body:
                if isinstance(part, bytes):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                else:
                    await self._send_range(send, part, one)
        except StreamVaultError as error:
            self._metrics.streams_aborted_total.inc()
            chat_id, message_id = self._origin.chat_id, self._origin.message_id
            logger.warning("the stream of %d/%d is aborted: %s", chat_id, message_id, error)
            return
        await send({"type": "http.response.body", "body": b""})

    async def _send_range(self, send: Send, reader: FileReader, one: ActiveStream) -> None:
        sent = {tier: self._metrics.bytes_total.labels(tier=tier) for tier in TIERS}
        unyielded = 0
        async for piece in reader:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            count = len(piece)
            del piece  # it would keep a cell in memory while the viewer pauses
            await send(EMPTY_CHUNK)  # waits until the kernel has taken everything
            sent[reader.tier].inc(count)
            one.bytes += count
            unyielded += count
            if unyielded >= YIELD_AFTER:  # a fast source and a fast socket never wait, and would block the event loop
                unyielded = 0
                await asyncio.sleep(0)
        reader.close()


async def find_file(services: HttpServices, origin: Origin, *, viewer: str, within: float, clock: Clock) -> MediaFile:
    """The file of `origin`, within `within` seconds. Raises as `Finder.find`, and FileMissing for impossible ids."""
    if not is_possible(origin):
        raise FileMissing("no message has such ids")
    finder, chat_id, message_id = services.finder, origin.chat_id, origin.message_id
    return await with_retries(lambda: finder.find(chat_id, message_id, viewer=viewer), within, clock=clock)


async def send_head(send: Send, decided: PlannedResponse) -> None:
    fields = [(name.lower().encode(), value.encode("latin-1")) for name, value in decided.headers.items()]
    await send({"type": "http.response.start", "status": decided.status, "headers": fields})


def request_info(request: Request, *, download: bool) -> RequestInfo:
    return RequestInfo(
        method=request.method,
        headers={name: ", ".join(request.headers.getlist(name)) for name in request.headers},
        boundary=secrets.token_hex(16),
        download=download,
    )


def add_file_route(
    to: APIRouter, path: str, *, endpoint: Callable[..., Awaitable[Response]], media_type: str, description: str
) -> None:
    """Add a route for bytes of this media type."""
    answers = {200: {"description": description, "content": {media_type: {}}}, **PROBLEMS}
    get_and_head(to, path, response_class=Response, responses=answers)(endpoint)


async def stream(
    request: Request, *, chat_id: int, message_id: int, download: bool = False, piece: bool = False
) -> Response:
    """The file that a message holds, whole or in byte ranges.

    The first message of a split file gives the joined file; with `piece=1`, and for its other messages, one piece.
    """
    return await stream_named(
        request, chat_id=chat_id, message_id=message_id, file_name="", download=download, piece=piece
    )


async def stream_named(
    request: Request, *, chat_id: int, message_id: int, file_name: str, download: bool = False, piece: bool = False
) -> Response:
    """The same, with a name for people and players.

    The name of a subtitle, a description or a picture beside a film, as players look for: that file of its channel.
    """
    info = request_info(request, download=download)
    origin = Origin(chat_id, message_id)
    return StreamResponse(services_of(request), origin, info=info, name=file_name, piece=piece)


_PATH = "/stream/{chat_id:chat}/{message_id:message}"
_WHAT = "The bytes; 206 with ranges, 304 and 412 for preconditions, 416 for a range beyond the end"
add_file_route(router, _PATH, endpoint=stream, media_type=BYTES, description=_WHAT)
add_file_route(router, _PATH + "/{file_name:path}", endpoint=stream_named, media_type=BYTES, description=_WHAT)
