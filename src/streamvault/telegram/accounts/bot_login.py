"""Logs a bot in, in our own way: Kurigram's forgets its key on a flood, its server, and the entry DC's key."""

import logging
from typing import Any, Protocol

from pydantic import SecretStr
from pyrogram import raw

from streamvault.errors import SourceError, SourceUnavailable
from streamvault.telegram.accounts.auth_keys import AuthKeys
from streamvault.telegram.errors import KeyRejected, MigrateError
from streamvault.telegram.mtproto.connection import Connection
from streamvault.telegram.network.data_centres import DataCentres, from_config
from streamvault.telegram.sessions.floods import AccountFloodSchedule
from streamvault.telegram.sessions.stored_session import StoredSession
from streamvault.telegram.sessions.values import Home, StoredKey

log = logging.getLogger(__name__)

_HOPS = 3


class Invoker(Protocol):
    """An open link, or an account."""

    async def call(self, query: Any) -> Any: ...


async def learn_addresses(link: Invoker, session: StoredSession, *, directory: DataCentres) -> None:
    """Ask help.getConfig and keep what it says."""
    config = await link.call(raw.functions.help.GetConfig())
    addresses = from_config(config.dc_options)
    directory.learn(addresses)
    await session.set_addresses(addresses)


class LoginHost(Protocol):
    """What a login needs of its account."""

    session: StoredSession
    keys: AuthKeys
    floods: AccountFloodSchedule
    directory: DataCentres

    def new_connection(self, key: StoredKey) -> Connection:
        """A main connection that nobody supervises, not open yet."""
        ...


class BotLogin:
    """The first login of one bot; a session that knows its home needs none."""

    def __init__(self, host: LoginHost, *, api_id: int, api_hash: SecretStr, token: SecretStr, counted: Any) -> None:
        """`counted` is the metric that counts logins."""
        self._host = host
        self._query = raw.functions.auth.ImportBotAuthorization(
            flags=0,
            api_id=api_id,
            api_hash=api_hash.get_secret_value(),
            bot_auth_token=token.get_secret_value(),
        )
        self._counted = counted

    async def run(self) -> Home:
        """Log in where Telegram sends us; the keys of all data centres on the way stay in the store.

        Raises ConfigError for a wrong token or application, SourceBusy during a flood, SourceUnavailable.
        """
        self._host.floods.check("login")
        dc_id = self._host.session.login_sent_to or self._host.directory.entry.dc_id
        for _ in range(_HOPS):
            try:
                return await self._log_in_at(dc_id)
            except MigrateError as hint:
                log.info("the account lives in data centre %d", hint.dc_id)
                dc_id = hint.dc_id
        raise SourceError("Telegram sends the login from one data centre to the next")

    async def _log_in_at(self, dc_id: int) -> Home:
        key = await self._host.keys.get(dc_id)
        try:
            return await self._log_in_with(key)
        except KeyRejected as error:
            # the server forgot a key of a login that never happened, or a crash kept it from knowing it
            await self._host.keys.drop(key)
            if key.confirmed:
                raise SourceUnavailable(
                    f"data centre {dc_id} does not know our key; the next try makes another"
                ) from error
        return await self._log_in_with(await self._host.keys.get(dc_id))

    async def _log_in_with(self, key: StoredKey) -> Home:
        host = self._host
        link = host.new_connection(key)
        try:
            await link.open()
            await learn_addresses(link, host.session, directory=host.directory)
            await host.keys.confirm(key)
            user = await self._already_in(link) or await self._authorise(link)
        finally:
            await link.close()
        home = Home(key.dc_id, user.id)
        await host.session.set_home(home)
        return home

    async def _already_in(self, link: Connection) -> Any | None:
        """The account, if a login whose answer never reached us went through after all."""
        if self._host.session.login_sent_to != link.dc_id:
            return None
        try:
            [user] = await link.call(raw.functions.users.GetUsers(id=[raw.types.InputUserSelf()]))
        except KeyRejected:
            if not link.alive:
                await link.clean_up()
                await link.open()
            return None
        log.info("the account is logged in already")
        return user

    async def _authorise(self, link: Connection) -> Any:
        host = self._host
        await host.floods.spend_budget("login")
        await host.session.set_login_sent_to(link.dc_id)
        async with host.floods.around_request("login"):
            user = (await link.call(self._query)).user
        self._counted.inc()
        return user
