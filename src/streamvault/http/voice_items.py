"""Calls as the API shows them."""

import time
from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue

from streamvault.http.items import with_examples
from streamvault.voice.model import Call, Item
from streamvault.voice.transitions import MAX_VOLUME, position_of

_MOST = (1 << 53) - 1
"""More than any id of Telegram, and exact in every JSON."""
StatusName = Literal["idle", "joining", "playing", "paused", "reconnecting", "failed"]
LoopName = Literal["off", "one", "all"]
ENTRY: dict[str, JsonValue] = {
    "id": "5f2c0a9be1d3477a", "chat_id": -1001234567890, "message_id": 42, "name": "Ann – Garden song",
    "duration": 214.0, "video": False, "track": 0, "person": 11111111,
}  # fmt: skip
CALL: dict[str, JsonValue] = {
    "chat_id": -1001987654321, "status": "playing", "reason": None, "item": ENTRY, "position": 41.5,
    "duration": 214.0, "volume": 100, "loop": "off", "queue": [], "listeners": 3, "node": "server-1", "at": 1735689600,
}  # fmt: skip

CHAT: dict[str, JsonValue] = {"chat_id": -1001987654321, "title": "Club", "open": True}


class EntryItem(BaseModel):
    """A file that plays or is queued. `id`: its place's own name; `duration` in seconds, null where it is not known;
    `video`: with its picture; `track`: its sound track, from 0; `person`: who added it.
    """

    model_config = with_examples(ENTRY)

    id: str
    chat_id: int
    message_id: int
    name: str
    duration: float | None
    video: bool
    track: int
    person: int | None


class CallItem(BaseModel):
    """The call of a chat. `position` in seconds of the item at the time `at` (Unix seconds); `reason`: what is wrong,
    and what to do; `listeners`: people beside the account that plays, null while that is not known; `node`: the machine
    that plays.
    """

    model_config = with_examples(CALL)

    chat_id: int
    status: StatusName
    reason: str | None
    item: EntryItem | None
    position: float
    duration: float | None
    volume: int
    loop: LoopName
    queue: list[EntryItem]
    listeners: int | None
    node: str
    at: float


class CallItems(BaseModel):
    """The calls in which something plays, waits or failed; `missing`: why nothing can be played here, and how that is
    mended, "" where it can; `next_cursor` is always null.
    """

    model_config = with_examples({"items": [CALL], "missing": "", "next_cursor": None})

    items: list[CallItem]
    missing: str = ""
    next_cursor: str | None = None


class CallChatItem(BaseModel):
    """A chat in whose calls can be played; `open`: a call is open there."""

    model_config = with_examples(CHAT)

    chat_id: int
    title: str
    open: bool


class CallChatItems(BaseModel):
    """Chats by their titles; `next_cursor` is always null."""

    model_config = with_examples({"items": [CHAT], "next_cursor": None})

    items: list[CallChatItem]
    next_cursor: str | None = None


class Named(BaseModel):
    """A file by its message."""

    model_config = with_examples({"chat_id": -1001234567890, "message_id": 42}, extra="forbid")

    chat_id: Annotated[int, Field(ge=-_MOST, le=_MOST)]
    message_id: Annotated[int, Field(ge=1, le=_MOST)]


class PlayWish(BaseModel):
    """What is to be played: `items` in their order, or the first `limit` files that a search for `query` finds, or the
    file of `url`, an address of a page or stream of this server. `position`: seconds at which the first one begins, at
    once in place of what plays; `now`: at once, from its beginning; else behind the queue. `video`: with the picture;
    `track`: of several sound tracks, from 0.
    """

    model_config = with_examples(
        {"items": [{"chat_id": -1001234567890, "message_id": 42}], "position": 41.5, "video": False, "track": 0},
        extra="forbid",
    )

    items: list[Named] = Field([], max_length=500)
    query: str = Field("", max_length=200)
    url: str = Field("", max_length=4096)
    limit: int = Field(1, ge=1, le=100)
    position: float | None = Field(None, ge=0, le=1e7)
    now: bool = False
    video: bool = False
    track: int = Field(0, ge=0, lt=100)


class Seek(BaseModel):
    """`position` in seconds."""

    model_config = with_examples({"position": 90.0}, extra="forbid")

    position: float = Field(ge=0, le=1e7)


class Volume(BaseModel):
    """`volume` in percent."""

    model_config = with_examples({"volume": 80}, extra="forbid")

    volume: int = Field(ge=0, le=MAX_VOLUME)


class LoopWish(BaseModel):
    """What is played again: nothing, the item, or all of the queue."""

    model_config = with_examples({"loop": "all"}, extra="forbid")

    loop: LoopName


class QueueOrder(BaseModel):
    """The ids of all entries of the queue, in the order that is wished."""

    model_config = with_examples({"ids": ["5f2c0a9be1d3477a"]}, extra="forbid")

    ids: list[Annotated[str, Field(pattern="^[0-9a-f]{16}$")]] = Field(max_length=1000)


def call_item(call: Call, *, now: float | None = None) -> CallItem:
    """What is shown of a call."""
    now = time.time() if now is None else now
    return CallItem(
        chat_id=call.chat_id,
        status=call.status.value,
        reason=call.reason,
        item=None if call.item is None else entry_item(call.item),
        position=round(position_of(call, now), 3),
        duration=None if call.item is None else call.item.duration,
        volume=call.volume,
        loop=call.loop.value,
        queue=[entry_item(item) for item in call.queue],
        listeners=call.listeners,
        node=call.node,
        at=round(now, 3),
    )


def entry_item(item: Item) -> EntryItem:
    """What is shown of an entry."""
    return EntryItem(
        id=item.id, chat_id=item.chat_id, message_id=item.message_id, name=item.name, duration=item.duration,
        video=item.video, track=item.track, person=item.person,
    )  # fmt: skip
