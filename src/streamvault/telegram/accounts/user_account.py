"""The user account beside the bots, if there is one: it reads histories, and nothing else."""

import asyncio
import hashlib
import logging
from datetime import UTC, datetime

from pydantic import SecretStr
from pyrogram import raw

from streamvault.errors import ConfigError, SourceError
from streamvault.telegram.accounts.account import Account
from streamvault.telegram.accounts.supervisor import AccountSupervisor
from streamvault.telegram.sessions import codec
from streamvault.telegram.sessions.backend import Records
from streamvault.telegram.sessions.session_strings import ForeignSession, parse_session_string
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import Home, StoredKey

log = logging.getLogger(__name__)

LOGIN_POLL = 10.0
"""Seconds between two looks for a login that `streamvault login` has made meanwhile."""


class UserAccountSlot:
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
        await session.set_login_sent_to(found.dc_id)  # who it is, is asked before anybody logs in


class UserAccountSupervisor:
    """Keeps the user account connected, from the moment when somebody logs it in."""

    def __init__(
        self, seat: UserAccountSlot, account: Account, found: ForeignSession | None, *, addresses: bool
    ) -> None:
        """`found` is USER_SESSION; `addresses` as in `adopt`."""
        self.name = account.name
        self._seat = seat
        self._account = account
        self._found = found
        self._addresses = addresses
        self._keeper = AccountSupervisor(account, kind="the user account", told=seat.told, prepare=self._prepare)

    async def check(self) -> None:
        """See Keeper.check; nothing is made while nobody has logged in."""
        records = await self._account.session.backend.peek()
        if self._found is None and codec.HOME not in records and codec.LOGIN not in records:
            self._seat.take(None)
            return
        self._seat.take(self._account)
        await self._keeper.check()

    async def run(self) -> None:
        """Until cancelled. What only a person can help waits for `streamvault login`, without a word to Telegram."""
        if self._seat.expected:
            await self._keeper.run()
        while True:
            await self._logged_in()
            log.info("somebody has logged in as the user account %s", self.name)
            self._seat.take(self._account)
            await self._keeper.run()

    async def _prepare(self, account: Account) -> None:
        if self._found is not None:
            await adopt(account, self._found, addresses=self._addresses)

    async def _logged_in(self) -> None:
        """Wait for a login that is not the one which was of no use."""
        session = self._account.session
        known = session.key(session.home.dc_id) if session.home is not None else None
        while True:
            await asyncio.sleep(LOGIN_POLL)
            try:
                found = _home_key(await session.backend.peek())
            except (SourceError, ConfigError):  # the database is away, or something is being mended
                continue
            if found is not None and (known is None or found.key != known.key):
                return


def _home_key(records: Records) -> StoredKey | None:
    """The key that somebody is logged in with, in a stored session's records."""
    if codec.HOME not in records:
        return None
    home = codec.unpack(Home, records[codec.HOME])
    key = records.get(codec.key_name(home.dc_id))
    return None if key is None else codec.unpack(StoredKey, key)
