"""A file as the API shows it: the models, and the Presenter that fills them for one caller."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, JsonValue
from starlette.types import Scope

from streamvault.access.identity import Identity
from streamvault.access.links import Grant, grant_of_person
from streamvault.access.urls import Caller
from streamvault.catalog.base import Entry
from streamvault.catalog.personal import Watched
from streamvault.http.dependencies import services_of
from streamvault.http.middleware.access import identity_of, token_of
from streamvault.http.middleware.token_path import path_token
from streamvault.media.model import Kind
from streamvault.media.placeholder import placeholder

FACTS: dict[str, JsonValue] = {
    "title": "Küche & Garten",
    "year": 2024,
    "season": 1,
    "episode": 3,
    "last_episode": None,
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
    "telegram_kind": "document",
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
    "hidden": False,
}


def with_examples(*examples: JsonValue, extra: Literal["allow", "ignore", "forbid"] | None = None) -> ConfigDict:
    """The configuration of a model, with examples for the API's description; `extra`: what of unknown fields."""
    return ConfigDict(frozen=True, json_schema_extra={"examples": list(examples)}, extra=extra)


class FileFacts(BaseModel):
    """NameFacts parsed from the name of a file; "" and null where it has none. `work` is the key for /api/works.

    `last_episode`: of a file that holds several episodes, from `episode` to this one.
    """

    model_config = with_examples(FACTS)

    title: str
    year: int | None
    season: int | None
    episode: int | None
    last_episode: int | None
    resolution: str
    codec: str
    languages: list[str]
    work: str


class WatchState(BaseModel):
    """How far the caller watched a file, in seconds; `updated` in Unix seconds, null where it was never watched."""

    model_config = with_examples(STATE)

    position: float
    duration: float | None
    finished: bool
    updated: int | None


class Item(BaseModel):
    """One file. `size` in bytes, `duration` in seconds, dates in Unix seconds; null where Telegram gives none.

    `name`, `mime_type` and `kind` are decided from all that the message says; `telegram_kind`: what it was sent as.
    `album` is the same for messages that were posted together. `caption`: the text of the message or, where it has
    none, that of its album. `pieces`: the number of messages that hold the pieces of a file that was split, else 0.
    `facts`: null until the name was parsed. `watched`, `favourite` and `hidden` are the caller's own.
    """

    model_config = with_examples(ITEM)

    chat_id: int
    message_id: int
    name: str
    size: int
    mime_type: str
    kind: Kind
    telegram_kind: Kind
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
    hidden: bool


class Items(BaseModel):
    """One page; `next_cursor` is the `cursor` of the next one, null at the end.

    `corrected`: the text that was searched instead, because no file has the requested words.
    """

    model_config = with_examples({"items": [ITEM], "next_cursor": None, "corrected": None})

    items: list[Item]
    next_cursor: str | None = None
    corrected: str | None = None


@dataclass(frozen=True, slots=True)
class PersonalState:
    """The caller's watch states, favourites and hidden ones among some files, by file_unique_id."""

    watched: Mapping[str, Watched] = field(default_factory=dict)
    favourites: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


def caller_of(scope: Scope, identity: Identity) -> Caller | None:
    """For whom the addresses in an answer are made: what they open ends with the credential of the request."""
    in_path, download = path_token(scope) is not None, identity.media == "download"
    if identity.via in ("none", "public"):
        return None
    if identity.target is not None and identity.target.origin is not None:
        return Caller(token_of(scope), in_path=in_path, download=download)
    return Caller(grant=_grant_of(identity), expires_at=identity.expires_at, in_path=in_path, download=download)


def _grant_of(identity: Identity) -> Grant | None:
    """What a token for a file depends on; None for a signed token alone, of which nothing is stored."""
    if identity.via in ("token", "link"):
        return Grant("token" if identity.via == "token" else "link", int(identity.credential, 16))
    return None if identity.person is None else grant_of_person(identity.person.id, removals=identity.removals)


class Presenter:
    """Makes items for one caller; the URLs in them carry a token that follows from the caller's."""

    def __init__(self, request: Request) -> None:
        services = services_of(request)
        identity = identity_of(request.scope)
        self.urls = services.urls()
        self._caller = caller_of(request.scope, identity)
        self.sees_all = identity.target is None

    def items(self, entries: Iterable[Entry], personal: PersonalState) -> list[Item]:
        """The files in order."""
        return [Item(**self.fields(entry, personal)) for entry in entries]

    def addresses(self, entry: Entry) -> tuple[str, str | None]:
        """The paths of the bytes and of the thumbnail, None without one; from the root of the host."""
        file = entry.file
        return self.urls.stream_path(file, caller=self._caller), self.urls.thumb_path(file, caller=self._caller)

    def fields(self, entry: Entry, personal: PersonalState) -> dict[str, Any]:
        """The fields of an Item."""
        file = entry.file
        key = file.key.file_unique_id
        watched = personal.watched.get(key)
        stream_url, thumb_url = self.addresses(entry)
        same = "name size mime_type kind telegram_kind duration width height date edit_date title performer"
        return {
            **{name: getattr(file, name) for name in same.split()},
            "views": file.views,
            "forwarded_from": file.forwarded_from,
            "caption": entry.text,
            "chat_id": file.origin.chat_id,
            "message_id": file.origin.message_id,
            "file_unique_id": key,
            "stream_url": stream_url,
            "thumb_url": thumb_url,
            "placeholder": placeholder_of(entry),
            "album": None if file.album is None else str(file.album),
            "pieces": len(file.parts),
            "tags": list(entry.tags),
            "facts": _facts(entry),
            "watched": None if watched is None else state(watched),
            "favourite": key in personal.favourites,
            "hidden": key in personal.hidden,
        }


def placeholder_of(entry: Entry) -> str | None:
    """The tiny picture of a file as a data address; None without one."""
    return placeholder(entry.file.stripped or entry.tiny) or None


def state(watched: Watched) -> WatchState:
    """A watch state as the API shows it."""
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
        last_episode=facts.last_episode,
        resolution=facts.resolution,
        codec=facts.codec,
        languages=list(facts.languages),
        work=facts.work,
    )


def _presenter(request: Request) -> Presenter:
    return Presenter(request)


CallerPresenter = Annotated[Presenter, Depends(_presenter)]
"""The type of a route's parameter that gets the presenter for its caller."""
