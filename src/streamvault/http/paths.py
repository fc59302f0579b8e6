"""The paths that belong to one file, and what may stand in them."""

from collections.abc import Mapping

from starlette.convertors import Convertor, register_url_convertor

from streamvault.media.model import Origin

MAX_ID = 2**63 - 1
"""Telegram's ids are signed 64-bit numbers."""

_CHAT = "-?[0-9]{1,19}"
_MESSAGE = "[0-9]{1,19}"
_INDEX = "[0-9]{1,9}"


class ChatConvertor(Convertor[int]):
    """`{chat_id:chat}`: a chat id as Telegram's Bot API writes it, `-100...` for channels."""

    regex = _CHAT

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


class MessageConvertor(ChatConvertor):
    """`{message_id:message}`: the id of a message in its chat."""

    regex = _MESSAGE


class IndexConvertor(ChatConvertor):
    """`{track:index}`: the index of a track or segment; a longer number is the index of none."""

    regex = _INDEX


class IdConvertor(Convertor[str]):
    """`{id:id}`: the id of a feed, beside paths that are words."""

    regex = "[0-9a-f]{16}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("chat", ChatConvertor())
register_url_convertor("message", MessageConvertor())
register_url_convertor("index", IndexConvertor())
register_url_convertor("id", IdConvertor())


def origin_in(values: Mapping[str, object]) -> Origin | None:
    """The origin in the values of a path's `chat_id` and `message_id`; None without them, and for impossible ids."""
    if "chat_id" not in values or "message_id" not in values:
        return None
    origin = Origin(int(str(values["chat_id"])), int(str(values["message_id"])))
    return origin if is_possible(origin) else None


def is_possible(origin: Origin) -> bool:
    """Whether Telegram could use these ids."""
    return -MAX_ID <= origin.chat_id <= MAX_ID and 0 < origin.message_id <= MAX_ID
