"""How an account gets in when nobody is logged in with its session: a bot by its token, a user by what people did."""

import logging
from typing import Any, Protocol

from pydantic import SecretStr
from pyrogram import raw

from streamvault.errors import ConfigError
from streamvault.telegram.accounts.bot_login import BotLogin, LoginHost, learn_addresses
from streamvault.telegram.errors import KeyRejected, LoginRefused, SessionEnded
from streamvault.telegram.sessions.values import Home

log = logging.getLogger(__name__)


class LoginPolicyHost(LoginHost, Protocol):
    """An account that wants in."""

    name: str


class LoginPolicy(Protocol):
    """Logs an account in; its session knows its home afterwards. Raises as Login.run does."""

    async def first(self, host: LoginPolicyHost) -> None:
        """Nobody is logged in with the session yet."""
        ...

    async def again(self, host: LoginPolicyHost, error: KeyRejected) -> None:
        """Telegram has ended the session."""
        ...


class BotLoginPolicy:
    """A bot logs in with its token, and once more, at most once an hour, when Telegram has ended its session."""

    def __init__(self, *, api_id: int, api_hash: SecretStr, token: SecretStr, account_id: int, counted: Any) -> None:
        """`counted` is the metric that counts logins."""
        self._api_id, self._api_hash = api_id, api_hash
        self._token = token
        self._account_id = account_id
        self._counted = counted

    async def first(self, host: LoginPolicyHost) -> None:
        """See LoginPolicy."""
        login = BotLogin(host, api_id=self._api_id, api_hash=self._api_hash, token=self._token, counted=self._counted)
        home = await login.run()
        if home.user_id != self._account_id:
            await host.session.forget_home()
            raise ConfigError(f"{host.session.backend.where} was imported from another account, and is of no use here")

    async def again(self, host: LoginPolicyHost, error: KeyRejected) -> None:
        """See LoginPolicy."""
        host.floods.check("login")
        await host.floods.spend_budget("relogin")
        log.warning("Telegram ended the session of %s (%s): logging in again, once", host.name, error)
        await host.session.forget_home()
        await self.first(host)


class UserLoginPolicy:
    """A user account never logs in by itself: it is recognised, or people are told what to do."""

    async def first(self, host: LoginPolicyHost) -> None:
        """See LoginPolicy."""
        try:
            known = await recognised(host)
        except LoginRefused:
            known = False
        if not known:
            raise SessionEnded(f"{host.session.backend.where} is not logged in: `streamvault login` does that")

    async def again(self, host: LoginPolicyHost, error: KeyRejected) -> None:
        """See LoginPolicy."""
        raise SessionEnded(
            f"Telegram ended the session of the user account {host.name} ({error}), in the app's list of devices "
            "perhaps, or because it was used elsewhere: `streamvault login` makes a new one"
        ) from error


async def recognised(host: LoginHost) -> bool:
    """Whether the session turns out to be logged in: by a string that did not say of whom it is, or by a login whose
    answer never reached us.

    Raises LoginRefused where nothing but the password is missing, SourceUnavailable, SourceBusy.
    """
    dc_id = host.session.login_sent_to
    key = host.session.key(dc_id) if dc_id is not None else None
    if key is None:
        return False
    link = host.new_connection(key)
    try:
        await link.open()
        await learn_addresses(link, host.session, directory=host.directory)
        [user] = await link.call(raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()]))
    except KeyRejected:
        return False
    finally:
        await link.close()
    if user.bot:
        raise ConfigError(f"{host.session.backend.where} is a bot's, not a user's: `streamvault login` makes one")
    await host.session.set_home(Home(key.dc_id, user.id))
    return True
