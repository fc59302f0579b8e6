"""What Telegram's refusals mean for a mirror: of one message, of a chat, or that it was sent before."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyrogram import errors as rpc

from streamvault.errors import FileMissing, SourceBusy, SourceError, SourceUnavailable
from streamvault.leech.mirror.ports import CopyRefused, RightsMissing, SentBefore
from streamvault.telegram.errors import AccountLost, KeyRejected, ReferenceExpired
from streamvault.telegram.files.upload_refusals import already_sent, code_of, of_chat, wait_of

_RESTRICTED = frozenset({"CHAT_FORWARDS_RESTRICTED"})
_GONE = frozenset({"MESSAGE_ID_INVALID", "MESSAGE_AUTHOR_REQUIRED"})
_ALBUM = frozenset({"MEDIA_GROUPED_INVALID", "MEDIA_PREV_INVALID", "MEDIA_NEW_INVALID", "MEDIA_TYPE_INVALID"})


@contextmanager
def judged() -> Iterator[None]:
    """Raise CopyRefused, RightsMissing or SentBefore for what Telegram refuses; SourceBusy for the wait of a group in
    slow mode. Other errors pass.
    """
    try:
        yield
    except (SourceBusy, SourceUnavailable, AccountLost, KeyRejected, ReferenceExpired):
        raise
    except (SourceError, FileMissing) as error:
        if already_sent(error):
            raise SentBefore("Telegram has sent this before") from error
        wait = wait_of(error)
        if wait is not None:
            raise SourceBusy(wait) from error
        raise _meaning(error) from error


def _meaning(error: Exception) -> Exception:
    cause = error.__cause__
    if not isinstance(cause, rpc.RPCError):
        return error
    code = code_of(cause)
    sentence = of_chat(code)
    if sentence is not None:
        return RightsMissing(sentence)
    return CopyRefused(
        f"Telegram refuses to copy it ({code})",
        restricted=code in _RESTRICTED,
        gone=code in _GONE,
        album=code in _ALBUM,
    )
