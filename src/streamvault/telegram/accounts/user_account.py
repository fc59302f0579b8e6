"""The user account beside the bots, if there is one.

It reads histories only: it takes no updates and serves no viewer, catalog rows hold nothing that only it can use, and
the server works without it. Only a person logs it in (`streamvault login`, or USER_SESSION). Its stored session has one
holder, as a bot's has: another process for the same person (voice chats) needs a session of its own.
"""

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
"""Seconds between two checks for a login made by `streamvault login`."""


class UserAccountSlot:
    """Holds the user account, if there is one. `trouble` says why it is not connected; "" if there is no account."""

    def __init__(self) -> None:
        self.trouble = ""
        self._account: Account | None = None
        self._connected = False
        self._attempted = asyncio.Event()

    @property
    def expected(self) -> bool:
        """Whether there is a user account, connected or not."""
        return self._account is not None

    @property
    def account(self) -> Account | None:
        """The account, while it is connected."""
        return self._account if self._connected and self._account is not None and self._account.online else None

    def assign(self, account: Account | None) -> None:
        """Set the account that is about to connect; None if there is none."""
        self._account, self._connected, self.trouble = account, False, ""
        if account is None:
            self._attempted.set()
        else:
            self._attempted.clear()

    def set_status(self, reason: str | None) -> None:
        """`reason` is why the account is not connected, or None when it is."""
        self._connected, self.trouble = reason is None, reason or ""
        self._attempted.set()

    async def wait_connected(self, seconds: float) -> Account | None:
        """Wait up to `seconds` for the first attempt to connect; the account if it is connected, else None."""
        try:
            async with asyncio.timeout(seconds):
                await self._attempted.wait()
        except TimeoutError:
            return None
        return self.account


async def display_name(account: Account) -> str:
    """Name, username and id of an account's user, for display."""
    [user] = await account.call(raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()]))
    name = " ".join(filter(None, (user.first_name, user.last_name)))
    return f"{name}{f' (@{user.username})' if user.username else ''}, id {user.id}"


def parse_user_session(secret: SecretStr, *, api_id: int, name: str = "USER_SESSION") -> ForeignSession:
    """Parse the setting `name`. ConfigError if it is not a user's session for this application."""
    try:
        found = parse_session_string(secret.get_secret_value())
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error
    if found.is_bot:
        raise ConfigError(f"{name} is the session of a bot, which reads no histories: `streamvault login` makes one")
    if found.api_id not in (None, api_id):
        raise ConfigError(f"{name} was made with API_ID {found.api_id}: set API_ID and API_HASH to those")
    return found


def session_string_digest(found: ForeignSession) -> str:
    """The digest that is stored to recognise a session string that was imported."""
    return hashlib.sha256(found.key).hexdigest()


async def import_session_string(account: Account, found: ForeignSession, *, addresses: bool) -> None:
    """Import a session string into the account's stored session, unless it was imported before.

    A string is imported once, so a later session from `streamvault login` stays. A stored session with another key is
    set aside. Raises as Account.acquire_session does.
    """
    session, digest = account.session, session_string_digest(found)
    if session.imported == digest:
        return
    stored = session.key(found.dc_id)
    if session.all_keys() and (stored is None or stored.key != found.key):
        await session.close()
        await session.backend.set_aside(datetime.now(UTC).strftime("replaced-%Y%m%dT%H%M%S.%f"))
        await account.acquire_session()
    await store_session_string(session, found, addresses=addresses)
    await session.set_imported(digest)


async def store_session_string(session: StoredSession, found: ForeignSession, *, addresses: bool) -> None:
    """Write a session string into an open stored session; with `addresses`, its server address too."""
    await session.put_key(StoredKey(found.dc_id, found.key, confirmed=True))
    if found.address is not None and addresses:
        await session.set_addresses((found.address,))
    if found.user_id is not None:
        await session.set_home(Home(found.dc_id, found.user_id))
    else:
        await session.set_login_sent_to(found.dc_id)  # the string has no user id: see is_logged_in


class UserAccountSupervisor:
    """Keeps the user account connected, from the moment when a person logs it in."""

    def __init__(
        self, slot: UserAccountSlot, account: Account, found: ForeignSession | None, *, addresses: bool
    ) -> None:
        """`found` is USER_SESSION; `addresses` as in `import_session_string`."""
        self.name = account.name
        self._slot = slot
        self._account = account
        self._found = found
        self._addresses = addresses
        self._supervisor = AccountSupervisor(
            account, kind="the user account", on_status=slot.set_status, prepare=self._prepare
        )

    @property
    def supervisor(self) -> AccountSupervisor | None:
        """What connects the account; None while nobody has logged in."""
        return self._supervisor if self._slot.expected else None

    async def check(self) -> None:
        """As AccountSupervisor.check; creates nothing while nobody has logged in."""
        records = await self._account.session.backend.peek()
        if self._found is None and codec.HOME not in records and codec.LOGIN not in records:
            self._slot.assign(None)
            return
        self._slot.assign(self._account)
        await self._supervisor.check()

    async def run(self) -> None:
        """Run until cancelled. After a ConfigError, wait for `streamvault login` without any request to Telegram."""
        if self._slot.expected:
            await self._supervisor.run()
        while True:
            await self._wait_for_login()
            log.info("somebody has logged in as the user account %s", self.name)
            self._slot.assign(self._account)
            await self._supervisor.run()

    async def _prepare(self, account: Account) -> None:
        if self._found is not None:
            await import_session_string(account, self._found, addresses=self._addresses)

    async def _wait_for_login(self) -> None:
        """Wait until the stored session holds a login with another key than the one that failed."""
        session = self._account.session
        known = session.key(session.home.dc_id) if session.home is not None else None
        while True:
            await asyncio.sleep(LOGIN_POLL)
            try:
                found = _home_key(await session.backend.peek())
            except (SourceError, ConfigError):  # the database is unreachable, or the session is being replaced
                continue
            if found is not None and (known is None or found.key != known.key):
                return


def _home_key(records: Records) -> StoredKey | None:
    """The auth key of the home data centre in a stored session's records; None if it is not logged in."""
    if codec.HOME not in records:
        return None
    home = codec.unpack(Home, records[codec.HOME])
    key = records.get(codec.key_name(home.dc_id))
    return None if key is None else codec.unpack(StoredKey, key)
