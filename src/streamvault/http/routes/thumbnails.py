"""The thumbnail of a file, under the same access rule as the file itself."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from streamvault.errors import FileMissing
from streamvault.http.dependencies import HttpServices, services_of
from streamvault.http.disconnect import until_disconnected
from streamvault.http.file_response import PlannedResponse, RequestInfo, plan_thumbnail
from streamvault.http.routes.stream import add_file_route, find_file, request_info, send_head
from streamvault.http.viewers import viewer_of
from streamvault.media.model import MediaFile, Origin
from streamvault.media.parts import as_posted
from streamvault.media.stills import STILL
from streamvault.media.types import picture_type
from streamvault.reading.retry import Clock, LoopClock, with_retries

router = APIRouter(tags=["media"])

MAKE_WITHIN = 2.0
"""Seconds that an answer waits for a picture to be made: a browser has few connections per host."""

RETRY_AFTER = 5
"""Seconds for Retry-After when it takes longer."""


class ThumbnailResponse(Response):
    """A file's thumbnail, whole; ends when the client disconnects. HEAD and 304 read nothing from Telegram."""

    def __init__(
        self, services: HttpServices, origin: Origin, *, info: RequestInfo, clock: Clock | None = None
    ) -> None:
        super().__init__()
        self._services = services
        self._origin = origin
        self._info = info
        self._clock = clock or LoopClock()
        self._bound = services.settings.start_timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        viewer = viewer_of(scope)
        await until_disconnected(self._serve(send, viewer), receive)

    async def _serve(self, send: Send, viewer: str) -> None:
        began = self._clock.time()
        file = await find_file(self._services, self._origin, viewer=viewer, within=self._bound, clock=self._clock)
        file = (
            as_posted(file) if file.thumb_sizes else file
        )  # of a joined file: Telegram's thumbnail of the first piece
        decided, body = plan_thumbnail(file, self._info, size=await self._size(file)), b""
        if decided.status == 200 and self._info.method == "GET":
            body = await self._picture(file, self._bound - (self._clock.time() - began))
            described = {"Content-Type": picture_type(body), "Content-Length": str(len(body))}
            decided = PlannedResponse(200, {**decided.headers, **described})
        await send_head(send, decided)
        await send({"type": "http.response.body", "body": body})

    async def _size(self, file: MediaFile) -> str:
        """The `thumb_size` to send: the largest of Telegram's, or else that of a picture made by this server."""
        if file.thumb_sizes:
            return file.thumb_sizes[-1]
        if self._services.frames is None or await self._services.frames.has_none(file):
            raise FileMissing("this file has no thumbnail")
        return STILL

    async def _picture(self, file: MediaFile, within: float) -> bytes:
        if file.thumb_sizes or self._services.frames is None:
            return await with_retries(lambda: self._services.thumbnails.thumbnail(file), within, clock=self._clock)
        made = await self._services.frames.picture(file, within=min(within, MAKE_WITHIN))
        if made is None:
            raise HTTPException(503, "The picture is being made.", {"Retry-After": str(RETRY_AFTER)})
        return made


async def thumbnail(request: Request, chat_id: int, message_id: int) -> Response:
    """The largest thumbnail of a file, mostly a JPEG; while it is being made, 503 with Retry-After."""
    info = request_info(request, download=False)
    return ThumbnailResponse(services_of(request), Origin(chat_id, message_id), info=info)


_PATH = "/thumb/{chat_id:chat}/{message_id:message}"
add_file_route(router, _PATH, endpoint=thumbnail, media_type="image/*", description="200 or 304 with the picture")
