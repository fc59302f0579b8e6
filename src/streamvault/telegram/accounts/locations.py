"""File locations (InputFileLocation) of one account, cached per message.

access_hash and file_reference are valid only for the account that read the message, so each account reads it itself.
"""

import contextlib
import dataclasses
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pyrogram import raw, utils

from streamvault.errors import FileGone, FileMissing, SourceError
from streamvault.media.model import FileKey, MediaFile, Origin
from streamvault.telegram import message_media

_CAPACITY = 4096


@dataclass(frozen=True, slots=True)
class Location:
    """`location` is an InputFileLocation; `dc_id` is the data centre of the file."""

    dc_id: int
    location: Any


class LocationCache:
    """The most recently used locations, by message and file."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._capacity = capacity
        self._locations: OrderedDict[tuple[Origin, FileKey], Location] = OrderedDict()

    def get(self, origin: Origin, key: FileKey) -> Location | None:
        """The cached location, or None."""
        found = self._locations.get((origin, key))
        if found is not None:
            self._locations.move_to_end((origin, key))
        return found

    def put(self, origin: Origin, key: FileKey, location: Location) -> None:
        """Cache a location; beyond the capacity, the least recently used one is dropped."""
        self._locations[origin, key] = location
        self._locations.move_to_end((origin, key))
        while len(self._locations) > self._capacity:
            self._locations.popitem(last=False)

    def forget(self, origin: Origin, key: FileKey, *, stale: Location) -> bool:
        """Drop `stale` unless it was replaced meanwhile; whether it was dropped."""
        found = self._locations.get((origin, key)) is stale
        if found:
            del self._locations[origin, key]
        return found

    def moved(self, origin: Origin, key: FileKey, *, stale: Location, dc_id: int) -> Location:
        """Cache and return the same location with another data centre."""
        location = dataclasses.replace(stale, dc_id=dc_id)
        self.put(origin, key, location)
        return location


class Reader(Protocol):
    """What reading a message needs of an account."""

    client: Any

    async def call(self, query: Any) -> Any: ...


async def read_message(account: Reader, origin: Origin) -> Any:
    """Read the raw message at `origin` as `account`. FileMissing when there is none; else as Account.call."""
    found = await read_messages(account, origin.chat_id, [origin.message_id])
    if not found:
        raise FileMissing("there is no such message")
    return found[0]


async def read_messages(account: Reader, chat_id: int, message_ids: Sequence[int]) -> list[Any]:
    """Read those of up to a hundred raw messages of a chat that exist, in one request. Raises as Account.call."""
    answer = await account.call(await _query(account, chat_id, message_ids))
    if not isinstance(answer, raw.types.messages.Messages | raw.types.messages.ChannelMessages):
        raise SourceError(f"Telegram answered getMessages with {type(answer).__name__}")
    await account.client.fetch_peers([*answer.users, *answer.chats])
    return [
        message
        for message in answer.messages
        if isinstance(message, raw.types.Message)
        and message.id in message_ids
        and utils.get_peer_id(message.peer_id) == chat_id
    ]


def location_of(message: Any, key: FileKey, *, file: MediaFile) -> Location:
    """The location of the file or thumbnail `key` in a message. FileGone when the message has another file or none.

    SourceError when its size differs from `file`'s.
    """
    found = message_media.raw_media(message)
    if found is None or message_media.unique_id(found) != key.file_unique_id:
        raise FileGone("the message does not carry this file any more")
    if not key.thumb_size and message_media.size_of(found) != file.size:
        raise SourceError("the file has another size than the catalog says")
    return Location(found.dc_id, message_media.input_location(found, key.thumb_size))


async def _query(account: Reader, chat_id: int, message_ids: Sequence[int]) -> Any:
    ids = [raw.types.InputMessageID(id=message_id) for message_id in message_ids]
    if chat_id >= utils.ZERO_CHANNEL_ID:
        return raw.functions.messages.GetMessages(id=ids)
    return raw.functions.channels.GetMessages(channel=await input_channel(account, chat_id), id=ids)


async def input_channel(account: Reader, chat_id: int) -> Any:
    """The InputChannel of a channel or supergroup for `account`."""
    access_hash = 0  # accepted from a bot that is in the channel
    with contextlib.suppress(KeyError):
        access_hash = (await account.client.storage.get_peer_by_id(chat_id)).access_hash
    return raw.types.InputChannel(channel_id=utils.get_channel_id(chat_id), access_hash=access_hash)
