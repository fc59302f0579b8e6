"""The thumbnail of a file, under the same access rule as the file itself."""

import dataclasses
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BeforeValidator
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from streamvault.errors import FileMissing
from streamvault.http.dependencies import HttpServices, services_of
from streamvault.http.disconnect import until_disconnected
from streamvault.http.file_response import PlannedResponse, RequestInfo, plan_thumbnail
from streamvault.http.routes.stream import add_file_route, find_file, request_info, send_head
from streamvault.http.viewers import viewer_of
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.media.parts import as_posted
from streamvault.media.stills import STILL
from streamvault.media.thumb_sizes import may_be_wider, nearest
from streamvault.media.types import picture_type
from streamvault.reading.frames.scaler import sized_key
from streamvault.reading.retry import Clock, LoopClock, with_retries

router = APIRouter(tags=["media"])

MAKE_WITHIN = 2.0
"""Seconds that an answer waits for a picture to be made: a browser has few connections per host."""

RETRY_AFTER = 5
"""Seconds for Retry-After when it takes longer."""


_WIDTHS = {"160": 160, "320": 320, "640": 640}
Width = Annotated[Literal[160, 320, 640], BeforeValidator(lambda text: _WIDTHS.get(text, text))]
"""Pixels of a thumbnail's width."""


class ThumbnailResponse(Response):
    """A file's thumbnail, whole; ends when the client disconnects. HEAD and 304 read nothing from Telegram.

    `width`: that of the picture in pixels, None for the largest there is. It is scaled down, never up; the picture is
    sent as it is where it cannot be scaled.
    """

    def __init__(
        self, services: HttpServices, origin: Origin, *, info: RequestInfo, width: int | None = None,
        clock: Clock | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._services = services
        self._origin = origin
        self._info = info
        self._width = width
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
        key = dataclasses.replace(file.key, thumb_size=await self._size(file))
        width = self._scaled_to(key)
        decided, body = self._plan(file, sized_key(key, width) if width else key), b""
        if decided.status == 200 and self._info.method == "GET":
            within = self._bound - (self._clock.time() - began)
            scaled = await self._scaled(file, key, width, within) if width else b""
            if scaled is None:  # what is sent in its place has another entity tag
                decided = self._plan(file, key)
            body = scaled or await self._picture(file, key, within)
            described = {"Content-Type": picture_type(body), "Content-Length": str(len(body))}
            decided = PlannedResponse(200, {**decided.headers, **described})
        await send_head(send, decided)
        await send({"type": "http.response.body", "body": body})

    async def _size(self, file: MediaFile) -> str:
        """The `thumb_size` to send or to scale: one of Telegram's, or else that of a picture made by this server."""
        if file.thumb_sizes:
            return nearest(file.thumb_sizes, self._width) if self._width else file.thumb_sizes[-1]
        if self._services.frames is None or await self._services.frames.has_none(file):
            raise FileMissing("this file has no thumbnail")
        return STILL

    def _scaled_to(self, key: FileKey) -> int:
        """The width that the picture is scaled to; 0 where it is sent as it is."""
        if self._width is None or self._services.scaler is None:
            return 0
        return self._width if may_be_wider(key.thumb_size, self._width) else 0

    def _plan(self, file: MediaFile, key: FileKey) -> PlannedResponse:
        return plan_thumbnail(file, self._info, size=key.thumb_size, immutable=self._width is not None)

    async def _scaled(self, file: MediaFile, key: FileKey, width: int, within: float) -> bytes | None:
        """The picture in this width; b"" where it is sent as it is, None where it is so for now."""
        scaler = self._services.scaler
        return await scaler.scaled(key, width, lambda: self._picture(file, key, within)) if scaler else None

    async def _picture(self, file: MediaFile, key: FileKey, within: float) -> bytes:
        if file.thumb_sizes or self._services.frames is None:
            one = dataclasses.replace(file, thumb_sizes=(key.thumb_size,))
            return await with_retries(lambda: self._services.thumbnails.thumbnail(one), within, clock=self._clock)
        made = await self._services.frames.picture(file, within=min(within, MAKE_WITHIN))
        if made is None:
            raise HTTPException(503, "The picture is being made.", {"Retry-After": str(RETRY_AFTER)})
        return made


async def thumbnail(request: Request, chat_id: int, message_id: int, w: Width | None = None) -> Response:
    """A thumbnail of a file, mostly a JPEG; while it is being made, 503 with Retry-After.

    `w`: its width in pixels; a picture that is no wider is sent as it is, and without the extra `media` the nearest of
    Telegram's. Without `w` the largest.
    """
    info = request_info(request, download=False)
    return ThumbnailResponse(services_of(request), Origin(chat_id, message_id), info=info, width=w)


_PATH = "/thumb/{chat_id:chat}/{message_id:message}"
add_file_route(router, _PATH, endpoint=thumbnail, media_type="image/*", description="200 or 304 with the picture")
