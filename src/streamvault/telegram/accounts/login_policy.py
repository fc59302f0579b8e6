"""What an account does when its stored session is not logged in.

A bot logs in with its token, within its budgets. A user account never logs in by itself: only a person at
`streamvault login` does (see user_login).
"""

import logging
from typing import Any, Protocol

from pydantic import SecretStr
from pyrogram import raw

from streamvault.errors import ConfigError
from streamvault.telegram.accounts.addresses import refresh_addresses
from streamvault.telegram.accounts.bot_login import BotLogin, LoginAccount
from streamvault.telegram.accounts.spec import AccountSpec
from streamvault.telegram.config import TelegramSettings
from streamvault.telegram.errors import KeyRejected, LoginRefused, SessionEnded
from streamvault.telegram.sessions.values import Home

log = logging.getLogger(__name__)


class LoginPolicy(Protocol):
    """Logs an account in and stores its home data centre in the session. Raises as BotLogin.run does."""

    async def log_in(self, account: LoginAccount) -> None:
        """Called when the stored session has never been logged in."""
        ...

    async def log_in_again(self, account: LoginAccount, error: KeyRejected) -> None:
        """Called when Telegram has ended the session with `error`."""
        ...


class BotLoginPolicy:
    """A bot logs in with its token, and again when Telegram has ended its session, at most once an hour."""

    def __init__(
        self, *, api_id: int, api_hash: SecretStr, token: SecretStr, account_id: int, login_counter: Any
    ) -> None:
        """`login_counter` is the metric that counts logins."""
        self._api_id, self._api_hash = api_id, api_hash
        self._token = token
        self._account_id = account_id
        self._login_counter = login_counter

    async def log_in(self, account: LoginAccount) -> None:
        """See LoginPolicy."""
        login = BotLogin(
            account, api_id=self._api_id, api_hash=self._api_hash, token=self._token, login_counter=self._login_counter
        )
        home = await login.run()
        if home.user_id != self._account_id:
            await account.session.forget_home()
            raise ConfigError(f"{account.session.backend.where} belongs to another account and cannot be used here")

    async def log_in_again(self, account: LoginAccount, error: KeyRejected) -> None:
        """See LoginPolicy."""
        account.floods.check("login")
        await account.floods.spend_budget("relogin")
        log.warning("Telegram ended the session of %s (%s): logging in again, once", account.name, error)
        await account.session.forget_home()
        await self.log_in(account)


class UserLoginPolicy:
    """A user account is used if it is logged in already; else SessionEnded says how to log it in."""

    async def log_in(self, account: LoginAccount) -> None:
        """See LoginPolicy."""
        try:
            known = await is_logged_in(account)
        except LoginRefused:
            known = False
        if not known:
            raise SessionEnded(f"{account.session.backend.where} is not logged in: `streamvault login` does that")

    async def log_in_again(self, account: LoginAccount, error: KeyRejected) -> None:
        """See LoginPolicy."""
        raise SessionEnded(
            f"Telegram ended the session of the user account {account.name} ({error}), in the app's list of devices "
            "perhaps, or because it was used elsewhere: `streamvault login` makes a new one"
        ) from error


def policy_for(spec: AccountSpec, settings: TelegramSettings, *, login_counter: Any) -> LoginPolicy:
    """The policy of a bot or a user account; `login_counter` is the metric that counts logins."""
    if spec.token is None:
        return UserLoginPolicy()
    return BotLoginPolicy(
        api_id=settings.api_id, api_hash=settings.api_hash, token=spec.token, account_id=spec.account_id,
        login_counter=login_counter,
    )  # fmt: skip


async def is_logged_in(account: LoginAccount) -> bool:
    """Ask Telegram whether the session is logged in, and store its home data centre if it is.

    That is unknown after the import of a session string without a user id, and after a login whose answer was lost.
    Raises LoginRefused if only the password is missing, ConfigError for a bot, SourceUnavailable, SourceBusy.
    """
    dc_id = account.session.login_sent_to
    key = account.session.key(dc_id) if dc_id is not None else None
    if key is None:
        return False
    connection = account.new_connection(key)
    try:
        await connection.open()
        await refresh_addresses(connection, account.session, data_centres=account.data_centres)
        [user] = await connection.call(raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()]))
    except KeyRejected:
        return False
    finally:
        await connection.close()
    if user.bot:
        raise ConfigError(f"{account.session.backend.where} is a bot's, not a user's: `streamvault login` makes one")
    await account.session.set_home(Home(key.dc_id, user.id))
    return True
