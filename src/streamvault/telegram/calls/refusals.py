"""What Telegram's refusals of calls mean for people."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyrogram import errors as rpc

from streamvault.errors import CallInterrupted, CallRefused, FileMissing, SourceBusy, SourceError

NOT_THERE = "The account that plays is not in this chat: add it, and try again."
NO_CALL = "There is no call in this chat, and the account that plays may not open one: open it, or make it an admin."
SCHEDULED = "The call of this chat is scheduled for later: start it, and try again."
LISTENERS_ONLY = "The account that plays may only listen in this call: allow it to speak, or make it an admin."
RTMP = "The call of this chat is a live stream of another program (RTMP): end it, and try again."

_FINAL = {
    "CHAT_ADMIN_REQUIRED": NO_CALL,
    "CHANNEL_PRIVATE": NOT_THERE,
    "CHANNEL_INVALID": NOT_THERE,
    "CHAT_FORBIDDEN": NOT_THERE,
    "USER_NOT_PARTICIPANT": NOT_THERE,
    "CHAT_WRITE_FORBIDDEN": LISTENERS_ONLY,
    "JOIN_AS_PEER_INVALID": "The account that plays may not join this call under its own name.",
    "GROUPCALL_PARTICIPANTS_TOO_MUCH": "The call is full.",
    "GROUPCALL_ANONYMOUS_FORBIDDEN": "The account that plays may not join this call under its own name.",
    "GROUPCALL_NOT_MODIFIED": "The call did not change.",
    "SCHEDULE_DATE_INVALID": SCHEDULED,
    "FROZEN_METHOD_INVALID": "Telegram has frozen the account that plays: its owner sees why in the app.",
    "USER_BANNED_IN_CHANNEL": "The account that plays was banned from this chat.",
    "USER_CHANNELS_TOO_MUCH": "The account that plays is in as many chats as Telegram allows.",
    "CHANNELS_TOO_MUCH": "The account that plays is in as many chats as Telegram allows.",
    "BOT_METHOD_INVALID": "A bot cannot take part in calls: log a user account in with `streamvault login --voice`.",
}


@contextmanager
def call_errors() -> Iterator[None]:
    """Raise CallRefused for what a person has to mend, and CallInterrupted for what may work later, in place of what
    Telegram says.
    """
    try:
        yield
    except FileMissing as error:
        raise CallRefused(NOT_THERE) from error
    except SourceBusy as error:
        raise CallInterrupted(f"Telegram asks for a pause of {error.retry_after:.0f} s.") from error
    except SourceError as error:
        code = _code(error)
        if code in _FINAL:
            raise CallRefused(_FINAL[code]) from error
        raise CallInterrupted(f"The call could not be joined ({code or error}).") from error


def _code(error: SourceError) -> str:
    cause = error.__cause__
    return str(cause.ID or cause.NAME or "") if isinstance(cause, rpc.RPCError) else ""
