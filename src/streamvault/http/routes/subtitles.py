"""Subtitles of a film as WebVTT: tracks in it, files beside it in its channel, and renditions for HLS."""

import asyncio
import re
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from pydantic import BaseModel, JsonValue
from starlette.responses import Response

from streamvault.errors import FileMissing, NotPlayable
from streamvault.http.beside import PICTURES, Beside, described, subtitles_beside
from streamvault.http.dependencies import HttpServices, services_of
from streamvault.http.etags import NOT_MODIFIED, etag_of, is_held, json_with_etag
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import with_examples
from streamvault.http.routes.hls import Asked, HlsResponse, version_of
from streamvault.http.routes.stream import PROBLEMS, find_file
from streamvault.http.viewers import viewer_of
from streamvault.media.byterange import ByteRange
from streamvault.media.model import MediaFile, Origin
from streamvault.media.text_charsets import decode_text
from streamvault.playback import playlists, webvtt
from streamvault.playback.choices import TEXT_SUBTITLES
from streamvault.playback.model import VERSION, Facts
from streamvault.playback.segments import Film
from streamvault.playback.subtitle_files import cues_of_file
from streamvault.playback.subtitles import check_text
from streamvault.playback.text_playlist import text_media
from streamvault.reading.reader import Bounds, FileReader
from streamvault.reading.retry import LoopClock

MOST_TEXT = 8 << 20
"""Bytes of the largest file of subtitles that is converted."""

_NAME = re.compile(r"(m?)([0-9]{1,10})")
_VTT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The subtitles", "content": {"text/vtt": {}}},
    **NOT_MODIFIED,
    **PROBLEMS,
    422: {"description": "They are pictures, too large, or cannot be read; `detail` says which"},
}
_PLAYLIST: dict[int | str, dict[str, Any]] = {
    **_VTT,
    200: {"description": "The playlist", "content": {playlists.MEDIA_TYPE: {}}},
}

router = APIRouter(tags=["media"])


_TRACK: JsonValue = {
    "id": "3", "track": 3, "message_id": None, "language": "en", "title": "English", "format": "subrip",
    "forced": False, "default": True, "url": "/subtitles/-1001234567890/42/3.vtt",
}  # fmt: skip


class Subtitle(BaseModel):
    """One track, or one file beside the film.

    `id`: its name before ".vtt". `track`: the index of a track (as in /api/facts), null for a file; `message_id`: the
    message of a file. `language`: BCP 47, "" unknown. `format`: FFmpeg's name of a codec, or the ending of a file.
    `url`: its WebVTT, null for pictures (PGS, VobSub), which only players show.
    """

    model_config = with_examples(_TRACK)

    id: str
    track: int | None = None
    message_id: int | None = None
    language: str
    title: str = ""
    format: str
    forced: bool
    default: bool = False
    url: str | None


class Subtitles(BaseModel):
    """All of a film."""

    model_config = with_examples({"items": [_TRACK]})

    items: list[Subtitle]


@get_and_head(router, "/subtitles/{chat_id:chat}/{message_id:message}", response_model=Subtitles,
              responses={**PROBLEMS, **NOT_MODIFIED})  # fmt: skip
async def listed(request: Request, *, chat_id: int, message_id: int) -> Response:
    """The subtitles that belong to a film: text tracks in it, and files with its name beside it in the channel."""
    services = services_of(request)
    film = await _find(request, services, Origin(chat_id, message_id))
    token = request.query_params.get("token")
    base = f"/subtitles/{chat_id}/{message_id}/"
    query = f"?{urlencode({'token': token})}" if token else ""
    items = [*_tracks(await _facts(services, film, viewer=viewer_of(request.scope)), base, query)]
    items += [_file(one, base, query) for one in await subtitles_beside(services.catalog, film)]
    return json_with_etag(request, Subtitles(items=items))


@get_and_head(router, "/subtitles/{chat_id:chat}/{message_id:message}/{name}.vtt", response_class=Response,
              responses=_VTT)  # fmt: skip
async def whole(request: Request, *, chat_id: int, message_id: int, name: str) -> Response:
    """One of them as WebVTT: a track by its index, a file by "m" and the number of its message.

    A track is read out of the film in the background; 503 with Retry-After until it is there.
    """
    services = services_of(request)
    found = _NAME.fullmatch(name)
    if found is None:
        raise FileMissing("the film has no such subtitles; GET the address without the last part lists them")
    film = await _find(request, services, Origin(chat_id, message_id))
    other = await _beside(request, services, film, int(found[2])) if found[1] else None
    identity = f"{VERSION} {film.key.file_unique_id} {film.size} {name} {other and other.file.key.file_unique_id}"
    headers = {
        "ETag": etag_of(identity.encode()),
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    if is_held(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if other is not None:
        body = await _converted(services, other)
    elif services.subtitles is None:
        raise NotPlayable("this server cannot read tracks of films: install StreamVault with the extra `media`")
    else:
        body = await services.subtitles.whole(film, int(found[2]), viewer=viewer_of(request.scope))
    return Response(body, headers=headers, media_type=webvtt.MEDIA_TYPE)


@get_and_head(router, "/hls/{chat_id:chat}/{message_id:message}/text/{track:index}.m3u8", response_class=Response,
              responses=_PLAYLIST)  # fmt: skip
async def rendition(request: Request, *, chat_id: int, message_id: int, track: int) -> Response:
    """The playlist of one of a film's text tracks."""

    async def make(asked: Asked) -> bytes:
        check_text(asked.film, track)
        folder = f"../{version_of(asked.film.file)}/{track}"
        return text_media(asked.film.timeline.durations(), folder=folder, query=asked.query).encode()

    origin = Origin(chat_id, message_id)
    return HlsResponse(services_of(request), origin, request, make=make, kind=playlists.MEDIA_TYPE)


@get_and_head(router, "/hls/{chat_id:chat}/{message_id:message}/{version}/{track:index}/{number:index}.vtt",
              response_class=Response, responses=_VTT)  # fmt: skip
async def segment(
    request: Request, *, chat_id: int, message_id: int, version: str, track: int, number: int
) -> Response:
    """A segment of one of a film's text tracks."""
    services = services_of(request)

    async def make(asked: Asked) -> bytes:
        if services.subtitles is None:
            raise FileMissing("the film has no such segment of text")
        return await services.subtitles.segment(asked.film, track, number, viewer=asked.viewer)

    def check(film: Film) -> None:
        check_text(film, track, number)

    origin = Origin(chat_id, message_id)
    return HlsResponse(services, origin, request, make=make, kind=webvtt.MEDIA_TYPE, version=version, check=check)


async def _find(request: Request, services: HttpServices, origin: Origin) -> MediaFile:
    within = services.settings.start_timeout
    return await find_file(services, origin, viewer=viewer_of(request.scope), within=within, clock=LoopClock())


async def _facts(services: HttpServices, film: MediaFile, *, viewer: str) -> Facts | None:
    """None of a film of which no track can be fetched; it may have files beside it nevertheless."""
    if services.subtitles is None or not services.repackages:
        return None
    try:
        return await services.subtitles.facts(film, viewer=viewer)
    except NotPlayable:
        return None


def _tracks(facts: Facts | None, base: str, query: str) -> list[Subtitle]:
    return [
        Subtitle(
            id=str(track.index), track=track.index, language=track.language, title=track.title, format=track.codec,
            forced=track.forced, default=track.default,
            url=f"{base}{track.index}.vtt{query}" if track.codec in TEXT_SUBTITLES else None,
        )
        for track in (facts.of_type("subtitle") if facts else ())
    ]  # fmt: skip


def _file(one: Beside, base: str, query: str) -> Subtitle:
    message = one.file.origin.message_id
    url = None if one.form in PICTURES else f"{base}m{message}.vtt{query}"
    return Subtitle(
        id=f"m{message}", message_id=message, language=one.language, format=one.form, forced=one.forced, url=url
    )


async def _beside(request: Request, services: HttpServices, film: MediaFile, message_id: int) -> Beside:
    """The file of that message of the film's channel. Raises FileMissing where it does not belong to the film."""
    found = described(film, await _find(request, services, Origin(film.origin.chat_id, message_id)))
    if found is None:
        raise FileMissing("the film has no such subtitles; GET the address without the last part lists them")
    return found


async def _converted(services: HttpServices, one: Beside) -> bytes:
    if one.form in PICTURES:
        raise NotPlayable(
            f"These subtitles ({one.form}) are pictures: open film and subtitles in a player such as VLC."
        )
    if one.file.size > MOST_TEXT:
        raise NotPlayable(f"This file is too large for subtitles: {one.file.size} of at most {MOST_TEXT} bytes.")
    bounds = Bounds(services.settings.start_timeout, services.settings.stall_timeout)
    with FileReader(services.cells, one.file, byte_range=ByteRange(0, one.file.size), bounds=bounds) as reader:
        await reader.open(within=bounds.start)
        data = b"".join([bytes(piece) async for piece in reader])
    return await asyncio.to_thread(_convert, data, one)


def _convert(data: bytes, one: Beside) -> bytes:
    return webvtt.document(cues_of_file(decode_text(data, one.language), one.form))
