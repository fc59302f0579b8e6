"""Translates Kurigram's errors to StreamVault's, in one table.

Errors are translated where the call is made, so that nothing above telegram/ handles pyrogram's. The docstring of each
class says what its caller may do.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pyrogram import errors as rpc

from streamvault.errors import ConfigError, FileMissing, SourceBusy, SourceError, SourceUnavailable


class MigrateError(SourceError):
    """The account or file is in data centre `dc_id`: send the request there."""

    def __init__(self, dc_id: int) -> None:
        super().__init__(f"it lives in data centre {dc_id}")
        self.dc_id = dc_id


class ReferenceExpired(SourceError):
    """The file reference or location has expired: read the message again and retry with the new one."""


class TokenExpired(SourceError):
    """A CDN's file_token or request_token has expired: send upload.getFile to the file's own data centre again."""


class KeyRejected(SourceError):
    """The data centre does not know the auth key, or no longer accepts it: drop the key and create a new one."""


class MessageIdsRefused(ConnectionError):
    """The server refuses the msg_ids of this MTProto session: open the connection again, with a new session."""

    def __init__(self) -> None:
        super().__init__("the server refuses the message numbers of this session")


class AlreadySent(rpc.RPCError):  # type: ignore[misc]
    """Telegram has sent this message before, for the same random_id (RANDOM_ID_DUPLICATE): do not send it again.

    Kurigram would repeat the request, as it does for other errors with code 500.
    """


class PtsUnknown(SourceError):
    """Telegram has no difference from the given pts: fetch the current state and start from there."""


class AccountLost(SourceError):
    """The account's session has ended for good: close the account; it must log in again before it can read anything."""


class LoginRefused(SourceError):
    """Telegram refused what a person typed, or asks for more: ask again; `code` is Telegram's error message."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Telegram refuses the login ({code})")
        self.code = code


class SessionEnded(ConfigError):
    """No user is logged in with this session, or no longer: only the account's owner can log in again."""


LOST_KEY = (
    rpc.AuthKeyDuplicated,
    rpc.AuthKeyInvalid,
    rpc.AuthKeyPermEmpty,
    rpc.AuthKeyUnregistered,
    rpc.SessionExpired,
    rpc.SessionRevoked,
    rpc.UserDeactivated,
    rpc.UserDeactivatedBan,
)


def _busy(error: Any) -> SourceBusy:
    return SourceBusy(float(error.value if isinstance(error.value, int) else 60))


def _with_text(kind: type[Exception]) -> Callable[[Any], Exception]:
    return lambda error: kind(str(error))


_REFERENCE_EXPIRED = (
    rpc.FileReferenceEmpty, rpc.FileReferenceExpired, rpc.FileReferenceInvalid,
    rpc.FileReferenceEmptyX, rpc.FileReferenceExpiredX, rpc.FileReferenceInvalidX,
    rpc.FilerefUpgradeNeeded, rpc.FileIdInvalid, rpc.LocationInvalid,
)  # fmt: skip
_NOT_VISIBLE = (
    rpc.ChannelInvalid, rpc.ChannelPrivate, rpc.ChannelPrivate406, rpc.MessageIdInvalid, rpc.MsgIdInvalid,
    rpc.PeerIdInvalid, rpc.PeerIdInvalid403, rpc.PeerIdInvalid406, rpc.ChatIdInvalid,
    rpc.UsernameNotOccupied, rpc.UsernameInvalid,
)  # fmt: skip
_LOGIN = (
    rpc.PhoneNumberInvalid, rpc.PhoneNumberInvalid406, rpc.PhoneNumberBanned, rpc.PhoneNumberFlood,
    rpc.PhonePasswordFlood, rpc.PhoneNumberUnoccupied, rpc.PhoneNumberAppSignupForbidden, rpc.PhonePasswordProtected,
    rpc.PhoneCodeInvalid, rpc.PhoneCodeEmpty, rpc.PhoneCodeExpired, rpc.PhoneCodeHashEmpty,
    rpc.SessionPasswordNeeded, rpc.PasswordHashInvalid, rpc.SrpIdInvalid, rpc.SrpPasswordChanged,
)  # fmt: skip

_TABLE: tuple[tuple[tuple[type[Exception], ...], Callable[[Any], Exception]], ...] = (
    ((rpc.FloodWait, rpc.FloodPremiumWait), _busy),
    (
        (rpc.FileMigrate, rpc.FileMigrate400, rpc.UserMigrate, rpc.PhoneMigrate, rpc.NetworkMigrate),
        lambda error: MigrateError(int(error.value)),
    ),
    (_LOGIN, lambda error: LoginRefused(str(error.ID))),
    ((rpc.PersistentTimestampInvalid, rpc.PersistentTimestampEmpty), _with_text(PtsUnknown)),
    ((rpc.FileTokenInvalid, rpc.RequestTokenInvalid), _with_text(TokenExpired)),
    (_REFERENCE_EXPIRED, lambda error: ReferenceExpired(str(error))),
    ((*LOST_KEY, rpc.AuthBytesInvalid), lambda error: KeyRejected(str(error))),
    (_NOT_VISIBLE, lambda _: FileMissing("Telegram shows no such chat or message to this account")),
    (
        (rpc.AccessTokenInvalid, rpc.AccessTokenExpired),
        lambda _: ConfigError("BOT_TOKEN is not accepted by Telegram: copy it again from @BotFather"),
    ),
    (
        (rpc.ApiIdInvalid, rpc.ApiIdPublishedFlood),
        lambda _: ConfigError("API_ID and API_HASH are not accepted by Telegram: take them from my.telegram.org"),
    ),
    ((rpc.InternalServerError, rpc.ServiceUnavailable, rpc.UnknownError), _with_text(SourceUnavailable)),
    ((rpc.RPCError, rpc.SecurityError), _with_text(SourceError)),
    ((OSError,), lambda error: SourceUnavailable(str(error) or type(error).__name__)),
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise StreamVault's error in place of Kurigram's or an OSError, which includes TimeoutError."""
    try:
        yield
    except (rpc.RPCError, rpc.SecurityError, OSError) as error:
        for kinds, make in _TABLE:
            if isinstance(error, kinds):
                raise make(error) from error
        raise


_TRANSPORT_ERRORS = {404: "the auth key is unknown", 429: "too many connections", 444: "no such data centre"}


def transport_error(code: int) -> Exception:
    """The error for a packet of 4 bytes (core.telegram.org/mtproto/mtproto-transports#transport-errors)."""
    text = f"transport error -{code}: {_TRANSPORT_ERRORS.get(code, 'unknown')}"
    return KeyRejected(text) if code == 404 else ConnectionError(text)
