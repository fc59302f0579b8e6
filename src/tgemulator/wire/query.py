"""The query inside a request's wrappers: invokeWithLayer, initConnection, invokeAfterMsg, invokeWithoutUpdates.

The wrappers are read field by field, because a client may gzip the query inside them.
"""

from dataclasses import dataclass, field
from typing import Any

from pyrogram import raw
from pyrogram.raw.core import Int, Long, String, TLObject

from tgemulator.wire import tl

MAX_DEPTH = 8
_functions = raw.functions


@dataclass(slots=True)
class Query:
    """An unwrapped request: `layer` and `api_id` are None unless this request has them.

    `body` is the inner query's TL, `after` the msg_ids of the calls that must end before it runs.
    """

    body: bytes
    layer: int | None = None
    api_id: int | None = None
    without_updates: bool = False
    after: list[int] = field(default_factory=list)

    @property
    def id(self) -> int:
        """The constructor id of the inner query."""
        return tl.constructor(self.body)


def unwrap(body: bytes) -> Query:
    """The query inside a request's wrappers; TlError if it cannot be read."""
    query = Query(tl.unpack(body))
    for _ in range(MAX_DEPTH):
        reader = _READERS.get(query.id)
        if reader is None:
            return query
        stream = tl.Strict(query.body)
        stream.seek(4)
        with tl.translated():
            reader(query, stream)
        query.body = tl.unpack(stream.read())
    raise tl.TlError("wrapped too deeply")


def _layer(query: Query, stream: tl.Strict) -> None:
    query.layer = Int.read(stream)


def _init(query: Query, stream: tl.Strict) -> None:
    flags = Int.read(stream)
    query.api_id = Int.read(stream)
    for _ in range(6):  # device, system and app version, system language, language pack and code
        String.read(stream)
    if flags & 1:
        TLObject.read(stream)  # the proxy
    if flags & 2:
        TLObject.read(stream)  # parameters


def _without_updates(query: Query, _: tl.Strict) -> None:
    query.without_updates = True


def _after_one(query: Query, stream: tl.Strict) -> None:
    query.after.append(Long.read(stream))


def _after_many(query: Query, stream: tl.Strict) -> None:
    query.after.extend(TLObject.read(stream, Long))


def _object(_: Query, stream: tl.Strict) -> None:
    TLObject.read(stream)


def _long(_: Query, stream: tl.Strict) -> None:
    Long.read(stream)


_READERS: dict[int, Any] = {
    _functions.InvokeWithLayer.ID: _layer,
    _functions.InitConnection.ID: _init,
    _functions.InvokeWithoutUpdates.ID: _without_updates,
    _functions.InvokeAfterMsg.ID: _after_one,
    _functions.InvokeAfterMsgs.ID: _after_many,
    _functions.InvokeWithMessagesRange.ID: _object,
    _functions.InvokeWithTakeout.ID: _long,
}
