"""From Kurigram's errors to ours, in one table; above telegram/ nobody sees pyrogram's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pyrogram import errors as rpc

from streamvault.errors import ConfigError, FileMissing, SourceBusy, SourceError, SourceUnavailable


class MigrateError(SourceError):
    """The account or file lives in data centre `dc_id`: ask there."""

    def __init__(self, dc_id: int) -> None:
        super().__init__(f"it lives in data centre {dc_id}")
        self.dc_id = dc_id


class ReferenceExpired(SourceError):
    """The location is no longer good: read the message again and ask with what it says."""


class TokenExpired(SourceError):
    """A CDN's file_token or request_token is no longer good: ask the file's own data centre again."""


class KeyRejected(SourceError):
    """The data centre does not know the auth key, or no longer lets it in."""


class MessageIdsRefused(ConnectionError):
    """The server wants other message numbers than this session's: only a new session helps."""

    def __init__(self) -> None:
        super().__init__("the server refuses our message numbers")


class PtsUnknown(SourceError):
    """Telegram does not know the pts that it was asked from: begin anew."""


class AccountLost(SourceError):
    """The account's session is over for good; nothing can be read until the process is started anew."""


class LoginRefused(SourceError):
    """Telegram did not take what a person has typed, or wants more; `code` is its own word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Telegram refuses the login ({code})")
        self.code = code


class SessionEnded(ConfigError):
    """Nobody is logged in with a user account's session, or not any more; only its owner can change that."""


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


def _plain(kind: type[Exception]) -> Callable[[Any], Exception]:
    return lambda error: kind(str(error))


_STALE = (
    rpc.FileReferenceEmpty, rpc.FileReferenceExpired, rpc.FileReferenceInvalid,
    rpc.FileReferenceEmptyX, rpc.FileReferenceExpiredX, rpc.FileReferenceInvalidX,
    rpc.FilerefUpgradeNeeded, rpc.FileIdInvalid, rpc.LocationInvalid,
)  # fmt: skip
_HIDDEN = (
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
    ((rpc.PersistentTimestampInvalid, rpc.PersistentTimestampEmpty), _plain(PtsUnknown)),
    ((rpc.FileTokenInvalid, rpc.RequestTokenInvalid), _plain(TokenExpired)),
    (_STALE, lambda error: ReferenceExpired(str(error))),
    ((*LOST_KEY, rpc.AuthBytesInvalid), lambda error: KeyRejected(str(error))),
    (_HIDDEN, lambda _: FileMissing("Telegram shows no such chat or message to this account")),
    (
        (rpc.AccessTokenInvalid, rpc.AccessTokenExpired),
        lambda _: ConfigError("BOT_TOKEN is not accepted by Telegram: copy it again from @BotFather"),
    ),
    (
        (rpc.ApiIdInvalid, rpc.ApiIdPublishedFlood),
        lambda _: ConfigError("API_ID and API_HASH are not accepted by Telegram: take them from my.telegram.org"),
    ),
    ((rpc.InternalServerError, rpc.ServiceUnavailable, rpc.UnknownError), _plain(SourceUnavailable)),
    ((rpc.RPCError, rpc.SecurityError), _plain(SourceError)),
    ((OSError,), lambda error: SourceUnavailable(str(error) or type(error).__name__)),
)


@contextmanager
def translated() -> Iterator[None]:
    """Raise StreamVault's error in place of Kurigram's or the network's. TimeoutError counts as the latter."""
    try:
        yield
    except (rpc.RPCError, rpc.SecurityError, OSError) as error:
        for kinds, make in _TABLE:
            if isinstance(error, kinds):
                raise make(error) from error
        raise


_TRANSPORT_ERRORS = {404: "the auth key is unknown", 429: "too many connections", 444: "no such data centre"}


def transport_error(code: int) -> Exception:
    """What a bare negative number means (core.telegram.org/mtproto/mtproto-transports#transport-errors)."""
    text = f"transport error -{code}: {_TRANSPORT_ERRORS.get(code, 'unknown')}"
    return KeyRejected(text) if code == 404 else ConnectionError(text)
