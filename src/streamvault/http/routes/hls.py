"""HLS of a film that a browser cannot play as it is (playback/): playlists, initialization and media segments.

The address of a segment carries the version of the film and of the rules by which segments are made, so that what it
gives never changes, and its entity tag is known without making it. Playlists hand on the token in their own address.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from streamvault.errors import FileGone, FileMissing, NotPlayable
from streamvault.http.active_streams import who_of
from streamvault.http.dependencies import HttpServices, services_of
from streamvault.http.disconnect import until_disconnected
from streamvault.http.etags import etag_of, is_held
from streamvault.http.get_and_head import get_and_head
from streamvault.http.routes.stream import PROBLEMS, find_file
from streamvault.http.viewers import viewer_of
from streamvault.media.model import MediaFile, Origin
from streamvault.playback import playlists
from streamvault.playback.model import VERSION
from streamvault.playback.segments import Film, SegmentService
from streamvault.reading.retry import LoopClock

IMMUTABLE = "public, max-age=31536000, immutable"
"""Middleware makes it private where a credential decided."""

NOT_INSTALLED = "this server cannot repackage films: install StreamVault with the extra `media`, or use a player"

_PLAYLIST_ANSWERS = {
    200: {"description": "The playlist", "content": {playlists.MEDIA_TYPE: {}}},
    **PROBLEMS,
    422: {"description": "The film cannot be repackaged; `detail` says why, and what can play it"},
}
_SEGMENT_ANSWERS = {
    **_PLAYLIST_ANSWERS,
    200: {"description": "The segment: fragmented MP4", "content": {"video/mp4": {}, "audio/mp4": {}}},
}

router = APIRouter(tags=["media"])


@dataclass(frozen=True, slots=True)
class Asked:
    """What the making of an answer gets."""

    service: SegmentService
    film: Film
    viewer: str
    query: str
    """`?token=...` for the addresses in a playlist, "" where the request had none."""


Make = Callable[[Asked], Awaitable[bytes]]
Check = Callable[[Film], None]


class HlsResponse(Response):
    """Finds the film, then makes the answer; ends when the viewer disconnects.

    `version` "" is that of a playlist, whose entity tag comes of its content. For what has a version, `check` raises
    FileMissing where there is no such thing in the film; then 304 and HEAD make nothing, but keep the viewer's place.
    """

    def __init__(
        self,
        services: HttpServices,
        origin: Origin,
        request: Request,
        *,
        make: Make,
        kind: str,
        version: str = "",
        check: Check = lambda _: None,
    ) -> None:
        super().__init__()
        self._services, self._origin, self._request = services, origin, request
        self._make, self._type, self._version, self._check = make, kind, version, check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await until_disconnected(self._serve(scope, receive, send), receive)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        viewer = viewer_of(scope)
        within = self._services.settings.start_timeout
        file = await find_file(self._services, self._origin, viewer=viewer, within=within, clock=LoopClock())
        self._services.opened(file)
        if self._services.segments is None:
            raise NotPlayable(NOT_INSTALLED)
        if self._version and self._version != version_of(file):
            raise FileMissing("the film was replaced: load its playlist again")
        tag = etag_of(scope["path"].encode()) if self._version else ""
        try:
            answer = await self._made(self._services.segments, file, viewer, tag=tag)
        except FileGone:
            self._services.suspect(self._origin)
            raise
        await self._answer(answer, tag)(scope, receive, send)
        if self._version and self._request.method == "GET":
            self._count(who_of(scope), file, len(answer or b""))

    def _count(self, who: str, file: MediaFile, count: int) -> None:
        """Count a segment; one of no bytes was in the cache of its player."""
        self._services.active_streams.segment(who, self._origin, file, count=count)
        self._services.metrics.bytes_total.labels(tier="repackaged").inc(count)

    async def _made(self, service: SegmentService, file: MediaFile, viewer: str, *, tag: str) -> bytes | None:
        film = await service.film(file, viewer=viewer)
        if self._version:
            self._check(film)
            service.admit(viewer)
            if self._request.method == "HEAD" or is_held(self._request, tag):
                return None
        token = self._request.query_params.get("token")
        query = f"?{urlencode({'token': token})}" if token else ""
        return await self._make(Asked(service, film, viewer, query))

    def _answer(self, body: bytes | None, tag: str) -> Response:
        tag = tag or etag_of(body or b"")
        headers = {
            "ETag": tag,
            "Cache-Control": IMMUTABLE if self._version else "no-cache",
            "X-Content-Type-Options": "nosniff",
        }
        if is_held(self._request, tag):
            return Response(status_code=304, headers=headers)
        if body is None:
            return _WithoutLength(headers=headers, media_type=self._type)
        return Response(body, headers=headers, media_type=self._type)


class _WithoutLength(Response):
    """The answer to HEAD where the length is not known."""

    def init_headers(self, headers: object = None) -> None:
        super().init_headers(headers)  # type: ignore[arg-type]
        self.raw_headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]


def version_of(file: MediaFile) -> str:
    """The part of segments' addresses that changes with the file and with the rules of making them."""
    identity = f"{file.key.file_unique_id} {file.size}"
    return f"{VERSION}-{hashlib.sha256(identity.encode()).hexdigest()[:10]}"


async def master(request: Request, *, chat_id: int, message_id: int, audio: int | None = None) -> Response:
    """The playlist of a film: its picture as it is, each sound track and each text track as a rendition.

    `audio`: the index of a sound track (see /api/facts), to offer that alone: for players without a choice of sound.
    """
    services = services_of(request)

    async def make(asked: Asked) -> bytes:
        texts = services.subtitles
        subtitles: Sequence[playlists.Subtitles] = texts.renditions(asked.film) if texts else ()
        playlists.chosen_sounds(asked.film.timeline.facts, audio)
        copied = await asked.service.copied(asked.film, viewer=asked.viewer)
        line, query = asked.film.timeline, asked.query
        return playlists.master(line, audio=audio, copied=copied, subtitles=subtitles, query=query).encode()

    return HlsResponse(services, Origin(chat_id, message_id), request, make=make, kind=playlists.MEDIA_TYPE)


async def video(request: Request, *, chat_id: int, message_id: int) -> Response:
    """The playlist of a film's picture."""

    async def make(asked: Asked) -> bytes:
        film, independent = asked.film, asked.film.timeline.independent
        folder = f"{version_of(film.file)}/{film.video}"
        durations = film.timeline.durations()
        return playlists.media(durations, folder=folder, query=asked.query, independent=independent).encode()

    origin = Origin(chat_id, message_id)
    return HlsResponse(services_of(request), origin, request, make=make, kind=playlists.MEDIA_TYPE)


async def sound(request: Request, *, chat_id: int, message_id: int, track: int) -> Response:
    """The playlist of one of a film's sound tracks."""

    async def make(asked: Asked) -> bytes:
        durations = await asked.service.sound_durations(asked.film, track, viewer=asked.viewer)
        folder = f"../{version_of(asked.film.file)}/{track}"
        return playlists.media(durations, folder=folder, query=asked.query).encode()

    origin = Origin(chat_id, message_id)
    return HlsResponse(services_of(request), origin, request, make=make, kind=playlists.MEDIA_TYPE)


async def initialization(request: Request, *, chat_id: int, message_id: int, version: str, track: int) -> Response:
    """The initialization segment of a track."""

    async def make(asked: Asked) -> bytes:
        return await asked.service.initialization(asked.film, track, viewer=asked.viewer)

    def check(film: Film) -> None:
        film.check(track)

    origin = Origin(chat_id, message_id)
    return HlsResponse(services_of(request), origin, request, make=make, kind="video/mp4", version=version, check=check)


async def segment(
    request: Request, *, chat_id: int, message_id: int, version: str, track: int, number: int
) -> Response:
    """A media segment of a track."""

    async def make(asked: Asked) -> bytes:
        return await asked.service.segment(asked.film, track, number, viewer=asked.viewer)

    def check(film: Film) -> None:
        film.check(track, number)

    origin = Origin(chat_id, message_id)
    return HlsResponse(services_of(request), origin, request, make=make, kind="video/mp4", version=version, check=check)


_FILM = "/hls/{chat_id:chat}/{message_id:message}"
for _path, _endpoint, _answers in (
    ("/master.m3u8", master, _PLAYLIST_ANSWERS),
    ("/video.m3u8", video, _PLAYLIST_ANSWERS),
    ("/audio/{track:index}.m3u8", sound, _PLAYLIST_ANSWERS),
    ("/{version}/{track:index}/init.mp4", initialization, _SEGMENT_ANSWERS),
    ("/{version}/{track:index}/{number:index}.m4s", segment, _SEGMENT_ANSWERS),
):
    get_and_head(router, _FILM + _path, response_class=Response, responses=_answers)(_endpoint)
