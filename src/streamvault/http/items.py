"""A file as the API shows it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, JsonValue

from streamvault.catalog.base import Entry
from streamvault.catalog.personal import Watched
from streamvault.http.dependencies import services_of
from streamvault.http.middleware.access import token_of
from streamvault.media.model import Kind
from streamvault.media.placeholder import placeholder

FACTS: dict[str, JsonValue] = {
    "title": "Küche & Garten",
    "year": 2024,
    "season": 1,
    "episode": 3,
    "resolution": "1080p",
    "codec": "H.264",
    "languages": ["de"],
    "work": "s:kuche-garten",
}
STATE: dict[str, JsonValue] = {"position": 1804.5, "duration": 5412.0, "finished": False, "updated": 1767312000}
ITEM: dict[str, JsonValue] = {
    "chat_id": -1001234567890,
    "message_id": 42,
    "name": "Küche & Garten S01E03 1080p.mp4",
    "size": 734003200,
    "mime_type": "video/mp4",
    "kind": "video",
    "duration": 5412.0,
    "width": 1920,
    "height": 1080,
    "date": 1767225600,
    "edit_date": None,
    "caption": "Episode 3 #garten",
    "title": "",
    "performer": "",
    "file_unique_id": "AgADqQADx3pQUw",
    "stream_url": "/stream/-1001234567890/42/K%C3%BCche%20%26%20Garten%20S01E03%201080p.mp4",
    "thumb_url": "/thumb/-1001234567890/42",
    "placeholder": None,
    "album": None,
    "views": 1280,
    "forwarded_from": None,
    "pieces": 0,
    "tags": ["garten"],
    "facts": dict(FACTS),
    "watched": None,
    "favourite": False,
}


def shown(*examples: JsonValue) -> ConfigDict:
    """The configuration of a model of answers, with examples of it."""
    return ConfigDict(frozen=True, json_schema_extra={"examples": list(examples)})


class FileFacts(BaseModel):
    """What the name of a file tells; "" and null where it tells nothing. `work` leads to /api/works."""

    model_config = shown(FACTS)

    title: str
    year: int | None
    season: int | None
    episode: int | None
    resolution: str
    codec: str
    languages: list[str]
    work: str


class WatchState(BaseModel):
    """How far the caller watched a file: seconds; `updated` in Unix seconds, null where it was never watched."""

    model_config = shown(STATE)

    position: float
    duration: float | None
    finished: bool
    updated: int | None


class Item(BaseModel):
    """One file. `size` in bytes, `duration` in seconds, dates in Unix seconds; null where Telegram tells nothing.

    `album` is the same for messages that were posted together. `pieces`: messages that hold the parts of a file that
    was cut, 0 for a whole one. `facts`: null until the name was read. `watched` and `favourite` are the caller's own.
    """

    model_config = shown(ITEM)

    chat_id: int
    message_id: int
    name: str
    size: int
    mime_type: str
    kind: Kind
    duration: float | None
    width: int | None
    height: int | None
    date: int
    edit_date: int | None
    caption: str
    title: str
    performer: str
    file_unique_id: str
    stream_url: str
    thumb_url: str | None
    placeholder: str | None
    album: str | None
    views: int | None
    forwarded_from: int | None
    pieces: int
    tags: list[str]
    facts: FileFacts | None
    watched: WatchState | None
    favourite: bool


class Items(BaseModel):
    """One page; `next_cursor` asks for the one after it, null at the end.

    `corrected`: nothing had these words, and this text was searched instead.
    """

    model_config = shown({"items": [ITEM], "next_cursor": None, "corrected": None})

    items: list[Item]
    next_cursor: str | None = None
    corrected: str | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """What the caller did with files, by file_unique_id."""

    watched: Mapping[str, Watched] = field(default_factory=dict)
    liked: frozenset[str] = frozenset()


class Showing:
    """Makes items for one caller, whose token the addresses in them carry on."""

    def __init__(self, request: Request) -> None:
        services = services_of(request)
        self._caller = token_of(request.scope)
        self.urls = services.urls()
        self.sees_all = self.urls.opens_all(self._caller)

    def items(self, entries: Iterable[Entry], marks: Marks) -> list[Item]:
        """The files in order."""
        return [Item(**self.fields(entry, marks)) for entry in entries]

    def addresses(self, entry: Entry) -> tuple[str, str | None]:
        """Where the bytes and the thumbnail are, from the root of the host; None without one."""
        file = entry.file
        return self.urls.stream_path(file, caller=self._caller), self.urls.thumb_path(file, caller=self._caller)

    def fields(self, entry: Entry, marks: Marks) -> dict[str, Any]:
        """The fields of an Item."""
        file = entry.file
        key = file.key.file_unique_id
        watched = marks.watched.get(key)
        stream_url, thumb_url = self.addresses(entry)
        same = (
            "name size mime_type kind duration width height date edit_date caption title performer views forwarded_from"
        )
        return {
            **{name: getattr(file, name) for name in same.split()},
            "chat_id": file.origin.chat_id,
            "message_id": file.origin.message_id,
            "file_unique_id": key,
            "stream_url": stream_url,
            "thumb_url": thumb_url,
            "placeholder": placeholder(file.stripped or entry.tiny) or None,
            "album": None if file.album is None else str(file.album),
            "pieces": len(file.parts),
            "tags": list(entry.tags),
            "facts": _facts(entry),
            "watched": None if watched is None else state(watched),
            "favourite": key in marks.liked,
        }


def state(watched: Watched) -> WatchState:
    """Watch state as the API shows it."""
    return WatchState(
        position=watched.position, duration=watched.duration, finished=watched.finished, updated=watched.updated
    )


def _facts(entry: Entry) -> FileFacts | None:
    facts = entry.facts
    if facts is None:
        return None
    return FileFacts(
        title=facts.title,
        year=facts.year,
        season=facts.season,
        episode=facts.episode,
        resolution=facts.resolution,
        codec=facts.codec,
        languages=list(facts.languages),
        work=facts.work,
    )


def _showing(request: Request) -> Showing:
    return Showing(request)


Shown = Annotated[Showing, Depends(_showing)]
"""The type of a route's parameter that makes items for its caller."""
