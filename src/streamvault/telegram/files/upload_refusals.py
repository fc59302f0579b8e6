"""What Telegram's refusals of parts and posts mean: parts are lost, or the account may not post there."""

from pyrogram import errors as rpc

from streamvault.errors import PartsLost, SourceBusy, UploadFailed
from streamvault.telegram.errors import AlreadySent

NOT_IN_IT = (
    "The account is not in the chat that the file is for: add it there as an administrator who may post messages."
)
NO_RIGHTS = "The account may not post files in that chat: make it an administrator there who may post messages."
NOT_THIS_PERSON = (
    "Telegram lets the account send nothing to that person: they have to write to it first, or unblock it."
)
TOO_LONG = "The caption is longer than Telegram allows: shorten it to 1,024 characters."
FROZEN = "Telegram has restricted this account: see what @SpamBot says of it, or use another account."
GONE = "Telegram has posted this file before, but it is not in the chat any more: begin a new job to post it again."

_PARTS = frozenset(
    {"FILE_PARTS_INVALID", "FILE_PART_INVALID", "FILE_PART_SIZE_CHANGED", "FILE_PART_SIZE_INVALID"}
    | {"FILE_PART_LENGTH_INVALID", "FILE_PART_TOO_BIG", "FILE_PART_TOO_SMALL", "FILE_PART_EMPTY"}
    | {"INPUT_FILE_INVALID", "MD5_CHECKSUM_INVALID"}
)
_NOT_MEMBER = frozenset(
    {"CHANNEL_INVALID", "CHANNEL_PRIVATE", "PEER_ID_INVALID", "CHAT_ID_INVALID", "USER_NOT_PARTICIPANT"}
    | {"CHANNEL_PUBLIC_GROUP_NA", "CHAT_FORBIDDEN", "INPUT_CHANNEL_INVALID"}
)
_FORBIDDEN = frozenset(
    {"CHAT_WRITE_FORBIDDEN", "CHAT_ADMIN_REQUIRED", "CHAT_RESTRICTED", "USER_BANNED_IN_CHANNEL", "RIGHT_FORBIDDEN"}
    | {"CHAT_GUEST_SEND_FORBIDDEN", "TOPIC_CLOSED"}
)
_PERSON = frozenset(
    {"USER_IS_BLOCKED", "YOU_BLOCKED_USER", "INPUT_USER_DEACTIVATED", "USER_IS_BOT", "USER_ID_INVALID"}
    | {"PRIVACY_PREMIUM_REQUIRED", "USER_BOT_INVALID"}
)
_FROZEN = frozenset({"FROZEN_METHOD_INVALID", "PEER_FLOOD", "USER_RESTRICTED"})
_PHOTO = frozenset(
    {
        "PHOTO_INVALID_DIMENSIONS",
        "PHOTO_SAVE_FILE_INVALID",
        "PHOTO_EXT_INVALID",
        "PHOTO_INVALID",
        "IMAGE_PROCESS_FAILED",
    }
    | {"PHOTO_CONTENT_TYPE_INVALID", "PHOTO_CONTENT_URL_EMPTY", "PHOTO_FILE_MISSING"}
)
_NOT_COPIED = frozenset(
    {"CHAT_FORWARDS_RESTRICTED", "MESSAGE_ID_INVALID", "MESSAGE_AUTHOR_REQUIRED", "MEDIA_EMPTY", "MEDIA_INVALID"}
    | {"BROADCAST_PUBLIC_VOTERS_FORBIDDEN", "QUIZ_ANSWER_MISSING", "MESSAGE_EMPTY"}
)
"""Of messages that can be read and not be forwarded."""
_FOR_GOOD = frozenset({400, 403, 406, 420})
_SENTENCES = (
    (_NOT_MEMBER, NOT_IN_IT),
    (_FORBIDDEN, NO_RIGHTS),
    (_PERSON, NOT_THIS_PERSON),
    (_FROZEN, FROZEN),
    (frozenset({"MEDIA_CAPTION_TOO_LONG", "MESSAGE_TOO_LONG"}), TOO_LONG),
)


def no_photo(error: Exception) -> bool:
    """Whether Telegram does not take the file as a photo, and perhaps as a document."""
    cause = error.__cause__
    return isinstance(cause, rpc.RPCError) and code_of(cause) in _PHOTO


def not_copied(error: Exception) -> bool:
    """Whether Telegram does not let messages be forwarded, or one of them."""
    cause = error.__cause__
    return isinstance(cause, rpc.RPCError) and code_of(cause) in _NOT_COPIED


def already_sent(error: Exception) -> bool:
    """Whether Telegram says that it has sent the message before (RANDOM_ID_DUPLICATE)."""
    return isinstance(error.__cause__, AlreadySent)


def wait_of(error: Exception) -> float | None:
    """The seconds that Telegram demands: of a flood wait, or of a group in slow mode; None for other errors."""
    if isinstance(error, SourceBusy):
        return error.retry_after
    cause = error.__cause__
    return float(cause.value) if isinstance(cause, rpc.Flood) and isinstance(cause.value, int) else None


def refused(error: Exception, *, private: bool = False) -> Exception:
    """PartsLost or UploadFailed for what Telegram refuses for good; else `error` itself.

    `private`: it was for a chat with one person.
    """
    cause = error.__cause__
    if not isinstance(cause, rpc.RPCError) or cause.CODE not in _FOR_GOOD:
        return error
    code = code_of(cause)
    if isinstance(cause, rpc.FilePartMissing):
        return PartsLost(f"Telegram does not have part {cause.value} of the file any more.", part=int(str(cause.value)))
    if code in _PARTS:
        return PartsLost(f"Telegram does not take the parts of the file ({code}).")
    return UploadFailed(_sentence(code, private=private))


def code_of(cause: rpc.RPCError) -> str:
    """The name of a refusal, such as MESSAGE_ID_INVALID."""
    return str(cause.ID or str(cause.value).strip("[]").partition(" ")[2])


def of_chat(code: str) -> str | None:
    """What has to be mended where Telegram refuses everything in a chat, or of the account; None for other refusals."""
    for codes, sentence in ((_NOT_MEMBER, NOT_IN_IT), (_FORBIDDEN, NO_RIGHTS), (_FROZEN, FROZEN)):
        if code in codes:
            return sentence
    return None


def _sentence(code: str, *, private: bool) -> str:
    if private and code in _NOT_MEMBER:
        return NOT_THIS_PERSON
    for codes, sentence in _SENTENCES:
        if code in codes or (codes is _FORBIDDEN and code.startswith("CHAT_SEND_")):
            return sentence
    return f"Telegram does not take this file ({code})."
