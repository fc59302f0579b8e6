"""The paths that belong to one file, and the chat and message ids in them."""

import re

from starlette.convertors import Convertor, register_url_convertor

from streamvault.media.model import Origin

MAX_ID = 2**63 - 1
"""Telegram's ids are signed 64-bit numbers."""

_CHAT = "-?[0-9]{1,19}"
_MESSAGE = "[0-9]{1,19}"
_OF_ONE_FILE = re.compile(
    rf"/(?:stream|thumb|hls|subtitles|watch|api/catalog|api/watch)/({_CHAT})/({_MESSAGE})(?:/.*)?", re.DOTALL
)


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


register_url_convertor("chat", ChatConvertor())
register_url_convertor("message", MessageConvertor())


def origin_of(path: str) -> Origin | None:
    """The origin of the file that a path belongs to; None for other paths, and for impossible ids."""
    match = _OF_ONE_FILE.fullmatch(path)
    if match is None:
        return None
    origin = Origin(int(match[1]), int(match[2]))
    return origin if is_possible(origin) else None


def is_possible(origin: Origin) -> bool:
    """Whether Telegram could use these ids."""
    return -MAX_ID <= origin.chat_id <= MAX_ID and 0 < origin.message_id <= MAX_ID
