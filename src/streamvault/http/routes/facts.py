"""What a media file holds: its tracks, chapters and attachments, read out of the file itself."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from pydantic import BaseModel, JsonValue
from starlette.responses import JSONResponse, Response

from streamvault.errors import NotPlayable
from streamvault.http import paths as paths  # registers the convertors of paths
from streamvault.http.dependencies import Services
from streamvault.http.etags import NOT_MODIFIED, json_with_etag
from streamvault.http.get_and_head import get_and_head
from streamvault.http.items import with_examples
from streamvault.http.viewers import Viewer
from streamvault.http.ways import AskedBy, Play
from streamvault.playback.facts import RETRY_AFTER
from streamvault.playback.model import Facts

router = APIRouter(prefix="/api/facts", tags=["catalog"])

READ_WITHIN = 2.0
"""Seconds that an answer waits for a file to be read."""

_NONE: dict[str, JsonValue] = dict.fromkeys(
    ("channels", "sample_rate", "bit_rate", "width", "height", "bit_depth", "frame_rate")
)
_SOUND: dict[str, JsonValue] = {
    **_NONE,
    "index": 1,
    "type": "audio",
    "codec": "eac3",
    "codec_string": "ec-3",
    "profile": "",
    "language": "en",
    "title": "Surround 5.1",
    "default": True,
    "forced": False,
    "channels": 6,
    "sample_rate": 48_000,
    "bit_rate": 640_000,
    "hdr": "",
}
_CHAPTER: dict[str, JsonValue] = {"start": 0.0, "end": 312.5, "title": "Opening"}
_ATTACHMENT: dict[str, JsonValue] = {"name": "Sans.ttf", "mime_type": "font/ttf", "size": 48_120}


class TrackItem(BaseModel):
    """One track. `index` is its number in the file; `codec` is FFmpeg's name, `codec_string` what browsers call it,
    `language` BCP 47's tag; "" where not known. `channels`, `sample_rate` (Hz) of sound; `width`, `height` (pixels as
    displayed), `bit_depth`, `frame_rate`, `hdr` ("", "pq", "hlg", "dovi") of pictures; `bit_rate` in bits per second.
    """

    model_config = with_examples(_SOUND)

    index: int
    type: str
    codec: str
    codec_string: str
    profile: str
    language: str
    title: str
    default: bool
    forced: bool
    channels: int | None
    sample_rate: int | None
    bit_rate: int | None
    width: int | None
    height: int | None
    bit_depth: int | None
    hdr: str
    frame_rate: float | None


class ChapterItem(BaseModel):
    """`start` and `end` in seconds of the film."""

    model_config = with_examples(_CHAPTER)

    start: float
    end: float
    title: str


class AttachmentItem(BaseModel):
    """A file inside the container, such as a font; `size` in bytes."""

    model_config = with_examples(_ATTACHMENT)

    name: str
    mime_type: str
    size: int


class FactsItem(BaseModel):
    """What a file holds. `duration` in seconds (null: not known), `start` is its first timestamp in seconds.

    `seekable`: the file has an index of its key frames. `open_gop`: pictures behind some key frames need ones before
    them (null: not looked at). `reason`: why it is not repackaged for browsers, "" where it can be.
    `play`: the way to play it, where asked for.
    """

    model_config = with_examples(
        {
            "container": "matroska",
            "duration": 5025.4,
            "start": 0.0,
            "tracks": [_SOUND],
            "chapters": [_CHAPTER],
            "attachments": [_ATTACHMENT],
            "seekable": True,
            "fragmented": False,
            "open_gop": False,
            "reason": "",
        }
    )

    container: str
    duration: float | None
    start: float
    tracks: list[TrackItem]
    chapters: list[ChapterItem]
    attachments: list[AttachmentItem]
    seekable: bool
    fragmented: bool
    open_gop: bool | None
    reason: str
    play: Play | None = None


def facts_item(facts: Facts, play: Play | None = None) -> FactsItem:
    """The facts as the API shows them."""
    return FactsItem.model_validate({**asdict(facts), "play": play})


class BeingRead(BaseModel):
    """The file is being read: ask again after the seconds of Retry-After."""

    model_config = with_examples({"state": "reading"})

    state: str


@get_and_head(
    router,
    "/{chat_id:chat}/{message_id:message}",
    response_model=FactsItem,
    responses={
        202: {"model": BeingRead, "description": "It is being read: ask again after Retry-After"},
        400: {"description": "`audio` is no sound track of the file"},
        404: {"description": "No such file here"},
        422: {"description": "Neither a film nor a song, or the server lacks the extra `media`"},
        **NOT_MODIFIED,
    },
)
async def get_facts(
    request: Request, chat_id: int, message_id: int, *, services: Services, viewer: Viewer, asks: AskedBy
) -> Response:
    """What a film or song holds, read once out of few MiB of it.

    With `client=1` and what a browser takes (lists with commas: `containers` as `container` names them and "hls",
    `takes` and `mse`: the codec strings that its media element and its MediaSource take, `languages`), `play` is the
    way to play it there, and why not the others; `audio` is a sound track that was chosen.
    """
    file = await services.finder.find(chat_id, message_id, viewer=viewer)
    if services.facts is None:
        raise NotPlayable("this server cannot look into files: install StreamVault with the extra `media`")
    probed = await services.facts.of(file, within=READ_WITHIN, viewer=viewer)
    if probed is None:
        headers = {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
        return JSONResponse(BeingRead(state="reading").model_dump(), 202, headers)
    return json_with_etag(request, facts_item(probed.facts, asks.play(probed.facts, repackages=services.repackages)))
