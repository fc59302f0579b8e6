"""The user account beside the bots, if there is one: it reads histories, and nothing else."""

import asyncio
import hashlib
from datetime import UTC, datetime

from pydantic import SecretStr
from pyrogram import raw

from streamvault.errors import ConfigError
from streamvault.telegram.account import Account
from streamvault.telegram.stored import codec
from streamvault.telegram.stored.backend import Records
from streamvault.telegram.stored.session import StoredSession
from streamvault.telegram.stored.strings import ForeignSession, parse_session_string
from streamvault.telegram.stored.values import Home, StoredKey


class UserSeat:
    """Where the user account is to be found. `trouble` says why it is not connected; "" when there is none at all."""

    def __init__(self) -> None:
        self.trouble = ""
        self._account: Account | None = None
        self._connected = False
        self._settled = asyncio.Event()

    @property
    def expected(self) -> bool:
        """Whether there is such an account, connected or not."""
        return self._account is not None

    @property
    def account(self) -> Account | None:
        """The account, while it is connected."""
        return self._account if self._connected and self._account is not None and self._account.online else None

    def take(self, account: Account | None) -> None:
        """This account is about to connect; None: there is none."""
        self._account, self._connected, self.trouble = account, False, ""
        if account is None:
            self._settled.set()
        else:
            self._settled.clear()

    def told(self, why: str | None) -> None:
        """It is connected, or why it is not."""
        self._connected, self.trouble = why is None, why or ""
        self._settled.set()

    async def settled(self, seconds: float) -> Account | None:
        """The account, once it was tried to connect it, for at most so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._settled.wait()
        except TimeoutError:
            return None
        return self.account


async def name_of(account: Account) -> str:
    """Who an account is, for people."""
    [user] = await account.call(raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()]))
    name = " ".join(filter(None, (user.first_name, user.last_name)))
    return f"{name}{f' (@{user.username})' if user.username else ''}, id {user.id}"


def user_string(secret: SecretStr, *, api_id: int) -> ForeignSession:
    """What USER_SESSION tells. ConfigError with one sentence if it is no user's."""
    try:
        found = parse_session_string(secret.get_secret_value())
    except ConfigError as error:
        raise ConfigError(f"USER_SESSION: {error}") from error
    if found.is_bot:
        raise ConfigError(
            "USER_SESSION is the session of a bot, which reads no histories: `streamvault login` makes one"
        )
    if found.api_id not in (None, api_id):
        raise ConfigError(f"USER_SESSION was made with API_ID {found.api_id}: set API_ID and API_HASH to those")
    return found


def digest_of(found: ForeignSession) -> str:
    """What a session string is recognised by."""
    return hashlib.sha256(found.key).hexdigest()


async def adopt(account: Account, found: ForeignSession, *, addresses: bool) -> None:
    """Take a session string into the account's stored session, unless it is there already.

    A string is taken once: a session that `streamvault login` made after it stays. What another string, or another
    login, has left is set aside. Raises as Account.take does.
    """
    session, digest = account.session, digest_of(found)
    if session.imported == digest:
        return
    stored = session.key(found.dc_id)
    if session.all_keys() and (stored is None or stored.key != found.key):
        await session.close()
        await session.backend.set_aside(datetime.now(UTC).strftime("replaced-%Y%m%dT%H%M%S.%f"))
        await account.take()
    await store(session, found, addresses=addresses)
    await session.set_imported(digest)


async def store(session: StoredSession, found: ForeignSession, *, addresses: bool) -> None:
    """Write what a session string tells into an open session; `addresses`: that of its data centre, too."""
    await session.put_key(StoredKey(found.dc_id, found.key, confirmed=True))
    if found.address is not None and addresses:
        await session.set_addresses((found.address,))
    if found.user_id is not None:
        await session.set_home(Home(found.dc_id, found.user_id))
    else:
        await session.sending_login_to(found.dc_id)  # who it is, is asked before anybody logs in


def is_logged_in(records: Records) -> bool:
    """Whether a stored session's records say that somebody is, or may be, logged in with it."""
    return codec.HOME in records or codec.LOGIN in records
