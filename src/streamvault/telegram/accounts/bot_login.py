"""Logs a bot in with its token.

The data centre that the login goes to is stored before auth.importBotAuthorization is sent, so that after a crash the
account is asked for instead of logged in again. (Kurigram's own login drops the auth key on a flood wait, the server
address and the entry data centre's key.)
"""

import hashlib
import logging
from typing import Any, Protocol

from pydantic import SecretStr
from pyrogram import raw

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.telegram.accounts.addresses import refresh_addresses
from streamvault.telegram.accounts.auth_keys import AuthKeys
from streamvault.telegram.errors import KeyRejected, MigrateError
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.network.data_centres import DataCentres
from streamvault.telegram.sessions.floods import AccountFloodSchedule
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import Home, StoredKey

log = logging.getLogger(__name__)

_HOPS = 3


def token_digest(token: SecretStr) -> str:
    """The digest that is stored to tell whether a session was logged in with this bot token."""
    return hashlib.sha256(token.get_secret_value().encode()).hexdigest()


class LoginAccount(Protocol):
    """What a login needs of its account."""

    name: str
    session: StoredSession
    keys: AuthKeys
    floods: AccountFloodSchedule
    data_centres: DataCentres

    def new_connection(self, key: StoredKey) -> Connection:
        """A main connection without a supervisor, not open yet."""
        ...


class BotLogin:
    """The login of one bot whose stored session has no home data centre yet."""

    def __init__(
        self, account: LoginAccount, *, api_id: int, api_hash: SecretStr, token: SecretStr, login_counter: Any
    ) -> None:
        """`login_counter` is the metric that counts logins."""
        self._account = account
        self._query = raw.functions.auth.ImportBotAuthorization(
            flags=0,
            api_id=api_id,
            api_hash=api_hash.get_secret_value(),
            bot_auth_token=token.get_secret_value(),
        )
        self._token = token_digest(token)
        self._login_counter = login_counter

    async def run(self) -> Home:
        """Log in at the data centre that Telegram names; the keys of all data centres on the way are kept.

        Raises ConfigError for a wrong token or application, SourceBusy during a flood wait, SourceUnavailable.
        """
        self._account.floods.check("login")
        dc_id = self._account.session.login_sent_to or self._account.data_centres.entry.dc_id
        for _ in range(_HOPS):
            try:
                return await self._log_in_at(dc_id)
            except MigrateError as hint:
                log.info("the home data centre of the account is %d", hint.dc_id)
                dc_id = hint.dc_id
        raise SourceError("Telegram redirects the login from one data centre to the next")

    async def _log_in_at(self, dc_id: int) -> Home:
        key = await self._account.keys.get(dc_id)
        try:
            return await self._log_in_with(key)
        except KeyRejected as error:
            # the server has dropped the key of an unfinished login, or a crash came before it knew the key
            await self._account.keys.drop(key)
            if key.confirmed:
                raise SourceUnavailable(
                    f"data centre {dc_id} does not know the stored auth key; the next try makes another"
                ) from error
        return await self._log_in_with(await self._account.keys.get(dc_id))

    async def _log_in_with(self, key: StoredKey) -> Home:
        account = self._account
        connection = account.new_connection(key)
        try:
            await connection.open()
            await refresh_addresses(connection, account.session, data_centres=account.data_centres)
            await account.keys.confirm(key)
            user = await self._logged_in_user(connection) or await self._import_bot_authorization(connection)
        finally:
            await connection.close()
        home = Home(key.dc_id, user.id)
        await account.session.set_home(home)
        return home

    async def _logged_in_user(self, connection: Connection) -> Any | None:
        """The user, if an earlier login succeeded and only its answer was lost; else None."""
        if self._account.session.login_sent_to != connection.dc_id:
            return None
        try:
            [user] = await connection.call(raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()]))
        except KeyRejected:
            if not connection.alive:
                await connection.clean_up()
                await connection.open()
            return None
        log.info("the account is logged in already")
        return user

    async def _import_bot_authorization(self, connection: Connection) -> Any:
        account = self._account
        await account.floods.spend_budget("login")
        await account.session.set_login_sent_to(connection.dc_id, token=self._token)
        async with account.floods.around_request("login"):
            user = (await connection.call(self._query)).user
        self._login_counter.inc()
        return user
